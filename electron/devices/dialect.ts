import type { EndMark } from './print-job.ts';
import type { SlipDocument } from './slip.ts';

/** Everything that differs between the languages of printers, behind one seam. */

export const PRINTER_LANGUAGES = ['star-prnt', 'star-line', 'esc-pos'] as const;
export type PrinterLanguage = (typeof PRINTER_LANGUAGES)[number];

/** Characters of font A on a line: 32 on 58 mm paper, 42 or 48 on 80 mm. */
export const PRINTER_COLUMNS = [32, 42, 48] as const;
export type PrinterColumns = (typeof PRINTER_COLUMNS)[number];

export type DrawerPolarity = 'high_is_open' | 'low_is_open';

/** Pulse width: on and off time in units of 10 ms, 1..127 each. */
export interface DrawerPulse {
  readonly onTime: number;
  readonly offTime: number;
}

export type DrawerConnector = 1 | 2;

/** What a printer says of itself, whatever its language. */
export interface PrinterStatus {
  readonly online: boolean;
  readonly coverOpen: boolean;
  readonly paper: 'ok' | 'near_end' | 'out';
  /** What the drawer's switch says by the configured polarity. */
  readonly drawerSwitch: 'open' | 'closed';
  readonly overheated: boolean;
  readonly unrecoverableError: boolean;
  readonly cutterError: boolean;
  readonly mechanicalError: boolean;
  readonly bufferOverflow: boolean;
  /** The last end mark that the printer has told of, 0..31; Star's ETB counter, or a process id as a number. */
  readonly etbCounter: number;
  /** Somebody holds the paper feed button down; only where the language tells. */
  readonly feedPressed?: boolean;
}

/** A slip in the printer's language, in pieces between which other commands may be sent. */
export interface EncodedSlip {
  /** Each ends at the end of a command. */
  readonly chunks: readonly Uint8Array[];
  /** Characters that the printer cannot show and that became '?'. */
  readonly replacedCharacters: number;
}

/**
 * One connection's share of a language: what to ask, how to read the answers. Holds the little that a
 * language has to remember (half a status; which end mark an answer belongs to), forgotten by reset().
 */
export interface DialectChannel {
  /** Switches automatic status on, and finds out how the printer tells that it finished. */
  greeting(): Uint8Array;
  /** A question that an idle printer answers at once, and that switches automatic status on again. */
  ask(): Uint8Array;
  /** A question that is answered even off line, ahead of the buffer. */
  askNow(): Uint8Array;
  /** What the printer answers when everything before it is printed: the mark that ends a slip. */
  endMark(mark: EndMark): Uint8Array;
  /** The same behind slips that were given up and may or may not still be in the buffer. */
  settle(mark: EndMark): Uint8Array;
  /** Whether this printer tells that a slip is printed; null while it is not known. */
  readonly confirms: boolean | null;
  /** Statuses found in the stream; bounded memory. */
  push(bytes: Uint8Array): PrinterStatus[];
  /** Call it when the connection was lost or opened. */
  reset(): void;
  /** Bytes that belonged to no answer, since the start. */
  readonly discarded: number;
}

export interface PrinterDialect {
  readonly language: PrinterLanguage;
  /** Columns that this language's printers have. */
  readonly columns: readonly PrinterColumns[];
  /** Whether a printer that tells nothing is sent a slip all the same: it counts as sent, never as printed. */
  readonly printsUnheard: boolean;
  /** Whether a silent printer on Ethernet answers ask(). */
  readonly heartbeatOverTcp: boolean;
  /** Throws RangeError for barcode or QR data that cannot be encoded. Carries no end mark. */
  encode(slip: SlipDocument, columns: PrinterColumns): EncodedSlip;
  /** Throws RangeError for times out of range. */
  drawerPulse(pulse?: DrawerPulse, connector?: DrawerConnector): Uint8Array;
  /** Feeds what is printed of a torn slip past the cutter, and cuts. */
  readonly cutOff: Uint8Array;
  connect(polarity: DrawerPolarity): DialectChannel;
}
