import type { Cancel, Effects } from '../../shared/effects.ts';
import type { DrawerConnector, DrawerPulse, EncodedSlip, PrinterDialect } from './dialect.ts';
import { isOpen } from './link-states.ts';
import {
  type EndMark,
  judge,
  nextEndMark,
  obstacleOf,
  type PrintFailure,
  type PrintResult,
  type Sent,
  settlingMark,
  type Verdict,
  valuesOf,
} from './print-job.ts';
import { COMMAND_WRITE_MS, type LinkOptions, type LinkSnapshot, PrinterLink } from './printer-link.ts';
import { type Transport, TransportError } from './transport.ts';

export interface PrinterLimits {
  /** A slip asked for while the port is being opened waits this long for it. */
  readonly readyMs: number;
  /** An idle printer must answer within this time before a slip is sent to it. */
  readonly answerMs: number;
  /** A printer that has all it needs must finish within this time. */
  readonly printMs: number;
  /** Out of paper or open mid-slip: how long a person has to put it right before the slip counts as failed. */
  readonly resumeMs: number;
  /** How long the drawer's switch may take to report open. */
  readonly drawerMs: number;
  /** Slips that may wait behind the one that prints. */
  readonly queuedJobs: number;
}

export const PRINTER_LIMITS: PrinterLimits = {
  readyMs: 2_000,
  answerMs: 1_000,
  printMs: 15_000,
  resumeMs: 60_000,
  drawerMs: 1_500,
  queuedJobs: 8,
};

export type DrawerResult =
  /** `confirmed`: the switch reports open. Not confirmed, the drawer may still have opened, or open later. */
  | { readonly sent: true; readonly confirmed: boolean }
  /** `drawer_absent`: nothing left. `drawer_not_confirmed`: the connection broke, the pulse may have left. */
  | { readonly sent: false; readonly failure: 'drawer_absent' | 'drawer_not_confirmed' };

/**
 * One printer with its drawer. Prints one slip at a time and says ok only when the printer itself said, by
 * its ETB counter, that it printed all of it. The drawer's pulse never waits behind a slip on our side; a
 * StarPRNT printer itself executes it in the order received.
 */
export class PrinterSession {
  readonly #link: PrinterLink;
  readonly #effects: Effects;
  readonly #limits: PrinterLimits;
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;
  /** Values of the ETB counter that slips given up may still bring; empty when the printer owes nothing. */
  readonly #leftovers = new Set<number>();
  /** A slip stopped half-way: what is printed of it is cut off before the next. */
  #torn = false;

  constructor(
    transport: Transport,
    options: LinkOptions,
    effects: Effects,
    limits: PrinterLimits = PRINTER_LIMITS,
  ) {
    this.#link = new PrinterLink(transport, options, effects);
    this.#effects = effects;
    this.#limits = limits;
  }

  get snapshot(): LinkSnapshot {
    return this.#link.snapshot;
  }

  get dialect(): PrinterDialect {
    return this.#link.dialect;
  }

  get label(): string {
    return this.#link.label;
  }

  /** A print queue: see Transport. */
  get oneWay(): boolean {
    return this.#link.oneWay;
  }

  onChange(listener: (snapshot: LinkSnapshot) => void): Cancel {
    return this.#link.onChange(listener);
  }

  /** A device came or went at this machine. */
  nudge(): void {
    this.#link.nudge();
  }

