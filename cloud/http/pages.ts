/** The gateway's own pages, as Vite built them: read into memory once, and asked for by their exact names. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the bundle of the gateway as beside its source: both lie two folders below the root. */
export const PAGES_FOLDER = fileURLToPath(new URL('../../dist/setup/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface PageFile {
  readonly body: Buffer;
  readonly type: string;
}

/** By its path below the folder (`index.html`, `assets/index-x.js`); null: none of that name. */
export type Pages = (path: string) => PageFile | null;

/** @returns null when the pages were not built */
export function loadPages(folder: string): Pages | null {
  const files = new Map<string, PageFile>();
  for (const entry of entriesOf(folder)) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(relative(folder, file).split(sep).join('/'), { body: readFileSync(file), type });
  }
  return files.has('index.html') ? (path) => files.get(path) ?? null : null;
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const SELF = [
  "default-src 'none'",
  "style-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/** No remote content, no inline script or style, no eval, no frame. */
export const PAGE_POLICY = [...SELF, "script-src 'self'", "connect-src 'self'", "img-src 'self' data:"].join(
  '; ',
);

/** The one page with Meta's SDK, or the simulator's in its place. @param sdkUrl where the SDK comes from */
export function signupPolicy(sdkUrl: string): string {
  const { origin, hostname } = new URL(sdkUrl);
  const meta = hostname === META_SDK_HOST ? ['https://*.facebook.com', 'https://*.facebook.net'] : [];
  const hosts = [origin, ...meta].join(' ');
  return [
    ...SELF,
    `script-src 'self' ${origin}`,
    `connect-src 'self' ${hosts}`,
    `img-src 'self' data: ${hosts}`,
    `frame-src ${hosts}`,
  ].join('; ');
}

export const META_SDK_HOST = 'connect.facebook.net';

/** Headers of every page and of all that belongs to one. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
  'cross-origin-resource-policy': 'same-origin',
};
