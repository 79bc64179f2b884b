import type { DrawerPolarity, PrinterStatus } from '../dialect.ts';

/**
 * What ESC/POS printers answer (DLE EOT n, GS a, GS r, GS ( H function 48). Source: Epson's ESC/POS
 * Command Reference and the manuals of its printers; docs/printing.md says which. The answers tell themselves apart by
 * fixed bits: automatic status (ASB) is 4 bytes, the first `0xx1xx00`, the others `0xx0xxxx`; a DLE EOT answer is one byte
 * `0xx1xx10`; a GS r answer is one byte `0xx0xxxx`; a process id is `37 22`, four bytes of the host's, `00`.
 */

const PROCESS_ID_HEAD = [0x37, 0x22] as const;
/** The first two of the four bytes of each process id that Saksi sends, so that noise is none. */
export const PROCESS_ID_PREFIX = [0x53, 0x4b] as const;
const PROCESS_ID_BYTES = 7;
const ASB_BYTES = 4;
/** GS r 1 asked this often in a row: the tail of a damaged ASB is three bytes at most, and they differ. */
export const SENSOR_ANSWERS = 4;
/** DLE EOT 1, 2, 3, 4. */
const REALTIME_ANSWERS = 4;

const isAsbHead = (byte: number) => (byte & 0b1001_0011) === 0b0001_0000;
const isRealtime = (byte: number) => (byte & 0b1001_0011) === 0b0001_0010;
const isPlain = (byte: number) => (byte & 0b1001_0000) === 0;
/** GS r 1: near end in bits 0 and 1, end in bits 2 and 3; both of each pair are the same. */
const isSensor = (byte: number) => byte === 0x00 || byte === 0x03 || byte === 0x0c || byte === 0x0f;

export type EscPosAnswer =
  | { readonly kind: 'asb'; readonly bytes: readonly number[] }
  | { readonly kind: 'realtime'; readonly bytes: readonly number[] }
  /** SENSOR_ANSWERS equal answers to GS r 1. */
  | { readonly kind: 'sensor' }
  /** 0..31. */
  | { readonly kind: 'process_id'; readonly value: number };

/** Finds answers in a stream of any bytes. Holds fewer than PROCESS_ID_BYTES bytes. */
export class EscPosParser {
  #pending: number[] = [];
  #discarded = 0;

  get discarded(): number {
    return this.#discarded;
  }

  push(bytes: Uint8Array): EscPosAnswer[] {
    const answers: EscPosAnswer[] = [];
    for (const byte of bytes) {
      this.#pending.push(byte);
      this.#take(answers);
    }
    return answers;
  }

  reset(): void {
    this.#pending = [];
  }

  /** A new question: half of an older answer is not completed by the new one. */
  forgetRealtime(): void {
    if (isRealtime(this.#pending[0] ?? 0)) this.reset();
  }

  #take(answers: EscPosAnswer[]): void {
    while (this.#pending.length > 0) {
      const length = lengthOf(this.#pending);
      if (length === null) {
        this.#pending.shift();
        this.#discarded += 1;
        continue;
      }
      if (this.#pending.length < length) return;
      answers.push(read(this.#pending.splice(0, length)));
    }
  }
}

/** Length of the answer that these bytes are the beginning of, or null where they are none. */
function lengthOf(bytes: readonly number[]): number | null {
  const [head = 0] = bytes;
  if (head === PROCESS_ID_HEAD[0]) return isProcessIdPrefix(bytes) ? PROCESS_ID_BYTES : null;
  if (isAsbHead(head)) return bytes.slice(1).every(isPlain) ? ASB_BYTES : null;
  if (isRealtime(head)) return bytes.every(isRealtime) ? REALTIME_ANSWERS : null;
  return isSensor(head) && bytes.every((byte) => byte === head) ? SENSOR_ANSWERS : null;
}

function isProcessIdPrefix(bytes: readonly number[]): boolean {
  const fixed = [...PROCESS_ID_HEAD, ...PROCESS_ID_PREFIX];
  return bytes.every((byte, index) => {
    const wanted = fixed[index];
    if (wanted !== undefined) return byte === wanted;
    return index === PROCESS_ID_BYTES - 1 ? byte === 0 && isProcessValue(bytes) : isDigit(byte);
  });
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
const processValue = (bytes: readonly number[]) => ((bytes[4] ?? 0) - 0x30) * 10 + (bytes[5] ?? 0) - 0x30;
const isProcessValue = (bytes: readonly number[]) => processValue(bytes) < 32;

function read(bytes: number[]): EscPosAnswer {
  const [head = 0] = bytes;
  if (head === PROCESS_ID_HEAD[0]) return { kind: 'process_id', value: processValue(bytes) };
  if (isAsbHead(head)) return { kind: 'asb', bytes };
  return isRealtime(head) ? { kind: 'realtime', bytes } : { kind: 'sensor' };
}

const bit = (byte: number | undefined, position: number) => ((byte ?? 0) & (1 << position)) !== 0;

/** Reads an ASB or the four DLE EOT answers. Every cause counts by itself, whatever the on-line bit says. */
export function decodeEscPos(
  answer: Extract<EscPosAnswer, { bytes: readonly number[] }>,
  polarity: DrawerPolarity,
  etbCounter: number,
): PrinterStatus {
  const [first, second, third, fourth] = answer.bytes;
  const asb = answer.kind === 'asb';
  const paperByte = asb ? third : fourth;
  const errorByte = asb ? second : third;
  const paperOut = asb ? bit(paperByte, 2) || bit(paperByte, 3) : bit(paperByte, 5) || bit(paperByte, 6);
  const nearEnd = asb ? bit(paperByte, 0) || bit(paperByte, 1) : bit(paperByte, 2) || bit(paperByte, 3);
  return {
    online: !bit(first, 3),
    coverOpen: asb ? bit(first, 5) : bit(second, 2),
    paper: paperOut || (!asb && bit(second, 5)) ? 'out' : nearEnd ? 'near_end' : 'ok',
    drawerSwitch: bit(first, 2) === (polarity === 'high_is_open') ? 'open' : 'closed',
    overheated: bit(errorByte, 6), // 'automatically recoverable': the head's temperature, or the supply's voltage
    unrecoverableError: bit(errorByte, 5),
    cutterError: bit(errorByte, 3),
    mechanicalError: bit(errorByte, 2),
    bufferOverflow: false,
    etbCounter,
    feedPressed: asb ? bit(first, 6) : bit(second, 3),
  };
}
