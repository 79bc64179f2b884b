import { SaksiError } from '../../../shared/errors.ts';
import type { LoggedMessage, MessageFilter } from '../../../shared/message-log.ts';
import { type Core, contextOf, linkOf } from '../core.ts';
import type { Session } from '../session.ts';
import { makeMessagePdf } from './message-pdf.ts';

/** Rows of one file, as of the others; a longer time is saved in parts. */
const ROWS_MAX = 5_000;

/** The messages that fit as a PDF, in base64. Throws `role_not_allowed`; while the line is down `gateway_unreachable`. */
export async function exportMessagePdf(
  core: Core,
  { role, name }: Session,
  filter: MessageFilter,
): Promise<{ pdf: string }> {
  if (role !== 'manager') throw new SaksiError('role_not_allowed');
  const { store } = contextOf(core);
  const { clock } = core.effects;
  const messages: LoggedMessage[] = [];
  let after: string | null = null;
  do {
    const page = await linkOf(core).client.messageLog(filter, after);
    messages.push(...page.messages);
    after = page.next;
  } while (after !== null && messages.length < ROWS_MAX);
  const pdf = await makeMessagePdf(
    {
      ...{ messages, filter, cut: after !== null, storeName: store.name, timezone: store.timezone, by: name },
      language: core.store.settings.screen()?.language ?? store.language,
      at: clock.now(),
    },
    () => new Promise<void>((resolve) => void clock.schedule(0, resolve)),
  );
  core.store.audit.record('messages.exported', { rows: messages.length, format: 'pdf' });
  return { pdf: pdf.toString('base64') };
}
