/**
 * Two gateways, each a process of its own, on one PostgreSQL; one of them is killed by SIGKILL at the worst moments. What is
 * sent is sent at least once where Meta's API cannot say better: a gateway that dies after WhatsApp took a message and
 * before that is noted leaves a job that is tried again 30 s later, unless a status of that message came meanwhile. Here
 * statuses come, as Meta sends them, so everybody is told exactly once.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLedger } from '../../cloud/ledger/check.ts';
import { eventually, sign } from '../fixtures/gateway.ts';
import { removeTempFolders } from '../fixtures/temp-folder.ts';
import { postByFetch } from '../sim/graph/webhooks.ts';
import { type Counter, type GatewaysShop, OTHER, openGatewaysShop } from './gateways-shop.ts';
import {
  ask,
  bothAsked,
  codeShown,
  countsOf,
  decision,
  expectDecidedOnce,
  expectRedeemedOnce,
  killAt,
  LEFT_BEHIND_MS,
  newest,
  patiently,
  startRedemption,
  tap,
  typeCode,
  unfinished,
} from './gateways-steps.ts';

const COUNTERS = 24;
const TEST_MS = 120_000;

let shop: GatewaysShop;

beforeAll(async () => {
  shop = await openGatewaysShop(COUNTERS);
  await shop.twoGateways({ tills: 0, webhooks: 0 });
  await shop.openWindows();
}, 120_000);
afterAll(async () => {
  await shop?.close();
  removeTempFolders();
});

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
      await killAt(shop, 'fetching', victim, 'committed');
      expect((await decision(shop, saleRef)).status).toBe('pending');
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
      await killAt(shop, 'fetching', victim, 'committed');
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
      await eventually(
        () => countsOf(shop, saleRef).every((count) => count === 1),
        'the requests at WhatsApp',
      );
      await killAt(shop, 'noting', victim, 'aborted');
      await bothAsked(shop, saleRef);
      await expectDecidedOnce(shop, place, saleRef, tap(shop, saleRef));
    },
    TEST_MS,
  );

  it(
    'after WhatsApp took the word to everybody and before that was noted',
    async () => {
      const [victim] = await shop.twoGateways({ tills: 1, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(shop, saleRef);
      await shop.hold('noting', victim);
      const tapped = tap(shop, saleRef);
      await eventually(() => countsOf(shop, saleRef).every((count) => count === 2), 'the words at WhatsApp');
      await killAt(shop, 'noting', victim, 'aborted');
      await expectDecidedOnce(shop, place, saleRef, tapped);
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
      await killAt(shop, 'noting', victim, 'aborted');
      await typeCode(shop, place);
      await expectRedeemedOnce(shop, place);
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
      await bothAsked(shop, saleRef);
      await shop.hold('handling', victim);
      // Two messages in one webhook, as Meta does it when it has many: both are kept before either is handled.
      const { webhooks, world } = shop.graph;
      webhooks.knobs.hold = true;
      world.reply(shop.person(OTHER).number, { text: 'sebentar' });
      const tapped = tap(shop, saleRef);
      const held = webhooks.takeHeld().map((text) => JSON.parse(text));
      webhooks.release();
      const body = JSON.stringify({ ...held[0], entry: held.flatMap(({ entry }) => entry) });
      const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(body) };
      // Answered 200: nobody repeats it.
      const status = await postByFetch(`${victim.url}/webhooks/whatsapp`, Buffer.from(body), headers);
      expect(status).toBe(200);
      await killAt(shop, 'handling', victim, 'aborted');
      await expectDecidedOnce(shop, place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'in the middle of the decision',
    async () => {
      const [victim] = await shop.twoGateways({ tills, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(shop, saleRef);
      await shop.hold('deciding', victim);
      const tapped = tap(shop, saleRef);
      await killAt(shop, 'deciding', victim, 'aborted');
      await expectDecidedOnce(shop, place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'after the commit and before the push, or any answer',
    async () => {
      const [victim] = await shop.twoGateways({ tills, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(shop, saleRef);
      await shop.hold('deciding_commit', victim);
      const tapped = tap(shop, saleRef);
      await killAt(shop, 'deciding_commit', victim, 'committed');
      expect((await decision(shop, saleRef)).status).toBe('approved');
      await expectDecidedOnce(shop, place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'in the middle of a rejection',
    async () => {
      const [victim] = await shop.twoGateways({ tills, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(shop, saleRef);
      await shop.hold('deciding', victim);
      const tapped = tap(shop, saleRef, 'reject');
      await killAt(shop, 'deciding', victim, 'aborted');
      await expectDecidedOnce(shop, place, saleRef, tapped, 'rejected');
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
      await bothAsked(shop, saleRef);
      victim.pause();
      const tapped = tap(shop, saleRef);
      await eventually(
        async () => (await decision(shop, saleRef)).status === 'approved',
        `${decides.name} to decide`,
      );
      expect(newest(place)?.stage).toBe('pending');
      await shop.kill(victim);
      await expectDecidedOnce(shop, place, saleRef, tapped);
    },
    TEST_MS,
  );

  it(
    'while its stream is open and idle',
    async () => {
      const [, victim] = await shop.twoGateways({ tills: 1, webhooks: 0 });
      const place = await shop.counter();
      const saleRef = await ask(place);
      await bothAsked(shop, saleRef);
      await shop.kill(victim);
      await expectDecidedOnce(shop, place, saleRef, tap(shop, saleRef));
    },
    TEST_MS,
  );
});

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
      await killAt(shop, gate, victim, end);
      await started;
      await typeCode(shop, place);
      await expectRedeemedOnce(shop, place);
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
      await codeShown(shop, place);
      await shop.hold(gate, victim);
      const typed = typeCode(shop, place);
      await killAt(shop, gate, victim, end);
      await typed;
      await expectRedeemedOnce(shop, place);
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
      await codeShown(shop, place);
      await shop.hold(gate, victim);
      await typeCode(shop, place);
      await killAt(shop, gate, victim, end);
      await expectRedeemedOnce(shop, place);
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
      await patiently(shop, () => countsOf(shop, saleRef).every((count) => count === 1), 'the requests');
      await bothAsked(shop, saleRef);
      await expectDecidedOnce(shop, place, saleRef, tap(shop, saleRef));
      await patiently(shop, () => shop.codesTo(code.customer.phone).length > 0, 'the code');
      await typeCode(shop, code);
      await expectRedeemedOnce(shop, code);
    },
    TEST_MS + LEFT_BEHIND_MS,
  );

  it(
    'leaves nothing queued, and nobody was told twice',
    async () => {
      await patiently(shop, async () => (await unfinished(shop)).length === 0, 'an empty queue');
      await shop.graph.settled();
      const sales = await shop.engine.kysely.selectFrom('approvals').select('sale_ref').execute();
      const counts = sales.map(({ sale_ref: saleRef }) => [saleRef, countsOf(shop, saleRef ?? '')]);
      expect(counts).toEqual(sales.map(({ sale_ref: saleRef }) => [saleRef, [2, 2]]));
      const redeemed = await shop.engine.kysely
        .selectFrom('redemptions as r')
        .innerJoin('customers as c', 'c.id', 'r.customer_id')
        .select('c.phone_e164 as phone')
        .execute();
      expect(redeemed.map(({ phone }) => shop.codesTo(phone ?? '').length)).toEqual(redeemed.map(() => 1));
      expect(await checkLedger(shop.engine.kysely)).toMatchObject({ ok: true });
    },
    TEST_MS + LEFT_BEHIND_MS,
  );
});
