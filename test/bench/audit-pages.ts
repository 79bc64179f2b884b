import { tmpdir } from 'node:os';
import { type Kysely, sql } from 'kysely';
import { Pool } from 'undici';
import type { GatewayConfig } from '../../cloud/config.ts';
import { type Engine, openDatabase } from '../../cloud/db/engine.ts';
import type { Database } from '../../cloud/db/schema.ts';
import { createGateway, type Gateway } from '../../cloud/gateway.ts';
import { createLogger } from '../../cloud/http/logger.ts';
import { AUDIT_PAGE, AUDIT_PATHS, MANAGER_HEADER } from '../../shared/audit/timeline.ts';
import { parsePairingCode } from '../../shared/pairing.ts';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { startCluster } from '../fixtures/postgres-cluster.ts';
import { storeRow } from '../fixtures/redemption-world.ts';
import { type BenchResult, quantile, result } from './bench.ts';

/**
 * Pages of audit lists of a million and of ten million events. The rows are made in the database, where their hashes do not
 * matter: one store with 4 tills, 20 of staff, 50,000 customers. Each page is asked for over HTTP, in turns with its bare query.
 */
const MILLION = 1_000_000;
const GROWN = 10 * MILLION;
const ROUNDS = 15;
/** Of all filters, before any is measured: what is compiled on the way is not the first one's cost. */
const ROUNDS_WARM_UP = 5;

/** The same pages of both lists, asked for by turns, so that both see the same machine. */
export async function growth(): Promise<BenchResult> {
  const small = await openPages(MILLION);
  const large = await openPages(GROWN);
  try {
    const [before, after] = [new Slowest(), new Slowest()];
    await warmUp(async ({ query }) => {
      for (const list of [small, large]) expectFound(query, await list.page(query));
    });
    for (const { name, query } of FILTERS) {
      const [few, many] = [[] as number[], [] as number[]];
      for (let round = 0; round < ROUNDS; round += 1) {
        const first = await timed(() => small.page(query));
        const second = await timed(() => large.page(query));
        few.push(first);
        many.push(second);
      }
      const [ms, grownMs] = [quantile(few, 0.5), quantile(many, 0.5)];
      process.stderr.write(`  ${name}: ${ms.toFixed(2)} ms, grown ${grownMs.toFixed(2)} ms\n`);
      before.see(ms);
      after.see(grownMs);
    }
    return result(after.ms, 'ms', before.ms, ROUNDS);
  } finally {
    await small.stop();
    await large.stop();
  }
}

/** The slowest filter's page through the API, against its bare query. */
export async function firstPage(): Promise<BenchResult> {
  const list = await openPages(MILLION);
  try {
    const slowest = new Slowest();
    await warmUp(async ({ query, where }) => {
      await list.bareQuery(where);
      expectFound(query, await list.page(query));
    });
    for (const { name, query, where } of FILTERS) {
      const [api, bare] = [[] as number[], [] as number[]];
      for (let round = 0; round < ROUNDS; round += 1) {
        const floor = await timed(() => list.bareQuery(where));
        const ours = await timed(() => list.page(query));
        api.push(ours);
        bare.push(floor);
      }
      const [ms, floorMs] = [quantile(api, 0.5), quantile(bare, 0.5)];
      process.stderr.write(`  ${name}: ${ms.toFixed(2)} ms, bare ${floorMs.toFixed(2)} ms\n`);
      slowest.see(ms, floorMs);
    }
    return result(slowest.ms, 'ms', slowest.floorMs, ROUNDS);
  } finally {
    await list.stop();
  }
}

async function warmUp(ask: (filter: Filter) => Promise<void>): Promise<void> {
  for (let round = 0; round < ROUNDS_WARM_UP; round += 1) {
    for (const filter of FILTERS) await ask(filter);
  }
}

function expectFound(query: string, page: string): void {
  if (JSON.parse(page).events.length === 0) throw new Error(`${query}: nothing was found`);
}

class Slowest {
  ms = 0;
  floorMs = 0;

