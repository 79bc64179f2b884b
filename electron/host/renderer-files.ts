import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { CONTENT_SECURITY_POLICY, HARDENING_HEADERS } from './renderer-policy.ts';

export interface RendererFile {
  body: Buffer;
  headers: Readonly<Record<string, string>>;
}

/** Answers a URL path ('/', '/assets/index-x.js') with its file, or null. */
export type RendererFiles = (path: string) => RendererFile | null;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * Reads the built screen into memory, once. Only what was found then can be asked for, by its exact name, so no path
 * leads out of the folder.
 */
export async function loadRendererFiles(folder: string): Promise<RendererFiles> {
  const files = new Map<string, RendererFile>();
  for (const entry of await entriesOf(folder)) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, file).split(sep).join('/')}`, {
      body: await readFile(file),
      headers: {
        ...HARDENING_HEADERS,
        'content-type': type,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'cache-control': 'no-store',
      },
    });
  }
  const page = files.get('/index.html');
  if (page === undefined) throw notBuilt(folder);
  files.set('/', page);
  return (path) => files.get(path) ?? null;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? notBuilt(folder) : error;
  }
}

const notBuilt = (folder: string) => new Error(`no index.html in ${folder}: run "npm run build" first`);
