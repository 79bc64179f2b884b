import type { PrinterStatus } from './dialect.ts';
import type { LinkSnapshot } from './printer-link.ts';
import { END_COUNTER_MODULUS } from './starprnt/commands.ts';

/** Codes of shared/errors.ts. */
export type PrintFailure =
  | 'printer_absent'
  | 'printer_unplugged'
  | 'printer_paper_out'
  | 'printer_cover_open'
  | 'printer_cutter_error'
  | 'printer_mechanical_error'
  | 'printer_overheated'
  | 'printer_unrecoverable'
  | 'printer_feed_pressed'
  | 'printer_offline'
  | 'printer_error'
  | 'printer_timeout';

/** How much of the slip may have left: with `none` nothing can have been printed. */
export type Sent = 'none' | 'some' | 'all';

export type PrintResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly failure: PrintFailure; readonly sent: Sent; readonly detail: string };

/** What keeps an answering printer from printing, or null. */
export function obstacleOf(status: PrinterStatus): PrintFailure | null {
  if (status.coverOpen) return 'printer_cover_open';
  if (status.paper === 'out') return 'printer_paper_out';
  if (status.cutterError) return 'printer_cutter_error';
  if (status.mechanicalError) return 'printer_mechanical_error';
  if (status.overheated) return 'printer_overheated';
  if (status.unrecoverableError) return 'printer_unrecoverable';
  if (status.feedPressed === true) return 'printer_feed_pressed';
  if (!status.online) return 'printer_offline'; // the status names no cause
  return null;
}

/** What a job waits for: the ETB counter to come from `from` to `to` on one connection. */
export interface EndMark {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  /** ETB bytes that bring it there. */
  readonly count: number;
}

/**
 * The end mark of the next slip, when the printer has nothing left to count. The target is never 0, because
 * 0 is also what a printer says that was switched off and on: from 31 two ETB are sent.
 */
export function nextEndMark(epoch: number, counter: number): EndMark {
  const count = counter === END_COUNTER_MODULUS - 1 ? 2 : 1;
  return { epoch, from: counter, to: (counter + count) % END_COUNTER_MODULUS, count };
}

/**
 * The mark that tells that the printer has worked off everything from before, when ETB of slips that were
 * given up may or may not still be in its buffer. The counter is cleared in order and then counted up to a
 * value that is neither shown now nor among `leftovers`, the values that those ETB may still bring. Null when
 * no such value is left.
 */
export function settlingMark(epoch: number, counter: number, leftovers: ReadonlySet<number>): EndMark | null {
  for (let to = 1; to < END_COUNTER_MODULUS; to += 1) {
    if (to !== counter && !leftovers.has(to)) return { epoch, from: 0, to, count: to };
  }
  return null;
}

/** The counter's values on the way of a mark, its end included. */
export function valuesOf(mark: EndMark): number[] {
  return Array.from({ length: mark.count }, (_, index) => (mark.from + 1 + index) % END_COUNTER_MODULUS);
}

export type Obstructed = { readonly failure: PrintFailure; readonly detail: string };
export type Verdict =
  | { readonly is: 'done' }
  | { readonly is: 'pending' }
  | ({ readonly is: 'blocked' } & Obstructed)
  | ({ readonly is: 'failed' } & Obstructed);

/** Where a job stands by what is known of the printer. `markLeft`: its ETB are with the port. */
export function judge(snapshot: LinkSnapshot, mark: EndMark, settling: boolean, markLeft: boolean): Verdict {
  if (snapshot.epoch !== mark.epoch || snapshot.link !== 'ready' || snapshot.status === null) {
    return { is: 'failed', failure: 'printer_unplugged', detail: snapshot.detail };
  }
  const { status } = snapshot;
  if (markLeft && status.etbCounter === mark.to) return { is: 'done' };
  if (!settling && !isOnTheWay(mark, status.etbCounter)) {
    return { is: 'failed', failure: 'printer_error', detail: 'the printer started anew' };
  }
  const obstacle = obstacleOf(status);
  return obstacle === null ? { is: 'pending' } : { is: 'blocked', failure: obstacle, detail: 'not ready' };
}

function isOnTheWay(mark: EndMark, counter: number): boolean {
  const travelled = (counter - mark.from + END_COUNTER_MODULUS) % END_COUNTER_MODULUS;
  return travelled < mark.count;
}
