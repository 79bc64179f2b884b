import { open, readFile, rename, rm } from 'node:fs/promises';
import type { DeviceConfig } from '../../shared/device-config.ts';

/**
 * Writes the choice of devices into the till's configuration file and leaves the rest of it alone. A power cut leaves
 * the old file or the new one, never half of one. Rejects where it cannot be read or written.
 */
export async function keepDevices(file: string, devices: DeviceConfig): Promise<void> {
  const before: unknown = JSON.parse(await readFile(file, 'utf8').catch(absentAsEmpty));
  const next = `${file}.next`;
  try {
    const handle = await open(next, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ ...(before as object), devices }, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

function absentAsEmpty(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}';
  throw error;
}
