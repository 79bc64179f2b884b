import { randomBytes } from 'node:crypto';

import { type Demo, seedDemo } from '../../cloud/admin/demo.ts';
import { type Engine, openEngine } from '../../cloud/db/engine.ts';
import { createGateway } from '../../cloud/gateway.ts';
import { openStore } from '../../electron/store/store.ts';
import { systemEffects } from '../../shared/effects.ts';
import { amountSchema } from '../../shared/money.ts';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { addDemoPhones } from '../fixtures/demo-phones.ts';
import { eventually } from '../fixtures/gateway.ts';
import { createMigratedDatabase } from '../fixtures/postgres.ts';
import { openTill } from '../fixtures/shop.ts';
import { tempFolder } from '../fixtures/temp-folder.ts';
import { createGraphSim, type GraphSim, SIM_DEFAULTS } from '../sim/graph/sim.ts';
import { createGates, type Gate } from './gates.ts';
import { type GatewayProcess, openLine, startGatewayProcess } from './gateway-process.ts';

export const CASHIER = 'Dewi';
export const DECIDER = 'Siti';
export const OTHER = 'Joko';
export const DEPOSIT = 10_000;

/** A till at the shop's one address, with a printer and drawer, its cashier signed in. */
export type Counter = Awaited<ReturnType<GatewaysShop['counter']>>;
export type GatewaysShop = Awaited<ReturnType<typeof openGatewaysShop>>;

/** A shop with two gateway processes on one PostgreSQL, and simulated WhatsApp that both reach. */
export async function openGatewaysShop(counters: number) {
  const database = await createMigratedDatabase();
  const graph = createGraphSim({ limits: { on: false } });
  // Nothing comes by itself once a message was delivered: who holds which row is then certain.
  graph.world.pace.autoRead = false;
  const graphUrl = await graph.listen(0);
  const settings = {
    databaseUrl: database.url,
    masterKey: new Uint8Array(randomBytes(32)),
    graphUrl,
    folder: tempFolder(),
  };
  const { demo, customers, pairingCodes } = await seed(settings, graph, counters);
  const engine = await openEngine({ databaseUrl: database.url });
  const gates = await createGates(database.url);
  let pair = await Promise.all([startGatewayProcess(settings), startGatewayProcess(settings)]);
  let tillsAt: GatewayProcess = pair[0];
  const line = await openLine(() => [tillsAt, ...pair].filter(({ alive }) => alive).map(({ port }) => port));

  function person(name: string) {
    const found = demo.staff.find((one) => one.name.startsWith(name));
    if (found === undefined) throw new Error(`no ${name}`);
    return { ...found, number: found.phone?.slice(1) ?? '' };
  }

  /** The two that live, the dead one replaced; tills are led to one of them, webhooks to one of them. */
  async function twoGateways(to: { tills: 0 | 1; webhooks: 0 | 1 }) {
    const [one, two] = await Promise.all(
      pair.map((gateway) => (gateway.alive ? gateway : startGatewayProcess(settings))),
    );
    if (one === undefined || two === undefined) throw new Error('two gateways are needed');
    pair = [one, two];
    tillsAt = pair[to.tills];
    webhooksTo(pair[to.webhooks]);
    return pair;
  }

  /** The other of the two. */
  function besides(gateway: GatewayProcess): GatewayProcess {
    const other = pair.find((one) => one !== gateway);
    if (other === undefined) throw new Error('there is no other');
    return other;
  }

  /** With no lock in its hands, and with no look for work under way that PostgreSQL would still answer. */
  async function standStill(gateway: GatewayProcess): Promise<void> {
    await eventually(async () => {
      gateway.pause();
      if (await gates.idle(gateway.name)) return true;
      gateway.resume();
      return false;
    }, `${gateway.name} standing still`);
  }

  /**
   * Has this gateway wait at the gate when it gets there. The other stands still until `held`, so that it is not it that
   * takes the work up.
   */
  async function hold(gate: Gate, gateway: GatewayProcess): Promise<void> {
    await gates.close(gate, gateway.name);
    await standStill(besides(gateway));
  }

  /** Resolves once it waits there; the other goes on. */
  async function held(gateway: GatewayProcess): Promise<void> {
    await gates.reached(gateway.name);
    besides(gateway).resume();
  }

  const webhooksTo = ({ url }: GatewayProcess) => graph.setWebhook(`${url}/webhooks/whatsapp`);

  /** SIGKILL. What comes from now on, Meta's repeated webhooks too, is led to the other. */
  async function kill(gateway: GatewayProcess): Promise<void> {
    await gateway.kill();
    webhooksTo(besides(gateway));
  }

  async function counter() {
    const pairingCode = pairingCodes.pop();
    const customer = customers.pop();
    if (pairingCode === undefined || customer === undefined) throw new Error('too few were prepared');
    const desk = await openTill();
    await desk.till.invoke('pairing.pair', { gatewayUrl: line.url, pairingCode });
    await desk.until(({ status }) => status.gateway.state === 'online', 'the line');
    await desk.until(({ status }) => status.printer.state === 'ready', 'the printer');
    const { id: staffId, pin } = person(CASHIER);
    await desk.till.invoke('session.signIn', { staffId, pin });
    return { ...desk, customer, books: () => readBooks(desk.dataDir) };
  }

  return {
    ...{ engine, graph, gates, line, person, twoGateways, hold, held, kill, counter },
    /** What is shown on that phone, or is on its way to it, and names the sale. */
    messagesTo: (name: string, saleRef: string) =>
      graph.world.messages.filter(
        ({ direction, number, rendered }) =>
          direction === 'to_phone' && number === person(name).number && rendered.body.includes(saleRef),
      ),
    codesTo: (phone: string) =>
      graph.world.messages.filter(({ number, rendered }) => `+${number}` === phone && rendered.code),
    /** Both write something: from now on they are told of decisions free of charge. */
    async openWindows(): Promise<void> {
      for (const name of [DECIDER, OTHER]) graph.world.reply(person(name).number, { text: 'halo' });
      await eventually(async () => {
        const { count } = await engine.kysely
          .selectFrom('contact_windows')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        return count >= 2;
      }, 'their open windows');
    },
    async close(): Promise<void> {
      await line.close();
      for (const gateway of pair) await gateway.kill();
      await graph.close();
      await gates.end();
      await engine.close();
      await database.drop();
    },
  };
}

