import type { BridgeInput, BridgeOutput } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { LoggedMessage } from '../../shared/message-log.ts';
import { uuid } from './fixtures.ts';
import { type DevState, managing } from './state-kit.ts';

const MINUTE_MS = 60_000;
const PAGE = 20;
const now = Date.now();

function message(minutesAgo: number, change: Partial<LoggedMessage>): LoggedMessage {
  const at = now - minutesAgo * MINUTE_MS;
  return {
    id: uuid(7_000 + minutesAgo),
    at,
    kind: 'code',
    channel: 'whatsapp',
    state: 'read',
    reason: null,
    template: 'saksi_redemption_code/id',
    attempts: 1,
    phoneMasked: '+62•••••••7890',
    recipient: 'Siti Rahmawati',
    tillName: 'Kasir 1',
    causedBy: 'Ayu Lestari',
    saleRef: 'POS-2026-001182',
    cost: { state: 'spent', amount: 367, currency: 'IDR' },
    history: [
      { state: 'sent', at: at + 900, code: null },
      { state: 'delivered', at: at + 2_100, code: null },
      { state: 'read', at: at + 9_000, code: null },
    ],
    ...change,
  };
}

const MESSAGES: readonly LoggedMessage[] = [
  message(2, {}),
  message(9, {
    state: 'failed',
    reason: 'not_on_whatsapp',
    recipient: 'Raden Ayu Kusumaningtyas Wirjodiningrat',
    phoneMasked: '+62•••••••0034',
    cost: { state: 'returned', amount: 0, currency: 'IDR' },
    history: [{ state: 'failed', at: now - 9 * MINUTE_MS + 4_000, code: 131_026 }],
  }),
  message(31, {
    kind: 'approval_request',
    recipient: 'Dewi Anggraini Kusumawardhani',
    phoneMasked: null,
    template: 'interactive',
    cost: { state: 'free', amount: 0, currency: 'IDR' },
    saleRef: null,
    state: 'delivered',
    history: [{ state: 'delivered', at: now - 31 * MINUTE_MS + 1_500, code: null }],
  }),
  message(44, { kind: 'drawer_alert', recipient: null, causedBy: null, state: 'accepted', history: [] }),
  message(52, {
    kind: 'credit_low',
    ...{ recipient: 'Ratna Dewi', causedBy: null, saleRef: null, state: 'queued', history: [] },
    cost: { state: 'held', amount: 367, currency: 'IDR' },
  }),
  ...Array.from({ length: 24 }, (_, index) =>
    message(60 + index * 17, { recipient: `Pelanggan Nomor ${index + 1}` }),
  ),
];

/** What the store sent: for managers. */
export const MESSAGE_STATES = {
  messages: managing({ page: 'messages' }),
  messages_none: managing({ page: 'messages', messages: [] }),
  messages_loading: managing({ page: 'messages', waits: 'messages.list' }),
  messages_error: managing({ page: 'messages', messagesError: 'gateway_unreachable' }),
} as const satisfies Record<string, DevState>;

export function fakeMessages(
  state: DevState,
  { filter, after }: BridgeInput<'messages.list'>,
): BridgeOutput<'messages.list'> {
  if (state.messagesError) throw new SaksiError(state.messagesError);
  const q = filter.q?.trim().toLowerCase() ?? '';
  const found = (state.messages ?? MESSAGES).filter(
    ({ at, kind, state: reached, recipient, saleRef }) =>
      at >= (filter.from ?? 0) &&
      (filter.kind ?? kind) === kind &&
      (filter.state ?? reached) === reached &&
      [recipient, saleRef].some((text) => q === '' || text?.toLowerCase().startsWith(q)),
  );
  const from = after === null ? 0 : found.findIndex(({ at, id }) => `${at}.${id}` === after) + 1;
  const messages = found.slice(from, from + PAGE);
  const last = messages.at(-1);
  const more = last !== undefined && found.length > from + PAGE;
  return { messages, next: more ? `${last.at}.${last.id}` : null };
}
