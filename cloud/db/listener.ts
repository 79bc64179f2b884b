import type pg from 'pg';
import type { Cancel, Effects } from '../../shared/effects.ts';
import type { Unlisten } from './engine.ts';
import { checkChannel } from './values.ts';

const RECONNECT_FIRST_MS = 100;
const RECONNECT_MAX_MS = 5_000;

type Callback = (payload: string) => void;

export interface ListenerOptions {
  connect: () => Promise<pg.Client>;
  effects: Effects;
  onError: (error: unknown) => void;
}

/**
 * LISTEN over one connection of its own, shared by all channels, opened at the first `listen` and again, with
 * doubling, jittered delays, whenever it breaks.
 */
export function createListener({ connect, effects, onError }: ListenerOptions) {
  const callbacks = new Map<string, Set<Callback>>();
  let connection: Promise<pg.Client> | null = null;
  let retry: Cancel | null = null;
  let failures = 0;
  let closed = false;

  async function open(): Promise<pg.Client> {
    const client = await connect();
    client.on('error', (error) => lost(client, error));
    client.on('end', () => lost(client, new Error('database connection for notifications ended')));
    client.on('notification', ({ channel, payload }) => deliver(channel, payload ?? ''));
    for (const channel of callbacks.keys()) await client.query(`listen ${channel}`);
    failures = 0;
    return client;
  }

  function lost(client: pg.Client, error: unknown): void {
    if (closed || connection === null) return;
    connection = null;
    onError(error);
    client.end().catch(onError);
    scheduleReconnect();
  }

  function scheduleReconnect(): void {
    if (closed || retry !== null || callbacks.size === 0) return;
    const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** failures);
    failures += 1;
    retry = effects.clock.schedule(ceiling * (0.5 + effects.random.jitter() / 2), () => {
      retry = null;
      ready().catch(onError);
    });
  }

  function ready(): Promise<pg.Client> {
    connection ??= open().catch((error: unknown) => {
      connection = null;
      scheduleReconnect();
      throw error;
    });
    return connection;
  }

  function deliver(channel: string, payload: string): void {
    for (const callback of callbacks.get(channel) ?? []) {
      try {
        callback(payload);
      } catch (error) {
        onError(error);
      }
    }
  }

  async function listen(channel: string, callback: Callback): Promise<Unlisten> {
    checkChannel(channel);
    const known = callbacks.get(channel);
    if (known) known.add(callback);
    else callbacks.set(channel, new Set([callback]));
    try {
      // Repeating LISTEN is harmless, and a channel added while the connection was opening may have been missed.
      await (await ready()).query(`listen ${channel}`);
    } catch (error) {
      callbacks.get(channel)?.delete(callback);
      throw error;
    }
    return () => unlisten(channel, callback);
  }

  async function unlisten(channel: string, callback: Callback): Promise<void> {
    const known = callbacks.get(channel);
    known?.delete(callback);
    if (known?.size !== 0) return;
    callbacks.delete(channel);
    if (!closed && connection !== null) await (await connection).query(`unlisten ${channel}`);
  }

  async function close(): Promise<void> {
    closed = true;
    retry?.();
    const client = await connection?.catch(() => null);
    await client?.end();
  }

  return { listen, close };
}
