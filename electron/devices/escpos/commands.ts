import type { DrawerConnector, DrawerPulse } from '../dialect.ts';
import { PROCESS_ID_PREFIX, SENSOR_ANSWERS } from './status.ts';

/** ESC/POS commands. Source: Epson's ESC/POS Command Reference and the manuals of its printers; docs/printing.md says which. */

const ESC = 0x1b;
const GS = 0x1d;
const DLE = 0x10;

/** GS a: automatic status of drawer, off line, error and paper; sent once at the command. */
export const ENABLE_AUTO_STATUS: Uint8Array = Uint8Array.of(GS, 0x61, 0x0f);

/** DLE EOT 1, 2, 3, 4: printer, cause of being off line, error, paper; answered ahead of the buffer. */
export const REQUEST_STATUS: Uint8Array = Uint8Array.from([1, 2, 3, 4].flatMap((n) => [DLE, 0x04, n]));

/** GS ( H function 48: the printer answers with this id when everything before it is printed. `value` 0..31. */
export function processId(value: number): Uint8Array {
  const digits = [0x30 + Math.floor(value / 10), 0x30 + (value % 10)];
  return Uint8Array.of(GS, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, ...PROCESS_ID_PREFIX, ...digits);
}

/** GS r 1, in the order of the buffer; repeated, so that four equal answers are one mark. */
export const ASK_SENSOR: Uint8Array = Uint8Array.from(
  Array.from({ length: SENSOR_ANSWERS }, () => [GS, 0x72, 1]).flat(),
);

/** 200 ms on, 200 ms off. */
const DEFAULT_PULSE: DrawerPulse = { onTime: 20, offTime: 20 };
const UNITS_PER_10_MS = 5;

/** ESC p m t1 t2: connector 1 (pin 2) or 2 (pin 5), times in units of 2 ms, at most 510 ms. */
export function drawerPulse(pulse = DEFAULT_PULSE, connector: DrawerConnector = 1): Uint8Array {
  const times = [pulse.onTime, pulse.offTime].map((time) => {
    if (!Number.isInteger(time) || time < 1 || time > 127) throw new RangeError(`drawer pulse ${time}`);
    return Math.min(255, time * UNITS_PER_10_MS);
  });
  return Uint8Array.of(ESC, 0x70, connector - 1, ...times);
}

/** Three LF and GS V 1: feeds what is printed past the cutter and cuts partially. */
export const CUT_OFF: Uint8Array = Uint8Array.of(0x0a, 0x0a, 0x0a, GS, 0x56, 0x01);
