import { chmod, mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../shared/effects.ts';
import { createToken } from '../loopback/caller.ts';

/** The POS link's token: what the integrator copies into the terminal's program. */
export interface PosToken {
  readonly file: string;
  current(): string;
  /** Makes a new one; the old one is refused from then on. */
  rotate(): Promise<string>;
}

const TOKEN = /^[\w-]{43}$/;

/** Reads `pos-link.token` in the data folder, or makes it (256 bits, owner-only) where there is none that is whole. */
export async function openPosToken(dataDir: string, random: Random): Promise<PosToken> {
  const file = join(dataDir, 'pos-link.token');
  let token = await readToken(file);
  const rotate = async () => {
    const fresh = createToken(random);
    await writeToken(file, fresh);
    token = fresh;
    return fresh;
  };
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (token === null) token = await rotate();
  else await chmod(file, 0o600);
  return { file, current: () => token as string, rotate };
}

async function readToken(file: string): Promise<string | null> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return TOKEN.test(text) ? text : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all: a crash in between leaves the old token. */
async function writeToken(file: string, token: string): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
