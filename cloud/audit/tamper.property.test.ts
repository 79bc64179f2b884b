import fc from 'fast-check';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAudit } from '../../electron/store/audit.ts';
import { createAuditHeads } from '../../electron/store/audit-heads.ts';
import { openDatabase as openTill } from '../../electron/store/database.ts';
import { verifyEvidence } from '../../scripts/verify-evidence.ts';
import { CHAIN_START, type ChainEntry, hashedText, nextEntry } from '../../shared/audit/chain.ts';
import { systemRandom } from '../../shared/effects.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { redemptionWorld, standingClock } from '../../test/fixtures/redemption-world.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import type { Engine } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';
import { type GatewayIdentity, loadIdentity } from '../keys/signing.ts';
import { checkChains } from './check.ts';
import { makeEvidence } from './evidence.ts';
import { takeEntries } from './ingest.ts';
import { linkStaged, signHeads } from './sequencer.ts';
import { hexOf, sha256 } from './sha256.ts';

/** Seeds are drawn anew each time: a failure prints the one it was found with. */
const RUNS = { numRuns: 60 };
const EVENTS = 12;
const OTHER_ID = '0190a6e0-0000-7000-8000-0000000000ff';

describe("the till's file", () => {
  const db = openTill(`${tempFolder()}/till.sqlite`);
  const audit = createAudit(db, new FakeClock());
  const heads = createAuditHeads(db);
  beforeAll(() => {
    db.transaction(() => {
      for (let n = 0; n < EVENTS; n += 1)
        audit.append('grant.used', { id: OTHER_ID, amount: n, saleRef: `S-${n}` });
    })();
    const { seq, hash } = audit.head();
    heads.save({ iss: OTHER_ID, aud: OTHER_ID, iat: 1, seq, hash }, 'signed');
  });
  afterAll(() => {
    db.close();
    removeTempFolders();
  });

  const isWhole = () => {
    const newest = heads.newest();
    return audit.verifyChain().ok && audit.hashAt(newest?.seq ?? 0) === newest?.hash;
  };
  /** After the edit, with what forbids it out of the way; then all is as it was. */
  function afterEdit(edit: () => void): boolean {
    db.exec('BEGIN');
    try {
      db.exec('DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete');
      edit();
      return isWhole();
    } finally {
      db.exec('ROLLBACK');
    }
  }

  const place = fc.integer({ min: 1, max: EVENTS });
  const edits = fc.oneof(
    fc
      .record({ seq: place, set: fc.constantFrom('at = at + 1', "kind = 'grant.unused'", "body = '{}'") })
      .map(
        ({ seq, set }) =>
          () =>
            void db.exec(`UPDATE audit SET ${set} WHERE seq = ${seq}`),
      ),
    fc.record({ seq: place, name: fc.constantFrom('hash', 'prev_hash') }).map(
      ({ seq, name }) =>
        () =>
          void db.prepare(`UPDATE audit SET ${name} = ? WHERE seq = ?`).run(sha256(`${seq}`), seq),
    ),
    place.map((seq) => () => void db.exec(`DELETE FROM audit WHERE seq = ${seq}`)),
    place.map((seq) => () => void db.exec(`DELETE FROM audit WHERE seq >= ${seq}`)),
    place.map((seq) => () => {
      db.exec(`UPDATE audit SET seq = -seq WHERE seq >= ${seq}; UPDATE audit SET seq = 1 - seq WHERE seq < 0;
        INSERT INTO audit SELECT ${seq}, at, kind, body, prev_hash, '${sha256('new')}' FROM audit LIMIT 1`);
    }),
    fc
      .tuple(place, place)
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => () => {
        db.exec(`UPDATE audit SET seq = -1 WHERE seq = ${a}; UPDATE audit SET seq = ${a} WHERE seq = ${b};
        UPDATE audit SET seq = ${b} WHERE seq = -1`);
      }),
    // All hashes made anew after an edit: only the countersigned head tells.
    place.map((from) => () => {
      let before = from === 1 ? CHAIN_START : { seq: from - 1, hash: audit.hashAt(from - 1) ?? '' };
      for (const { seq, at, kind, body } of audit.entriesAfter(from - 1, EVENTS, EVENTS)) {
        const next = nextEntry(sha256, before, { at: at + 1, kind, body });
        db.prepare('UPDATE audit SET at = ?, prev_hash = ?, hash = ? WHERE seq = ?').run(
          ...([at + 1, next.prevHash, next.hash, seq] as const),
        );
        before = next;
      }
    }),
  );

  it('is whole as it was written, and is not after any edit', () => {
    expect(afterEdit(() => {})).toBe(true);
    fc.assert(
      fc.property(edits, (edit) => !afterEdit(edit)),
      RUNS,
    );
    expect(isWhole()).toBe(true);
  });
});

