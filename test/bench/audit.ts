import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { linkStaged } from '../../cloud/audit/sequencer.ts';
import { openDatabase } from '../../cloud/db/engine.ts';
import type { Database } from '../../cloud/db/schema.ts';
import { loadIdentity } from '../../cloud/keys/signing.ts';
import { verifyEvidence } from '../../scripts/verify-evidence.ts';
import { CHAIN_START, type ChainPlace, hashedText, nextEntry } from '../../shared/audit/chain.ts';
import { systemEffects } from '../../shared/effects.ts';
import { firstPage, growth } from './audit-pages.ts';
import { type Bench, type BenchResult, result } from './bench.ts';

const ROUNDS_WARM_UP = 3;

const APPENDS_PER_ROUND = 200;
const APPEND_ROUNDS = 20;

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
    run: async () => ({ 'audit.first_page': await firstPage() }),
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
  for (let n = 0; n < APPENDS_PER_ROUND; n += 1) {
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
      const verdict = await verifyEvidence(createReadStream(file, { highWaterMark: 1 << 20 }));
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
