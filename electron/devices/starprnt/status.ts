import type { DrawerPolarity, PrinterStatus } from '../dialect.ts';

/**
 * Automatic Status Back (ASB) of Star printers. Source: Star Micronics, STAR Line Mode Command
 * Specifications, appendix 'Status specifications' (the StarPRNT specification's appendix 2 is the same):
 * header 1 `0..0...1` holds the length in bits 6, 5, 3, 2, 1; header 2 the version, and in bit 7 whether a
 * two-byte length and more data follow (Ethernet); all other bytes are `0..0...0`. Printer status 1: bit 5
 * cover open, 3 off line, 2 compulsion switch closed, 1 ETB executed; 2: bit 6 head too hot, 5
 * non-recoverable, 3 cutter, 2 mechanical; 3: bit 6 reception buffer overflow; 4: bit 3 paper end, 2 near
 * end; 6: ETB counter, bit 6 its bit 4, 5 its 3, 3 its 2, 2 its 1, 1 its 0.
 */

/** One whole ASB: header 1, header 2 and the status bytes. */
export type StatusFrame = Uint8Array;

const FIXED_BITS = 0b1001_0001;
const HEADER_1_FIXED = 0b0000_0001;
const BODY_FIXED = 0;
const HEADER_2_EXPANSION = 0b1000_0000;
const EXPANSION_LENGTH_BYTES = 2;

/** Shortest and longest ASB that any printer is specified to send. */
const MIN_FRAME_BYTES = 7;
const MAX_FRAME_BYTES = 15;
/** 'Length' of an Ethernet status is at most 0x0200. */
const MAX_EXPANSION_BYTES = 0x200;

/** Bits 6, 5, 3, 2, 1 as one number 0..31: how both the length and the counter are packed. */
export function unpackFiveBits(byte: number): number {
  return ((byte >> 2) & 0b1_1000) | ((byte >> 1) & 0b0_0111);
}

export function packFiveBits(value: number): number {
  return ((value & 0b1_1000) << 2) | ((value & 0b0_0111) << 1);
}

/**
 * Finds ASB frames in a stream of any bytes. What is no frame is dropped byte by byte and counted, so that
 * line noise, or a scanner's data on the same connection, costs at most the frames that it touches. Holds at
 * most one frame's bytes.
 */
export class StatusParser {
  #pending: number[] = [];
  #skip = 0;
  #discarded = 0;

  /** Bytes that belonged to no frame, since the start. */
  get discarded(): number {
    return this.#discarded;
  }

  push(bytes: Uint8Array): StatusFrame[] {
    const frames: StatusFrame[] = [];
    for (const byte of bytes) {
      if (this.#skip > 0) {
        this.#skip -= 1;
        continue;
      }
      this.#pending.push(byte);
      this.#takeFrames(frames);
    }
    return frames;
  }

  /** Forgets a half-read frame: call it when the connection was lost. */
  reset(): void {
    this.#pending = [];
    this.#skip = 0;
  }

  #takeFrames(frames: StatusFrame[]): void {
    for (;;) {
      while (this.#pending.length > 0 && !isFramePrefix(this.#pending)) {
        this.#pending.shift();
        this.#discarded += 1;
      }
      const frame = this.#takeFrame();
      if (frame === null) return;
      frames.push(frame);
    }
  }

  #takeFrame(): StatusFrame | null {
    const length = unpackFiveBits(this.#pending[0] ?? 0);
    const expanded = ((this.#pending[1] ?? 0) & HEADER_2_EXPANSION) !== 0;
    const whole = expanded ? length + EXPANSION_LENGTH_BYTES : length;
    if (this.#pending.length === 0 || this.#pending.length < whole) return null;
    const taken = this.#pending.splice(0, whole);
    if (expanded) this.#skip = ((taken[length] ?? 0) << 8) | (taken[length + 1] ?? 0);
    return Uint8Array.from(taken.slice(0, length));
  }
}

/** Whether these bytes can be the beginning (or all) of an ASB with its optional length. */
function isFramePrefix(bytes: readonly number[]): boolean {
  const [header1 = 0, header2 = 0] = bytes;
  if ((header1 & FIXED_BITS) !== HEADER_1_FIXED) return false;
  const length = unpackFiveBits(header1);
  if (length < MIN_FRAME_BYTES || length > MAX_FRAME_BYTES) return false;
  if (bytes.length > 1 && (header2 & FIXED_BITS & ~HEADER_2_EXPANSION) !== BODY_FIXED) return false;
  for (let index = 2; index < Math.min(bytes.length, length); index += 1) {
    if (((bytes[index] ?? 0) & FIXED_BITS) !== BODY_FIXED) return false;
  }
  if (bytes.length < length + EXPANSION_LENGTH_BYTES) return true;
  if ((header2 & HEADER_2_EXPANSION) === 0) return true;
  return (((bytes[length] ?? 0) << 8) | (bytes[length + 1] ?? 0)) <= MAX_EXPANSION_BYTES;
}

/** Reads a whole frame. A frame of 7 bytes has no printer status 6; its counter reads as 0. */
export function decodeStatus(frame: StatusFrame, polarity: DrawerPolarity): PrinterStatus {
  const [status1 = 0, status2 = 0, status3 = 0, status4 = 0, , status6 = 0] = frame.subarray(2);
  const switchHigh = (status1 & 0x04) !== 0;
  return {
    online: (status1 & 0x08) === 0,
    coverOpen: (status1 & 0x20) !== 0,
    paper: (status4 & 0x08) !== 0 ? 'out' : (status4 & 0x04) !== 0 ? 'near_end' : 'ok',
    drawerSwitch: switchHigh === (polarity === 'high_is_open') ? 'open' : 'closed',
    overheated: (status2 & 0x40) !== 0,
    unrecoverableError: (status2 & 0x20) !== 0,
    cutterError: (status2 & 0x08) !== 0,
    mechanicalError: (status2 & 0x04) !== 0,
    bufferOverflow: (status3 & 0x40) !== 0,
    etbCounter: unpackFiveBits(status6),
  };
}
