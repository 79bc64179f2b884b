import { createLocalTime } from '../../shared/local-time.ts';

const MINUTE_MS = 60_000;
const MOMENT = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
} as const satisfies Intl.DateTimeFormatOptions;

/** Times by a store's clock, whatever clock the reader's computer has. */
export function storeTime(timeZone: string, language: string) {
  const local = createLocalTime(timeZone);
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone, ...options });
  const moment = format(MOMENT);
  const second = format({ ...MOMENT, year: 'numeric', second: '2-digit' });
  const day = format({ day: 'numeric', month: 'short' });
  const clock = format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  const field = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return {
    moment: (at: number) => moment.format(at),
    toTheSecond: (at: number) => second.format(at),
    day: (at: number) => day.format(at),
    clock: (at: number) => clock.format(at),
    /** '2026-11-24T08:30', as a field of date and time has it. */
    fieldText: (at: number) => field.format(at).replace(' ', 'T'),
    /** Epoch ms of such a text; null: it is none. */
    ofField(text: string): number | null {
      const match = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)/.exec(text);
      const midnight = match === null ? Number.NaN : Date.parse(`${match[1]}T00:00:00Z`);
      if (match === null || Number.isNaN(midnight)) return null;
      const begins = local.startOf(midnight / (24 * 60 * MINUTE_MS));
      return begins + (Number(match[2]) * 60 + Number(match[3])) * MINUTE_MS;
    },
    /** When the day of `at` began, or one so many days later. */
    startOfDay: (at: number, days = 0) => local.startOf(local.of(at).day + days),
  };
}
export type StoreTime = ReturnType<typeof storeTime>;
