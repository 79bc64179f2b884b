import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { deviceConfigSchema } from '../devices/config.ts';

const port = z.number().int().min(0).max(65_535);

/** `till.json` in the till's data folder: what belongs to this machine. Everything may be left out. */
export const hostConfigSchema = z.strictObject({
  /** Where the POS link listens (loopback). 0: any free port. */
  posLink: z.strictObject({ port: port.default(8788) }).prefault({}),
  /** Where the browser host listens (loopback). 0: any free port. */
  browserHost: z.strictObject({ port: port.default(8789) }).prefault({}),
  /** `embedded`: the gateway runs beside this till; `remote`: it runs elsewhere. */
  gateway: z
    .discriminatedUnion('mode', [
      z.strictObject({ mode: z.literal('remote') }),
      z.strictObject({ mode: z.literal('embedded'), port: port.min(1).default(8787) }),
    ])
    .default({ mode: 'remote' }),
  devices: deviceConfigSchema.prefault({ printer: { transport: { kind: 'none' } } }),
});
export type HostConfig = z.output<typeof hostConfigSchema> & {
  /** The till's own folder. */
  dataDir: string;
};

export const CONFIG_FILE = 'till.json';

/** The till's own folder in the folder for everything of Saksi, where the embedded gateway has its own too. */
export function tillFolder(saksiFolder: string): string {
  return join(saksiFolder, 'till');
}

/** Reads `till.json` of `dataDir`, or another file where `configFile` names one. Throws with what is wrong and where. */
export function readHostConfig(dataDir: string, configFile?: string): HostConfig {
  const file = configFile ?? join(dataDir, CONFIG_FILE);
  if (!existsSync(file)) {
    if (configFile !== undefined) throw new Error(`${file}: there is no such file`);
    return { ...hostConfigSchema.parse({}), dataDir };
  }
  const parsed = hostConfigSchema.safeParse(parseJson(file));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  return { ...parsed.data, dataDir };
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file}: not JSON`, { cause: error });
  }
}
