import type { DialectChannel, DrawerPolarity, PrinterDialect } from '../dialect.ts';
import {
  CLEAR_END_COUNTER,
  CUT_OFF,
  drawerPulse,
  ENABLE_AUTO_STATUS,
  endMarks,
  REQUEST_STATUS,
} from './commands.ts';
import { encodeSlip, STARPRNT_COLUMNS } from './encode.ts';
import { decodeStatus, StatusParser } from './status.ts';

/** Status and end marks of Star's printers, the same in StarPRNT and Star Line mode: ASB and the ETB counter. */
export function starChannel(polarity: DrawerPolarity): DialectChannel {
  const parser = new StatusParser();
  return {
    confirms: true,
    greeting: () => ENABLE_AUTO_STATUS,
    ask: () => ENABLE_AUTO_STATUS,
    askNow: () => REQUEST_STATUS,
    endMark: ({ count }) => endMarks(count),
    settle: ({ count }) => Uint8Array.from([...CLEAR_END_COUNTER, ...ENABLE_AUTO_STATUS, ...endMarks(count)]),
    push: (bytes) => parser.push(bytes).map((frame) => decodeStatus(frame, polarity)),
    reset: () => parser.reset(),
    get discarded() {
      return parser.discarded;
    },
  };
}

/** StarPRNT: mPOP, TSP100IV in StarPRNT mode, mC-Print. */
export const starPrnt: PrinterDialect = {
  language: 'star-prnt',
  columns: STARPRNT_COLUMNS,
  printsUnheard: false,
  heartbeatOverTcp: false,
  encode: (slip, columns) => encodeSlip(slip, columns),
  drawerPulse,
  cutOff: CUT_OFF,
  connect: starChannel,
};
