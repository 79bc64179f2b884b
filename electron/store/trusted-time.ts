import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';

/**
 * What time it is for limits and expiries, whoever sets the till's clock. The gateway's word sets both bounds; from then on
 * they run on the monotonic clock.
 *
 * `floor`: the time that has surely passed. While the till is off it stands still, so that neither a restart nor a clock set
 * forward frees a limit. `ceiling`: the latest that it may be, never before the wall clock or before what it was: a clock
 * set back revives nothing that has expired.
 */
export function createTrustedTime(db: Database.Database, clock: Clock) {
  const upsert = db.prepare(
    `INSERT INTO trusted_time (id, floor, ceiling) VALUES (1, ?, ?)
     ON CONFLICT (id) DO UPDATE SET floor = excluded.floor, ceiling = excluded.ceiling`,
  );
  const saved = db.prepare<[], { floor: number; ceiling: number }>('SELECT * FROM trusted_time').get();
  const wall = clock.now();
  let base = { floor: saved?.floor ?? wall, ceiling: saved?.ceiling ?? wall, at: clock.monotonic() };
  /** Gateway minus wall when the gateway was last heard in this run; a wrong clock that is known does no harm. */
  let skewMs = 0;

  const floor = () => Math.floor(base.floor + clock.monotonic() - base.at);
  const ceiling = () =>
    Math.max(floor(), Math.floor(base.ceiling + clock.monotonic() - base.at), clock.now() + skewMs);

  return {
    floor,
    ceiling,

    /** The gateway's clock as known now, in epoch ms; null says nothing. */
    heard(gatewayMs: number | null): void {
      if (gatewayMs === null) return;
      base = { floor: gatewayMs, ceiling: gatewayMs, at: clock.monotonic() };
      skewMs = gatewayMs - clock.now();
    },

    /** Writes both bounds down, so that a restart does not begin from older ones. */
    mark(): void {
      upsert.run(floor(), ceiling());
    },
  };
}
export type TrustedTime = ReturnType<typeof createTrustedTime>;
