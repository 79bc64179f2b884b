import type { TillMachine } from './till-machine.ts';

/** What the gateway did, in the order in which it did it. */
export interface OrderFacts {
  readonly transfers: readonly {
    readonly id: number;
    readonly kind: string;
    readonly ref_id: string | null;
  }[];
  readonly redemptions: readonly { readonly id: string; readonly status: string }[];
}

interface Item {
  readonly kind: string;
  readonly stream: string;
  readonly redemption_id: string;
  readonly gateway_id: string | null;
  readonly state: string;
}

/** What the till noted in its chain in the same moment in which it queued something. */
const QUEUED = ['capture.queued', 'offline.queued', 'redemption.cancelled'];
const TRANSFER: Readonly<Record<string, readonly string[]>> = {
  capture: ['capture'],
  cancel: ['release'],
  offline_redemption: ['offline', 'offline_loss'],
};

/** Invariant 6: of one stream the gateway did everything in the order in which the till queued it. */
export function checkOrder(till: TillMachine, facts: OrderFacts, violated: (what: string) => void): void {
  const disk = till.disk.connection();
  if (disk === null) return;
  const queuedAt = new Map<string, number>();
  const events = disk
    .prepare<[], { seq: number; kind: string; body: string }>(
      'SELECT seq, kind, body FROM audit ORDER BY seq',
    )
    .all();
  for (const { seq, kind, body } of events) {
    if (QUEUED.includes(kind)) queuedAt.set((JSON.parse(body) as { id: string }).id, seq);
  }
  const items = disk
    .prepare<[], Item>(
      `SELECT kind, stream, redemption_id, gateway_id, state FROM outbox WHERE redemption_id IS NOT NULL
       UNION ALL SELECT kind, stream, redemption_id, gateway_id, state FROM outbox_settled WHERE redemption_id IS NOT NULL`,
    )
    .all()
    .sort((one, other) => (queuedAt.get(one.redemption_id) ?? 0) - (queuedAt.get(other.redemption_id) ?? 0));

  const newest = new Map<string, number>();
  const passedOver = new Set<string>();
  for (const { kind, stream, redemption_id: own, gateway_id: gatewayId, state } of items) {
    const subject = kind === 'offline_redemption' ? own : gatewayId;
    const status = facts.redemptions.find(({ id }) => id === subject)?.status;
    // What lapsed by itself was given back at a time of its own.
    if (kind === 'cancel' && !['released', 'authorised', 'awaiting_code'].includes(status ?? '')) continue;
    const done = facts.transfers.find(
      ({ kind: moved, ref_id }) => ref_id === subject && TRANSFER[kind]?.includes(moved),
    );
    if (done === undefined) {
      if (state === 'pending') passedOver.add(stream);
      continue;
    }
    if (passedOver.has(stream) || done.id < (newest.get(stream) ?? 0)) {
      violated(`${till.name}: the gateway did a ${kind} before what was queued ahead of it`);
    }
    newest.set(stream, done.id);
  }
}
