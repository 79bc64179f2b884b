import { createHash } from 'node:crypto';
import type { Bug } from './bugs.ts';
import { plant } from './bugs.ts';
import type { SimDatabase } from './database.ts';
import { watchDatabases } from './disk.ts';
import { drawMood, mend, mendTill, strike } from './faults.ts';
import { createInvariants } from './invariants.ts';
import { createPrng } from './prng.ts';
import { watchThreadPool } from './quiet.ts';
import { watchRealWorld } from './real-world.ts';
import { openShop, type Shop } from './shop.ts';

export interface SimOptions {
  seed: number;
  /** Left out: 40. */
  steps?: number;
  /** A fault put in on purpose, to see it found. */
  bug?: Bug | null;
  /** Told each line as it comes. */
  trace?: (line: string) => void;
}

export interface SimResult {
  readonly seed: number;
  readonly steps: number;
  /** Events of the virtual clock. */
  readonly events: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What was done: a run in which nothing happens finds nothing. */
  readonly did: Readonly<Record<string, number>>;
  /** Null: every invariant held at every step. */
  readonly violation: {
    readonly step: number;
    readonly what: string;
    readonly tail: readonly string[];
  } | null;
  /** SHA-256 of everything that happened, in hex. */
  readonly hash: string;
}

const STEPS = 40;
/** Chance at each step that a supervisor looks at the phone, and that somebody changes the policy. */
const ANSWERS = 0.35;
const POLICIES = 0.03;
const TAIL = 60;
/** After the last step all is mended; then at most so many rounds until nothing waits any more. */
const HEAL_ROUNDS = 40;
const HEAL_ROUND_MS = 3_000;

class Violated extends Error {}

/** One schedule: the seed decides it all. @returns what became of it; throws only for faults of the simulation itself */
export async function simulate(database: SimDatabase, options: SimOptions): Promise<SimResult> {
  watchThreadPool();
  watchDatabases();
  const { seed, steps = STEPS, bug = null } = options;
  const prng = createPrng(seed);
  const hash = createHash('sha256');
  const tail: string[] = [];
  const faults: Record<string, number> = {};
  const did: Record<string, number> = {};
  const violations: string[] = [];
  let step = 0;
  let shop: Shop | null = null;
  const note = (text: string) => {
    const line = `${String(step).padStart(3)} ${String(Math.round(shop?.time.now ?? 0)).padStart(7)} ${text}`;
    hash.update(line).update('\n');
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
    options.trace?.(line);
    const what = /(?:^| )(\S+\.\S+): ok$/.exec(text)?.[1] ?? /^Kasir \d (drawer|slip)$/.exec(text)?.[1];
    if (what !== undefined) did[what] = (did[what] ?? 0) + 1;
  };
  const hit = (fault: string) => {
    faults[fault] = (faults[fault] ?? 0) + 1;
  };
  const violated = (what: string) => {
    note(`VIOLATED: ${what}`);
    violations.push(what);
  };
  const stop = () => {
    for (const leak of watch.leaks()) violated(`reaches past the simulation: ${leak}`);
    if (violations.length > 0) throw new Violated();
  };

  const hooks = { note, hit, violated };
  let violation: SimResult['violation'] = null;
  const uproot = plant(bug);
  const watch = watchRealWorld();
  try {
    shop = await openShop(database, prng, hooks);
    uproot.into(shop);
    const { afterStep, atEnd } = createInvariants({ database, ...shop, violated });
    const chance = prng.fork('schedule');
    const mood = drawMood(prng.fork('mood'));
    for (step = 1; step <= steps; step += 1) {
      for (const till of shop.tills) if (chance.chance(mood.acts)) shop.people.act(till);
      if (chance.chance(ANSWERS)) shop.people.answer();
      if (chance.chance(POLICIES)) shop.policyDesk.publish();
      if (chance.chance(mood.strikes)) strike(shop, chance, mood, hooks);
      if (chance.chance(mood.mends)) mend(shop, chance, hooks);
      await shop.time.advance(
        chance.chance(0.08) ? chance.between(8_000, 30_000) : chance.between(30, 2_500),
      );
      await afterStep();
      stop();
    }
    await heal(shop, await newestPolicy(database));
    await atEnd();
    stop();
  } catch (error) {
    if (!(error instanceof Violated)) throw error;
    violation = { step, what: violations.join('; '), tail: [...tail] };
  } finally {
    uproot.out();
    await shop?.close();
    watch.end();
  }
  const events = shop?.time.passed ?? 0;
  return { seed, steps: Math.min(step, steps), events, faults, did, violation, hash: hash.digest('hex') };
}

/** All lines, disks, clocks and printers come right; people give up what is open; the outboxes drain. */
async function heal(shop: Shop, policyVersion: number): Promise<void> {
  shop.phones.setAway(false);
  await shop.gateway.restartNow();
  for (let round = 0; round < HEAL_ROUNDS; round += 1) {
    for (const till of shop.tills) {
      mendTill(till);
      shop.people.giveUp(till);
    }
    await shop.time.advance(HEAL_ROUND_MS);
    const isCurrent = (till: Shop['tills'][number]) => till.policy()?.version === policyVersion;
    if (shop.gateway.gateway !== null && shop.tills.every((till) => isQuiet(till) && isCurrent(till))) return;
  }
}

async function newestPolicy({ kysely }: SimDatabase): Promise<number> {
  const { version } = await kysely
    .selectFrom('policies')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirstOrThrow();
  return version;
}

const OPEN = ['requesting', 'awaiting_code', 'awaiting_sealed', 'checking', 'acting', 'awaiting_capture'];

function isQuiet(till: Shop['tills'][number]): boolean {
  const view = till.view();
  if (view === null) return false;
  const { outbox, gateway } = view.status;
  const isOpen = view.redemption !== null && OPEN.includes(view.redemption.stage);
  return outbox.pending === 0 && gateway.state === 'online' && !isOpen;
}
