import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { linkStaged } from '../../cloud/audit/sequencer.ts';
import { type Engine, openDatabase } from '../../cloud/db/engine.ts';
import type { Database } from '../../cloud/db/schema.ts';
import { createGateway, type Gateway } from '../../cloud/gateway.ts';
import { createLogger } from '../../cloud/http/logger.ts';
import { loadIdentity } from '../../cloud/keys/signing.ts';
import { verifyEvidence } from '../../scripts/verify-evidence.ts';
import { CHAIN_START, type ChainPlace, hashedText, nextEntry } from '../../shared/audit/chain.ts';
import { AUDIT_PAGE, AUDIT_PATHS, MANAGER_HEADER } from '../../shared/audit/timeline.ts';
import { systemEffects } from '../../shared/effects.ts';
import { parsePairingCode } from '../../shared/pairing.ts';
import { startCluster } from '../fixtures/postgres-cluster.ts';
import { type Bench, type BenchResult, quantile, result } from './bench.ts';

/**
 * The audit list. The rows of the lists of a million and of ten million events are made in the database, where their hashes do
 * not matter: a year of one store with 4 tills, 20 of staff, 50,000 customers.
 */
const MILLION = 1_000_000;
const GROWN = 10 * MILLION;
const ROUNDS = 15;
const ROUNDS_WARM_UP = 3;

const APPENDS_PER_ROUND = 200;
const APPEND_ROUNDS = 20;
const APPEND_IN_FLIGHT = 1;

const VERIFIED = 200_000;

export const auditBenches: readonly Bench[] = [
  {
    names: ['audit.append'],
    about:
      'events recorded and linked to their chain per second on the embedded database, against bare inserts of the same bytes, each of both its own synced commit',
    mark: '≥ 0.6',
    run: async () => ({ 'audit.append': await inFolder(append) }),
  },
  {
    names: ['audit.verify'],
    about: 'events of an evidence file checked per second, against bare SHA-256 of the same texts',
    mark: '≥ 0.3',
    run: async () => ({ 'audit.verify': await inFolder(verifyRate) }),
  },
  {
    names: ['audit.first_page'],
    about:
      "the slowest filter's first page of a million events through the API, against its bare indexed query (PostgreSQL)",
    mark: '≤ 2',
    run: async () => ({ 'audit.first_page': (await pages(MILLION)).slowest }),
  },
  {
    names: ['audit.growth'],
    about: "the slowest filter's first page of ten million events over that of a million (PostgreSQL)",
    mark: '≤ 1.3',
    run: async () => ({ 'audit.growth': await growth() }),
  },
];

