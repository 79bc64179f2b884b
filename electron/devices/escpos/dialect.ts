import type { DialectChannel, DrawerPolarity, PrinterDialect, PrinterStatus } from '../dialect.ts';
import { encodeWith } from '../slip-encoder.ts';
import { ESC_POS_SET } from './command-set.ts';
import {
  ASK_SENSOR,
  CUT_OFF,
  drawerPulse,
  ENABLE_AUTO_STATUS,
  processId,
  REQUEST_STATUS,
} from './commands.ts';
import { decodeEscPos, EscPosParser } from './status.ts';

/** Value of the process id that only finds out whether the printer answers any. */
const PROBE = 0;
/** Marks that may be on their way before the channel counts as lost. */
const MAX_AWAITED = 64;

function escPosChannel(polarity: DrawerPolarity): DialectChannel {
  const parser = new EscPosParser();
  let confirmsBy: 'process_id' | 'sensor' | null = null;
  /** Values of the GS r marks on their way, in order; their answers carry none. */
  let awaited: number[] = [];
  let last: PrinterStatus | null = null;
  let counter = 0;

  function markOf(value: number): Uint8Array {
    if (confirmsBy === 'process_id') return processId(value);
    if (confirmsBy === null || awaited.length >= MAX_AWAITED) return new Uint8Array();
    awaited.push(value);
    return ASK_SENSOR;
  }

  function take(answer: ReturnType<EscPosParser['push']>[number]): PrinterStatus | null {
    switch (answer.kind) {
      case 'process_id':
        confirmsBy = 'process_id';
        awaited = [];
        counter = answer.value;
        break;
      case 'sensor': {
        if (confirmsBy === 'process_id') return null;
        confirmsBy = 'sensor';
        const value = awaited.shift();
        if (value === undefined) return null;
        counter = value;
        break;
      }
      default:
        last = decodeEscPos(answer, polarity, counter);
        return last;
    }
    last = last === null ? null : { ...last, etbCounter: counter };
    return last;
  }

  return {
    get confirms() {
      return confirmsBy !== null;
    },
    greeting() {
      awaited = [PROBE];
      return Uint8Array.from([...ENABLE_AUTO_STATUS, ...processId(PROBE), ...ASK_SENSOR]);
    },
    ask() {
      parser.forgetRealtime();
      return Uint8Array.from([...ENABLE_AUTO_STATUS, ...REQUEST_STATUS]);
    },
    askNow() {
      parser.forgetRealtime();
      return REQUEST_STATUS;
    },
    endMark: ({ to }) => markOf(to),
    settle: ({ to }) => markOf(to),
    push: (bytes) =>
      parser
        .push(bytes)
        .map(take)
        .filter((status) => status !== null),
    reset() {
      parser.reset();
      confirmsBy = null;
      awaited = [];
      last = null;
      counter = 0;
    },
    get discarded() {
      return parser.discarded;
    },
  };
}

/** ESC/POS: Epson's TM printers and those that speak as they do. */
export const escPos: PrinterDialect = {
  language: 'esc-pos',
  columns: [32, 42, 48],
  printsUnheard: true,
  heartbeatOverTcp: true,
  encode: (slip, columns) => encodeWith(ESC_POS_SET, slip, columns),
  drawerPulse,
  cutOff: CUT_OFF,
  connect: escPosChannel,
};
