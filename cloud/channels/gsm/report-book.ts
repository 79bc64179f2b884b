/**
 * Which status report is whose: a modem numbers its parts from 0 to 255, round and round. Kept in memory only: after a
 * restart of the gateway a report that still comes is nobody's, and the text stays at accepted.
 */
import type { Clock } from '../../../shared/effects.ts';
import type { DeliveryReport, OnReport, OutgoingText } from '../channel.ts';
import type { StatusReport } from './pdu.ts';

/** Reports of a code come within its minutes; a network that gives up says so when the text lapsed. */
const KEPT_MS = 3_600_000;
/** Networks write the recipient in national or international form: the end is the same. */
const SAME_DIGITS = 7;

/** A modem may say in one breath that it took a part and that it arrived. */
const EARLY_MS = 10_000;
const EARLY_MAX = 16;

type Said = Pick<DeliveryReport, 'state' | 'reason'>;

interface Awaited {
  readonly messageId: string;
  readonly tail: string;
  readonly since: number;
  readonly open: Set<number>;
  failed: Said | null;
}

export interface ReportBook {
  /** A text was taken, its parts under these references. */
  expect(message: Pick<OutgoingText, 'messageId' | 'to'>, references: readonly number[]): void;
  /** A report came: of a part that is awaited, or will be in a moment. Nobody's is forgotten. */
  take(report: StatusReport, said: Said): void;
}

export interface ReportBookOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What is now known of a whole text. */
  readonly onReport: OnReport;
}

export function createReportBook({ clock, onReport }: ReportBookOptions): ReportBook {
  const byReference = new Map<number, Awaited>();
  let early: { readonly report: StatusReport; readonly said: Said; readonly at: number }[] = [];

  function expect(message: Pick<OutgoingText, 'messageId' | 'to'>, references: readonly number[]): void {
    const awaited: Awaited = {
      messageId: message.messageId,
      tail: message.to.slice(-SAME_DIGITS),
      since: clock.monotonic(),
      open: new Set(references),
      failed: null,
    };
    for (const reference of references) byReference.set(reference, awaited);
    const waiting = early;
    early = [];
    for (const { report, said, at } of waiting) {
      if (clock.monotonic() - at <= EARLY_MS) take(report, said);
    }
  }

  function take(report: StatusReport, said: Said): void {
    const awaited = byReference.get(report.reference);
    const known = awaited !== undefined && clock.monotonic() - awaited.since <= KEPT_MS;
    if (!known || !report.recipient.endsWith(awaited.tail)) {
      early = [...early.slice(1 - EARLY_MAX), { report, said, at: clock.monotonic() }];
      return;
    }
    const { messageId, open } = awaited;
    // The network is still trying: known, and not the last word.
    if (said.state !== 'sent') {
      byReference.delete(report.reference);
      open.delete(report.reference);
      if (said.state === 'failed') awaited.failed = said;
      // A text that lacks a part is not readable: one failed part fails it, the last arrived one completes it.
      if (open.size > 0 && awaited.failed === null) return;
    }
    onReport({ messageId, ...(awaited.failed ?? said) });
  }

  return { expect, take };
}
