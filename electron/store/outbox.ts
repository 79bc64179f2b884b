import type Database from 'better-sqlite3';
import type { Effects } from '../../shared/effects.ts';
import type { WireError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { OUTBOX_BATCH_MAX } from '../../shared/offline.ts';
import { writeJson } from './json-column.ts';
import { createOutboxHolds } from './outbox-holds.ts';
import { type OutboxItem, type OutboxRecord, type StoredMessage, toOutboxItem } from './outbox-row.ts';

/** Tries after which an item that is neither taken nor refused is shown to a person; it is still tried. */
export const ATTENTION_ATTEMPTS = 20;
/** Longer than any answer is waited for. */
const LEASE_MS = 60_000;
/** Of one batch at most so many are tries again, so that what was never tried does not wait for them. */
const DUE_MAX = OUTBOX_BATCH_MAX / 2;
const SETTLED_KEPT_MS = 90 * 86_400_000;
const PRUNE_BATCH = 5_000;

/**
 * What the till owes the gateway, on the disk. All that changes it runs in the caller's transaction; after one that was
 * rolled back the caller says `forget()`, because counts and holds are also kept in memory.
 */
export function createOutbox(db: Database.Database, effects: Effects) {
  const { clock } = effects;
  const owner = createUuid(effects);
  const insert = db.prepare(
    `INSERT INTO outbox (id, stream, kind, redemption_id, gateway_id, body, state, reason, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // By place in the table alone: what cannot go now and stands before `scanFrom` is not read again.
  const ready = db.prepare<[number, number, number, number], OutboxRecord>(
    `SELECT * FROM outbox WHERE seq > ? AND state = 'pending'
       AND (lease_owner IS NULL OR lease_until <= ? OR lease_until > ?)
       AND stream NOT IN (SELECT stream FROM outbox_holds) ORDER BY seq LIMIT ?`,
  );
  const bySeq = db.prepare<[number], OutboxRecord>(
    "SELECT * FROM outbox WHERE seq = ? AND state = 'pending'",
  );
  const byId = db.prepare<[string], OutboxRecord>('SELECT * FROM outbox WHERE id = ?');
  const first = db.prepare<[number], OutboxRecord>(
    "SELECT * FROM outbox WHERE state = 'pending' ORDER BY seq LIMIT ?",
  );
  const refused = db.prepare<[number], OutboxRecord>(
    "SELECT * FROM outbox WHERE state = 'refused' ORDER BY seq LIMIT ?",
  );
  const lease = db.prepare('UPDATE outbox SET lease_owner = ?, lease_until = ? WHERE seq = ?');
  const unlease = db.prepare('UPDATE outbox SET lease_owner = NULL, lease_until = NULL WHERE seq = ?');
  const refuse = db.prepare(
    `UPDATE outbox SET state = 'refused', reason = ?, refused_at = ?, attempts = attempts + 1,
       lease_owner = NULL, lease_until = NULL WHERE seq = ?`,
  );
  const reopen = db.prepare("UPDATE outbox SET state = 'pending', refused_at = NULL WHERE seq = ?");
  const countTry = db.prepare('UPDATE outbox SET attempts = attempts + 1, reason = ? WHERE seq = ?');
  const keep = db.prepare(
    `INSERT INTO outbox_settled
       (id, stream, kind, redemption_id, gateway_id, body, state, attempts, reason, created_at, settled_at)
     SELECT id, stream, kind, redemption_id, gateway_id, body, ?, attempts, reason, created_at, ?
     FROM outbox WHERE seq = ?`,
  );
  const remove = db.prepare('DELETE FROM outbox WHERE seq = ?');
  const prune = db.prepare(
    `DELETE FROM outbox_settled WHERE seq IN (SELECT seq FROM outbox_settled
       WHERE settled_at < ? AND state = 'done' ORDER BY seq LIMIT ?)`,
  );
  const countAll = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM outbox');
  const countRefused = db.prepare<[], { n: number }>(
    "SELECT count(*) AS n FROM outbox WHERE state = 'refused'",
  );
  const lastSeq = db.prepare<[], { seq: number | null }>('SELECT max(seq) AS seq FROM outbox');
  const known = db.prepare<[string, string], { id: string }>(
    `SELECT id FROM outbox WHERE gateway_id = ? AND redemption_id IS NULL AND kind = 'stranded'
     UNION ALL SELECT id FROM outbox_settled WHERE gateway_id = ? AND kind = 'stranded'`,
  );
  const pendingFor = db.prepare<[string, string], { id: string }>(
    `SELECT id FROM outbox WHERE gateway_id = ? AND redemption_id IS NULL AND state = 'pending'
     UNION ALL SELECT id FROM redemptions WHERE gateway_id = ? AND settlement = 'queued'`,
  );

  // The file is locked for whoever has it open: a lease of before is a dead one's.
  db.exec('UPDATE outbox SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL');
  const holds = createOutboxHolds(db, effects);
  let scanFrom = 0;
  let items: number | null = null;
  let tookStubborn = false;

  /** Something at this place may go again. */
  function reconsider(seq: number): void {
    scanFrom = Math.min(scanFrom, seq - 1);
  }

  function lift(stream: string): void {
    const seq = holds.lift(stream);
    if (seq !== null) reconsider(seq);
  }

  const stubborn = () => holds.due(true, 1).flatMap((seq) => bySeq.get(seq) ?? []);

  function takeable(max: number): OutboxRecord[] {
    const now = clock.now();
    const again = holds.due(false, Math.min(DUE_MAX, max)).flatMap((seq) => bySeq.get(seq) ?? []);
    const fresh = ready.all(scanFrom, now, now + LEASE_MS, max - again.length);
    if (again.length < max) scanFrom = (fresh[0]?.seq ?? (lastSeq.get()?.seq ?? 0) + 1) - 1;
    return [...again, ...fresh];
  }

  function addRow(
    stream: string,
    redemptionId: string | null,
    message: StoredMessage,
    reason: WireError | null,
  ): string {
    const id = createUuid(effects);
    const gatewayId = 'gatewayId' in message ? message.gatewayId : null;
    const state = reason === null ? 'pending' : 'refused';
    const why = reason === null ? null : writeJson(reason);
    const body = writeJson(message);
    const { lastInsertRowid } = insert.run(
      ...[id, stream, message.kind, redemptionId, gatewayId, body, state, why, clock.now()],
    );
    // The highest place is given again once its item has gone.
    reconsider(Number(lastInsertRowid));
    if (items !== null) items += 1;
    return id;
  }

  function settle({ seq, stream }: OutboxItem, state: 'done' | 'handed_over' | 'replaced'): void {
    keep.run(state, clock.now(), seq);
    remove.run(seq);
    if (items !== null) items -= 1;
    lift(stream);
  }

  return {
    add: (stream: string, redemptionId: string | null, message: StoredMessage): string =>
      addRow(stream, redemptionId, message, null),

    /** Puts a thing that only a person can settle straight among the refused; once per redemption. */
    addStranded(gatewayId: string, reason: WireError): boolean {
      if (known.get(gatewayId, gatewayId) !== undefined) return false;
      addRow('stranded', null, { kind: 'stranded', gatewayId }, reason);
      return true;
    },

    /**
     * Up to `max` items that may go now, leased to this process: in order within a stream, of a held stream only the one
     * that held it once its pause is over; one that failed again and again comes alone, by turns with the others. To be given
     * back by `release`, or settled one by one.
     */
    take(max: number): OutboxItem[] {
      const alone = tookStubborn ? [] : stubborn();
      tookStubborn = alone.length > 0;
      const usual = tookStubborn ? alone : takeable(max);
      // Nothing else was there: the turn passes at once.
      const records = usual.length > 0 ? usual : stubborn();
      const until = clock.now() + LEASE_MS;
      for (const { seq } of records) lease.run(owner, until, seq);
      return records.map(toOutboxItem);
    },

    /** Gives leases back: nothing is known of what became of these, or nothing was tried. */
    release(taken: readonly OutboxItem[]): void {
      for (const { seq } of taken) {
        unlease.run(seq);
        reconsider(seq);
      }
    },

    /** Null when it is settled. */
    find(id: string): OutboxItem | null {
      const record = byId.get(id);
      return record === undefined ? null : toOutboxItem(record);
    },

    done: (item: OutboxItem): void => settle(item, 'done'),
    handedOver: (item: OutboxItem): void => settle(item, 'handed_over'),
    replaced: (item: OutboxItem): void => settle(item, 'replaced'),

    /** Its stream goes on without it. */
    refuse({ seq, stream }: OutboxItem, reason: WireError): void {
      refuse.run(writeJson(reason), clock.now(), seq);
      lift(stream);
    },

    /** Holds its stream for a pause. `countsAs` null: no fault of the item, not counted as a try. */
    putOff({ seq, stream }: OutboxItem, countsAs: WireError | null): void {
      unlease.run(seq);
      if (countsAs !== null) countTry.run(writeJson(countsAs), seq);
      holds.put(stream, seq);
    },

    /** A refused one goes again with its key, at its old place; a pending one goes at once. */
    retry({ seq, stream, state }: OutboxItem): void {
      if (state === 'pending') {
        holds.hurry(stream);
        return;
      }
      reopen.run(seq);
      reconsider(seq);
    },

    /** Whether something is on its way for this redemption or approval of the gateway. */
    hasPending: (gatewayId: string): boolean => pendingFor.get(gatewayId, gatewayId) !== undefined,

    refused: (max: number): OutboxItem[] => refused.all(max).map(toOutboxItem),
    /** The pending ones, oldest first. */
    first: (max: number): OutboxItem[] => first.all(max).map(toOutboxItem),
    /** Those that their streams wait for. */
    held: (): OutboxItem[] =>
      holds
        .seqs()
        .flatMap((seq) => bySeq.get(seq) ?? [])
        .map(toOutboxItem),
    leftMs: holds.leftMs,
    nextInMs: holds.nextInMs,
    hurry: (): void => holds.hurry(),

    counts(): { pending: number; attention: number } {
      items ??= countAll.get()?.n ?? 0;
      const refusedCount = countRefused.get()?.n ?? 0;
      const stuck = holds.seqs().filter((seq) => (bySeq.get(seq)?.attempts ?? 0) >= ATTENTION_ATTEMPTS);
      return { pending: items - refusedCount, attention: refusedCount + stuck.length };
    },

    /** A transaction was rolled back: what is kept in memory is read from the disk again. */
    forget(): void {
      items = null;
      scanFrom = 0;
      holds.load();
    },

    /** Lets go of what the gateway took long ago, a bounded number; the audit chain still tells of it. */
    prune(): void {
      prune.run(clock.now() - SETTLED_KEPT_MS, PRUNE_BATCH);
    },
  };
}
export type Outbox = ReturnType<typeof createOutbox>;
