import { statfsSync } from 'node:fs';
import { type ErrorCode, SaksiError } from '../../shared/errors.ts';

/** What a disk that failed is called on the screen. */
export type StoreTrouble = 'disk_full' | 'disk_failed' | 'database_locked' | 'database_corrupt';

const BY_CODE: Partial<Record<ErrorCode, StoreTrouble>> = {
  disk_full: 'disk_full',
  database_locked: 'database_locked',
  database_corrupt: 'database_corrupt',
  store_failed: 'disk_failed',
};

/** The trouble that an error of the store stands for; null: it is not about the disk. */
export function storeTrouble({ code }: SaksiError): StoreTrouble | null {
  return BY_CODE[code] ?? null;
}

/** Whether the till's own disk is the reason. */
export function isStoreFault(error: SaksiError): boolean {
  return storeTrouble(error) !== null;
}

/**
 * What SQLite or the file system says, in our words: `disk_full`, `database_locked`, `database_corrupt`, else `store_failed`
 * (sqlite.org/rescode.html). A SaksiError stays what it is.
 */
export function storeFault(error: unknown): SaksiError {
  if (error instanceof SaksiError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return fault('disk_full', error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return fault('database_locked', error);
  if (
    code.startsWith('SQLITE_CORRUPT') ||
    code === 'SQLITE_NOTADB' ||
    code.startsWith('SQLITE_IOERR_SHORT_READ')
  ) {
    return fault('database_corrupt', error);
  }
  return fault('store_failed', error);
}

/** Whether SQLite or the disk itself said it. */
export function isRawFault(error: unknown): boolean {
  if (error instanceof SaksiError || !(error instanceof Error) || !('code' in error)) return false;
  return /^(SQLITE_|ENOSPC|EDQUOT|EIO|EROFS)/.test(String(error.code));
}

function fault(code: ErrorCode, cause: unknown): SaksiError {
  return new SaksiError(code, { cause });
}

/** Bytes that this program may still write where `folder` lies. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
