import type { PrinterLanguage } from '../../shared/device-config.ts';
import { type Clock, sleep } from '../../shared/effects.ts';
import type { PrinterStatus } from './dialect.ts';
import { ENABLE_AUTO_STATUS, REQUEST_STATUS } from './starprnt/commands.ts';
import { decodeStatus, StatusParser } from './starprnt/status.ts';
import { type Transport, TransportError } from './transport.ts';

export interface Probed {
  /** In which of them it answered; Star Line Mode has the same status as StarPRNT. Null: in none. */
  readonly language: Extract<PrinterLanguage, 'star-prnt' | 'esc-pos'> | null;
  readonly oneWay: boolean;
  readonly status: PrinterStatus | null;
  /** For a person. */
  readonly words: readonly string[];
}

/** How long a printer may take to answer in each language, and how often its answer is looked for. */
export const PROBE_ANSWER_MS = 1_500;
const LOOK_MS = 20;
const WRITE_MS = 1_000;
/** DLE EOT 1: real-time printer status of ESC/POS. Its one byte has bits 1 and 4 set, 0 and 7 not. */
const ESC_POS_STATUS = Uint8Array.of(0x10, 0x04, 0x01);
const isEscPosStatus = (byte: number) => (byte & 0b1001_0011) === 0b0001_0010;
const ESC_POS_OFFLINE = 0b1000;

/** Opens a device that nobody else has open, asks who it is, and closes it. Moves no paper and no drawer. Never rejects. */
export async function probeDevice(transport: Transport, clock: Clock): Promise<Probed> {
  const parser = new StatusParser();
  const heard: number[] = [];
  let status: PrinterStatus | null = null;
  transport.onData((bytes) => {
    heard.push(...bytes);
    for (const frame of parser.push(bytes)) status = decodeStatus(frame, 'high_is_open');
  });
  const answer = async (isThere: () => boolean) => {
    const end = clock.monotonic() + PROBE_ANSWER_MS;
    while (!isThere() && clock.monotonic() < end) await sleep(clock, LOOK_MS);
    return isThere();
  };
  const oneWay = transport.oneWay === true;
  try {
    await transport.open();
    if (oneWay) {
      const said = transport.words?.() ?? '';
      return {
        language: null,
        oneWay,
        status,
        words: [`the queue says: ${said}`, 'of the printer it tells nothing'],
      };
    }
    await transport.write(Uint8Array.from([...ENABLE_AUTO_STATUS, ...REQUEST_STATUS]), WRITE_MS);
    if (await answer(() => status !== null)) {
      return { language: 'star-prnt', oneWay, status, words: wordsOf(status) };
    }
    heard.length = 0;
    await transport.write(ESC_POS_STATUS, WRITE_MS);
    if (await answer(() => heard.some(isEscPosStatus))) {
      const online = !heard.some((byte) => isEscPosStatus(byte) && (byte & ESC_POS_OFFLINE) !== 0);
      return {
        language: 'esc-pos',
        oneWay,
        status,
        words: ['answers in ESC/POS', online ? 'on line' : 'off line'],
      };
    }
    return {
      language: null,
      oneWay,
      status,
      words: ['it can be opened, and answers in no language that is known here'],
    };
  } catch (error) {
    const detail = error instanceof TransportError ? error.message : String(error);
    return { language: null, oneWay, status, words: [`it cannot be reached: ${detail}`] };
  } finally {
    await transport.close();
  }
}

function wordsOf(status: PrinterStatus | null): string[] {
  if (status === null) return [];
  const paper = { ok: 'paper is in', near_end: 'the roll is nearly at its end', out: 'no paper' }[
    status.paper
  ];
  const faults: [boolean, string][] = [
    [status.coverOpen, 'cover open'],
    [status.overheated, 'print head too hot'],
    [status.cutterError, 'cutter blocked'],
    [status.mechanicalError, 'mechanical fault'],
    [status.unrecoverableError, 'fault: switch it off and on'],
  ];
  return [
    'answers in StarPRNT or Star Line Mode',
    status.online ? 'on line' : 'off line',
    paper,
    ...faults.flatMap(([is, word]) => (is ? [word] : [])),
    `drawer switch reads ${status.drawerSwitch === 'open' ? 'high' : 'low'}`,
  ];
}
