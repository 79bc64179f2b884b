import { fsyncSync, openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { Kysely, PGliteDialect } from 'kysely';
import type { Engine } from './engine.ts';
import type { Database } from './schema.ts';
import { checkChannel, OID_INT8, parseInt8 } from './values.ts';

export type PgliteLocation = { folder: string } | { memory: true; image?: string };

/** Postgres in this process: on `folder` (one process at a time), or in memory, empty or as `image` has it. */
export async function openPglite(
  location: PgliteLocation,
  onError: (error: unknown) => void,
): Promise<Engine> {
  const parsers = { [OID_INT8]: parseInt8 };
  const pglite = await PGlite.create({ parsers, ...(await placeOf(location)) });
  const kysely = new Kysely<Database>({ dialect: new PGliteDialect({ pglite }) });
  return {
    kind: 'pglite',
    kysely,
    async listen(channel, onPayload) {
      const stop = await pglite.listen(checkChannel(channel), (payload) => {
        try {
          onPayload(payload);
        } catch (error) {
          onError(error);
        }
      });
      return () => stop();
    },
    script(text) {
      // Kysely's mutex is held meanwhile, so that no other query sees a transaction of the script.
      return kysely.connection().execute(async () => {
        try {
          const results = await pglite.exec(text);
          return results.flatMap((result) => result.rows as Record<string, unknown>[]);
        } catch (error) {
          await pglite.exec('rollback');
          throw error;
        }
      });
    },
    async close() {
      await kysely.destroy();
      if (!pglite.closed) await pglite.close();
    },
  };
}

/**
 * PGlite starts Postgres with `-F` (no fsync), and its file system lacks fsync: a commit would survive the end of the
 * process, but not of the power. A ledger must survive both, so fsync is put back: one per commit. `fsync` rather than
 * `fdatasync`, because the latter does nothing in this build.
 */
async function placeOf(location: PgliteLocation) {
  if ('folder' in location) return durableOn(location.folder);
  return location.image === undefined ? {} : { loadDataDir: await openAsBlob(location.image) };
}

async function durableOn(folder: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    fs: new DurableNodeFS(folder),
    startParams: [
      ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
      ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync'],
    ],
  };
}

/** The part of Emscripten's NODEFS used here: `nfd` is the descriptor of the host's file. */
interface NodefsModule {
  NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } };
}

class DurableNodeFS extends NodeFS {
  override async init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
    const made = await super.init(...args);
    const withFsync = (module: unknown) => {
      (module as NodefsModule).NODEFS.stream_ops.fsync ??= ({ nfd }) => {
        fsyncSync(nfd);
        return 0;
      };
    };
    const { emscriptenOpts } = made;
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), withFsync] } };
  }
}
