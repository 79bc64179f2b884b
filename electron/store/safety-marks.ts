import type Database from 'better-sqlite3';
import { z } from 'zod';
import { readJsonOrNull, writeJson } from './json-column.ts';

/** What the next opening goes by; each is one row of `settings`. */
const MARKS = {
  /** The last end was a clean one. */
  clean: z.boolean(),
  /** The chain was found whole up to here. */
  verified: z.object({ seq: z.number().int(), hash: z.string() }),
  /** The highest wall clock ever seen. */
  wall: z.number().int(),
  /** A backup was taken in the place of a broken file, and nobody has read of it yet. */
  recovered: z.object({ minutes: z.number().int(), complete: z.boolean() }).nullable(),
  /** By how many minutes the clock was set back, until somebody has read of it. */
  clockBack: z.number().int().nullable(),
} as const;
type Marks = { [K in keyof typeof MARKS]: z.infer<(typeof MARKS)[K]> };

export function createSafetyMarks(db: Database.Database) {
  const select = db.prepare<[string], { value: string }>('SELECT value FROM settings WHERE name = ?');
  const upsert = db.prepare(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    read: <K extends keyof Marks>(name: K): Marks[K] | null =>
      readJsonOrNull(
        MARKS[name] as unknown as z.ZodType<Marks[K]>,
        select.get(`safety.${name}`)?.value ?? null,
      ),
    save<K extends keyof Marks>(name: K, value: Marks[K]): void {
      upsert.run(`safety.${name}`, writeJson(value));
    },
  };
}
export type SafetyMarks = ReturnType<typeof createSafetyMarks>;
