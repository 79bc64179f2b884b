/** The operator's commands about the audit list. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AdminOptions, Parsed } from './admin.ts';

/** What evidence holds is a shop's own business. */
const FILE_MODE = 0o600;

export function createAuditCommands({ audit }: AdminOptions) {
  return {
    /** Written by whoever has the database open, on the same machine; a file that is there is never overwritten. */
    async 'audit export'({ storeId, from, to, file }: Parsed<'audit export'>) {
      let lines = 0;
      async function* counted() {
        for await (const line of audit.evidence({ storeId, staffId: null, from, to })) {
          lines += 1;
          yield line;
        }
      }
      await pipeline(Readable.from(counted()), createWriteStream(file, { flags: 'wx', mode: FILE_MODE }));
      return { file, lines };
    },
    async 'audit check'() {
      await audit.link();
      return audit.check();
    },
  };
}
