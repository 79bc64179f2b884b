import { expect } from 'vitest';
import type { ApprovalView } from '../../shared/bridge.ts';
import { amountSchema } from '../../shared/money.ts';
import { eventually } from '../fixtures/gateway.ts';
import type { Gate } from './gates.ts';
import type { GatewayProcess } from './gateway-process.ts';
import { type Counter, DECIDER, DEPOSIT, type GatewaysShop, OTHER, walletOf } from './gateways-shop.ts';

const AMOUNT = 1_000;
/** A job of a dead process is given to another after 30 s; that is looked for every 10 s, and it waits 2 s more. */
export const LEFT_BEHIND_MS = 60_000;
let asked = 100;

export const newest = ({ till }: Counter): ApprovalView | undefined => till.view().approvals[0];

/** The cashier asks for a void; resolves when the till has the gateway's answer. */
export async function ask(place: Counter): Promise<string> {
  asked += 1;
  const saleRef = `INV-${asked}`;
  await place.till.invoke('approval.start', {
    kind: 'void',
    amount: amountSchema.parse(50_000),
    basisPoints: null,
    reason: { key: 'wrong_item', text: null },
    note: '',
    saleRef,
  });
  return saleRef;
}

/** Both have the request on their screens, and that is noted. */
export const bothAsked = (shop: GatewaysShop, saleRef: string) =>
  eventually(async () => {
    const { engine } = shop;
    const rows = await engine.kysely
      .selectFrom('messages as m')
      .innerJoin('approvals as a', 'a.id', 'm.approval_id')
      .select('m.state')
      .where('a.sale_ref', '=', saleRef)
      .execute();
    return rows.length === 2 && rows.every(({ state }) => state === 'delivered');
  }, 'the request on both phones');

/** The decider taps the newest request. @returns the wamid of the tap */
export function tap(shop: GatewaysShop, saleRef: string, decision: 'approve' | 'reject' = 'approve'): string {
  const wamid = shop.messagesTo(DECIDER, saleRef).find(({ rendered }) => rendered.buttons.length > 0)?.wamid;
  if (wamid === undefined) throw new Error('nothing to tap');
  const button = decision === 'approve' ? 0 : 1;
  return shop.graph.world.reply(shop.person(DECIDER).number, { button, wamid }).wamid;
}

export async function decision(shop: GatewaysShop, saleRef: string) {
  const { kysely } = shop.engine;
  const { id, status } = await kysely
    .selectFrom('approvals')
    .select(['id', 'status'])
    .where('sale_ref', '=', saleRef)
    .executeTakeFirstOrThrow();
  const votes = await kysely
    .selectFrom('approval_votes as v')
    .innerJoin('staff as s', 's.id', 'v.staff_id')
    .select(['s.name', 'v.decision'])
    .where('approval_id', '=', id)
    .execute();
  const refused = await kysely
    .selectFrom('approval_taps')
    .select('refused')
    .where('approval_id', '=', id)
    .execute();
  return { status, votes, refused };
}

/** One decision, its grant used once, the drawer opened once, everybody told once, all of it on the books. */
export async function expectDecidedOnce(
  shop: GatewaysShop,
  place: Counter,
  saleRef: string,
  tapped: string,
  status: 'approved' | 'rejected' = 'approved',
): Promise<void> {
  const yes = status === 'approved' ? 1 : 0;
  await place.until(({ approvals }) => approvals[0]?.stage === status, `the till to show ${status}`);
  expect(newest(place)).toMatchObject({ saleRef, stage: status, error: null });
  expect(place.mpop.drawerPulses).toHaveLength(yes);
  expect(place.mpop.errors).toEqual([]);
  await eventually(() => countsOf(shop, saleRef).every((count) => count >= 2), 'the word to both');
  expect(countsOf(shop, saleRef)).toEqual([2, 2]);
  expect(await decision(shop, saleRef)).toEqual({
    status,
    votes: [{ name: expect.stringContaining(DECIDER), decision: yes ? 'approve' : 'reject' }],
    refused: [],
  });
  const kept = await shop.engine.kysely
    .selectFrom('inbound_messages')
    .select(['wamid', 'outcome', 'replied'])
    .where('wamid', '=', tapped)
    .execute();
  expect(kept).toEqual([{ wamid: tapped, outcome: 'tap', replied: true }]);
  await place.stop();
  expect(place.mpop.drawerPulses).toHaveLength(yes);
  expect(place.books()).toEqual({ grantsUsed: yes, chain: true, outbox: { pending: 0, attention: 0 } });
}

