/**
 * The embedded database may be open in one process only. Whoever opens it keeps a lock file beside it, which also
 * says how that process can be asked to run an operator's command.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const lockSchema = z.object({
  pid: z.number().int().positive(),
  /** Null while it is still starting, and for a command that opened the database itself. */
  admin: z.object({ url: z.url(), token: z.string() }).nullable(),
});
export type LockHolder = z.infer<typeof lockSchema>;

export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly holder: LockHolder;

  constructor(file: string, holder: LockHolder) {
    super(`the embedded database is in use by process ${holder.pid} (if that is no gateway, delete ${file})`);
    this.holder = holder;
  }
}

export interface FolderLock {
  /** Tells where operator's commands are taken. */
  announce(admin: NonNullable<LockHolder['admin']>): void;
  release(): void;
}

/** @throws FolderInUse while another living process holds it */
export function lockFolder(dataDir: string): FolderLock {
  const file = lockFile(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const mine: LockHolder = { pid: process.pid, admin: null };
  try {
    create(file, mine);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    const holder = readHolder(dataDir);
    if (holder !== null) throw new FolderInUse(file, holder);
    // Left behind by a process that was killed. Moved away first: of two that find it, one moves it.
    renameSync(file, `${file}.${process.pid}.stale`);
    rmSync(`${file}.${process.pid}.stale`);
    create(file, mine);
  }
  return {
    announce(admin) {
      const next = `${file}.${process.pid}`;
      create(next, { ...mine, admin });
      renameSync(next, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** The living process that has the database open, or null. */
export function readHolder(dataDir: string): LockHolder | null {
  let text: string;
  try {
    text = readFileSync(lockFile(dataDir), 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
  const holder = lockSchema.safeParse(parseJson(text));
  return holder.success && isAlive(holder.data.pid) ? holder.data : null;
}

function lockFile(dataDir: string): string {
  return join(dataDir, 'gateway.lock');
}

function create(file: string, holder: LockHolder): void {
  writeFileSync(file, JSON.stringify(holder), { flag: 'wx', mode: 0o600, flush: true });
}

/** A half-written file is one whose writer was killed: it names nobody. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
