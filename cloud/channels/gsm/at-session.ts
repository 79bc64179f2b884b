/** Commands to a modem and their answers, one at a time (3GPP TS 27.005, 27.007; ITU-T V.250). */
import type { Clock } from '../../../shared/effects.ts';
import type { SerialLine } from './serial-line.ts';

export type AtFault = 'error' | 'cms' | 'cme' | 'timeout' | 'lost';

/** A command that did not end with OK. `code` is the number of `+CMS ERROR` or `+CME ERROR`. */
export class AtError extends Error {
  override readonly name = 'AtError';
  readonly fault: AtFault;
  readonly code: number | null;

  constructor(fault: AtFault, code: number | null = null) {
    super(code === null ? fault : `${fault} ${code}`);
    this.fault = fault;
    this.code = code;
  }
}

export interface AtSession {
  /**
   * Writes a command and waits for its end; `body` is written after the prompt `> `, ended by Ctrl-Z. The caller waits for
   * one before the next.
   * @returns the lines before OK
   * @throws AtError
   */
  command(command: string, options: { timeoutMs: number; body?: string }): Promise<string[]>;
  /** Leaves a prompt that waits for a body. */
  abort(): Promise<void>;
  close(): Promise<void>;
}

export interface AtSessionOptions {
  readonly line: SerialLine;
  readonly clock: Pick<Clock, 'schedule'>;
  /** Hex of a status report that came by itself. */
  readonly onReport: (pdu: string) => void;
  readonly onLost: () => void;
}

const CTRL_Z = '\x1a';
const ESCAPE = '\x1b';
const PROMPT = /^\s*> ?$/;
/** A line of a modem's is under 400 characters; more than this without an end is noise. */
const LINE_MAX = 4096;

interface Pending {
  readonly lines: string[];
  readonly echo: string;
  body: string | null;
  readonly end: (result: AtError | null) => void;
}

export function createAtSession({ line, clock, onReport, onLost }: AtSessionOptions): AtSession {
  let buffer = '';
  let reportNext = false;
  let pending: Pending | null = null;
  let gone = false;

  line.onData((text) => {
    buffer += text;
    for (;;) {
      const end = buffer.search(/[\r\n]/);
      if (end < 0) break;
      const found = buffer.slice(0, end).trim();
      buffer = buffer.slice(end + 1);
      if (found !== '') takeLine(found);
    }
    if (PROMPT.test(buffer) && pending?.body != null) {
      buffer = '';
      const { body } = pending;
      pending.body = null;
      write(`${body}${CTRL_Z}`);
    }
    if (buffer.length > LINE_MAX) buffer = '';
  });
  line.onClose(() => {
    gone = true;
    pending?.end(new AtError('lost'));
    onLost();
  });

  function takeLine(text: string): void {
    // A report may come between a command and its answer: it belongs to none.
    if (reportNext) {
      reportNext = false;
      onReport(text);
      return;
    }
    if (text.startsWith('+CDS:')) {
      reportNext = true;
      return;
    }
    if (pending === null || text === pending.echo) return;
    const refusal = /^\+(CMS|CME) ERROR: *(\d+)/.exec(text);
    if (refusal !== null) {
      pending.end(new AtError(refusal[1] === 'CMS' ? 'cms' : 'cme', Number(refusal[2])));
    } else if (text === 'OK') pending.end(null);
    else if (text === 'ERROR' || text.startsWith('+CMS ERROR') || text.startsWith('+CME ERROR')) {
      pending.end(new AtError('error'));
    } else pending.lines.push(text);
  }

  function command(text: string, { timeoutMs, body }: { timeoutMs: number; body?: string }) {
    if (gone) return Promise.reject(new AtError('lost'));
    return new Promise<string[]>((resolve, reject) => {
      const lines: string[] = [];
      const late = clock.schedule(timeoutMs, () => pending?.end(new AtError('timeout')));
      pending = {
        lines,
        echo: text,
        body: body ?? null,
        end(result) {
          late();
          pending = null;
          if (result === null) resolve(lines);
          else reject(result);
        },
      };
      write(`${text}\r`);
    });
  }

  function write(text: string): void {
    line.write(text).catch(() => pending?.end(new AtError('lost')));
  }

  return {
    command,
    // Fails only on a line that went, which has no prompt any more.
    abort: () => line.write(ESCAPE).catch(() => undefined),
    close: () => line.close(),
  };
}
