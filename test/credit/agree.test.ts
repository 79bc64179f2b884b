/**
 * Messages of every kind through two gateways on one PostgreSQL, with all that goes wrong on the way: at the end credit, the
 * messages kept and what WhatsApp bills agree to the rupiah and to the message. `SAKSI_CREDIT_SENDS`: how many (500).
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contactKeys } from '../../cloud/conversations/windows.ts';
import { creditOf, LAPSE_GRACE_MS } from '../../cloud/credit/accounts.ts';
import { checkCredit } from '../../cloud/credit/check.ts';
import { statementOf } from '../../cloud/credit/statement.ts';
import { createCustomer } from '../../cloud/customers/customers.ts';
import { deriveKeys } from '../../cloud/keys/derive.ts';
import { credit } from '../../cloud/ledger/ledger.ts';
import type { StaffMessage } from '../../cloud/messages/store.ts';
import { systemEffects } from '../../shared/effects.ts';
import { createUuid } from '../../shared/ids.ts';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { startTestGateway, type TestGateway } from '../fixtures/gateway.ts';
import { createMigratedDatabase } from '../fixtures/postgres.ts';
import { createBody } from '../fixtures/redemption-world.ts';
import { seededRandom } from '../sim/graph/clock.ts';

const SENDS = Number(process.env.SAKSI_CREDIT_SENDS ?? 500);
const SEED = Number(process.env.SAKSI_CREDIT_SEED ?? 1);
const APPROVALS = 10;
const PRICE = 367;
const TOPUP = 1_000_000_000;
const LANES = 8;
/** Ends a run that hangs, and measures nothing. */
const TIMEOUT_MS = 60_000 + SENDS * 200;
const MINUTE_MS = 60_000;

const masterKey = new Uint8Array(32).fill(31);
const contactKey = contactKeys(deriveKeys(masterKey).contactKey);
const random = seededRandom(SEED);
const chance = (share: number) => random() < share;
const pick = <T>(list: readonly T[]): T => {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
};

interface Customer {
  readonly id: string;
  readonly phone: string;
}

let drop: () => Promise<void>;
let gateways: readonly [TestGateway, TestGateway];
let till: { tillId: string; storeId: string };
let customers: Customer[];

beforeAll(async () => {
  const database = await createMigratedDatabase();
  drop = database.drop;
  const start = (config: { graphUrl?: string }) =>
    startTestGateway({
      database: { kind: 'postgres', url: database.url },
      config: { masterKey, logLevel: 'info', ...config },
    });
  const one = await start({});
  gateways = [one, await start({ graphUrl: one.graphUrl })];
  const { services } = one.gateway;
  const { storeId, staff } = one.demo;
  till = { tillId: (await one.pair()).tillId, storeId };
  await setPolicy(one);
  await services.admin.run('credit topup', { storeId, topup: { amount: TOPUP as never }, key: 'first' });
  await services.admin.run('limits set', { perSecond: 1000 });
  for (const { id, phone } of staff) {
    if (phone !== null) await services.admin.run('staff verify', { staffId: id });
  }
  customers = await addCustomers(one, Math.ceil(SENDS / 4));
  Object.assign(one.graph.world.rateLimits.limits, {
    on: true,
    throughputPerSecond: 1000,
    dailyPeople: null,
  });
  Object.assign(one.graph.webhooks.knobs, { duplicates: 0.2, spreadMs: 40 });
}, TIMEOUT_MS);

afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.close()));
  await drop();
});

async function setPolicy({ gateway, demo }: TestGateway): Promise<void> {
  const { admin } = gateway.services;
  const { storeId } = demo;
  const policy = structuredClone(DEFAULT_POLICY);
  const many = { count: 1_000_000, windowSeconds: 3600 };
  policy.codes.limits = { phone: many, till: many, store: many };
  policy.approvals.openMax = 20;
  for (const kind of policy.approvals.kinds) kind.repeat = { count: 1000, windowSeconds: 60 };
  policy.messageCredit = { ...policy.messageCredit, enforce: true };
  const { version } = await admin.run('policy show', { storeId });
  await admin.run('policy set', { storeId, policy: { ...policy, version } });
}