/** By a gateway in this process, gone before the others start: store, people, customers, and a pairing code for each till. */
async function seed(
  { databaseUrl, masterKey, graphUrl, folder }: Parameters<typeof startGatewayProcess>[0],
  graph: GraphSim,
  counters: number,
): Promise<{ demo: Demo; customers: { id: string; phone: string }[]; pairingCodes: string[] }> {
  const gateway = await createGateway({
    config: {
      database: { kind: 'postgres', url: databaseUrl },
      dataDir: folder,
      host: '127.0.0.1',
      port: 0,
      trustProxy: false,
      logLevel: 'silent',
      masterKey,
      graphUrl,
      graphVersion: SIM_DEFAULTS.version,
      whatsapp: {},
    },
  });
  const { admin } = gateway.services;
  const demo = await seedDemo(gateway.services);
  addDemoPhones(graph, demo);
  const { storeId } = demo;
  // Nobody is sent sealed codes meanwhile: which message is in whose hands is what these tests are about.
  const offline = { ...DEFAULT_POLICY.offline, enabled: false };
  // Nor does a code lapse or a manager get asked while all the rest is looked at, however slow the machine.
  const codes = { ...DEFAULT_POLICY.codes, ttlSeconds: 900 };
  const kinds = DEFAULT_POLICY.approvals.kinds.map((kind) => ({ ...kind, steps: kind.steps.slice(0, 1) }));
  const approvals = { ...DEFAULT_POLICY.approvals, kinds };
  const { version } = await admin.run('policy show', { storeId });
  await admin.run('policy set', {
    storeId,
    policy: { ...DEFAULT_POLICY, version, offline, codes, approvals },
  });
  const pairingCodes: string[] = [];
  const customers: { id: string; phone: string }[] = [];
  for (let index = 0; index < counters; index += 1) {
    pairingCodes.push((await admin.run('till add', { storeId, name: `Kasir ${index + 1}` })).pairingCode);
    const phone = `+6281355${String(index).padStart(6, '0')}`;
    const { id } = await admin.run('customer add', { storeId, name: `Pelanggan ${index + 1}`, phone });
    const money = { asset: 'deposit', amount: amountSchema.parse(DEPOSIT), key: `test-${id}` } as const;
    await admin.run('wallet credit', { storeId, customer: { id }, ...money });
    graph.addPhone({ number: phone.slice(1) });
    customers.push({ id, phone });
  }
  await gateway.stop();
  return { demo, customers, pairingCodes };
}

/** Of a till that has stopped. */
function readBooks(dataDir: string) {
  const store = openStore(dataDir, systemEffects);
  const grantsUsed = store.audit.entries().filter(({ kind }) => kind === 'grant.used').length;
  const books = { grantsUsed, chain: store.audit.verifyChain().ok, outbox: store.outbox.counts() };
  store.close();
  return books;
}

/** Deposit of a customer, and what is reserved of it. */
export async function walletOf(engine: Engine, customerId: string): Promise<Record<string, number>> {
  const rows = await engine.kysely
    .selectFrom('accounts')
    .select(['kind', 'balance'])
    .where('customer_id', '=', customerId)
    .where('asset', '=', 'deposit')
    .execute();
  return Object.fromEntries(rows.map(({ kind, balance }) => [kind, balance]));
}
