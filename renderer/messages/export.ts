import type { LoggedMessage } from '../../shared/message-log.ts';
import { CURRENCY_DIGITS, toDecimalString } from '../../shared/money.ts';

/** A file as somebody saves it. */
export interface ExportFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
}

const COLUMNS = [
  'at',
  'kind',
  'channel',
  'state',
  'reason',
  'recipient',
  'phoneMasked',
  'tillName',
  'causedBy',
  'saleRef',
  'template',
  'attempts',
  'cost',
  'currency',
  'costState',
  'sentAt',
  'deliveredAt',
  'readAt',
  'failedAt',
  'errorCode',
  'id',
] as const;

/** RFC 4180, with a byte order mark so that a spreadsheet reads it as UTF-8. Times in ISO 8601, UTC. */
export function toCsv(messages: readonly LoggedMessage[]): string {
  const lines = [COLUMNS.join(','), ...messages.map((message) => cellsOf(message).map(cell).join(','))];
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

export function toJson(messages: readonly LoggedMessage[]): string {
  return `${JSON.stringify(messages, null, 2)}\n`;
}

function cellsOf(message: LoggedMessage): unknown[] {
  const reached = (state: string) => {
    const event = message.history.find((one) => one.state === state);
    return event === undefined ? null : new Date(event.at).toISOString();
  };
  const { cost } = message;
  const row: Record<(typeof COLUMNS)[number], unknown> = {
    ...message,
    at: new Date(message.at).toISOString(),
    sentAt: reached('sent'),
    deliveredAt: reached('delivered'),
    readAt: reached('read'),
    failedAt: reached('failed'),
    // In the currency's whole unit, so that a spreadsheet can add them up.
    cost: cost === null ? null : toDecimalString(cost.amount, CURRENCY_DIGITS[cost.currency]),
    currency: cost?.currency,
    costState: cost?.state,
    errorCode: message.history.find(({ code }) => code !== null)?.code ?? null,
  };
  return COLUMNS.map((column) => row[column]);
}

/** A name that begins like a formula would be one to a spreadsheet (OWASP, "CSV Injection"). */
function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
