import type { TillView } from '../../shared/bridge.ts';
import { DEFAULT_DRAWER, type DrawerPolicy } from '../../shared/drawer-policy.ts';
import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { DeviceState } from '../devices/devices.ts';
import { storeFault } from '../store/faults.ts';
import { type Core, contextOf } from './core.ts';
import {
  type DrawerEvent,
  type DrawerFact,
  type DrawerMemory,
  drawerStep,
  dueAt,
  FIRST_MEMORY,
  rememberedMemory,
  UNCONFIRMED_MS,
} from './drawer-rules.ts';
import type { TillDevices } from './ports.ts';
import { checkPin, type Session } from './session.ts';

/** Facts that the disk could not take are tried again after this long; they keep their order. */
const RETRY_MS = 5_000;

interface WatchParts {
  readonly session: () => Session | null;
  /** An error of the store, wherever it came from. */
  readonly fault: (error: SaksiError) => void;
}

/**
 * Sees every opening of the drawer and puts it on the chain, with the grant whose pulse explains it or as one that nothing
 * explains. Holds nothing up: a pulse goes out whether or not the watch can write.
 */
export function createDrawerWatch(core: Core, { session, fault }: WatchParts) {
  const { clock } = core.effects;
  const openings = core.store.drawerOpenings;
  let memory: DrawerMemory = FIRST_MEMORY;
  /** The opening that stands on the disk as open. */
  let standing = openings.standing();
  /** Read before this run writes anything: the chain's last word tells when the run before ended. */
  const unanswered = openings.unansweredGrants(UNCONFIRMED_MS);
  let unsaved: { fact: DrawerFact; staff: Session | null }[] = [];
  let cancelTick: Cancel = () => {};
  let cancelRetry: Cancel = () => {};
  let cancelListen: Cancel = () => {};
  let stopped = false;

  const policy = (): DrawerPolicy => core.context?.policy.drawer ?? DEFAULT_DRAWER;

  function handle(event: DrawerEvent): void {
    if (stopped) return;
    const step = drawerStep(memory, event, clock.monotonic(), policy());
    memory = step.memory;
    tickLater();
    if (step.facts.length === 0) return;
    const staff = session();
    unsaved.push(...step.facts.map((fact) => ({ fact, staff })));
    save();
  }

  function tickLater(): void {
    cancelTick();
    const due = dueAt(memory, policy());
    if (due === null) return;
    cancelTick = clock.schedule(Math.max(0, Math.ceil(due - clock.monotonic())), () =>
      handle({ kind: 'tick' }),
    );
  }

  function save(): void {
    cancelRetry();
    try {
      for (let next = unsaved[0]; next !== undefined; next = unsaved[0]) {
        write(next.fact, next.staff);
        unsaved = unsaved.slice(1);
      }
    } catch (error) {
      fault(storeFault(error));
      if (!stopped) cancelRetry = clock.schedule(RETRY_MS, save);
    }
    core.changed();
  }

  function write(fact: DrawerFact, staff: Session | null): void {
    const { audit } = core.store;
    switch (fact.kind) {
      case 'opened': {
        // A switch that reads the wrong way round accuses nobody: it is written down and shown, no message goes out.
        const alert = fact.grantId === null && policy().alertManagers && !memory.inverted;
        standing = openings.opened({ grantId: fact.grantId, seen: fact.seen, staff }, alert);
        if (fact.grantId === null) core.log.warn({ openingId: standing.id }, 'drawer opened without a grant');
        if (alert) core.outboxFilled();
        return;
      }
      case 'closed':
        if (standing !== null) openings.closed(standing, fact.openMs, fact.exact);
        standing = null;
        return;
      case 'open_long':
        if (standing !== null) openings.openLong(standing, fact.openMs, false);
        return;
      case 'open_longer':
        if (standing !== null) openings.openLong(standing, fact.openMs, true);
        core.outboxFilled();
        return;
      case 'switch_faulty':
        audit.record('drawer.switch_faulty', {});
        return;
      case 'switch_steady':
        audit.record('drawer.switch_steady', { openings: fact.openings });
        return;
      case 'switch_inverted':
        audit.record('drawer.switch_inverted', {});
        return;
    }
  }

  const seen = ({ drawer }: DeviceState): void => {
    const position = drawer.link === 'ready' ? drawer.position : 'unknown';
    const isNews =
      position === 'unknown'
        ? memory.lostAt === null
        : memory.lostAt !== null || position !== memory.position;
    if (isNews) handle({ kind: 'switch', position });
  };

  return {
    /** Before the devices start: what the disk still knows. */
    start(): void {
      memory = rememberedMemory(standing, unanswered, clock.monotonic());
      cancelListen = core.devices.onChange(seen);
      seen(core.devices.state);
      tickLater();
    },

    /** A pulse goes out for this grant; `outcome` tells what became of it. */
    pulse(grantId: string, outcome: ReturnType<TillDevices['openDrawer']>): void {
      handle({ kind: 'pulse', grantId });
      const over = (how: 'confirmed' | 'unconfirmed' | 'not_sent') =>
        handle({ kind: 'pulse_over', grantId, outcome: how });
      outcome.then(
        ({ confirmed }) => over(confirmed ? 'confirmed' : 'unconfirmed'),
        (error: unknown) =>
          over(asSaksiError(error).code === 'drawer_not_confirmed' ? 'unconfirmed' : 'not_sent'),
      );
    },

    view: (): TillView['drawerWatch'] => ({
      unexplained: openings.waiting().map(({ id, seen, staffName, openedAt, openMs }) => ({
        ...{ id, seen, staffName, openedAt, openMs },
      })),
      openLong: memory.opening?.saidLong === true,
      fault: memory.inverted ? 'inverted' : memory.faulty !== null ? 'faulty' : null,
    }),

    stop(): void {
      save();
      stopped = true;
      cancelTick();
      cancelRetry();
      cancelListen();
    },
  };
}
export type DrawerWatch = ReturnType<typeof createDrawerWatch>;

/** The same devices, whose pulses the watch hears of. The bytes still go out before anything else happens. */
export function watchedDevices(devices: TillDevices, watch: () => DrawerWatch | null): TillDevices {
  return {
    start: () => devices.start(),
    stop: () => devices.stop(),
    get state() {
      return devices.state;
    },
    onChange: (listener) => devices.onChange(listener),
    openDrawer(permit) {
      const outcome = devices.openDrawer(permit);
      watch()?.pulse(permit.grantId, outcome);
      return outcome;
    },
    printSlip: (...slip) => devices.printSlip(...slip),
  };
}

/**
 * A manager's word on an opening that nothing explains, by their own PIN, whoever is signed in. Throws `staff_unknown`,
 * `role_not_allowed`, `pin_wrong`, `pin_locked`, `drawer_opening_unknown`.
 */
export async function acknowledgeOpening(
  core: Core,
  { openingId, staffId, pin, reason }: { openingId: string; staffId: string; pin: string; reason: string },
): Promise<void> {
  const manager = contextOf(core).staff.find(({ id }) => id === staffId);
  if (manager === undefined) throw new SaksiError('staff_unknown');
  if (manager.role !== 'manager') throw new SaksiError('role_not_allowed');
  await checkPin(core, manager, pin);
  core.store.drawerOpenings.acknowledged(openingId, staffId, reason);
  core.changed();
}
