import type { RunProgram } from './run-program.ts';
import { type Transport, TransportError, TransportListeners } from './transport.ts';
import { PRINT_RAW, QUEUE_STATUS, runPowerShell } from './windows-printing.ts';

/** A queue that is up answers in milliseconds; one whose server is away may not answer at all. */
const ASK_MS = 3_000;

export type QueuePlatform = 'cups' | 'windows';

export function queuePlatformOf(platform: NodeJS.Platform): QueuePlatform {
  return platform === 'win32' ? 'windows' : 'cups';
}

/**
 * A print queue of the operating system, in raw mode (CUPS, or Windows' spooler). It goes one way: the printer's status
 * does not come back through it, so nothing that is printed by it is ever confirmed. `words()` is what the queue itself
 * last said. Each write is one job of the queue.
 */
export function createQueueTransport(options: {
  name: string;
  platform: QueuePlatform;
  run: RunProgram;
}): Transport {
  const { name, platform, run } = options;
  const listeners = new TransportListeners();
  let isOpen = false;
  let words = '';
  let writes: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function open(): Promise<void> {
    const answer =
      platform === 'windows'
        ? await runPowerShell(run, QUEUE_STATUS, { queue: name })
        : await run('lpstat', ['-p', name], { timeoutMs: ASK_MS });
    if (answer.code !== 0) throw new TransportError('open_failed', firstLine(answer.stderr || answer.stdout));
    words = firstLine(answer.stdout);
    isOpen = true;
  }

  function write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    if (!isOpen) return Promise.reject(new TransportError('closed', name));
    const put = () => submit(bytes, timeoutMs);
    const written = waiting === 0 ? put() : writes.then(put);
    waiting += 1;
    writes = written
      .catch(() => undefined) // its own caller is told; the next job stands on its own
      .then(() => {
        waiting -= 1;
      });
    return written;
  }

  async function submit(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const answer =
      platform === 'windows'
        ? await runPowerShell(run, PRINT_RAW, { queue: name, data: Buffer.from(bytes).toString('base64') })
        : await run('lp', ['-d', name, '-o', 'raw', '-t', 'Saksi'], { input: bytes, timeoutMs });
    if (answer.code !== 0) {
      words = firstLine(answer.stderr || answer.stdout);
      throw new TransportError(answer.code === null ? 'write_timeout' : 'write_failed', words);
    }
    words = platform === 'windows' ? `job ${firstLine(answer.stdout)}` : firstLine(answer.stdout);
  }

  return {
    describe: { kind: 'queue', label: name },
    oneWay: true,
    words: () => words,
    open,
    write,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      listeners.closed({ why: 'asked', detail: 'closed' });
    },
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
  };
}

function firstLine(text: string): string {
  return (text.trim().split(/\r?\n/, 1)[0] ?? '').slice(0, 200);
}