async function inFolder(run: (dir: string) => Promise<BenchResult>): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'saksi-bench-'));
  try {
    return await run(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Each event in a transaction of its own, as changes are; what is staged is linked at the end of each round, in the same time. */
async function append(dir: string): Promise<BenchResult> {
  const engine = await openDatabase({ folder: join(dir, 'gateway') });
  try {
    const identity = await loadIdentity(engine, systemEffects, new Uint8Array(32).fill(9));
    const context = { engine, effects: systemEffects, identity };
    await sql`create table bench_floor (id bigint generated always as identity primary key, store_id uuid, till_id uuid,
      at bigint, kind text, staff_id uuid, customer_id uuid, sale_ref text, subject_id uuid, asset text, amount bigint,
      outcome text, detail text)`.execute(engine.kysely);
    const storeId = randomUUID();
    let [oursMs, floorMs] = [0, 0];
    for (let round = -ROUNDS_WARM_UP; round < APPEND_ROUNDS; round += 1) {
      const floor = await timed(() => inserts(engine.kysely, 'bench_floor', storeId));
      const ours = await timed(async () => {
        await inserts(engine.kysely, 'audit_staged', storeId);
        if ((await linkStaged(context)) !== APPENDS_PER_ROUND) throw new Error('not all were linked');
      });
      if (round < 0) continue;
      floorMs += floor;
      oursMs += ours;
    }
    const n = APPEND_ROUNDS * APPENDS_PER_ROUND;
    return result((n * 1000) / oursMs, '1/s', (n * 1000) / floorMs, n);
  } finally {
    await engine.close();
  }
}

async function inserts(db: Kysely<Database>, table: string, storeId: string): Promise<void> {
  for (let n = 0; n < APPENDS_PER_ROUND; n += APPEND_IN_FLIGHT) {
    await sql`insert into ${sql.table(table)} (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset,
        amount, outcome, detail)
      values (${storeId}::uuid, ${randomUUID()}::uuid, ${Date.now()}, 'redemption.captured', ${randomUUID()}::uuid,
        ${randomUUID()}::uuid, ${`INV-${n}`}, ${randomUUID()}::uuid, 'deposit', ${n}, 'ok',
        '{"offline":false,"slip":"printed"}')`.execute(db);
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/** The file is read from the disk's cache, and so are the floor's texts from memory. */
async function verifyRate(dir: string): Promise<BenchResult> {
  const file = join(dir, 'evidence.jsonl');
  const texts = await writeEvidence(dir, file);
  let [oursMs, floorMs] = [0, 0];
  for (let round = -1; round < 5; round += 1) {
    const floor = await timed(async () => {
      for (const text of texts) createHash('sha256').update(text).digest('hex');
    });
    const ours = await timed(async () => {
      const verdict = await verifyEvidence(
        createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 20 }),
      );
      if (!verdict.ok || verdict.events !== VERIFIED) throw new Error(verdict.fault ?? 'too few events');
    });
    if (round < 0) continue;
    floorMs += floor;
    oursMs += ours;
  }
  const n = 5 * VERIFIED;
  return result((n * 1000) / oursMs, '1/s', (n * 1000) / floorMs, n);
}

async function writeEvidence(dir: string, file: string): Promise<string[]> {
  const engine = await openDatabase({ folder: join(dir, 'identity') });
  const { gatewayId, publicKey, signChainHead, signEvidence } = await loadIdentity(
    engine,
    systemEffects,
    new Uint8Array(32).fill(9),
  );
  await engine.close();
  const chain = `store/${randomUUID()}`;
  const texts: string[] = [];
  const lines: string[] = [];
  let before: ChainPlace = CHAIN_START;
  for (let n = 0; n < VERIFIED; n += 1) {
    const body = `{"amount":${n},"approverId":null,"asset":"deposit","customerId":"${randomUUID()}","detail":{"offline":false,"slip":"printed"},"outcome":"ok","saleRef":"INV-${n}","staffId":"${randomUUID()}","storeId":"${randomUUID()}","subjectId":"${randomUUID()}","tillId":"${randomUUID()}"}`;
    const entry = nextEntry(systemSha256, before, {
      at: 1_700_000_000_000 + n,
      kind: 'redemption.captured',
      body,
    });
    const text = hashedText(entry, entry.seq, entry.prevHash);
    texts.push(text);
    lines.push(`{"chain":0,"hash":"${entry.hash}","entry":${text}}\n`);
    before = entry;
  }
  const last = { seq: before.seq, hash: before.hash };
  const header = {
    ...{
      saksiEvidence: 1,
      gatewayId,
      key: publicKey,
      storeId: chain.slice(6),
      storeName: 'Toko',
      from: 0,
      to: 1,
      madeAt: 1,
    },
    chains: [{ chain, before: CHAIN_START, last }],
  };
  const head = signChainHead({ iss: gatewayId, chain, iat: 1, ...last });
  const words = `${JSON.stringify(header)}\n${JSON.stringify({ head, chain: 0 })}\n`;
  const sha256 = createHash('sha256').update(words).digest('hex');
  const end = signEvidence({ iss: gatewayId, iat: 1, lines: VERIFIED + 2, sha256 });
  const handle = await open(file, 'w');
  await handle.writeFile([words, ...lines, `${JSON.stringify({ end })}\n`].join(''));
  await handle.close();
  return texts;
}

const systemSha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function growth(): Promise<BenchResult> {
  const small = await pages(MILLION);
  const large = await pages(GROWN);
  for (const [filter, ms] of Object.entries(large.byFilter)) {
    process.stderr.write(
      `  ${filter}: ${small.byFilter[filter]?.toFixed(2)} ms, grown ${ms.toFixed(2)} ms\n`,
    );
  }
  return result(large.slowest.value, 'ms', small.slowest.value, ROUNDS);
}

interface Pages {
  /** Through the API, against the bare query. */
  readonly slowest: BenchResult;
  /** Median ms through the API. */
  readonly byFilter: Readonly<Record<string, number>>;
}

async function pages(events: number): Promise<Pages> {
  const cluster = await startCluster({ durable: true });
  const databaseUrl = await cluster.createDatabase();
  try {
    const engine = await openDatabase({ databaseUrl });
    const storeId = await addStore(engine);
    await makeEvents(engine, storeId, events);
    await engine.close();
    return await measurePages(databaseUrl, storeId);
  } finally {
    await cluster.stop();
  }
}

const idOf = (kind: string, n: string) => `('${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;

async function addStore({ kysely }: Engine): Promise<string> {
  const storeId = '00000001-0000-7000-8000-000000000000';
  const { storeRow } = await import('../fixtures/redemption-world.ts');
  const { DEFAULT_POLICY } = await import('../../shared/policy.ts');
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
  { name: 'sale', query: 'q=INV-4711', where: `words @@ '''inv'':* & ''4711'':*'::tsquery` },
  { name: 'word', query: 'q=damaged', where: `words @@ '''damaged'':*'::tsquery` },
  { name: 'words', query: 'q=damaged%20wrong', where: `words @@ '''damaged'':* & ''wrong'':*'::tsquery` },
];

async function measurePages(url: string, storeId: string): Promise<Pages> {
  const gateway = await createGateway({
    config: {
      ...{
        database: { kind: 'postgres', url },
        dataDir: tmpdir(),
        host: '127.0.0.1',
        port: 0,
        trustProxy: false,
      },
      ...{
        logLevel: 'silent',
        masterKey: new Uint8Array(32).fill(9),
        graphUrl: 'http://127.0.0.1:9',
        graphVersion: 'v25.0',
      },
      whatsapp: {},
    },
    logger: createLogger('silent'),
  });
  try {
    const headers = await signIn(gateway, storeId);
    const address = await gateway.listen();
    const { kysely } = gateway.services.engine;
    const byFilter: Record<string, number> = {};
    let slowest: BenchResult | null = null;
    for (const { name, query, where } of FILTERS) {
      const [api, bare] = [[] as number[], [] as number[]];
      for (let round = -ROUNDS_WARM_UP; round < ROUNDS; round += 1) {
        const floor = await timed(() => bareQuery(kysely, storeId, where));
        const ours = await timed(async () => {
          const response = await fetch(`${address}${AUDIT_PATHS.events}?${query}`, { headers });
          const body = (await response.json()) as { events: unknown[] };
          if (response.status !== 200 || body.events.length === 0)
            throw new Error(`${name}: nothing was found`);
        });
        if (round < 0) continue;
        api.push(ours);
        bare.push(floor);
      }
      const [ms, floorMs] = [quantile(api, 0.5), quantile(bare, 0.5)];
      process.stderr.write(`  ${name}: ${ms.toFixed(2)} ms, bare ${floorMs.toFixed(2)} ms\n`);
      byFilter[name] = ms;
      if (slowest === null || ms > slowest.value) slowest = result(ms, 'ms', floorMs, ROUNDS);
    }
    if (slowest === null) throw new Error('no filters');
    return { slowest, byFilter };
  } finally {
    await gateway.stop();
  }
}

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
