import type { DrawerConnector, DrawerPulse } from '../dialect.ts';

/**
 * StarPRNT commands that Saksi sends besides the slip itself. Source: Star Micronics, StarPRNT Command
 * Specifications rev. 2.25 and, where the text is the same, STAR Line Mode Command Specifications.
 */

/** 200 ms on, 200 ms off: the printer's own initial value, which the mPOP's drawer is built for. */
export const DEFAULT_DRAWER_PULSE: DrawerPulse = { onTime: 20, offTime: 20 };

const ESC = 0x1b;
const RS = 0x1e;
const BEL = 0x07;
const ETB = 0x17;
const SUB = 0x1a;

/**
 * ESC BEL n1 n2, BEL: five bytes that set the pulse and fire external device 1, which in an mPOP is its own
 * drawer. BEL is executed in the order of the reception buffer. FS (1C) is 'real time' in Star's
 * dot-impact printers only, so it is not relied on. Connector 2 is SUB, whose times are the printer's own
 * (200 ms).
 */
export function drawerPulse(
  pulse: DrawerPulse = DEFAULT_DRAWER_PULSE,
  connector: DrawerConnector = 1,
): Uint8Array {
  for (const time of [pulse.onTime, pulse.offTime]) {
    if (!Number.isInteger(time) || time < 1 || time > 127) throw new RangeError(`drawer pulse ${time}`);
  }
  if (connector === 2) return Uint8Array.of(SUB);
  return Uint8Array.of(ESC, BEL, pulse.onTime, pulse.offTime, BEL);
}

/**
 * ESC RS a 1: switches automatic status (ASB) on, and sends it once. ESC @ does not undo it. Printers on
 * Ethernet ignore it: their automatic status is always on.
 */
export const ENABLE_AUTO_STATUS: Uint8Array = Uint8Array.of(ESC, RS, 0x61, 0x01);

/** ESC ACK SOH: one status now, ahead of the buffer. Not to be used once automatic status is known to be on. */
export const REQUEST_STATUS: Uint8Array = Uint8Array.of(ESC, 0x06, 0x01);

/** ESC @: initialises the commands' settings (emphasis, size, code page); touches neither buffer nor counter. */
export const INITIALISE: Uint8Array = Uint8Array.of(ESC, 0x40);

/**
 * ETB: when the printer reaches it, it waits until all print data before it is printed, adds one to the ETB
 * counter and sends ASB.
 */
export function endMarks(count: number): Uint8Array {
  return new Uint8Array(count).fill(ETB);
}

/** Three LF and ESC d 1: feeds what is printed past the cutter and cuts partially. */
export const CUT_OFF: Uint8Array = Uint8Array.of(0x0a, 0x0a, 0x0a, ESC, 0x64, 0x01);

/** ESC RS E 0: sets the ETB counter to 0 when the printer reaches it; sends no status. */
export const CLEAR_END_COUNTER: Uint8Array = Uint8Array.of(ESC, RS, 0x45, 0x00);

/** The counter has five bits and wraps from 31 to 0. */
export const END_COUNTER_MODULUS = 32;
