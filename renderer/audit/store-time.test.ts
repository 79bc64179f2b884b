import { describe, expect, it } from 'vitest';
import { storeTime } from './store-time.ts';

describe("times by the store's clock", () => {
  const jakarta = storeTime('Asia/Jakarta', 'en');

  it('are those of its zone, and of its day', () => {
    const at = Date.UTC(2026, 10, 23, 18, 5, 9);
    expect(jakarta.clock(at)).toBe('01:05:09');
    expect(jakarta.fieldText(at)).toBe('2026-11-24T01:05');
    expect(jakarta.startOfDay(at)).toBe(Date.UTC(2026, 10, 23, 17));
    expect(jakarta.startOfDay(at, -6)).toBe(Date.UTC(2026, 10, 17, 17));
  });

  it('are read from a field as it writes them, also where the clock changes', () => {
    for (const zone of ['Asia/Jakarta', 'Europe/Istanbul', 'America/New_York', 'Asia/Kathmandu']) {
      const time = storeTime(zone, 'en');
      for (const text of ['2026-11-24T08:30', '2026-01-01T00:00', '2026-07-15T23:59']) {
        expect([zone, time.fieldText(time.ofField(text) ?? 0)]).toEqual([zone, text]);
      }
    }
    expect(['', '2026-11-24', '2026-13-40T00:00'].map((text) => jakarta.ofField(text))).toEqual([
      null,
      null,
      null,
    ]);
  });
});
