/**
 * Two gateways, each a process of its own, on one PostgreSQL; one of them is killed by SIGKILL at the worst moments. What is
 * sent is sent at least once where Meta's API cannot say better: a gateway that dies after WhatsApp took a message and
 * before that is noted leaves a job that is tried again 30 s later, unless a status of that message came meanwhile. Here
 * statuses come, as Meta sends them, so everybody is told exactly once.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLedger } from '../../cloud/ledger/check.ts';
import type { ApprovalView } from '../../shared/bridge.ts';
import { amountSchema } from '../../shared/money.ts';
import { eventually, sign } from '../fixtures/gateway.ts';
import { removeTempFolders } from '../fixtures/temp-folder.ts';
import { postByFetch } from '../sim/graph/webhooks.ts';
import type { Gate } from './gates.ts';
import type { GatewayProcess } from './gateway-process.ts';
import {
  type Counter,
  DECIDER,
  DEPOSIT,
  type GatewaysShop,
  OTHER,
  openGatewaysShop,
  walletOf,
} from './gateways-shop.ts';

const AMOUNT = 1_000;
const COUNTERS = 24;
/** A job of a dead process is given to another after 30 s; that is looked for every 10 s, and it waits 2 s more. */
const LEFT_BEHIND_MS = 60_000;
const TEST_MS = 60_000;

let shop: GatewaysShop;
let asked = 100;
/** Sales that were asked for, for the count at the very end. */
const tolds: string[] = [];

beforeAll(async () => {
  shop = await openGatewaysShop(COUNTERS);
  await shop.twoGateways({ tills: 0, webhooks: 0 });
  await shop.openWindows();
}, 120_000);
afterAll(async () => {
  await shop?.close();
  removeTempFolders();
});

const newest = ({ till }: Counter): ApprovalView | undefined => till.view().approvals[0];

