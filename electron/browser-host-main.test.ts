import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { POS_PATHS } from '../shared/pos-link-api.ts';

interface Ready {
  event: string;
  url: string;
  posLink: { url: string; tokenFile: string };
}

let folder: string;
let child: ChildProcess;
let output: string;
let errors: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saksi-browser-main-'));
  await mkdir(join(folder, 'screen'));
  await writeFile(join(folder, 'screen', 'index.html'), '<title>Saksi</title>');
});

afterEach(async () => {
  child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Starts the program as its user would; the answer resolves with its exit code. */
function start(config: object): Promise<number | null> {
  const file = join(folder, 'till.json');
  writeFileSync(file, JSON.stringify(config));
  output = '';
  errors = '';
  child = spawn(process.execPath, [join(import.meta.dirname, 'browser-host-main.ts')], {
    env: {
      ...process.env,
      SAKSI_DATA_DIR: join(folder, 'data'),
      SAKSI_TILL_CONFIG: file,
      SAKSI_SCREEN_DIR: join(folder, 'screen'),
    },
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', resolve));
}

async function ready(): Promise<Ready> {
  await expect.poll(() => output, { timeout: 15_000 }).toContain('\n');
  return JSON.parse(output) as Ready;
}

async function drain(reader: ReadableStreamDefaultReader<string> | undefined): Promise<void> {
  while ((await reader?.read())?.done === false);
}

describe('the till as a program of its own', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'serves the screen, its bridge and the POS link until %s',
    async (signal) => {
      const config = { posLink: { port: 0 }, browserHost: { port: 0 } };
      const ended = start(config);
      const { event, url, posLink } = await ready();
      expect(event).toBe('ready');
      expect(await (await fetch(url)).text()).toBe('<title>Saksi</title>');
      const events = await fetch(new URL('/bridge/events', url), {
        headers: { 'x-saksi-token': new URL(url).hash.replace('#token=', '') },
      });
      const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
      expect((await reader?.read())?.value).toContain('"host":"browser"');
      const token = (await readFile(posLink.tokenFile, 'utf8')).trim();
      const status = await fetch(`${posLink.url}${POS_PATHS.status}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect([status.status, await status.json()]).toMatchObject([200, { till: null, busy: false }]);
      child.kill(signal);
      expect(await ended).toBe(0);
      // The stream came to its end; one cut off in the middle would reject here.
      await expect(drain(reader)).resolves.toBeUndefined();
      await expect(fetch(url)).rejects.toThrow();
      expect(errors).toBe('');
    },
  );

  it('says what is wrong with its configuration, and ends', async () => {
    expect(await start({ browserHost: { port: -1 } })).toBe(1);
    expect(errors).toContain('browserHost.port');
    expect(output).toBe('');
  });
});
