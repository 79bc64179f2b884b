import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Knows when a run has come to rest: no work of Node's thread pool under way, and nothing that moved in several turns of
 * the event loop. Virtual time stands still meanwhile, so how long a slow hash really takes changes nothing.
 */
let underWay = 0;
let moves = 0;

/** Something that the run waits for went on. */
export function moved(): void {
  moves += 1;
}

/** Quiet turns after which nothing is on its way any more: streams and Fastify take a few for one answer. */
const QUIET_TURNS = 8;
/** A run that does not come to rest is a fault of the run itself. */
const TURNS_MAX = 200_000;

export async function atRest(): Promise<void> {
  let quiet = 0;
  let seen = moves;
  for (let turn = 0; quiet < QUIET_TURNS; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (turn > TURNS_MAX) throw new Error('the simulated shop does not come to rest');
    const still = underWay === 0 && moves === seen;
    seen = moves;
    quiet = still ? quiet + 1 : 0;
  }
}

const SUBTLE = [
  'digest',
  'importKey',
  'sign',
  'verify',
  'deriveBits',
  'deriveKey',
  'encrypt',
  'decrypt',
] as const;
let watching = false;

/** Counts what runs in the thread pool. Once per process; the originals do the work. */
export function watchThreadPool(): void {
  if (watching) return;
  watching = true;
  // What a guess costs is not what is looked at here: the least cost, on both sides alike, and in the order of the calls.
  const cheaply = (
    secret: crypto.BinaryLike,
    salt: crypto.BinaryLike,
    length: number,
    _cost: unknown,
    done: (error: Error | null, key: Buffer) => void,
  ) => {
    const key = crypto.scryptSync(secret, salt, length, { N: 2, r: 1, p: 1 });
    underWay += 1;
    setImmediate(() => {
      underWay -= 1;
      moved();
      done(null, key);
    });
  };
  Object.assign(crypto, { scrypt: cheaply });
  syncBuiltinESMExports();
  const { subtle } = globalThis.crypto;
  for (const name of SUBTLE) {
    // biome-ignore lint/suspicious/noExplicitAny: overloaded functions
    const original = (subtle[name] as any).bind(subtle);
    Object.defineProperty(subtle, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        underWay += 1;
        const end = () => {
          underWay -= 1;
          moved();
        };
        const answer: Promise<unknown> = original(...args);
        answer.then(end, end);
        return answer;
      },
    });
  }
}
