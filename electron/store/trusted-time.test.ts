import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Customer } from '../../shared/gateway-api.ts';
import { FakeClock, seededRandom } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { openStore } from './store.ts';

afterAll(removeTempFolders);

/** The disk as it is at this moment. */
function copyOf(dataDir: string): string {
  const copy = tempFolder();
  cpSync(dataDir, copy, { recursive: true });
  return copy;
}

const DAY_MS = 86_400_000;

describe('the time that nobody sets', () => {
  it('stands still at its floor while the till is off, and its ceiling never comes back down', () => {
    const clock = new FakeClock();
    const dataDir = tempFolder();
    const start = clock.now();
    const run = () => {
      const store = openStore(dataDir, { clock, random: seededRandom() });
      const bounds = { floor: store.time.floor() - start, ceiling: store.time.ceiling() - start };
      store.mark();
      store.close();
      return bounds;
    };
    expect(run()).toEqual({ floor: 0, ceiling: 0 });
    clock.setWall(start + 8 * DAY_MS);
    expect(run()).toEqual({ floor: 0, ceiling: 8 * DAY_MS });
    clock.setWall(start);
    expect(run()).toEqual({ floor: 0, ceiling: 8 * DAY_MS });
  });

  it('counts what passed while the till was off, though its clock was set back before', async () => {
    const clock = new FakeClock();
    const dataDir = tempFolder();
    const start = clock.now();
    const first = openStore(dataDir, { clock, random: seededRandom() });
    first.time.heard(start);
    clock.setWall(start - 3_600_000);
    await clock.advance(1_000);
    first.mark();
    first.close();
    await clock.advance(30_000);
    const again = openStore(dataDir, { clock, random: seededRandom() });
    expect(again.time.ceiling() - start).toBe(31_000);
    expect(again.time.floor() - start).toBe(1_000);
    again.close();
  });

  it('does not begin before the balances that the till has, though the power went without a mark', async () => {
    const clock = new FakeClock();
    const dataDir = tempFolder();
    const start = clock.now();
    const first = openStore(dataDir, { clock, random: seededRandom() });
    first.time.heard(start);
    first.mark();
    await clock.advance(40_000);
    const customer = {
      ...{ id: '0190a6e0-0000-7000-8000-000000000001', name: 'Siti', memberNo: 'A-1', phoneMasked: null },
      ...{ language: 'id', canReceiveCode: false, balances: [] },
    } as unknown as Customer;
    first.takeFound([{ customer }], first.time.floor());
    clock.setWall(start - 3_600_000);
    // The power goes: nothing more is written.
    const again = openStore(copyOf(dataDir), { clock, random: seededRandom() });
    first.close();
    await clock.advance(30_000);
    expect(again.time.ceiling() - start).toBe(70_000);
    again.close();
  });

  it('is what the gateway says, on the monotonic clock, with a wrong wall clock taken into account', async () => {
    const clock = new FakeClock();
    const store = openStore(tempFolder(), { clock, random: seededRandom() });
    const gateway = clock.now() - 3 * DAY_MS;
    store.time.heard(gateway);
    store.time.heard(null);
    await clock.advance(1_000);
    expect([store.time.floor(), store.time.ceiling()]).toEqual([gateway + 1_000, gateway + 1_000]);
    clock.setWall(clock.now() + DAY_MS);
    expect([store.time.floor(), store.time.ceiling()]).toEqual([gateway + 1_000, gateway + 1_000 + DAY_MS]);
    store.close();
  });
});