  start(): void {
    this.#link.start();
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  /**
   * Fires the drawer now. The bytes go to the port before this returns; they follow whatever chunk of a slip
   * is already on its way, and never split one.
   */
  async openDrawer(pulse?: DrawerPulse, connector?: DrawerConnector): Promise<DrawerResult> {
    if (!isOpen(this.snapshot.link)) return { sent: false, failure: 'drawer_absent' };
    const { epoch } = this.snapshot;
    try {
      await this.#link.write(this.dialect.drawerPulse(pulse, connector), COMMAND_WRITE_MS);
    } catch (error) {
      // A pulse left in a stuck port would open the drawer when nobody expects it: the port is closed.
      if (this.snapshot.epoch === epoch) await this.#link.drop(detailOf(error));
      return { sent: false, failure: 'drawer_not_confirmed' };
    }
    return { sent: true, confirmed: await this.#drawerOpens(epoch) };
  }

  /**
   * Prints one slip; slips asked for meanwhile wait their turn. A slip given as a function is made while the printer is
   * asked whether it is there, before the first byte leaves: what that throws is thrown. Else never rejects.
   */
  async print(slip: EncodedSlip | (() => EncodedSlip)): Promise<PrintResult> {
    if (this.#queued >= this.#limits.queuedJobs)
      return failed('printer_error', 'none', 'too many slips wait');
    this.#queued += 1;
    const make = typeof slip === 'function' ? slip : () => slip;
    const result = this.#queue.then(() => this.#printNow(make));
    this.#queue = result.catch(() => undefined); // its own caller is told
    try {
      return await result;
    } finally {
      this.#queued -= 1;
    }
  }

  async #printNow(make: () => EncodedSlip): Promise<PrintResult> {
    this.#link.busy = true;
    let made: EncodedSlip | null = null;
    const slip = () => {
      made ??= make();
      return made;
    };
    try {
      if (this.#link.oneWay) return await this.#handOver(slip);
      const start = await this.#becomeReady(slip);
      if (start === UNHEARD) return await this.#sendUnheard(slip());
      return typeof start === 'number' ? await this.#send(slip(), start) : start;
    } finally {
      this.#link.busy = false;
    }
  }

  /** To a queue, which takes a slip whole and never says what became of it. */
  async #handOver(slip: () => EncodedSlip): Promise<PrintResult> {
    if (this.snapshot.link === 'opening') {
      await this.#waitFor(({ link }) => link !== 'opening', this.#limits.readyMs);
    }
    const { link, detail, epoch } = this.snapshot;
    if (!isOpen(link)) return failed('printer_absent', 'none', detail);
    const { chunks } = slip();
    try {
      await this.#link.write(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])), this.#limits.printMs);
    } catch (error) {
      if (this.snapshot.epoch === epoch) await this.#link.drop(detailOf(error));
      const timedOut = error instanceof TransportError && error.code === 'write_timeout';
      // A queue that refused a slip has none of it; one that did not answer may have all of it.
      return failed(
        timedOut ? 'printer_timeout' : 'printer_error',
        timedOut ? 'all' : 'none',
        detailOf(error),
      );
    }
    return failed('printer_unconfirmed', 'all', this.#link.words);
  }

  /**
   * The ETB counter to start from, once the printer can print and has nothing left from before. `meanwhile` is called
   * while its answer is on the way.
   */
  async #becomeReady(meanwhile: () => void): Promise<number | typeof UNHEARD | PrintResult> {
    if (this.snapshot.link === 'opening' || this.snapshot.link === 'greeting') {
      await this.#waitFor(({ link }) => link !== 'opening' && link !== 'greeting', this.#limits.readyMs);
    }
    if (this.snapshot.link === 'ready' && this.#link.channel.confirms === false) {
      // Just connected: what it was asked to find out how it confirms may still be on its way.
      const decided = () => this.#link.channel.confirms === true || this.snapshot.link !== 'ready';
      await this.#waitFor(decided, this.#limits.answerMs);
    }
    const known = this.#counterNow();
    if (typeof known !== 'number') return known;
    if (this.#leftovers.size > 0) return this.#settle(this.snapshot.epoch, known);
    const { heard } = this.snapshot;
    if (!this.#link.ask()) return known;
    meanwhile();
    await this.#waitFor((now) => now.heard > heard || !isOpen(now.link), this.#limits.answerMs);
    if (this.snapshot.heard === heard) await this.#link.drop('the printer does not answer');
    return this.#counterNow();
  }

  #counterNow(): number | typeof UNHEARD | PrintResult {
    const { link, status, detail } = this.snapshot;
    if (link === 'mute' && this.dialect.printsUnheard) return UNHEARD;
    if (link === 'mute') return failed('printer_timeout', 'none', detail);
    if (link !== 'ready' || status === null) return failed('printer_absent', 'none', detail);
    const obstacle = obstacleOf(status);
    if (obstacle === null && this.#link.channel.confirms === false) return UNHEARD;
    return obstacle === null ? status.etbCounter : failed(obstacle, 'none', 'not ready');
  }

  async #settle(epoch: number, counter: number): Promise<number | PrintResult> {
    const mark = settlingMark(epoch, counter, this.#leftovers);
    if (mark === null) {
      this.#leftovers.clear(); // thirty slips given up in a row: the next one starts from a new connection
      await this.#link.drop('too many slips without an end');
      return failed('printer_error', 'none', 'too many slips without an end');
    }
    for (const value of valuesOf(mark)) this.#leftovers.add(value);
    try {
      await this.#link.write(this.#link.channel.settle(mark), this.#limits.resumeMs);
    } catch (error) {
      return await this.#writeFailed(mark, error, 'none');
    }
    const verdict = await this.#follow(mark, { settling: true, markLeft: true });
    if (verdict.is === 'failed') return failed(verdict.failure, 'none', verdict.detail);
    this.#leftovers.clear();
    return mark.to;
  }

  /** To a printer that tells nothing when it finished: the slip leaves, and is never taken for printed. */
  async #sendUnheard(slip: EncodedSlip): Promise<PrintResult> {
    for (const chunk of slip.chunks) {
      try {
        await this.#link.write(chunk, this.#limits.resumeMs);
      } catch (error) {
        await this.#link.drop(detailOf(error));
        return failed('printer_unplugged', 'some', detailOf(error));
      }
    }
    return failed('printer_timeout', 'all', 'this printer does not tell when it finished');
  }

  async #send(slip: EncodedSlip, counter: number): Promise<PrintResult> {
    const mark = nextEndMark(this.snapshot.epoch, counter);
    const pieces = this.#torn ? [this.dialect.cutOff, ...slip.chunks] : slip.chunks;
    const chunks = withEndMark(pieces, this.#link.channel.endMark(mark));
    // The next chunk is with the port before the last has left it, so that the line does not stand still in between.
    const leaving: Promise<{ readonly error: unknown } | null>[] = [];
    for (const [index, chunk] of chunks.entries()) {
      const go = await this.#follow(mark, { settling: false, markLeft: false });
      if (go.is === 'failed') return failed(go.failure, index === 0 ? 'none' : 'some', go.detail);
      this.#torn = true;
      if (index === chunks.length - 1) for (const value of valuesOf(mark)) this.#leftovers.add(value);
      leaving.push(
        this.#link.write(chunk, this.#limits.resumeMs).then(
          () => null,
          (error: unknown) => ({ error }),
        ),
      );
      const last = index === chunks.length - 1;
      while (leaving.length > (last ? 0 : 1)) {
        const broken = await leaving.shift();
        if (broken) return await this.#writeFailed(mark, broken.error, 'some');
      }
    }
    this.#torn = false;
    const end = await this.#follow(mark, { settling: false, markLeft: true });
    if (end.is === 'failed') return failed(end.failure, 'all', end.detail);
    this.#leftovers.clear();
    return { ok: true };
  }

  /**
   * Follows the printer until the mark is reached, the job failed, or (while its mark has not left) it can
   * take the next chunk. Time lost to an obstacle and time spent printing are bounded apart.
   */
  async #follow(
    mark: EndMark,
    { settling, markLeft }: { settling: boolean; markLeft: boolean },
  ): Promise<Exclude<Verdict, { readonly is: 'blocked' }>> {
    const left = { pending: this.#limits.printMs, blocked: this.#limits.resumeMs };
    for (;;) {
      const verdict = judge(this.snapshot, mark, settling, markLeft);
      if (verdict.is === 'done' || verdict.is === 'failed') return verdict;
      if (verdict.is === 'pending' && !markLeft) return verdict;
      if (left[verdict.is] <= 0) return verdict.is === 'blocked' ? { ...verdict, is: 'failed' } : UNCONFIRMED;
      const before = this.#effects.clock.monotonic();
      await this.#nextChange(left[verdict.is]);
      left[verdict.is] -= this.#effects.clock.monotonic() - before;
    }
  }

  async #writeFailed(mark: EndMark, error: unknown, sent: Sent): Promise<PrintResult> {
    const verdict = judge(this.snapshot, mark, true, false);
    if (verdict.is === 'failed') return failed('printer_unplugged', sent, detailOf(error));
    await this.#link.drop(detailOf(error)); // what the port still holds must not print later by itself
    if (verdict.is === 'blocked') return failed(verdict.failure, sent, verdict.detail);
    const timedOut = error instanceof TransportError && error.code === 'write_timeout';
    return failed(timedOut ? 'printer_timeout' : 'printer_unplugged', sent, detailOf(error));
  }

  async #drawerOpens(epoch: number): Promise<boolean> {
    const isOver = (now: LinkSnapshot) => now.epoch !== epoch || now.status?.drawerSwitch === 'open';
    await this.#waitFor((now) => isOver(now) || !isOpen(now.link), this.#limits.drawerMs);
    return this.snapshot.epoch === epoch && this.snapshot.status?.drawerSwitch === 'open';
  }

