import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemEffects } from '../../shared/effects.ts';
import { FakeTill, MemoryLog } from '../../test/fixtures/fake-till.ts';
import type { Till } from '../till/contract.ts';
import { type HostConfig, readHostConfig } from './config.ts';
import { gatewayEnvironment } from './gateway-environment.ts';
import { GATEWAY_RESTART, type GatewayRun, keepGatewayRunning } from './gateway-process.ts';
import { createLog, LOG_FILE_BYTES_MAX } from './log-file.ts';
import { startTillProcess } from './till-process.ts';

let folder: string;
let log: MemoryLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saksi-process-'));
  log = new MemoryLog();
});
afterEach(() => rm(folder, { recursive: true }));

describe('till.json', () => {
  const write = (value: unknown) =>
    writeFile(join(folder, 'till.json'), typeof value === 'string' ? value : JSON.stringify(value));

  it('may be left out', () => {
    expect(readHostConfig(folder)).toMatchObject({
      dataDir: folder,
      posLink: { port: 8788 },
      browserHost: { port: 8789 },
      gateway: { mode: 'remote' },
      devices: { printer: { transport: { kind: 'none' } } },
    });
  });

  it('sets what it names', async () => {
    await write({
      posLink: { port: 0 },
      gateway: { mode: 'embedded' },
      devices: { printer: { transport: { kind: 'serial', path: '/dev/ttyUSB0' } } },
    });
    expect(readHostConfig(folder)).toMatchObject({
      posLink: { port: 0 },
      gateway: { mode: 'embedded', port: 8787 },
      devices: { printer: { transport: { path: '/dev/ttyUSB0' } } },
    });
  });

  it.each([
    ['{"posLink":', 'not JSON'],
    [{ posLink: { port: 70_000 } }, 'posLink.port'],
    [{ posLnk: {} }, 'posLnk'],
    [{ gateway: { mode: 'here' } }, 'gateway.mode'],
  ])('is refused with the place of the mistake: %j', async (value, place) => {
    await write(value);
    expect(() => readHostConfig(folder)).toThrow(place);
    expect(() => readHostConfig(folder)).toThrow(join(folder, 'till.json'));
  });

  it('must be there where it was named', () => {
    expect(() => readHostConfig(folder, join(folder, 'x.json'))).toThrow('no such file');
  });
});

describe('the log file', () => {
  it('hides secrets wherever they turn up, and begins anew when it has grown', async () => {
    const lines = () => readFile(join(folder, 'logs', 'till.log'), 'utf8');
    createLog(folder).info(
      { token: 's3cret', headers: { authorization: 's3cret' }, body: { code: 's3cret', pin: 's3cret' } },
      'x',
    );
    createLog(folder).info({ code: 'pin_wrong', err: { code: 'pin_wrong' } }, 'y');
    expect(await lines()).toContain('"code":"pin_wrong","err":{"code":"pin_wrong"}');
    expect(await lines()).not.toContain('s3cret');
    await writeFile(join(folder, 'logs', 'till.log'), Buffer.alloc(LOG_FILE_BYTES_MAX + 1));
    createLog(folder).info({}, 'anew');
    expect((await lines()).split('\n')).toHaveLength(2);
  });
});

class FakeRun implements GatewayRun {
  exit: (code: number | null) => void = () => {};
  readonly signals: string[] = [];
  onExit(listener: (code: number | null) => void) {
    this.exit = listener;
  }
  terminate() {
    this.signals.push('term');
  }
  kill() {
    this.signals.push('kill');
    this.exit(null);
  }
}

