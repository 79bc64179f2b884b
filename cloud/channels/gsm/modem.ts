/**
 * SMS over a GSM modem on a serial port. The port is opened at the first text and again after it went; one text goes at a
 * time, because a modem does one thing at a time.
 */
import type { Effects } from '../../../shared/effects.ts';
import {
  accepted,
  type Channel,
  type OnReport,
  type OutgoingText,
  refused,
  type SendOutcome,
} from '../channel.ts';
import { AtError, type AtSession, createAtSession } from './at-session.ts';
import { readStatusReport, submitPdus } from './pdu.ts';
import { refusalOf, reportedState } from './refusals.ts';
import { createReportBook } from './report-book.ts';
import type { OpenLine } from './serial-line.ts';

const COMMAND_TIMEOUT_MS = 3000;
/** For one part: from the command to the network's word. */
const PART_TIMEOUT_MS = 15_000;
/** A text whose turn does not come by then is given back, to be queued again: its job would run out. */
const TURN_TIMEOUT_MS = 8000;

export interface GsmModemOptions {
  readonly open: OpenLine;
  readonly effects: Effects;
  /** Of the SIM card, 4 to 8 digits; null for a card without. It is tried once: three wrong ones lock the card. */
  readonly pin: string | null;
  readonly onReport: OnReport;
}

export function createGsmModem({ open, effects, pin, onReport }: GsmModemOptions): Channel {
  const { clock, random } = effects;
  const reports = createReportBook({ clock, onReport });
  let session: AtSession | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let reference = random.bytes(1)[0] ?? 0;
  let pinRefused = false;

  function send(message: OutgoingText): Promise<SendOutcome> {
    const asked = clock.monotonic();
    const mine = turn.then(async () => {
      if (clock.monotonic() - asked > TURN_TIMEOUT_MS) return refused('wait_moment', 'busy', true);
      return sendNow(message);
    });
    turn = mine.catch(() => undefined);
    return mine;
  }

  async function sendNow(message: OutgoingText): Promise<SendOutcome> {
    const pdus = pdusOf(message);
    if (pdus === null) return refused('wrong_number', 'pdu');
    try {
      const modem = await ready();
      const given: number[] = [];
      for (const { hex, length } of pdus) {
        const lines = await modem.command(`AT+CMGS=${length}`, { timeoutMs: PART_TIMEOUT_MS, body: hex });
        given.push(referenceOf(lines));
      }
      reports.expect(message, given);
      return accepted(null);
    } catch (error) {
      const outcome = refusalOf(error);
      // Where in its dialogue the modem stands is not known: it is called off, and the next begins anew.
      if (outcome.outcome === 'refused' && ['timeout', 'lost'].includes(outcome.code)) await hangUp();
      return outcome;
    }
  }

  function pdusOf({ to, text, validSeconds }: OutgoingText) {
    reference = (reference + 1) & 0xff;
    try {
      return submitPdus({ to, text, reference, validSeconds, report: true });
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  async function ready(): Promise<AtSession> {
    if (session !== null && (await answers(session))) return session;
    await hangUp();
    const line = await open();
    const opened = createAtSession({
      ...{ line, clock },
      onReport: takeReport,
      onLost() {
        if (session === opened) session = null;
      },
    });
    try {
      await prepare(opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
    session = opened;
    return opened;
  }

  /** Pulled and put back since, or switched off and on: noticed before a text is lost in it. */
  async function answers(modem: AtSession): Promise<boolean> {
    try {
      await modem.command('AT', { timeoutMs: COMMAND_TIMEOUT_MS });
      return true;
    } catch (error) {
      if (error instanceof AtError) return false;
      throw error;
    }
  }

  async function prepare(modem: AtSession): Promise<void> {
    const command = (text: string) => modem.command(text, { timeoutMs: COMMAND_TIMEOUT_MS });
    await command('ATE0');
    await command('AT+CMEE=1');
    await unlock(command);
    await command('AT+CMGF=0');
    // Status reports come by themselves, as `+CDS`; texts that people send to the card stay on it.
    await command('AT+CNMI=2,0,0,1,0');
  }

  async function unlock(command: (text: string) => Promise<string[]>): Promise<void> {
    const [state] = await command('AT+CPIN?');
    if (state !== '+CPIN: SIM PIN' || pin === null || pinRefused) return;
    try {
      await command(`AT+CPIN="${pin}"`);
    } catch (error) {
      pinRefused = true;
      throw error;
    }
  }

  function takeReport(pdu: string): void {
    const report = readStatusReport(pdu);
    if (report !== null) reports.take(report, reportedState(report.status));
  }

  async function hangUp(): Promise<void> {
    const old = session;
    session = null;
    await old?.abort();
    await old?.close();
  }

  async function close(): Promise<void> {
    await turn;
    const old = session;
    session = null;
    await old?.close();
  }

  return { kind: 'sms', reports: true, send, close };
}

function referenceOf(lines: readonly string[]): number {
  for (const line of lines) {
    const found = /^\+CMGS: *(\d{1,3})/.exec(line)?.[1];
    if (found !== undefined) return Number(found);
  }
  // Taken, but under no number: nothing will be reported of it.
  return -1;
}
