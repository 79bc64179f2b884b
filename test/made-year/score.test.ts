import { expect, it } from 'vitest';
import { SIGNAL_IDS } from '../../shared/signal-policy.ts';
import { scoreYear } from './score.ts';
import { makeYear } from './year.ts';

/** Few outlets and weeks: cheats must be brazen, for there is little to tell them from chance by. */
const SMALL = { outlets: 4, days: 70, seed: 11, perKind: 1, level: 'brazen' } as const;
/** About what a manager of one outlet can look into: one false alarm in a quarter. */
const FALSE_PER_CASHIER_MONTH = 0.12;

it('finds each planted kind in a small year, and cries wolf rarely', () => {
  const score = scoreYear(SMALL, () => performance.now());
  const missed = score.signals.filter(({ planted, found }) => planted > 0 && found === 0);
  expect(missed.map(({ signal }) => signal)).toEqual([]);
  expect(score.signals.map(({ planted }) => planted)).toEqual(SIGNAL_IDS.map(() => 1));
  expect(score.falsePerCashierMonth).toBeLessThan(FALSE_PER_CASHIER_MONTH);
}, 180_000);

it('makes the same year of the same seed, and another of another', () => {
  const days = (seed: number) => {
    const play = makeYear({ ...SMALL, days: 56, seed }).play();
    return JSON.stringify([play.next().value, play.next().value]);
  };
  expect(days(5)).toBe(days(5));
  expect(days(5)).not.toBe(days(6));
});

it('makes events of the timeline, in its order', async () => {
  const { auditEventSchema, AUDIT_KINDS } = await import('../../shared/audit/event.ts');
  const { value } = makeYear({ ...SMALL, outlets: 2, days: 56 })
    .play()
    .next();
  if (value === undefined) throw new Error('no day');
  expect(value.events.length).toBeGreaterThan(500);
  for (const [index, event] of value.events.entries()) {
    expect(auditEventSchema.parse(event)).toEqual(event);
    expect(Object.keys(AUDIT_KINDS)).toContain(event.kind);
    expect(event.at).toBeGreaterThanOrEqual(value.events[index - 1]?.at ?? 0);
  }
});
