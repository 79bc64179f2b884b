import { builtinModules } from 'node:module';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type UserConfig } from 'vite';

const root = import.meta.dirname;

/** Stay in node_modules: native code, WebAssembly with its data files, and Electron itself. */
const EXTERNAL = [
  'electron',
  'better-sqlite3',
  'serialport',
  /^@serialport\//,
  /^@electric-sql\//,
  'pdfkit',
  'fontkit',
  'pg-native',
  /^node:/,
  ...builtinModules,
];

/** The screen: served by both hosts under their own strict policy, so nothing is inlined and nothing is remote. */
const renderer: UserConfig = {
  root: resolve(root, 'renderer'),
  base: './',
  plugins: [react()],
  build: {
    outDir: resolve(root, 'dist/renderer'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
};

/** The gateway's own pages: the account's set-up, customers, managers, and the one that may load Meta's SDK. */
const setupPages: UserConfig = {
  ...renderer,
  root: resolve(root, 'renderer/gateway'),
  build: {
    ...renderer.build,
    outDir: resolve(root, 'dist/setup'),
    rolldownOptions: {
      input: ['index', 'customers', 'signup', 'web'].map((page) =>
        resolve(root, `renderer/gateway/${page}.html`),
      ),
    },
  },
};

/** One file for Node from `entry`: everything bundled but EXTERNAL. */
export function nodeBundle(entry: string, outFile: string, format: 'es' | 'cjs'): UserConfig {
  return {
    root,
    publicDir: false,
    ssr: { target: 'node', noExternal: true },
    build: {
      ssr: resolve(root, entry),
      outDir: resolve(root, outFile, '..'),
      emptyOutDir: false,
      target: 'node24',
      minify: false,
      sourcemap: true,
      rolldownOptions: {
        external: EXTERNAL,
        output: { format, entryFileNames: outFile.split('/').at(-1) ?? outFile, codeSplitting: false },
      },
    },
  };
}

const MODES: Record<string, UserConfig> = {
  'setup-pages': setupPages,
  'electron-main': nodeBundle('electron/main.ts', 'dist/electron/main.js', 'es'),
  /** The till's core, in a process of its own. */
  'electron-till': nodeBundle('electron/till-main.ts', 'dist/electron/till.js', 'es'),
  /** A sandboxed preload can only be CommonJS. */
  'electron-preload': nodeBundle('electron/preload.ts', 'dist/electron/preload.cjs', 'cjs'),
  /** The gateway that a packaged till starts as its own process. */
  gateway: nodeBundle('cloud/cli.ts', 'dist/cloud/cli.js', 'es'),
};

export default defineConfig(({ mode }) => MODES[mode] ?? renderer);
