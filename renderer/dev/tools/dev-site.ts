import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const RENDERER = join(import.meta.dirname, '../..');

/** As both hosts send it, but with no nonce for styles: the screen needs none, and this holds it to that. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface DevSite {
  /** Of the till's screens; the gateway's pages are beside it, as `dev-gateway.html`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the development page as the product is built, and serves it on loopback under the product's policy. */
export async function openDevSite(): Promise<DevSite> {
  const outDir = await mkdtemp(join(tmpdir(), 'saksi-dev-site-'));
  await build({
    configFile: false,
    logLevel: 'error',
    root: RENDERER,
    base: './',
    plugins: [react()],
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { input: ['dev.html', 'dev-gateway.html'].map((page) => join(RENDERER, page)) },
    },
  });
  const server = createServer((request, response) => {
    const path = join(outDir, normalize(new URL(request.url ?? '/', 'http://localhost').pathname));
    if (!path.startsWith(outDir) || !existsSync(path) || extname(path) === '') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-security-policy': POLICY,
    });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/dev.html`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
