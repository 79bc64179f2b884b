import { beforeEach, expect, it } from 'vitest';
import { type Effects, systemRandom } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { standingClock } from '../../test/fixtures/redemption-world.ts';
import type { SendClass } from './classes.ts';
import { createSendLimits, type SendLimits } from './limits.ts';

let numbers = 0;

describeOnBothEngines('sending limits', (getEngine) => {
  let clock: ReturnType<typeof standingClock>;
  let limits: SendLimits;
  let other: SendLimits;

  beforeEach(async () => {
    clock = standingClock();
    numbers += 1;
    const settings = { phoneNumberId: String(100_000 + numbers), wabaId: `${numbers}` };
    const effects: Effects = { clock, random: systemRandom };
    const parts = {
      engine: getEngine(),
      effects,
      accounts: {
        settings: async () => settings,
        graph: () => Promise.reject(new SaksiError('whatsapp_not_set_up', { params: { at: 'accessToken' } })),
      },
    };
    limits = createSendLimits(parts);
    other = createSendLimits(parts);
    await limits.set({ per_second: 80, pair_period_ms: 0 });
  });

  let people = 0;
  const take = (kind: SendClass = 0, contact: string | null = null, of = limits) => {
    people += 1;
    return of.take({ contact: contact ?? `someone-${people}`, class: kind, template: true });
  };
  /** How many of `count` may go now. */
  const granted = async (count: number, kind: SendClass = 0, of = limits) =>
    (await Promise.all(Array.from({ length: count }, () => take(kind, null, of)))).filter(
      ({ why }) => why === null,
    ).length;

  it('lets no more through in a second than the number may send, from all gateways together', async () => {
    let sent = 0;
    for (let ms = 0; ms < 1000; ms += 20) {
      sent += (await granted(10)) + (await granted(10, 0, other));
      clock.advance(20);
    }
    expect(sent).toBeLessThanOrEqual(80);
    expect(sent).toBeGreaterThanOrEqual(70);
  });

  it('leaves room for codes when notices take all that they may', async () => {
    const notices = await granted(50, 2);
    expect(await granted(50, 2)).toBe(0);
    const approvals = await granted(50, 1);
    const codes = await granted(50, 0);
    expect([notices, approvals, codes].map((count) => count > 0)).toEqual([true, true, true]);
    expect((await take(0)).why).toBe('rate');
    // Of one batch codes are looked at first.
    clock.advance(2000);
    const [notice, code] = await Promise.all([take(2), take(0)]);
    expect([notice?.waitMs, code?.waitMs]).toEqual([0, 0]);
  });

  it('says how long to wait, and keeps its word', async () => {
    await granted(50);
    const { waitMs, why } = await take();
    expect(why).toBe('rate');
    clock.advance(waitMs);
    expect((await take()).why).toBe(null);
  });

  it('goes slower for a while after Meta said so, and not at every message', async () => {
    await limits.set({ per_second: 100 });
    await Promise.all([limits.slowDown(), other.slowDown(), limits.slowDown()]);
    expect(await limits.set({})).toMatchObject({ slowed_to: 70 });
    clock.advance(1500);
    await limits.slowDown();
    expect(await limits.set({})).toMatchObject({ slowed_to: 49 });
    let sent = 0;
    for (let ms = 0; ms < 1000; ms += 20) {
      sent += await granted(10);
      clock.advance(20);
    }
    expect(sent).toBeLessThanOrEqual(49);
    clock.advance(60_000);
    expect(await granted(50)).toBeGreaterThan(8);
  });

  it('holds back what would be too much for one person, and nobody else', async () => {
    await limits.set({ per_second: 0, pair_period_ms: 6000, pair_burst: 2 });
    expect((await take(0, 'ayu')).why).toBe(null);
    expect((await take(0, 'ayu')).why).toBe(null);
    expect(await take(0, 'ayu', other)).toEqual({ waitMs: 6000, why: 'person' });
    expect((await take(0, 'budi')).why).toBe(null);
    clock.advance(6000);
    expect((await take(0, 'ayu')).why).toBe(null);
    expect((await take(0, 'ayu')).why).toBe('person');
  });

  it('counts people outside their windows over a day, and keeps the last tenth for codes', async () => {
    await limits.learn([{ dailyPeople: 10, quality: 'GREEN' }]);
    await limits.set({ per_second: 0 });
    await take(2, 'first');
    clock.advance(3_600_000);
    expect(await granted(20, 2)).toBe(8);
    expect(await granted(20, 0)).toBe(1);
    // Who was written to already is not counted again; a note opens nothing.
    expect((await take(2, 'first')).why).toBe(null);
    expect((await limits.take({ contact: 'new', class: 2, template: false })).why).toBe(null);
    await getEngine()
      .kysely.insertInto('contact_windows')
      .values({ contact: `wrote-${numbers}`, last_inbound_at: clock.now() })
      .execute();
    expect((await take(2, `wrote-${numbers}`)).why).toBe(null);
    const { waitMs, why } = await take(0);
    expect([why, waitMs]).toEqual(['day', 23 * 3_600_000]);
    clock.advance(waitMs);
    expect((await take(0)).why).toBe(null);
    await limits.learn([{ dailyPeople: null }]);
    expect(await granted(20, 2)).toBe(20);
  });

  it('does not wait for a time that was set back', async () => {
    await limits.set({ per_second: 10, pair_period_ms: 1000, pair_burst: 1 });
    clock.advance(3_600_000);
    expect((await take(0, 'ayu')).why).toBe(null);
    clock.advance(-3_600_000);
    expect((await take(0, 'budi')).waitMs).toBeLessThanOrEqual(1000);
    clock.advance(1000);
    expect((await take(0, 'ayu')).why).toBe(null);
    expect((await take(0, 'ayu')).why).toBe('person');
  });

  it('lets everything through where nothing is limited', async () => {
    await limits.set({ per_second: 0 });
    expect(await granted(200, 2)).toBe(200);
  });
});