describeOnBothEngines('the gateway', (getEngine, kind) => {
  const clock = standingClock();
  const effects = { clock, random: systemRandom };
  let engine: Engine;
  let identity: GatewayIdentity;
  let chainIds: number[];
  let text: string;

  beforeAll(async () => {
    engine = getEngine();
    identity = await loadIdentity(engine, effects, new Uint8Array(32).fill(4));
    const shop = redemptionWorld(engine, clock);
    const till = await shop.addTill(await shop.addStore());
    const context = { engine, effects, identity };
    const rows = Array.from({ length: EVENTS }, (_, n) => ({
      ...{ store_id: till.storeId, till_id: till.tillId, staff_id: OTHER_ID, sale_ref: `S-${n}`, amount: n },
      ...{ at: clock.now(), kind: 'redemption.requested', outcome: 'ok' as const, detail: `{"n":${n}}` },
    }));
    await engine.kysely.insertInto('audit_staged').values(rows).execute();
    const entries: ChainEntry[] = [];
    for (let n = 0; n < EVENTS; n += 1) {
      const body = `{"amount":${n},"id":"${OTHER_ID}","saleRef":"S-${n}"}`;
      entries.push(
        nextEntry(sha256, entries.at(-1) ?? CHAIN_START, { at: clock.now(), kind: 'drawer.outcome', body }),
      );
    }
    const sent = entries.map(({ at, kind: name, body, hash }) => ({ at, kind: name, body, hash }));
    await takeEntries(context, till, { after: CHAIN_START, entries: sent });
    const { seq = 0, hash = '' } = entries.at(-1) ?? {};
    const head = { till_id: till.tillId, paired_at: 0, seq, hash, at: clock.now() };
    await engine.kysely.insertInto('audit_heads').values(head).execute();
    await linkStaged(context);
    await signHeads(context);
    const wish = { storeId: till.storeId, staffId: null, from: 0, to: clock.now() + 1 };
    text = '';
    for await (const line of makeEvidence(context, wish)) text += line;
    const chains = await engine.kysely
      .selectFrom('audit_chains')
      .select('id')
      .where('store_id', '=', till.storeId)
      .execute();
    chainIds = chains.map(({ id }) => id);
  });

  class Undo extends Error {}

  async function afterEdit(edit: (db: Kysely<Database>) => Promise<unknown>): Promise<boolean> {
    let ok = false;
    await engine.kysely
      .transaction()
      .execute(async (trx) => {
        await sql`set local session_replication_role = replica`.execute(trx);
        await edit(trx);
        ({ ok } = await checkChains(trx, identity));
        throw new Undo();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undo)) throw error;
      });
    return ok;
  }

  const place = fc.integer({ min: 1, max: EVENTS });
  const which = fc.constantFrom(0, 1);
  const columns = {
    ...{
      at: 'at + 1',
      kind: "kind || 'x'",
      body: "replace(body, 'S-', 'T-')",
      amount: 'amount + 1',
      outcome: "'lapsed'",
    },
    ...{
      seq: 'seq + 100',
      sale_ref: "sale_ref || 'x'",
      staff_id: 'gen_random_uuid()',
      store_id: 'null',
      till_id: 'null',
    },
    ...{
      source: "case source when 'till' then 'gateway' else 'till' end",
      asset: "'points'",
      chain_id: 'chain_id + 1000',
    },
    ...{
      hash: 'sha256(hash)',
      prev_hash: 'sha256(prev_hash)',
      customer_id: 'gen_random_uuid()',
      approver_id: 'gen_random_uuid()',
    },
  };
  const where = (chain: number, seq: number) => sql`chain_id = ${chainIds[chain]} and seq = ${seq}`;

  const edits = fc.oneof(
    fc.record({ chain: which, seq: place, column: fc.constantFrom(...Object.keys(columns)) }).map(
      ({ chain, seq, column }) =>
        (db: Kysely<Database>) =>
          sql`update audit_events set ${sql.ref(column)} = ${sql.raw(columns[column as keyof typeof columns])}
            where ${where(chain, seq)}`.execute(db),
    ),
    fc.tuple(which, place).map(
      ([chain, seq]) =>
        (db: Kysely<Database>) =>
          sql`delete from audit_events where ${where(chain, seq)}`.execute(db),
    ),
    fc.tuple(which, place).map(
      ([chain, seq]) =>
        (db: Kysely<Database>) =>
          sql`delete from audit_events where chain_id = ${chainIds[chain]} and seq >= ${seq}`.execute(db),
    ),
    fc
      .tuple(which, place, place)
      .filter(([, a, b]) => a !== b)
      .map(
        ([chain, a, b]) =>
          (db: Kysely<Database>) =>
            sql`with two as (select seq, at, kind, body, hash, sale_ref, amount from audit_events
          where ${where(chain, a)} or ${where(chain, b)})
        update audit_events e set body = t.body, hash = t.hash, sale_ref = t.sale_ref, amount = t.amount from two t
        where e.chain_id = ${chainIds[chain]} and e.seq in (${a}, ${b}) and t.seq in (${a}, ${b}) and t.seq <> e.seq`.execute(
              db,
            ),
      ),
    fc.tuple(which, place).map(
      ([chain, seq]) =>
        (db: Kysely<Database>) =>
          sql`insert into audit_events (chain_id, seq, at, source, kind, body, prev_hash, hash, store_id)
        select chain_id, ${EVENTS + 1_000}, at, source, kind, body, prev_hash, hash, store_id from audit_events
        where ${where(chain, seq)}`.execute(db),
    ),
    // Rewritten with all hashes after it and the chain's head: only what was signed tells.
    fc.tuple(which, place).map(([chain, from]) => async (db: Kysely<Database>) => {
      const rows = await db
        .selectFrom('audit_events')
        .selectAll()
        .where('chain_id', '=', chainIds[chain] ?? 0)
        .where('seq', '>=', from)
        .orderBy('seq')
        .execute();
      let prev = hexOf(rows[0]?.prev_hash ?? new Uint8Array());
      for (const row of rows) {
        const hash = sha256(hashedText({ ...row, at: row.at + 1 }, row.seq, prev));
        await sql`update audit_events set at = at + 1, prev_hash = decode(${prev}, 'hex'), hash = decode(${hash}, 'hex')
          where id = ${row.id}`.execute(db);
        prev = hash;
      }
      await sql`update audit_chains set hash = decode(${prev}, 'hex') where id = ${chainIds[chain]}`.execute(
        db,
      );
    }),
  );

  it('finds any edit of its tables', async () => {
    expect(await afterEdit(async () => {})).toBe(true);
    await fc.assert(
      fc.asyncProperty(edits, async (edit) => !(await afterEdit(edit))),
      kind === 'postgres' ? RUNS : { numRuns: 30 },
    );
  });

  it('makes evidence of which any edit is found, and the event is named', async () => {
    expect(await verifyEvidence([text])).toMatchObject({ ok: true, fault: null, unsigned: 0 });
    // Pieces may be cut anywhere.
    expect((await verifyEvidence(text.match(/.{1,37}/gs) ?? [])).ok).toBe(true);
    const lines = text.split('\n').slice(0, -1);
    const at = fc.nat(lines.length - 1);
    const joined = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
    const changed = fc.oneof(
      fc
        .tuple(fc.nat(text.length - 1), fc.constantFrom(...'abz019{}",:.-\n'))
        .map(([index, letter]) => text.slice(0, index) + letter + text.slice(index + 1)),
      fc.nat(text.length - 1).map((index) => text.slice(0, index)),
      at.map((index) => joined(lines.toSpliced(index, 1))),
      fc.tuple(at, at).map(([from, to]) => joined(lines.toSpliced(to, 0, lines[from] ?? ''))),
      fc.tuple(at, at).map(([a, b]) => joined(lines.with(a, lines[b] ?? '').with(b, lines[a] ?? ''))),
    );
    await fc.assert(
      fc.asyncProperty(
        changed.filter((edited) => edited !== text),
        async (edited) => !(await verifyEvidence([edited])).ok,
      ),
      { numRuns: 300 },
    );
    // Every name and value of the header, one by one: a program that breaks says nothing.
    const [header = ''] = lines;
    for (const { index } of header.matchAll(/"/g)) {
      const edited = `${header.slice(0, index + 1)}~${header.slice(index + 1)}`;
      expect(
        (await verifyEvidence([joined(lines.with(0, edited))])).ok,
        edited.slice(index, index + 20),
      ).toBe(false);
    }
    const third = text.split('\n').filter((line) => line.startsWith('{"chain":'))[2] ?? '';
    const altered = await verifyEvidence([
      text.replace(third, third.replace('"saleRef":"S-', '"saleRef":"T-')),
    ]);
    expect(altered.fault).toMatch(/event 3 of (store|till)\/[^ ]+ was altered/);
    const missing = await verifyEvidence([text.replace(`${third}\n`, '')]);
    expect(missing.fault).toMatch(/event 3 of (store|till)\/[^ ]+ is missing or was moved/);
  });
});
