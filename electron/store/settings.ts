import type Database from 'better-sqlite3';
import { z } from 'zod';
import { tillViewSchema } from '../../shared/bridge.ts';
import { readJsonOrNull, writeJson } from './json-column.ts';

export const screenSettingsSchema = tillViewSchema.shape.settings;
export type ScreenSettings = z.infer<typeof screenSettingsSchema>;

export function createSettingsRepository(db: Database.Database) {
  const select = db.prepare<[string], { value: string }>('SELECT value FROM settings WHERE name = ?');
  const upsert = db.prepare(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const read = <T extends z.ZodType>(name: string, schema: T) =>
    readJsonOrNull(schema, select.get(name)?.value ?? null);

  return {
    screen: (): ScreenSettings | null => read('screen', screenSettingsSchema),
    saveScreen: (settings: ScreenSettings): void => {
      upsert.run('screen', writeJson(settings));
    },
    /** The last event that this till has dealt with; replaying later ones is harmless, missing one is not. */
    lastEventId: (): string | null => read('last_event_id', z.string()),
    saveLastEventId: (id: string): void => {
      upsert.run('last_event_id', writeJson(id));
    },
  };
}
export type SettingsRepository = ReturnType<typeof createSettingsRepository>;
