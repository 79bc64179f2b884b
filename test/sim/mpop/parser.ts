/**
 * A strict StarPRNT parser: it knows what an mPOP is specified to know, with its parameter ranges, and calls
 * everything else an error. Source: Star Micronics, StarPRNT Command Specifications rev. 2.25.
 */

export type Command =
  | { readonly kind: 'text'; readonly byte: number }
  | { readonly kind: 'line_feed' }
  | { readonly kind: 'initialise' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'bold' | 'underline' | 'invert'; readonly on: boolean }
  | { readonly kind: 'size'; readonly width: number; readonly height: number }
  | { readonly kind: 'code_page'; readonly page: number }
  | { readonly kind: 'align'; readonly align: 'left' | 'center' | 'right' }
  | { readonly kind: 'cut'; readonly mode: 'full' | 'partial'; readonly feed: boolean }
  | { readonly kind: 'qr_model' | 'qr_level' | 'qr_cell'; readonly value: number }
  | { readonly kind: 'qr_data'; readonly data: Uint8Array }
  | { readonly kind: 'qr_print' }
  | {
      readonly kind: 'barcode';
      readonly symbology: number;
      readonly text: boolean;
      readonly width: number;
      readonly height: number;
      readonly data: string;
    }
  | { readonly kind: 'pulse_width'; readonly onTime: number; readonly offTime: number }
  | { readonly kind: 'fire_drawer' }
  | { readonly kind: 'auto_status'; readonly on: boolean }
  /** `n` is which of ESC/POS's four. */
  | { readonly kind: 'status_request'; readonly n?: number }
  /** ESC/POS only, as the following. */
  | { readonly kind: 'process_id'; readonly id: Uint8Array }
  | { readonly kind: 'sensor_request' }
  | { readonly kind: 'setting' }
  /** Times in units of 2 ms. */
  | { readonly kind: 'pulse'; readonly connector: number; readonly onTime: number; readonly offTime: number }
  | {
      readonly kind: 'raster';
      readonly bytesPerRow: number;
      readonly rows: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'end_mark' }
  | { readonly kind: 'clear_end_counter' };

export interface ParseError {
  /** Position in the stream since the connection began. */
  readonly offset: number;
  readonly bytes: string;
  readonly reason: string;
}

export interface ParsedCommand {
  readonly command: Command;
  /** Bytes that it takes up in the reception buffer. */
  readonly size: number;
}

/** What a reader found: a command, nothing that may stand here, or (null) too few bytes to tell. */
type Reading = { command: Command; size: number } | { error: string; size: number } | null;
type Reader = (bytes: Uint8Array) => Reading;

const MAX_QR_BYTES = 7089;
const MAX_BARCODE_BYTES = 255;
/** Star's code page numbers (ESC GS t n). */
const CODE_PAGES = new Set([
  0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 32, 33, 34,
]);

const fixed =
  (size: number, make: (bytes: Uint8Array) => Command | string): Reader =>
  (bytes) => {
    if (bytes.length < size) return null;
    const made = make(bytes);
    return typeof made === 'string' ? { error: made, size } : { command: made, size };
  };

const onOff = (kind: 'bold' | 'underline' | 'invert', on: boolean): Reader => fixed(2, () => ({ kind, on }));

