import { afterAll, expect, it } from 'vitest';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { openStore } from '../store/store.ts';

afterAll(removeTempFolders);

/** What a stopped till's chain says of its line. */
function recordOf(desk: Desk) {
  const store = openStore(desk.dataDir, {
    clock: desk.clock,
    random: { bytes: () => new Uint8Array(16), jitter: () => 0 },
  });
  try {
    return store.audit
      .entries()
      .filter(({ kind }) => kind.startsWith('line.'))
      .map(({ kind, body }) => [kind, JSON.parse(body)]);
  } finally {
    store.close();
  }
}

function lose({ gateway }: Desk): void {
  gateway.trouble.set('*', 'down');
  gateway.cut();
}

it('writes a loss of the line on the chain once it lasts, and its return with how long it was', async () => {
  const desk = await openDesk();
  lose(desk);
  await desk.run(2_000);
  desk.gateway.trouble.clear();
  await desk.run(5_000);
  expect(desk.till.view().status.gateway.state).toBe('online');
  lose(desk);
  await desk.run(30_000);
  desk.gateway.trouble.clear();
  await desk.run(5_000);
  await desk.call(desk.till.stop());
  const record = recordOf(desk);
  // The first was back before anybody could have made use of it.
  expect(record.map(([kind]) => kind)).toEqual(['line.lost', 'line.back']);
  expect(record[1]?.[1].ms).toBeGreaterThanOrEqual(30_000);
  expect(record[1]?.[1].ms).toBeLessThan(36_000);
});

it('ends a loss that an earlier run wrote down, and does not write it twice', async () => {
  const desk = await openDesk();
  lose(desk);
  await desk.run(60_000);
  const again = await desk.restart();
  await again.run(60_000);
  again.gateway.trouble.clear();
  await again.run(5_000);
  await again.call(again.till.stop());
  const record = recordOf(again);
  expect(record.map(([kind]) => kind)).toEqual(['line.lost', 'line.back']);
  expect(record[1]?.[1].ms).toBeGreaterThanOrEqual(115_000);
});

it('a till that starts without a line says so', async () => {
  const paired = await openDesk();
  await paired.call(paired.till.stop());
  paired.gateway.trouble.set('*', 'down');
  const desk = await paired.restart();
  await desk.run(10_000);
  await desk.call(desk.till.stop());
  expect(recordOf(desk).map(([kind]) => kind)).toEqual(['line.lost']);
});
