import { mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';

/** At each start a file over this size becomes the one old file that is kept. */
export const LOG_FILE_BYTES_MAX = 10 * 1024 * 1024;

/** Fields that no log line shows, wherever they come from; nobody logs them on purpose. */
const HIDDEN = ['authorization', 'token', 'pin', 'phone', 'secret', 'tillKey'];
const PATHS = [
  ...HIDDEN.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
  // Not every `code`: errors have stable ones that the log is for.
  ...['body', 'input', 'request'].map((name) => `${name}.code`),
];

/** The till's log: JSON lines in `<dataDir>/logs/till.log`, which only its owner reads. */
export function createLog(dataDir: string, destination = openLogFile(dataDir)): pino.Logger {
  return pino({ redact: { paths: PATHS, censor: '[hidden]' } }, destination);
}

function openLogFile(dataDir: string): pino.DestinationStream {
  const folder = join(dataDir, 'logs');
  const file = join(folder, 'till.log');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_FILE_BYTES_MAX) renameSync(file, join(folder, 'till.old.log'));
  return pino.destination({ dest: file, sync: true, mode: 0o600 });
}
