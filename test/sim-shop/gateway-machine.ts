import { createHmac } from 'node:crypto';
import axios, { AxiosError, type AxiosInstance } from 'axios';
import { sql } from 'kysely';
import { pino } from 'pino';
import { createGateway, type Gateway } from '../../cloud/gateway.ts';
import type { Taken } from '../../cloud/messages/fetcher.ts';
import { readJob } from '../../cloud/messages/job.ts';
import type { MessageQueue } from '../../cloud/messages/queue.ts';
import type { Connection, SimDatabase } from './database.ts';
import { PHONE_NUMBER_ID, type Phones } from './phones.ts';
import type { Prng } from './prng.ts';
import { moved } from './quiet.ts';
import { MachineClock, type VirtualTime } from './virtual-time.ts';

export const APP_SECRET = 'an app secret that only this simulated Meta knows';
const QUEUE_EVERY_MS = 1_000;
const RESTART_MS = { from: 200, to: 4_000 };

/** The gateway's machine: its process can be killed at any statement, and starts again on the same database. */
export class GatewayMachine {
  readonly #parts: GatewayParts;
  #gateway: Gateway | null = null;
  #connection: Connection | null = null;
  #clock: MachineClock;
  starts = 0;

  constructor(parts: GatewayParts) {
    this.#parts = parts;
    this.#clock = new MachineClock(parts.time);
  }

  /** Null while its process is not running. */
  get gateway(): Gateway | null {
    return this.#connection?.alive === true ? this.#gateway : null;
  }

  get clock(): MachineClock {
    return this.#clock;
  }

  async start(): Promise<void> {
    const { database, prng, time, phones } = this.#parts;
    this.starts += 1;
    const connection = database.connect();
    const clock = new MachineClock(time, this.#clock.skewMs);
    this.#clock = clock;
    const gateway = await createGateway({
      config: {
        database: { kind: 'memory' },
        dataDir: 'unused',
        host: '127.0.0.1',
        port: 0,
        trustProxy: false,
        logLevel: 'silent',
        masterKey: new Uint8Array(32).fill(7),
        graphUrl: 'http://127.0.0.1:9',
        graphVersion: 'v25.0',
        whatsapp: {
          phoneNumberId: PHONE_NUMBER_ID,
          wabaId: '200000000000001',
          accessToken: 'token',
          appSecret: APP_SECRET,
          verifyToken: 'verify',
        },
      },
      effects: { clock, random: prng.fork(`gateway-${this.starts}`).random },
      logger: pino({ level: 'silent' }),
      parts: {
        engine: connection.engine,
        messageQueue: (_engine, onError) => createSimQueue(connection, clock, onError),
        graphHttp: graphOf(phones, clock),
      },
    });
    this.#connection = connection;
    this.#gateway = gateway;
  }

  /** Dies while it does its `statements`-th statement from now, and starts again by itself a little later. */
  crashIn(statements: number, after: boolean): void {
    const connection = this.#connection;
    if (connection?.alive !== true) return;
    connection.dieIn(statements, after, () => this.#died());
  }

  crashNow(): void {
    if (this.#connection?.alive !== true) return;
    this.#connection.kill();
    this.#died();
  }

  async restartNow(): Promise<void> {
    if (this.gateway === null) await this.start();
  }

  #died(): void {
    const { prng, time, note } = this.#parts;
    note('gateway died');
    this.#clock.kill();
    const old = this.#gateway;
    this.#gateway = null;
    // Nothing of it is left to do: only its memory is given back.
    old?.stop().catch(() => {});
    time.at(prng.between(RESTART_MS.from, RESTART_MS.to), () => {
      if (this.gateway !== null) return;
      note('gateway starts again');
      this.restartNow().then(moved, (error: unknown) => this.#parts.failed(error));
    });
  }

  async stop(): Promise<void> {
    this.#connection?.kill();
    this.#clock.kill();
    await this.#gateway?.stop().catch(() => {});
  }

  /** A webhook of Meta's, signed; false where nobody was there to take it. */
  async webhook(body: object): Promise<boolean> {
    const gateway = this.gateway;
    if (gateway === null) return false;
    const payload = JSON.stringify(body);
    const signature = createHmac('sha256', APP_SECRET).update(payload).digest('hex');
    const answer = await gateway.app.inject({
      method: 'POST',
      url: '/webhooks/whatsapp',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
      payload,
    });
    moved();
    return this.gateway === gateway && answer.statusCode === 200;
  }
}

export interface GatewayParts {
  database: SimDatabase;
  prng: Prng;
  time: VirtualTime;
  phones: Phones;
  note(text: string): void;
  failed(error: unknown): void;
}

/** The product's queue with its promise: a job is committed with what it is for, and done once at least. */
function createSimQueue(
  { engine }: Connection,
  clock: MachineClock,
  onError: (error: unknown) => void,
): MessageQueue {
  let handler: ((taken: Taken) => Promise<void>) | null = null;
  let running = false;
  let stopped = false;
  const dueAt = new Map<number, number>();

  async function run(): Promise<void> {
    if (running || stopped || handler === null) return;
    running = true;
    try {
      const { rows } = await sql<{ id: number; message: string; delay_seconds: number }>`
        select * from sim_jobs order by id`.execute(engine.kysely);
      for (const { id, message, delay_seconds: delay } of rows) {
        if (!dueAt.has(id)) dueAt.set(id, clock.monotonic() + delay * 1000);
        if ((dueAt.get(id) ?? 0) > clock.monotonic()) continue;
        await handler({ messageId: message, job: await readJob(engine, message) });
        await sql`delete from sim_jobs where id = ${id}`.execute(engine.kysely);
      }
    } catch (error) {
      onError(error);
    } finally {
      running = false;
    }
  }
  const tick = () => {
    void run().finally(() => {
      if (!stopped) clock.schedule(QUEUE_EVERY_MS, tick);
    });
  };
  return {
    start: async () => {},
    wake: () => void run(),
    async work(handle) {
      handler = handle;
      clock.schedule(QUEUE_EVERY_MS, tick);
    },
    async stop() {
      stopped = true;
    },
  };
}

/** Meta takes every message, or is away. */
function graphOf(phones: Phones, clock: MachineClock): AxiosInstance {
  return axios.create({
    adapter: async (config) => {
      if (phones.away()) throw new AxiosError('away', 'ECONNREFUSED', config);
      const message: unknown = typeof config.data === 'string' ? JSON.parse(config.data) : config.data;
      const wamid = phones.take(message, clock.now());
      return {
        data: { messages: [{ id: wamid }] },
        status: 200,
        statusText: 'OK',
        headers: {},
        config,
      };
    },
  });
}