  async #waitFor(holds: (snapshot: LinkSnapshot) => boolean, timeoutMs: number): Promise<void> {
    let leftMs = timeoutMs;
    while (!holds(this.snapshot) && leftMs > 0) {
      const before = this.#effects.clock.monotonic();
      await this.#nextChange(leftMs);
      leftMs -= this.#effects.clock.monotonic() - before;
    }
  }

  /** The next word from the link, or `timeoutMs` without one. */
  #nextChange(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const over = () => {
        forget();
        cancel();
        resolve();
      };
      const forget = this.#link.onChange(over);
      const cancel = this.#effects.clock.schedule(Math.ceil(timeoutMs), over);
    });
  }
}

/** Instead of a counter to start from: this printer has none. */
const UNHEARD = 'unheard';

const UNCONFIRMED: Verdict & { is: 'failed' } = {
  is: 'failed',
  failure: 'printer_timeout',
  detail: 'the printer did not say that it finished',
};

function withEndMark(chunks: readonly Uint8Array[], endMark: Uint8Array): Uint8Array[] {
  const last = chunks.at(-1) ?? new Uint8Array();
  return [...chunks.slice(0, -1), Uint8Array.from([...last, ...endMark])];
}

function failed(failure: PrintFailure, sent: Sent, detail: string): PrintResult & { ok: false } {
  return { ok: false, failure, sent, detail };
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
