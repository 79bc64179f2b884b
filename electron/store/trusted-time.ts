import type Database from 'better-sqlite3';
import type { Clock } from '../../shared/effects.ts';

/**
 * What time it is for limits and expiries, whoever sets the till's clock. The gateway's word sets both bounds; from then on
 * they run on the monotonic clock.
 *
 * `floor`: the time that has surely passed. While the till is off it stands still, so that neither a restart nor a clock set
 * forward frees a limit. `ceiling`: the latest that it may be, never before the wall clock or before what it was: a clock
 * set back revives nothing that has expired. What passed while the till was off is the wall clock's word since the last
 * mark: of a clock set back after it, at most the time between two marks is missing for each time that the power went.
 */
export function createTrustedTime(db: Database.Database, clock: Clock) {
  const upsert = db.prepare(
    `INSERT INTO trusted_time (id, floor, ceiling, wall) VALUES (1, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET floor = excluded.floor, ceiling = excluded.ceiling, wall = excluded.wall`,
  );
  const saved = db.prepare<[], Marked>('SELECT floor, ceiling, wall FROM trusted_time').get();
  const wall = clock.now();
  const offMs = Math.max(0, wall - (saved?.wall ?? wall));
  let base = {
    floor: saved?.floor ?? wall,
    ceiling: saved === undefined ? wall : saved.ceiling + offMs,
    at: clock.monotonic(),
  };
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
      upsert.run(floor(), ceiling(), clock.now());
    },
  };
}

interface Marked {
  floor: number;
  ceiling: number;
  /** The wall clock at the mark; null: marked before it was kept. */
  wall: number | null;
}
export type TrustedTime = ReturnType<typeof createTrustedTime>;
