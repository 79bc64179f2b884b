import type Database from 'better-sqlite3';
import { z } from 'zod';
import { type CodeAlarm, codeAlarmSchema } from '../../shared/gateway-api.ts';
import { readJsonOrNull, writeJson } from './json-column.ts';
import type { Parts } from './store.ts';

/** More than that at once is one alarm. */
const ALARMS_MAX = 20;
const NAME = 'code_alarms';

/** Codes that nobody asked for, until somebody has seen them; each stands on the chain whatever becomes of it here. */
export function createCodeAlarms(db: Database.Database, { write, audit }: Pick<Parts, 'write' | 'audit'>) {
  const select = db.prepare<[], { value: string }>(`SELECT value FROM settings WHERE name = '${NAME}'`);
  const upsert = db.prepare(
    `INSERT INTO settings (name, value) VALUES ('${NAME}', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  const list = (): CodeAlarm[] => readJsonOrNull(z.array(codeAlarmSchema), select.get()?.value ?? null) ?? [];

  return {
    /** Newest first. */
    list,
    /** Told again it is no second one. */
    add(alarm: CodeAlarm): void {
      const known = list();
      if (known.some(({ id }) => id === alarm.id)) return;
      write(() => {
        upsert.run(writeJson([alarm, ...known].slice(0, ALARMS_MAX)));
        audit.append('code.unrequested', { messageId: alarm.id, about: alarm.about, saleRef: alarm.saleRef });
      });
    },
    seen(alarmId: string, staffId: string): void {
      const known = list();
      if (!known.some(({ id }) => id === alarmId)) return;
      write(() => {
        upsert.run(writeJson(known.filter(({ id }) => id !== alarmId)));
        audit.append('code.alarm_seen', { messageId: alarmId, staffId });
      });
    },
  };
}