describe('the embedded gateway', () => {
  let runs: FakeRun[];
  let timers: { delayMs: number; fn: () => void; cancelled: boolean }[];
  let elapsedMs: number;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => elapsedMs,
    schedule: (delayMs, fn) => {
      const timer = { delayMs, fn, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  };
  const keep = () =>
    keepGatewayRunning({
      start: () => {
        const run = new FakeRun();
        runs.push(run);
        return run;
      },
      clock,
      random: { bytes: (count) => new Uint8Array(count), jitter: () => 1 },
      log,
    });
  beforeEach(() => {
    runs = [];
    timers = [];
    elapsedMs = 0;
  });

  it('is started again with growing pauses, and soon again after a good run', () => {
    keep();
    for (let i = 0; i < 8; i += 1) {
      runs.at(-1)?.exit(1);
      timers.at(-1)?.fn();
    }
    expect(timers.map((timer) => timer.delayMs)).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    elapsedMs = GATEWAY_RESTART.steadyMs;
    runs.at(-1)?.exit(1);
    expect(timers.at(-1)?.delayMs).toBe(GATEWAY_RESTART.baseMs);
    expect(runs).toHaveLength(9);
  });

  it('is asked to finish, and ended by force when it does not', async () => {
    const gateway = keep();
    const stopping = gateway.stop();
    expect(runs[0]?.signals).toEqual(['term']);
    expect(timers).toMatchObject([{ delayMs: GATEWAY_RESTART.stopMs }]);
    timers[0]?.fn();
    await stopping;
    expect(runs[0]?.signals).toEqual(['term', 'kill']);
    // No timer to start it again.
    expect(timers).toHaveLength(1);
  });

  it('is not started again after stop, also from within a pause', async () => {
    const gateway = keep();
    runs[0]?.exit(1);
    await gateway.stop();
    expect(timers).toMatchObject([{ cancelled: true }]);
    expect(runs).toHaveLength(1);
  });

  it('gets its own settings and none of the rest of our environment', () => {
    const ours = { WHATSAPP_APP_SECRET: 'x', PATH: '/bin', PORT: '1', HOST: '0.0.0.0', AWS_KEY: 'y' };
    expect(gatewayEnvironment(ours, join('/data', 'till'), 8787)).toEqual({
      WHATSAPP_APP_SECRET: 'x',
      PATH: '/bin',
      SAKSI_DATA_DIR: '/data',
      HOST: '127.0.0.1',
      PORT: '8787',
    });
  });
});

describe('the till process', () => {
  const order: string[] = [];
  const config = (): HostConfig => ({ ...readHostConfig(folder), posLink: { port: 0 } });
  const start = (till: FakeTill, changes: Partial<HostConfig> = {}) =>
    startTillProcess({
      config: { ...config(), ...changes },
      appVersion: '1',
      log,
      effects: systemEffects,
      createTill: () => till as unknown as Till,
      startGateway: (port) => {
        order.push(`gateway on ${port}`);
        const run = new FakeRun();
        run.terminate = () => {
          order.push('gateway stops');
          run.exit(0);
        };
        return run;
      },
    });
  beforeEach(() => {
    order.length = 0;
  });

  class OrderedTill extends FakeTill {
    override async start() {
      order.push('till starts');
    }
    override async stop() {
      order.push('till stops');
    }
  }

  it('starts the gateway, the till and the POS link, and stops them the other way round, once', async () => {
    const running = await start(new OrderedTill(), { gateway: { mode: 'embedded', port: 8787 } });
    const url = `${running.posLink.url}/openapi.json`;
    expect((await fetch(url)).status).toBe(200);
    await Promise.all([running.stop(), running.stop()]);
    expect(order).toEqual(['gateway on 8787', 'till starts', 'till stops', 'gateway stops']);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('leaves nothing running when the till does not start', async () => {
    const till = new OrderedTill();
    till.start = () => Promise.reject(new Error('disk'));
    await expect(start(till, { gateway: { mode: 'embedded', port: 8787 } })).rejects.toThrow('disk');
    expect(order).toEqual(['gateway on 8787', 'till stops', 'gateway stops']);
  });

  it('stops the rest where one part does not stop cleanly, and says so', async () => {
    const till = new OrderedTill();
    till.stop = () => Promise.reject(new Error('disk'));
    const running = await start(till, { gateway: { mode: 'embedded', port: 8787 } });
    await expect(running.stop()).rejects.toThrow('disk');
    expect(order.at(-1)).toBe('gateway stops');
  });
});
