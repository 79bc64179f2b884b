import { CommandReader, type Reader, type Reading, take } from '../mpop/command-reader.ts';

/** ESC t n, as the shared paper's numbers. */
const PAGES: Record<number, number> = { 0: 1, 13: 12, 16: 32, 19: 4 };
const ALIGNMENTS = ['left', 'center', 'right'] as const;

function readEsc(bytes: Uint8Array): Reading {
  const [, code, n, t1 = 0, t2 = 0] = bytes;
  if (code === undefined) return null;
  if (code === 0x40) return take(2, { kind: 'initialise' });
  if (n === undefined) return 'Eatp'.includes(String.fromCharCode(code)) ? null : take(2, 'unknown command');
  switch (code) {
    case 0x45:
      return take(3, { kind: 'bold', on: n % 2 === 1 });
    case 0x61: {
      const align = ALIGNMENTS[n];
      return take(3, align === undefined ? 'alignment out of range' : { kind: 'align', align });
    }
    case 0x74: {
      const page = PAGES[n];
      return take(3, page === undefined ? 'unknown code page' : { kind: 'code_page', page });
    }
    case 0x70:
      if (bytes.length < 5) return null;
      return take(
        5,
        n > 1 || t1 === 0
          ? 'pulse out of range'
          : { kind: 'pulse', connector: n + 1, onTime: t1, offTime: t2 },
      );
    default:
      return take(2, 'unknown command');
  }
}

function readBracket(bytes: Uint8Array): Reading {
  const [, , group, low = 0, high = 0, first, second, third = 0] = bytes;
  if (bytes.length < 5) return null;
  const length = low + high * 256;
  const size = 5 + length;
  if (bytes.length < size) return null;
  const body = bytes.slice(7, size);
  if (group === 0x48 && first === 0x30 && second === 0x30 && length === 6)
    return take(
      size,
      body.every((byte) => byte >= 32 && byte <= 126) ? { kind: 'process_id', id: body } : 'process id',
    );
  if (group !== 0x6b || first !== 0x31) return take(size, 'unknown function');
  if (second === 0x41)
    return take(
      size,
      third === 0x31 || third === 0x32 ? { kind: 'qr_model', value: third - 0x30 } : 'QR model',
    );
  if (second === 0x43)
    return take(size, third >= 1 && third <= 16 ? { kind: 'qr_cell', value: third } : 'QR cell');
  if (second === 0x45)
    return take(
      size,
      third >= 0x30 && third <= 0x33 ? { kind: 'qr_level', value: third - 0x30 } : 'QR level',
    );
  if (second === 0x50)
    return take(size, length >= 4 && third === 0x30 ? { kind: 'qr_data', data: body.slice(1) } : 'QR data');
  if (second === 0x51) return take(size, third === 0x30 && length === 3 ? { kind: 'qr_print' } : 'QR print');
  return take(size, 'unknown QR function');
}

class Barcode {
  height = 162;
  width = 3;
  text = false;

  read(bytes: Uint8Array): Reading {
    const [, code, n = 0, length] = bytes;
    if (bytes.length < 3) return null;
    if (code === 0x68) {
      this.height = n;
      return take(3, n === 0 ? 'barcode height' : { kind: 'setting' });
    }
    if (code === 0x77) {
      this.width = n;
      return take(3, n < 2 || n > 6 ? 'barcode width' : { kind: 'setting' });
    }
    if (code === 0x48) {
      this.text = n === 2 || n === 3;
      return take(3, n > 3 ? 'barcode text' : { kind: 'setting' });
    }
    if (n !== 73) return take(3, 'barcode symbology');
    if (length === undefined || bytes.length < 4 + length) return null;
    const data = Buffer.from(bytes.slice(4, 4 + length)).toString('latin1');
    if (!data.startsWith('{B') || /\{/.test(data.slice(2).replaceAll('{{', '')))
      return take(4 + length, 'code 128 without its code set');
    const { height, width, text } = this;
    const shown = data.slice(2).replaceAll('{{', '{');
    return take(4 + length, { kind: 'barcode', symbology: 6, text, width, height, data: shown });
  }
}

function readGs(bytes: Uint8Array, barcode: Barcode): Reading {
  const [, code, n] = bytes;
  if (code === undefined || n === undefined) return null;
  switch (code) {
    case 0x42:
      return take(3, { kind: 'invert', on: n % 2 === 1 });
    case 0x21:
      return take(3, (n & 0x88) === 0 ? { kind: 'size', width: (n >> 4) + 1, height: (n & 7) + 1 } : 'size');
    case 0x56:
      return take(3, n <= 1 ? { kind: 'cut', mode: n === 0 ? 'full' : 'partial', feed: false } : 'cut');
    case 0x61:
      return take(3, { kind: 'auto_status', on: n !== 0 });
    case 0x72:
      return take(3, n === 1 || n === 2 ? { kind: 'sensor_request' } : 'GS r');
    case 0x68:
    case 0x77:
    case 0x48:
    case 0x6b:
      return barcode.read(bytes);
    case 0x28:
      return readBracket(bytes);
    case 0x76: {
      if (bytes.length < 8) return null;
      const bytesPerRow = (bytes[4] ?? 0) + (bytes[5] ?? 0) * 256;
      const rows = (bytes[6] ?? 0) + (bytes[7] ?? 0) * 256;
      const size = 8 + bytesPerRow * rows;
      if (n !== 0x30 || bytes[3] !== 0 || bytesPerRow === 0 || rows === 0 || rows > 4095)
        return take(8, 'raster');
      return bytes.length < size
        ? null
        : take(size, { kind: 'raster', bytesPerRow, rows, data: bytes.slice(8, size) });
    }
    default:
      return take(2, 'unknown command');
  }
}

/** The barcode's settings are the printer's: they stay from one command to the next. */
function escPosReader(): Reader {
  const barcode = new Barcode();
  return (bytes) => {
    const [first = 0, second, third] = bytes;
    if (first === 0x1b) return readEsc(bytes);
    if (first === 0x1d) return readGs(bytes, barcode);
    if (first === 0x0a) return take(1, { kind: 'line_feed' });
    if (first === 0x10) {
      if (second === undefined || third === undefined) return null;
      const known = second === 4 && third >= 1 && third <= 4;
      return take(3, known ? { kind: 'status_request', n: third } : 'real-time command');
    }
    return take(1, first >= 0x20 && first !== 0x7f ? { kind: 'text', byte: first } : 'unknown control code');
  };
}

/**
 * A strict ESC/POS parser: what a TM printer is specified to know of what a till may send, with its ranges;
 * all else is an error. Source: Epson, ESC/POS Command Reference. Gives the commands of the shared paper.
 */
export class EscPosCommandParser extends CommandReader {
  constructor() {
    super(escPosReader());
  }
}