/** Of every ten one has blocked the shop, one is not on WhatsApp, one is out of reach, three wrote lately. */
async function addCustomers({ gateway, graph, demo }: TestGateway, count: number): Promise<Customer[]> {
  const db = gateway.services.engine.kysely;
  const made: Customer[] = [];
  for (let n = 0; n < count; n += 1) {
    const phone = `+62812${String(5_000_000 + n)}`;
    const { id } = await createCustomer(db, systemEffects, {
      storeId: demo.storeId,
      name: `Pelanggan ${n}`,
      memberNo: null,
      phone,
    });
    const common = { idempotencyKey: `first/${id}`, storeId: demo.storeId, customerId: id };
    await credit(db, { ...common, asset: 'deposit', amount: 1_000_000, refId: null, at: Date.now() });
    const kind = n % 10;
    graph.addPhone({ number: phone, blocked: kind === 0, onWhatsApp: kind !== 1, online: kind !== 2 });
    if (kind >= 7) graph.world.reply(phone.slice(1), { text: 'halo' });
    made.push({ id, phone });
  }
  return made;
}

it(
  `agrees after ${SENDS} sends`,
  async () => {
    const [one, two] = gateways;
    const { graph } = one;
    const db = one.gateway.services.engine.kysely;
    await graph.settled();
    await makeTrouble(one);
    await Promise.all(Array.from({ length: LANES }, (_, lane) => sendSome(lane)));
    for (let n = 0; n < APPROVALS; n += 1) await askApproval(gateways[n % 2] ?? one);
    await settled();
    // What never arrived counts as dropped only after its time.
    for (const gateway of gateways) gateway.shiftClock(15 * MINUTE_MS + LAPSE_GRACE_MS);
    await Promise.all([one.gateway.services.settleCredit(), two.gateway.services.settleCredit()]);
    await one.gateway.services.settleCredit();

    const check = await checkCredit(db);
    expect(check).toMatchObject({ ok: true, sum: 0, mismatched: [], charges: [], uncharged: 0 });
    await expectMessagesAgree();
    const billed = graph.world.billed().length * PRICE;
    const credits = await creditOf(db, till.storeId);
    expect(credits).toMatchObject({ held: 0, spent: billed, balance: TOPUP - billed });
    const statement = await statementOf(db, till.storeId, { from: 0, to: Date.now() + 3_600_000 });
    expect(statement.total.cost).toBe(billed);
    expect(statement.total.count).toBe(await countOf('messages where store_id is not null'));
    expect(statement.differences).toEqual([]);
    expect(statement.reconciled).toBeGreaterThan(SENDS / 3);
    // Everything that was meant to happen did.
    const states = new Set(graph.world.messages.map(({ state }) => state));
    expect([...states]).toEqual(expect.arrayContaining(['read', 'failed', 'sent']));
    for (const outcome of ['spent', 'free', 'returned']) {
      expect(await countOf(`message_charges where outcome = '${outcome}'`)).toBeGreaterThan(SENDS / 50);
    }
    expect(await countOf('messages where abandoned_wamid is not null')).toBeGreaterThan(0);
    expect(
      await countOf("messages where state = 'failed' and wamid is null and attempts = 1"),
    ).toBeGreaterThan(0);
    expect(await countOf("messages where state <> 'failed' and attempts > 1")).toBeGreaterThan(0);

    async function countOf(what: string): Promise<number> {
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.raw(what)}`.execute(db);
      return rows[0]?.n ?? 0;
    }

    async function settled(): Promise<void> {
      await until(async () => (await countOf("messages where state = 'queued'")) === 0);
      await graph.settled();
      await until(
        async () =>
          (await countOf(
            `message_events e join messages m on m.wamid = e.wamid where e.applied_at is null
              and e.wamid is distinct from m.abandoned_wamid`,
          )) === 0,
      );
      // A message that failed for a closed window was queued anew by a status.
      if ((await countOf("messages where state = 'queued'")) > 0) return settled();
      await graph.settled();
      await until(async () => (await countOf('credit_due')) === 0);
    }

    /** Each message at WhatsApp is one that was kept, in the same state; and each kept as sent is there. */
    async function expectMessagesAgree(): Promise<void> {
      const rows = await db
        .selectFrom('messages')
        .select(['id', 'wamid', 'abandoned_wamid', 'state'])
        .execute();
      const kept = rows.flatMap(({ id, wamid, abandoned_wamid: abandoned, state }) => [
        ...(wamid === null ? [] : [`${wamid} ${id} ${state}`]),
        ...(abandoned === null ? [] : [`${abandoned} ${id} failed`]),
      ]);
      const sent = graph.world.messages
        .filter(({ direction }) => direction === 'to_phone')
        .map(
          ({ wamid, bizOpaque, state }) => `${wamid} ${bizOpaque} ${state === 'expired' ? 'sent' : state}`,
        );
      expect(kept.sort()).toEqual(sent.sort());
    }
  },
  TIMEOUT_MS,
);

async function makeTrouble({ gateway, graph }: TestGateway): Promise<void> {
  const times = Math.ceil(SENDS / 40);
  for (const [code, at] of [
    [131000, 'answer'],
    [131026, 'answer'],
    [131049, 'answer'],
    [131026, 'webhook'],
    [131049, 'webhook'],
  ] as const) {
    graph.world.failures.push({ code, at, times });
  }
  graph.world.failures.push({ code: 130429, at: 'answer', times: 2 });
  // The gateway takes these people's windows for open, and WhatsApp does not.
  for (const { phone } of customers.filter((_, n) => n % 10 === 5)) {
    await gateway.services.engine.kysely
      .insertInto('contact_windows')
      .values({ contact: contactKey({ phone }), last_inbound_at: Date.now() })
      .execute();
  }
}

async function sendSome(lane: number): Promise<void> {
  for (let n = lane; n < SENDS; n += LANES) {
    const gateway = gateways[n % 2] ?? gateways[0];
    const customer = pick(customers);
    if (chance(0.5)) await sendCode(gateway, customer);
    else await sendOther(gateway, customer, chance(0.5) ? 'drawer_alert' : 'note');
  }
}

async function sendCode({ gateway, demo }: TestGateway, customer: Customer): Promise<void> {
  const { redemptions, queue } = gateway.services;
  const staffId = chance(0.5) ? (demo.staff.find(({ role }) => role === 'cashier')?.id ?? null) : null;
  const body = createBody(customer.id, 1_000, { staffId });
  const { redemption } = await redemptions.create(till, randomUUID(), body);
  // Nobody waits for some of them any more: they may be sent already, or lapse in the queue.
  if (chance(0.1)) await redemptions.cancel(till, redemption.id, randomUUID(), { reason: 'cashier' });
  queue.wake();
}

async function sendOther({ gateway }: TestGateway, { phone }: Customer, kind: 'drawer_alert' | 'note') {
  const { engine, messages, queue } = gateway.services;
  const words = ['Toko Saksi', 'Kasir 1', '26 November 10.00', 'Dewi'];
  const message: StaffMessage = {
    ...{ kind, storeId: till.storeId, tillId: till.tillId, question: null },
    ...{ address: { phone }, language: 'id', expiresAt: Date.now() + 10 * MINUTE_MS },
    content:
      kind === 'note'
        ? { kind: 'text', text: `Catatan ${createUuid(systemEffects)}` }
        : { kind: 'utility', template: 'saksi_drawer_unexplained', words },
  };
  await engine.kysely.transaction().execute((trx) => messages.addForStaff(trx, [message]));
  queue.wake();
}

async function askApproval({ gateway, demo }: TestGateway): Promise<void> {
  const staffId = demo.staff.find(({ role }) => role === 'cashier')?.id ?? '';
  const reason = { key: 'count_cash', text: null };
  const wish = { kind: 'no_sale', reason, staffId, amount: null, basisPoints: null, note: '', saleRef: null };
  await gateway.services.approvals.create(till, randomUUID(), wish as never);
}

const LOOK_EVERY_MS = 100;

/** Looks until it is so; the test's own time limit ends it. */
async function until(look: () => Promise<boolean>): Promise<void> {
  while (!(await look())) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
