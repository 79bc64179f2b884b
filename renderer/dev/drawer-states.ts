import type { TillView } from '../../shared/bridge.ts';
import { STAFF, uuid } from './base-fixtures.ts';
import type { DevState } from './state-kit.ts';

const OPENING: TillView['drawerWatch']['unexplained'][number] = {
  id: uuid(900),
  seen: 'watched',
  staffName: STAFF[0]?.name ?? null,
  openedAt: Date.UTC(2026, 0, 5, 3, 20),
  openMs: 7_000,
};
const watched = (drawerWatch: Partial<TillView['drawerWatch']>): DevState => ({
  view: (base) => ({ ...base, drawerWatch: { ...base.drawerWatch, ...drawerWatch } }),
});

/** What the drawer's watch says over a screen. */
export const DRAWER_STATES = {
  drawer_unexplained: watched({ unexplained: [OPENING] }),
  drawer_open_now: watched({
    unexplained: [
      { ...OPENING, openMs: null },
      { ...OPENING, id: uuid(901) },
    ],
    openLong: true,
  }),
  drawer_at_start: watched({
    unexplained: [{ ...OPENING, seen: 'at_start', staffName: null, openMs: null }],
  }),
  drawer_faulty: watched({ fault: 'faulty' }),
  drawer_inverted: watched({ fault: 'inverted' }),
} as const satisfies Record<string, DevState>;
