import { type Command, type Reader, type Reading, take } from './command-reader.ts';

/**
 * The commands that StarPRNT and Star Line mode share, with their ranges; all else is an error. Sources: Star Micronics,
 * StarPRNT Command Specifications rev. 2.25, and STAR Line Mode Command Specifications.
 */

export type Readers = Readonly<Record<number, Reader>>;

const MAX_QR_BYTES = 7089;
const MAX_BARCODE_BYTES = 255;
/** Star's code page numbers (ESC GS t n). */
const CODE_PAGES = new Set([
  0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 32, 33, 34,
]);

/** A command of `size` bytes, parameters and all. */
export const fixed =
  (size: number, make: (bytes: Uint8Array) => Command | string): Reader =>
  (bytes) =>
    bytes.length < size ? null : take(size, make(bytes));

const onOff = (kind: 'bold' | 'underline' | 'invert', on: boolean): Reader => fixed(2, () => ({ kind, on }));

/** A digit parameter: n or its ASCII form. */
export function digit(value: number | undefined, max: number): number | null {
  if (value === undefined) return null;
  if (value <= max) return value;
  return value >= 0x30 && value <= 0x30 + max ? value - 0x30 : null;
}

function readQr(bytes: Uint8Array): Reading {
  if (bytes.length < 4) return null;
  const [, , , function_, sub, value = 0, low = 0, high = 0] = bytes;
  if (function_ === 0x50) return { command: { kind: 'qr_print' }, size: 4 };
  if (function_ !== 0x53 && function_ !== 0x44) return { error: 'unknown QR function', size: 4 };
  if (function_ === 0x53) {
    if (bytes.length < 6) return null;
    if (sub === 0x30 && (value === 1 || value === 2))
      return { command: { kind: 'qr_model', value }, size: 6 };
    if (sub === 0x31 && value <= 3) return { command: { kind: 'qr_level', value }, size: 6 };
    if (sub === 0x32 && value >= 1 && value <= 8) return { command: { kind: 'qr_cell', value }, size: 6 };
    return { error: 'QR setting out of range', size: 6 };
  }
  if (bytes.length < 8) return null;
  const length = low + high * 256;
  if (sub !== 0x31 || value !== 0 || length < 1 || length > MAX_QR_BYTES)
    return { error: 'QR data', size: 8 };
  if (bytes.length < 8 + length) return null;
  return { command: { kind: 'qr_data', data: bytes.slice(8, 8 + length) }, size: 8 + length };
}

const CODE_128 = 6;

/** ESC b. Of the symbologies only Code 128 is known here: its modes 1, 2, 3 are modules of 2, 3, 4 dots. */
function readBarcode(bytes: Uint8Array): Reading {
  const end = bytes.indexOf(0x1e, 6);
  if (end === -1) {
    return bytes.length > 6 + MAX_BARCODE_BYTES ? { error: 'barcode without end', size: 6 } : null;
  }
  const size = end + 1;
  const [, , symbology, text = 0, mode = 0, height = 0] = bytes;
  if (symbology !== CODE_128) return take(size, 'barcode symbology');
  const data = code128Data(Buffer.from(bytes.slice(6, end)).toString('latin1'));
  if (data === null || text < 1 || text > 4 || mode < 1 || mode > 3 || height < 1)
    return take(size, 'barcode parameters');
  const shown = text === 2 || text === 4;
  return take(size, { kind: 'barcode', symbology, text: shown, width: mode + 1, height, data });
}

/** '%' begins a two-byte code: '%0' is the character itself; control, function and start codes are not taken here. */
function code128Data(sent: string): string | null {
  return /^(?:[\x20-\x24\x26-\x7e]|%0)+$/.test(sent) ? sent.replaceAll('%0', '%') : null;
}

const dispatch =
  (table: Readers): Reader =>
  (bytes) => {
    if (bytes.length < 3) return null;
    const reader = table[bytes[2] ?? -1];
    return reader === undefined ? { error: 'unknown command', size: 3 } : reader(bytes);
  };

const ALIGNMENTS = ['left', 'center', 'right'] as const;

const ESC_GS: Readers = {
  97: fixed(4, ([, , , n]) => {
    const align = ALIGNMENTS[digit(n, 2) ?? -1];
    return align === undefined ? 'alignment out of range' : { kind: 'align', align };
  }),
  116: fixed(4, ([, , , page = 0]) =>
    CODE_PAGES.has(page) ? { kind: 'code_page', page } : 'unknown code page',
  ),
  121: readQr,
};

const ESC_RS: Readers = {
  97: fixed(4, ([, , , n]) => {
    const value = digit(n, 3);
    return value === null ? 'automatic status out of range' : { kind: 'auto_status', on: value % 2 === 1 };
  }),
  69: fixed(4, ([, , , n]) => (digit(n, 0) === 0 ? { kind: 'clear_end_counter' } : 'ETB counter parameter')),
};

const ESC: Readers = {
  64: fixed(2, () => ({ kind: 'initialise' })),
  69: onOff('bold', true),
  70: onOff('bold', false),
  52: onOff('invert', true),
  53: onOff('invert', false),
  45: fixed(3, ([, , n]) => {
    const value = digit(n, 1);
    return value === null ? 'underline out of range' : { kind: 'underline', on: value === 1 };
  }),
  105: fixed(4, ([, , height = 0, width = 0]) =>
    height <= 5 && width <= 5 ? { kind: 'size', width: width + 1, height: height + 1 } : 'size out of range',
  ),
  100: fixed(3, ([, , n]) => {
    const value = digit(n, 3);
    if (value === null) return 'cut out of range';
    return { kind: 'cut', mode: value % 2 === 0 ? 'full' : 'partial', feed: value >= 2 };
  }),
  98: readBarcode,
  7: fixed(4, ([, , onTime = 0, offTime = 0]) =>
    onTime >= 1 && onTime <= 127 && offTime >= 1 && offTime <= 127
      ? { kind: 'pulse_width', onTime, offTime }
      : 'pulse out of range',
  ),
  6: fixed(3, ([, , n]) => (n === 0x01 ? { kind: 'status_request' } : 'unknown command')),
  30: dispatch(ESC_RS),
};

const SINGLE: Readonly<Record<number, Command>> = {
  10: { kind: 'line_feed' },
  7: { kind: 'fire_drawer' },
  23: { kind: 'end_mark' },
  24: { kind: 'cancel' },
};

/** Reads one of Star's languages: what both know, and what stands in the tables of this one. */
export function starReader(own: {
  readonly esc: Readers;
  readonly escGs: Readers;
  readonly single: Readonly<Record<number, Command>>;
}): Reader {
  const esc: Readers = { ...ESC, 29: dispatch({ ...ESC_GS, ...own.escGs }), ...own.esc };
  const single = { ...SINGLE, ...own.single };
  return (bytes) => {
    const [first = 0, second] = bytes;
    if (first === 0x1b) {
      if (second === undefined) return null;
      const reader = esc[second];
      return reader === undefined ? take(2, 'unknown command') : reader(bytes);
    }
    if (first >= 0x20 && first !== 0x7f) return take(1, { kind: 'text', byte: first });
    return take(1, single[first] ?? 'unknown control code');
  };
}