  see(ms: number, floorMs = 0): void {
    if (ms <= this.ms) return;
    this.ms = ms;
    this.floorMs = floorMs;
  }
}

interface OpenPages {
  /** The first page of this filter, through the API: all of its bytes. */
  page(query: string): Promise<string>;
  bareQuery(where: string): Promise<void>;
  stop(): Promise<void>;
}

async function openPages(events: number): Promise<OpenPages> {
  const cluster = await startCluster({ durable: true });
  const url = await cluster.createDatabase();
  const engine = await openDatabase({ databaseUrl: url });
  const storeId = await addStore(engine);
  await makeEvents(engine, storeId, events);
  await engine.close();
  const gateway = await createGateway({ config: configOf(url), logger: createLogger('silent') });
  const headers = await signIn(gateway, storeId);
  // A client whose own cost is small: it runs in the same process as what is measured.
  const client = new Pool(await gateway.listen());
  return {
    async page(query) {
      const path = `${AUDIT_PATHS.events}?${query}`;
      const { statusCode, body } = await client.request({ method: 'GET', path, headers });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${query}: HTTP ${statusCode}`);
      return text;
    },
    bareQuery: (where) => bareQuery(gateway.services.engine.kysely, storeId, where),
    async stop() {
      await client.close();
      await gateway.stop();
      await cluster.stop();
    },
  };
}

function configOf(url: string): GatewayConfig {
  return {
    database: { kind: 'postgres', url },
    dataDir: tmpdir(),
    host: '127.0.0.1',
    port: 0,
    trustProxy: false,
    logLevel: 'silent',
    masterKey: new Uint8Array(32).fill(9),
    graphUrl: 'http://127.0.0.1:9',
    graphVersion: 'v25.0',
    whatsapp: {},
  };
}

const idOf = (kind: string, n: string) => `('${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

async function addStore({ kysely }: Engine): Promise<string> {
  const storeId = '00000001-0000-7000-8000-000000000000';
  await kysely
    .insertInto('stores')
    .values(storeRow(storeId, DEFAULT_POLICY, 1))
    .execute();
  return storeId;
}

/** Set-wise, in slices that end within the statement's time; indexes are made afterwards, as they are cheaper so. */
async function makeEvents({ kysely }: Engine, storeId: string, events: number): Promise<void> {
  const { rows: indexes } = await sql<{
    name: string;
    definition: string;
  }>`select indexname as name, indexdef as definition
    from pg_indexes where tablename = 'audit_events' and indexname like 'audit_by_%'`.execute(kysely);
  for (const { name } of indexes) await sql`drop index ${sql.ref(name)}`.execute(kysely);
  const slice = 100_000;
  for (let from = 1; from <= events; from += slice) {
    await sql`insert into audit_events (chain_id, seq, at, source, kind, body, prev_hash, hash, store_id, till_id, staff_id,
        approver_id, customer_id, sale_ref, subject_id, asset, amount, outcome)
      select 1, n, 1700000000000 + n * 3000, 'gateway',
        (array['redemption.requested', 'code.sent', 'redemption.authorised', 'redemption.captured', 'drawer.opened',
          'slip.printed', 'approval.requested', 'approval.approved', 'session.signed_in', 'code.wrong'])[1 + n % 10],
        '{"detail":{"slip":"printed","reason":"' || (array['damaged', 'mistake', 'changed', 'expired'])[1 + n % 4] || '"}}',
        ${Buffer.alloc(32)}, ${Buffer.alloc(32)}, ${storeId}::uuid, ${sql.raw(idOf('00000002', 'n % 4'))},
        ${sql.raw(idOf('00000003', '(n / 10) % 20'))},
        case when n % 10 = 7 then ${sql.raw(idOf('00000003', '(n / 10) % 5'))} end,
        ${sql.raw(idOf('00000004', '(n * 7919) % 50000'))}, 'INV-' || n / 10, ${sql.raw(idOf('00000005', 'n / 10'))},
        'deposit', 1000 + (n * 104729) % 5000000, case when n % 10 = 9 then 'refused' when n % 5000 = 3 then 'failed' else 'ok' end
      from generate_series(${from}::bigint, ${Math.min(from + slice - 1, events)}::bigint) n`.execute(kysely);
  }
  // An index of ten million takes longer than any statement of the gateway may.
  await kysely.connection().execute(async (one) => {
    await sql`set statement_timeout = 0`.execute(one);
    await sql`set maintenance_work_mem = '512MB'`.execute(one);
    for (const { definition } of indexes) await sql.raw(definition).execute(one);
    await sql`vacuum analyze audit_events`.execute(one);
  });
}

interface Filter {
  readonly name: string;
  readonly query: string;
  /** What the bare query says in its WHERE. */
  readonly where: string;
}

const literal = (kind: string, n: number) => `${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const FILTERS: readonly Filter[] = [
  { name: 'none', query: '', where: 'true' },
  { name: 'till', query: `tillId=${literal('00000002', 1)}`, where: `till_id = '${literal('00000002', 1)}'` },
  {
    name: 'staff',
    query: `staffId=${literal('00000003', 3)}`,
    where: `staff_id = '${literal('00000003', 3)}'`,
  },
  {
    name: 'approver',
    query: `approverId=${literal('00000003', 2)}`,
    where: `approver_id = '${literal('00000003', 2)}'`,
  },
  {
    name: 'customer',
    query: `customerId=${literal('00000004', 77)}`,
    where: `customer_id = '${literal('00000004', 77)}'`,
  },
  {
    name: 'subject',
    query: `subjectId=${literal('00000005', 500)}`,
    where: `subject_id = '${literal('00000005', 500)}'`,
  },
  { name: 'kind', query: 'kinds=code.wrong', where: "kind = 'code.wrong'" },
  {
    name: 'group',
    query: 'groups=redemptions',
    where: "kind in ('redemption.requested', 'redemption.authorised', 'redemption.captured')",
  },
  { name: 'outcome', query: 'outcomes=failed', where: "outcome = 'failed'" },
  { name: 'amount', query: 'amountFrom=4990000', where: 'amount >= 4990000' },
  { name: 'time', query: 'to=1701000000000', where: 'at < 1701000000000' },
  {
    name: 'staff and kind',
    query: `staffId=${literal('00000003', 3)}&kinds=code.wrong`,
    where: `staff_id = '${literal('00000003', 3)}' and kind = 'code.wrong'`,
  },
  { name: 'sale', query: 'q=INV-4711', where: `lower(sale_ref collate "C") = 'inv-4711'` },
  { name: 'word', query: 'q=damaged', where: `words @@ '''damaged'':*'::tsquery` },
  { name: 'words', query: 'q=mistake%20wrong', where: `words @@ '''mistake'' & ''wrong'':*'::tsquery` },
];

async function signIn({ services, app }: Gateway, storeId: string): Promise<Record<string, string>> {
  const { staffId } = await services.admin.run('staff add', {
    storeId,
    name: 'Manajer',
    role: 'manager',
    pin: '4444',
  });
  const { pairingCode } = await services.admin.run('till add', { storeId, name: 'Kasir' });
  const secret = parsePairingCode(pairingCode)?.secret;
  const pairing = {
    method: 'POST',
    url: '/v1/pairings/redeem',
    payload: { secret, appVersion: '0.1.0' },
  } as const;
  const authorization = `Bearer ${(await app.inject(pairing)).json().tillKey}`;
  const access = {
    method: 'POST',
    url: AUDIT_PATHS.access,
    headers: { authorization },
    payload: { staffId, pin: '4444' },
  } as const;
  return { authorization, [MANAGER_HEADER]: (await app.inject(access)).json().token };
}

async function bareQuery(db: Kysely<Database>, storeId: string, where: string): Promise<void> {
  await sql`select * from audit_events where store_id = ${storeId}::uuid and ${sql.raw(where)}
    order by at desc, id desc limit ${AUDIT_PAGE + 1}`.execute(db);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}