/** The cashier asks for a void; resolves when the till has the gateway's answer. */
async function ask(place: Counter): Promise<string> {
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
const bothAsked = (saleRef: string) =>
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
function tap(saleRef: string, decision: 'approve' | 'reject' = 'approve'): string {
  const wamid = shop.messagesTo(DECIDER, saleRef).find(({ rendered }) => rendered.buttons.length > 0)?.wamid;
  if (wamid === undefined) throw new Error('nothing to tap');
  const button = decision === 'approve' ? 0 : 1;
  return shop.graph.world.reply(shop.person(DECIDER).number, { button, wamid }).wamid;
}

async function decision(saleRef: string) {
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
async function expectDecidedOnce(
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
  await eventually(() => countsOf(saleRef).every((count) => count >= 2), 'the word to both');
  expect(countsOf(saleRef)).toEqual([2, 2]);
  tolds.push(saleRef);
  expect(await decision(saleRef)).toEqual({
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
const countsOf = (saleRef: string) => [DECIDER, OTHER].map((name) => shop.messagesTo(name, saleRef).length);

/** Killed where it waits; then its sessions end, with or without what they were asked. */
async function killAt(gate: Gate, victim: GatewayProcess, end: 'aborted' | 'committed') {
  await shop.held(victim);
  // The other is at work beside the one that waits, and takes nothing out of its hands.
  await shop.kill(victim);
  await shop.gates.open(gate, victim.name, end);
}

interface LeftBehind {
  readonly place: Counter;
  readonly saleRef: string;
}
const leftBehind: { request: LeftBehind | null; code: Counter | null } = { request: null, code: null };

/** First, because what they leave waits for half a minute: the rest goes on meanwhile, and the end is looked at last. */
describe('a gateway that is killed with messages in hand', () => {
  it(
    'that it took to send a request, and sent nothing',
    async () => {
      const [victim] = await shop.twoGateways({ tills: 0, webhooks: 0 });
      const place = await shop.counter();
      await shop.hold('fetching', victim);
      const saleRef = await ask(place);
      await killAt('fetching', victim, 'committed');
      expect((await decision(saleRef)).status).toBe('pending');
      leftBehind.request = { place, saleRef };
    },
    TEST_MS,
  );

  it(
    'that it took to send a code, and sent nothing',
    async () => {
      const [victim] = await shop.twoGateways({ tills: 0, webhooks: 0 });
      const place = await shop.counter();
      await shop.hold('fetching', victim);
      await startRedemption(place);
      await killAt('fetching', victim, 'committed');
      expect(shop.codesTo(place.customer.phone)).toEqual([]);
      leftBehind.code = place;
    },
    TEST_MS,
  );

  it(
    'after WhatsApp took the request and before that was noted',
    async () => {
      const [victim] = await shop.twoGateways({ tills: 0, webhooks: 0 });
      const place = await shop.counter();
      await shop.hold('noting', victim);
      const saleRef = await ask(place);
      await eventually(() => countsOf(saleRef).every((count) => count === 1), 'the requests at WhatsApp');
      await killAt('noting', victim, 'aborted');
      await bothAsked(saleRef);
      await expectDecidedOnce(place, saleRef, tap(saleRef));
    },
    TEST_MS,
  );

  it(
    'after WhatsApp took the word to everybody and before that was noted',
    async () => {
      const [victim] = await shop.twoGateways({ tills: 1, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(saleRef);
      await shop.hold('noting', victim);
      const tapped = tap(saleRef);
      await eventually(() => countsOf(saleRef).every((count) => count === 2), 'the words at WhatsApp');
      await killAt('noting', victim, 'aborted');
      await expectDecidedOnce(place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'after WhatsApp took the code and before that was noted',
    async () => {
      const [victim] = await shop.twoGateways({ tills: 0, webhooks: 0 });
      const place = await shop.counter();
      await shop.hold('noting', victim);
      await startRedemption(place);
      await killAt('noting', victim, 'aborted');
      await typeCode(place);
      await expectRedeemedOnce(place);
    },
    TEST_MS,
  );
});

const PLACES = [
  { hangs: 'the other', tills: 1 },
  { hangs: 'the same', tills: 0 },
] as const;

describe.each(PLACES)('a tap whose gateway is killed, the till on $hangs', ({ tills }) => {
  it(
    'when the webhook is kept and answered, and not yet handled',
    async () => {
      const [victim] = await shop.twoGateways({ tills, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(saleRef);
      await shop.hold('handling', victim);
      // Two messages in one webhook, as Meta does it when it has many: both are kept before either is handled.
      const { webhooks, world } = shop.graph;
      webhooks.knobs.hold = true;
      world.reply(shop.person(OTHER).number, { text: 'sebentar' });
      const tapped = tap(saleRef);
      const held = webhooks.takeHeld().map((text) => JSON.parse(text));
      webhooks.release();
      const body = JSON.stringify({ ...held[0], entry: held.flatMap(({ entry }) => entry) });
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(body) };
      // Answered 200: nobody repeats it.
      const status = await postByFetch(`${victim.url}/webhooks/whatsapp`, Buffer.from(body), headers);
      expect(status).toBe(200);
      await killAt('handling', victim, 'aborted');
      await expectDecidedOnce(place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'in the middle of the decision',
    async () => {
      const [victim] = await shop.twoGateways({ tills, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(saleRef);
      await shop.hold('deciding', victim);
      const tapped = tap(saleRef);
      await killAt('deciding', victim, 'aborted');
      await expectDecidedOnce(place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'after the commit and before the push, or any answer',
    async () => {
      const [victim] = await shop.twoGateways({ tills, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(saleRef);
      await shop.hold('deciding_commit', victim);
      const tapped = tap(saleRef);
      await killAt('deciding_commit', victim, 'committed');
      expect((await decision(saleRef)).status).toBe('approved');
      await expectDecidedOnce(place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'in the middle of a rejection',
    async () => {
      const [victim] = await shop.twoGateways({ tills, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(saleRef);
      await shop.hold('deciding', victim);
      const tapped = tap(saleRef, 'reject');
      await killAt('deciding', victim, 'aborted');
      await expectDecidedOnce(place, saleRef, tapped, 'rejected');
    },
    TEST_MS,
  );
});

describe('a till whose gateway is killed', () => {
  it(
    'with the decision of the other not yet pushed to it',
    async () => {
      const [decides, victim] = await shop.twoGateways({ tills: 1, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(saleRef);
      victim.pause();
      const tapped = tap(saleRef);
      await eventually(
        async () => (await decision(saleRef)).status === 'approved',
        `${decides.name} to decide`,
      );
      expect(newest(place)?.stage).toBe('pending');
      await shop.kill(victim);
      await expectDecidedOnce(place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'while its stream is open and idle',
    async () => {
      const [, victim] = await shop.twoGateways({ tills: 1, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(saleRef);
      await shop.kill(victim);
      await expectDecidedOnce(place, saleRef, tap(saleRef));
    },
    TEST_MS,
  );
});

async function startRedemption({ till, customer }: Counter): Promise<void> {
  const amount = amountSchema.parse(AMOUNT);
  await till.invoke('redemption.start', { customerId: customer.id, asset: 'deposit', amount, drawer: true });
}

/** The code is on the customer's screen, and that is noted. */
const codeShown = ({ customer }: Counter) =>
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
async function typeCode({ till, redemptionAt, customer }: Counter): Promise<void> {
  const { id: redemptionId } = await redemptionAt('awaiting_code');
  const { code } = await eventually(
    () => shop.graph.world.latestCode(customer.phone.slice(1)),
    'the code on the phone',
  );
  await till.invoke('redemption.submitCode', { redemptionId, code });
}

/** Charged once, one code, the drawer opened once, all of it on the books. */
async function expectRedeemedOnce(place: Counter): Promise<void> {
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

const ENDS = ['aborted', 'committed'] as const;

describe('a redemption whose gateway is killed', () => {
  it.each(ENDS)(
    'while it is made, the writing %s',
    async (end) => {
      const [victim] = await shop.twoGateways({ tills: 0, webhooks: 0 });
      const place = await shop.counter();
      const gate = end === 'aborted' ? 'creating' : 'creating_commit';
      await shop.hold(gate, victim);
      const started = startRedemption(place);
      await killAt(gate, victim, end);
      await started;
      await typeCode(place);
      await expectRedeemedOnce(place);
    },
    TEST_MS,
  );

  it.each(ENDS)(
    'while the code is checked, the writing %s',
    async (end) => {
      const [victim] = await shop.twoGateways({ tills: 0, webhooks: 0 });
      const place = await shop.counter();
      const gate = end === 'aborted' ? 'verifying' : 'verifying_commit';
      await startRedemption(place);
      await codeShown(place);
      await shop.hold(gate, victim);
      const typed = typeCode(place);
      await killAt(gate, victim, end);
      await typed;
      await expectRedeemedOnce(place);
    },
    TEST_MS,
  );

  it.each(ENDS)(
    'while it is captured, the writing %s',
    async (end) => {
      const [victim] = await shop.twoGateways({ tills: 0, webhooks: 0 });
      const place = await shop.counter();
      const gate = end === 'aborted' ? 'capturing' : 'capturing_commit';
      await startRedemption(place);
      await codeShown(place);
      await shop.hold(gate, victim);
      await typeCode(place);
      await killAt(gate, victim, end);
      await expectRedeemedOnce(place);
    },
    TEST_MS,
  );
});

describe('what the dead left behind', () => {
  it(
    'is taken over: the request and the code that were in hand arrive, and everything is as it should be',
    async () => {
      await shop.twoGateways({ tills: 0, webhooks: 0 });
      const { request, code } = leftBehind;
      if (request === null || code === null) throw new Error('nothing was left behind');
      const { place, saleRef } = request;
      await patiently(() => countsOf(saleRef).every((count) => count === 1), 'the requests');
      await bothAsked(saleRef);
      await expectDecidedOnce(place, saleRef, tap(saleRef));
      await patiently(() => shop.codesTo(code.customer.phone).length > 0, 'the code');
      await typeCode(code);
      await expectRedeemedOnce(code);
    },
    TEST_MS + LEFT_BEHIND_MS,
  );

  it(
    'leaves nothing queued, and nobody was told twice',
    async () => {
      await patiently(async () => (await unfinished()).length === 0, 'an empty queue');
      await shop.graph.settled();
      expect(tolds.map((saleRef) => [saleRef, countsOf(saleRef)])).toEqual(
        tolds.map((saleRef) => [saleRef, [2, 2]]),
      );
      expect(await checkLedger(shop.engine.kysely)).toMatchObject({ ok: true });
    },
    TEST_MS + LEFT_BEHIND_MS,
  );
});

/** Jobs and messages that are not done, or failed; webhooks that nobody handled. */
async function unfinished(): Promise<Record<string, unknown>[]> {
  return shop.engine.script(`
    select 'job' as what, state::text from pgboss.job where name = 'message_send' and state <> 'completed'
    union all select 'message', state from messages where state in ('queued', 'failed')
    union all select 'inbound', coalesce(outcome, 'waits') from inbound_messages
      where outcome is null or outcome = 'failed'
    union all select 'status', status from message_events where applied_at is null`);
}

async function patiently(look: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + LEFT_BEHIND_MS;
  while (!(await look())) {
    if (performance.now() > end)
      throw new Error(`${what} did not come: ${JSON.stringify(await unfinished())}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
