import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { CountersignedHead } from '../../shared/offline.ts';

export const headRefusalSchema = z.enum(['audit_head_behind', 'audit_head_forked']);
export type HeadRefusal = z.infer<typeof headRefusalSchema>;

export interface KeptHead {
  seq: number;
  hash: string;
  /** By the gateway's clock. */
  signedAt: number;
  jws: string;
}

interface Row {
  jws: string | null;
  seq: number | null;
  hash: string | null;
  signed_at: number | null;
  refused: string | null;
}

/** The newest head of the audit chain that the gateway countersigned, and its refusal where it would not. */
export function createAuditHeads(db: Database.Database) {
  const select = db.prepare<[], Row>('SELECT * FROM audit_heads');
  const save = db.prepare(
    `INSERT INTO audit_heads (id, jws, seq, hash, signed_at, refused) VALUES (1, ?, ?, ?, ?, NULL)
     ON CONFLICT (id) DO UPDATE SET jws = excluded.jws, seq = excluded.seq, hash = excluded.hash,
       signed_at = excluded.signed_at, refused = NULL`,
  );
  const refuse = db.prepare(
    'INSERT INTO audit_heads (id, refused) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET refused = excluded.refused',
  );
  return {
    newest(): KeptHead | null {
      const row = select.get();
      if (row === undefined || row.jws === null || row.seq === null) return null;
      return { seq: row.seq, hash: row.hash ?? '', signedAt: row.signed_at ?? 0, jws: row.jws };
    },
    /** Why the gateway took the chain for an old or another one; null: it did not. */
    refused: (): HeadRefusal | null => headRefusalSchema.nullable().parse(select.get()?.refused ?? null),
    save({ seq, hash, iat }: CountersignedHead, jws: string): void {
      save.run(jws, seq, hash, iat * 1000);
    },
    refuse(why: HeadRefusal): void {
      refuse.run(why);
    },
  };
}
export type AuditHeads = ReturnType<typeof createAuditHeads>;