/** To the decider: the request and the thanks. To the other: the request and who decided. */
export const countsOf = (shop: GatewaysShop, saleRef: string) =>
  [DECIDER, OTHER].map((name) => shop.messagesTo(name, saleRef).length);

/** Killed where it waits; then its sessions end, with or without what they were asked. */
export async function killAt(
  shop: GatewaysShop,
  gate: Gate,
  victim: GatewayProcess,
  end: 'aborted' | 'committed',
) {
  await shop.held(victim);
  // The other is at work beside the one that waits, and takes nothing out of its hands.
  await shop.kill(victim);
  await shop.gates.open(gate, victim.name, end);
}

export async function startRedemption({ till, customer }: Counter): Promise<void> {
  const amount = amountSchema.parse(AMOUNT);
  await till.invoke('redemption.start', { customerId: customer.id, asset: 'deposit', amount, drawer: true });
}

/** The code is on the customer's screen, and that is noted. */
export const codeShown = (shop: GatewaysShop, { customer }: Counter) =>
  eventually(async () => {
    const row = await shop.engine.kysely
      .selectFrom('messages as m')
      .innerJoin('redemptions as r', 'r.id', 'm.redemption_id')
      .select('m.state')
      .where('r.customer_id', '=', customer.id)
      .executeTakeFirst();
    return row?.state === 'delivered';
  }, "the code on the customer's phone");

/** What the customer reads on the phone is typed; an answer that is lost is made up for by the till itself. */
export async function typeCode(shop: GatewaysShop, { till, redemptionAt, customer }: Counter): Promise<void> {
  const { id: redemptionId } = await redemptionAt('awaiting_code');
  const { code } = await eventually(
    () => shop.graph.world.latestCode(customer.phone.slice(1)),
    'the code on the phone',
  );
  await till.invoke('redemption.submitCode', { redemptionId, code });
}

/** Charged once, one code, the drawer opened once, all of it on the books. */
export async function expectRedeemedOnce(shop: GatewaysShop, place: Counter): Promise<void> {
  const { redemptionAt, mpop, customer } = place;
  await redemptionAt('done', 'confirmed');
  expect(shop.codesTo(customer.phone)).toHaveLength(1);
  await place.stop();
  expect(mpop.drawerPulses).toHaveLength(1);
  expect(mpop.errors).toEqual([]);
  expect(place.books()).toEqual({ grantsUsed: 1, chain: true, outbox: { pending: 0, attention: 0 } });
  const wallet = await walletOf(shop.engine, customer.id);
  expect(wallet).toMatchObject({ customer_available: DEPOSIT - AMOUNT, customer_reserved: 0 });
  const transfers = await shop.engine.kysely
    .selectFrom('transfers as t')
    .innerJoin('redemptions as r', 'r.id', 't.ref_id')
    .select(['t.kind', 't.amount', 'r.status'])
    .where('r.customer_id', '=', customer.id)
    .orderBy('t.id')
    .execute();
  expect(transfers).toEqual([
    { kind: 'reserve', amount: AMOUNT, status: 'captured' },
    { kind: 'capture', amount: AMOUNT, status: 'captured' },
  ]);
}

/** Jobs and messages that are not done, or failed; webhooks that nobody handled. */
export async function unfinished(shop: GatewaysShop): Promise<Record<string, unknown>[]> {
  return shop.engine.script(`
    select 'job' as what, state::text from pgboss.job where name = 'message_send' and state <> 'completed'
    union all select 'batch', queue from message_batches where queue = 'message_send'
    union all select 'message', state from messages where state in ('queued', 'failed')
    union all select 'inbound', coalesce(outcome, 'waits') from inbound_messages
      where outcome is null or outcome = 'failed'
    union all select 'status', status from message_events where applied_at is null`);
}

export async function patiently(
  shop: GatewaysShop,
  look: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const end = performance.now() + LEFT_BEHIND_MS;
  while (!(await look())) {
    if (performance.now() > end)
      throw new Error(`${what} did not come: ${JSON.stringify(await unfinished(shop))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
