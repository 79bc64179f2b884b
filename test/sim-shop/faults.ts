import { APPROVAL_STEPS, REDEMPTION_STEPS } from '../../electron/till/steps.ts';
import type { Prng } from './prng.ts';
import type { Shop, ShopHooks } from './shop.ts';
import type { TillMachine } from './till-machine.ts';

const STEPS = [...REDEMPTION_STEPS, ...APPROVAL_STEPS];
/** How far a clock jumps: a bumped minute, a wrong time zone, a dead battery. */
const JUMPS_MS = [-40_000, 25_000, -3_600_000, 3_600_000, 25_200_000, -86_400_000];

/**
 * What kind of day it is. Each seed draws its own, so that some go deep where others go wide: a line that is away most of
 * the time, a shop where everything breaks, one where little does.
 */
export interface Mood {
  /** Chance at each step that a cashier does something, that something breaks, that something is mended. */
  readonly acts: number;
  readonly strikes: number;
  readonly mends: number;
  /** Of what breaks: the share of the whole shop's line, and of tills that lose their power with something still to tell. */
  readonly cutsAll: number;
  readonly cutsPower: number;
}

const DARK = 0.35;

export function drawMood(prng: Prng): Mood {
  const between = (from: number, to: number) => from + (to - from) * prng.next();
  // The line is away for most of it: what is spent meanwhile is what is looked at.
  if (prng.chance(DARK)) {
    return {
      acts: 0.95,
      strikes: between(0.2, 0.4),
      mends: between(0.02, 0.08),
      cutsAll: 0.6,
      cutsPower: 0.2,
    };
  }
  return {
    acts: between(0.5, 0.95),
    strikes: between(0.08, 0.35),
    mends: between(0.05, 0.25),
    cutsAll: between(0.05, 0.5),
    cutsPower: between(0.05, 0.3),
  };
}

/** One thing goes wrong, or right again. */
export function strike(shop: Shop, prng: Prng, mood: Mood, { note, hit }: ShopHooks): void {
  const till = prng.pick(shop.tills);
  const { line } = till;
  const faults: Record<string, () => void> = {
    partition: () => line.set('down'),
    black_hole: () => line.set('black_hole'),
    partition_all: () => {
      for (const one of shop.tills) one.line.set('down');
    },
    stream_cut: () => line.cutStreams(),
    lossy_line: () => {
      line.faults = { lost_request: 0.08, lost_answer: 0.12, duplicate: 0.12, slow: 0.08 };
      note(`${till.name} line lossy`);
    },
    till_crash_at_step: () => {
      const step = prng.pick(STEPS);
      till.crashAt(step);
      note(`${till.name} will lose its power at ${step}`);
    },
    till_crash_now: () => till.crash('now'),
    till_crash_untold: () => {
      const untold = shop.tills.filter((one) => (one.view()?.status.outbox.pending ?? 0) > 0);
      prng.pick(untold.length > 0 ? untold : shop.tills).crash('with something to tell');
    },
    gateway_crash: () => shop.gateway.crashIn(prng.between(1, 25), prng.chance(0.5)),
    clock_jump: () => {
      const jump = prng.pick(JUMPS_MS);
      till.setClock(till.clock.skewMs + jump);
      note(`${till.name} clock jumps ${jump}`);
    },
    clock_right: () => till.setClock(0),
    disk_full: () => {
      till.disk.setFull(true);
      note(`${till.name} disk full`);
    },
    paper_out: () => {
      till.printer = 'paper_out';
    },
    printer_unplugged: () => {
      till.printer = 'unplugged';
    },
    meta_away: () => shop.phones.setAway(true),
  };
  const what = prng.next();
  let name = prng.pick(Object.keys(faults));
  if (what < mood.cutsAll) name = 'partition_all';
  else if (what < mood.cutsAll + mood.cutsPower) name = 'till_crash_untold';
  faults[name]?.();
  hit(name);
}

/** Something is mended. */
export function mend(shop: Shop, prng: Prng, { note }: ShopHooks): void {
  const till = prng.pick(shop.tills);
  const mends = [
    () => {
      for (const one of shop.tills) one.line.set('up');
    },
    () => till.line.set('up'),
    () => mendTill(till),
    () => shop.phones.setAway(false),
  ];
  prng.pick(mends)();
  note('mended');
}

export function mendTill(till: TillMachine): void {
  till.line.set('up');
  till.line.faults = {};
  till.disk.setFull(false);
  till.setClock(0);
  till.printer = 'ready';
}
