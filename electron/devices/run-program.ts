import { spawn } from 'node:child_process';

export interface Ran {
  /** The exit code; null where it was ended, or never began. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the machine: no shell, arguments as they are, `input` on its standard input. Never rejects. */
export type RunProgram = (
  command: string,
  args: readonly string[],
  options: { readonly timeoutMs: number; readonly input?: Uint8Array },
) => Promise<Ran>;

/** More than any list of printers; what a program says beyond it is dropped. */
const OUTPUT_MAX = 1_000_000;

export const runProgram: RunProgram = (command, args, { timeoutMs, input }) =>
  new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    // Words are read by programs here: the machine's language must not change them.
    const env = { ...process.env, LC_ALL: 'C', LANG: 'C' };
    const child = spawn(command, [...args], {
      env,
      windowsHide: true,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < OUTPUT_MAX) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < OUTPUT_MAX) stderr += text;
    });
    child.once('error', (error) => resolve({ code: null, stdout, stderr: error.message }));
    child.once('close', (code) =>
      resolve({ code, stdout, stderr: stderr || (code === null ? 'no answer in time' : '') }),
    );
    child.stdin.on('error', () => undefined); // it ended before it read everything: its exit code says so
    child.stdin.end(input ?? new Uint8Array());
  });