/** A digit parameter: n or its ASCII form. */
function digit(value: number | undefined, max: number): number | null {
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

function readBarcode(bytes: Uint8Array): Reading {
  const end = bytes.indexOf(0x1e, 6);
  if (end === -1) {
    return bytes.length > 6 + MAX_BARCODE_BYTES ? { error: 'barcode without end', size: 6 } : null;
  }
  const [, , symbology = 0, text = 0, width = 0, height = 0] = bytes;
  const data = String.fromCharCode(...bytes.slice(6, end));
  if (symbology > 0x0d || text < 1 || text > 4 || width < 1 || width > 9 || height < 1 || data === '') {
    return { error: 'barcode parameters', size: end + 1 };
  }
  return {
    command: { kind: 'barcode', symbology, text: text === 2 || text === 4, width, height, data },
    size: end + 1,
  };
}

/** ESC GS S 1: x in bytes, y in dots, one tone. */
function readRaster(bytes: Uint8Array): Reading {
  if (bytes.length < 9) return null;
  const [, , , mode, xLow = 0, xHigh = 0, yLow = 0, yHigh = 0, tone] = bytes;
  const bytesPerRow = xLow + xHigh * 256;
  const rows = yLow + yHigh * 256;
  const size = 9 + bytesPerRow * rows;
  if (mode !== 1 || tone !== 0 || bytesPerRow < 1 || bytesPerRow > 128 || rows < 1)
    return { error: 'raster', size: 9 };
  if (bytes.length < size) return null;
  return { command: { kind: 'raster', bytesPerRow, rows, data: bytes.slice(9, size) }, size };
}

const ALIGNMENTS = ['left', 'center', 'right'] as const;

const ESC_GS: Record<number, Reader> = {
  97: fixed(4, ([, , , n]) => {
    const align = ALIGNMENTS[digit(n, 2) ?? -1];
    return align === undefined ? 'alignment out of range' : { kind: 'align', align };
  }),
  116: fixed(4, ([, , , page = 0]) =>
    CODE_PAGES.has(page) ? { kind: 'code_page', page } : 'unknown code page',
  ),
  121: readQr,
  83: readRaster,
};

const ESC_RS: Record<number, Reader> = {
  97: fixed(4, ([, , , n]) => {
    const value = digit(n, 3);
    return value === null ? 'automatic status out of range' : { kind: 'auto_status', on: value % 2 === 1 };
  }),
  69: fixed(4, ([, , , n]) => (digit(n, 0) === 0 ? { kind: 'clear_end_counter' } : 'ETB counter parameter')),
};

const dispatch =
  (table: Record<number, Reader>): Reader =>
  (bytes) => {
    if (bytes.length < 3) return null;
    const reader = table[bytes[2] ?? -1];
    return reader === undefined ? { error: 'unknown command', size: 3 } : reader(bytes);
  };

const ESC: Record<number, Reader> = {
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
  29: dispatch(ESC_GS),
  30: dispatch(ESC_RS),
};

const SINGLE: Record<number, Command> = {
  10: { kind: 'line_feed' },
  7: { kind: 'fire_drawer' },
  23: { kind: 'end_mark' },
  24: { kind: 'cancel' },
};

function readCommand(bytes: Uint8Array): Reading {
  const [first = 0, second] = bytes;
  if (first === 0x1b) {
    if (second === undefined) return null;
    const reader = ESC[second];
    return reader === undefined ? { error: 'unknown command', size: 2 } : reader(bytes);
  }
  if (first >= 0x20 && first !== 0x7f) return { command: { kind: 'text', byte: first }, size: 1 };
  const command = SINGLE[first];
  return command === undefined ? { error: 'unknown control code', size: 1 } : { command, size: 1 };
}

export class StarPrntParser {
  #pending: Uint8Array = new Uint8Array();
  #offset = 0;
  readonly errors: ParseError[] = [];

  push(bytes: Uint8Array): ParsedCommand[] {
    this.#pending = Uint8Array.from([...this.#pending, ...bytes]);
    const commands: ParsedCommand[] = [];
    while (this.#pending.length > 0) {
      const reading = readCommand(this.#pending);
      if (reading === null) break;
      if ('command' in reading) commands.push(reading);
      else this.#refuse(reading.error, reading.size);
      this.#pending = this.#pending.subarray(reading.size);
      this.#offset += reading.size;
    }
    return commands;
  }

  /** Bytes of a command that has not ended. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** The connection ended: a command cut off in the middle is forgotten, as the printer's own time-out does. */
  disconnect(): void {
    this.#pending = new Uint8Array();
    this.#offset = 0;
  }

  #refuse(reason: string, size: number): void {
    const bytes = Buffer.from(this.#pending.slice(0, size)).toString('hex');
    this.errors.push({ offset: this.#offset, bytes, reason });
  }
}
