import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileCache } from '../fixtures/compile-cache.ts';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';

const CLI = fileURLToPath(new URL('../../cloud/cli.ts', import.meta.url));
const READY_MS = 30_000;

/** A gateway in a process of its own, as `npm run cloud` starts it. */
export interface GatewayProcess {
  /** The name of its sessions at PostgreSQL. */
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly alive: boolean;
  /** Stops it where it is, deaf and dumb, with all its connections open. */
  pause(): void;
  resume(): void;
  /** By SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

export interface GatewaySettings {
  readonly databaseUrl: string;
  readonly masterKey: Uint8Array;
  readonly graphUrl: string;
  /** A folder without an `.env`. */
  readonly folder: string;
}

let started = 0;

export async function startGatewayProcess(settings: GatewaySettings): Promise<GatewayProcess> {
  started += 1;
  const name = `gateway-${started}`;
  const { databaseUrl, masterKey, graphUrl, folder } = settings;
  const child = spawn(process.execPath, [CLI], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      ...compileCache(),
      DATABASE_URL: `${databaseUrl}?application_name=${name}`,
      SAKSI_DATA_DIR: folder,
      SAKSI_MASTER_KEY: Buffer.from(masterKey).toString('base64'),
      SAKSI_LOG_LEVEL: 'info',
      PORT: '0',
      WHATSAPP_GRAPH_URL: graphUrl,
      WHATSAPP_GRAPH_VERSION: SIM_DEFAULTS.version,
      WHATSAPP_PHONE_NUMBER_ID: SIM_DEFAULTS.phoneNumberId,
      WHATSAPP_BUSINESS_ACCOUNT_ID: SIM_DEFAULTS.wabaId,
      WHATSAPP_ACCESS_TOKEN: SIM_DEFAULTS.accessToken,
      WHATSAPP_APP_SECRET: SIM_DEFAULTS.appSecret,
      WHATSAPP_VERIFY_TOKEN: SIM_DEFAULTS.verifyToken,
    },
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await readyAddress(child).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    name,
    url,
    port: Number(new URL(url).port),
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

function readyAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a gateway did not start in time')), READY_MS);
    child.once('exit', (code) => reject(new Error(`a gateway ended at its start, with ${code}`)));
    if (child.stdout === null) throw new Error('no output to read');
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.includes('gateway is ready')) return;
      clearTimeout(timer);
      resolve((JSON.parse(line) as { address: string }).address);
    });
  });
}

/** The one address of both gateways, as a balancer in front of them would be: to the first of `ports()` that takes it. */
export interface Line {
  readonly url: string;
  /** Breaks what is connected; it comes again and is led by what `ports` then says. */
  cut(): void;
  close(): Promise<void>;
}

export async function openLine(ports: () => readonly number[]): Promise<Line> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    keep(near);
    lead(near, ports());
  });

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A broken half is told to the other half by its end, below.
    socket.on('error', () => socket.destroy());
  }

  function lead(near: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined || near.destroyed) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    let through = false;
    keep(far);
    far.once('connect', () => {
      through = true;
      near.pipe(far).pipe(near);
      near.once('close', () => far.destroy());
    });
    far.once('close', () => {
      if (through) near.destroy();
      else lead(near, others);
    });
  }

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port from the system');
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    close() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
