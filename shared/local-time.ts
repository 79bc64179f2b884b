const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export interface LocalTime {
  /** Days since 1970-01-01 of the local calendar. */
  readonly day: number;
  /** 0 Sunday to 6 Saturday. */
  readonly weekday: number;
  readonly minute: number;
  /** 0 night (from midnight), 1 morning (6), 2 afternoon (12), 3 evening (18): whoever works at the same hours is a peer. */
  readonly part: number;
}

/**
 * Local calendar of an IANA time zone. The offset is asked for once per hour of time: zones change at whole quarter hours
 * (none within the hour in use today), and a year has millions of events.
 */
export function createLocalTime(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  let knownHour = Number.NaN;
  let knownOffset = 0;

  /** Ms that local time is ahead of UTC. */
  function offsetAt(at: number): number {
    const hour = Math.floor(at / HOUR_MS);
    if (hour !== knownHour) {
      const name =
        format.formatToParts(hour * HOUR_MS).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
      const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
      const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
      knownHour = hour;
      knownOffset = sign === '-' ? -size : size;
    }
    return knownOffset;
  }

  return {
    of(at: number): LocalTime {
      const local = at + offsetAt(at);
      const day = Math.floor(local / DAY_MS);
      const minute = Math.floor((local - day * DAY_MS) / 60_000);
      return { day, weekday: (day + 4) % 7, minute, part: Math.floor(minute / 360) };
    },
    /** Epoch ms at which local `day` begins. */
    startOf(day: number): number {
      const guess = day * DAY_MS - offsetAt(day * DAY_MS);
      return day * DAY_MS - offsetAt(guess);
    },
  };
}
export type ZoneTime = ReturnType<typeof createLocalTime>;
