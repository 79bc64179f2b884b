import { randomBytes } from 'node:crypto';
import type { BridgeInput, BridgeMethod, BridgeOutput, TillView } from '../../shared/bridge.ts';
import type { Clock, Random } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { ServerLog } from '../loopback/log.ts';
import type { Till } from '../till/contract.ts';
import { type GatewayRun, keepGatewayRunning } from './gateway-process.ts';
import type { Channel, FromTill, ToTill } from './till-channel.ts';

/** One run of the till's process. */
export interface TillRun extends GatewayRun {
  readonly channel: Channel<FromTill, ToTill>;
}

/** What the hosts need of a till. */
export type HostedTill = Pick<Till, 'view' | 'onView' | 'invoke' | 'wake' | 'askQuit'>;

export interface RemoteTill {
  readonly till: HostedTill;
  stop(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: SaksiError): void;
}

/**
 * The till in a process of its own, kept running: one that dies is started again, recovers from its disk, and what was
 * asked of it meanwhile is refused with `not_ready`. Resolves when the first one has started; rejects when it cannot.
 */
export async function startRemoteTill(options: {
  start: () => TillRun;
  vaultKey: Uint8Array | null;
  clock: Clock;
  random?: Random;
  log: ServerLog;
}): Promise<RemoteTill> {
  const { vaultKey, clock, log } = options;
  const random = options.random ?? { bytes: (count) => randomBytes(count), jitter: Math.random };
  const listeners = new Set<(view: TillView) => void>();
  const waiting = new Map<number, Waiting>();
  let channel: TillRun['channel'] | null = null;
  let view: TillView | null = null;
  let lastId = 0;
  let onFirst: { started(): void; failed(error: Error): void } | null = null;

  function start(): TillRun {
    const run = options.start();
    run.channel.onMessage((message) => take(run, message));
    run.onExit(() => {
      if (channel === run.channel) channel = null;
      onFirst?.failed(new Error('the process of the till ended before it had started'));
      for (const call of waiting.values()) call.reject(new SaksiError('not_ready'));
      waiting.clear();
    });
    run.channel.post({
      type: 'start',
      vaultKey: vaultKey === null ? null : Buffer.from(vaultKey).toString('base64'),
    });
    return { ...run, terminate: () => run.channel.post({ type: 'stop' }) };
  }

  function take(run: TillRun, message: FromTill): void {
    switch (message.type) {
      case 'started':
        channel = run.channel;
        show(message.view);
        onFirst?.started();
        return;
      case 'failed':
        onFirst?.failed(new Error(message.message));
        run.kill();
        return;
      case 'view':
        show(message.view);
        return;
      case 'answer':
        waiting.get(message.id)?.resolve(message.value);
        waiting.delete(message.id);
        return;
      case 'refusal':
        waiting.get(message.id)?.reject(SaksiError.fromWire(message.error));
        waiting.delete(message.id);
        return;
    }
  }

  function show(next: TillView): void {
    view = next;
    for (const listener of [...listeners]) listener(next);
  }

  function ask(message: (id: number) => ToTill): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (channel === null) {
      reject(new SaksiError('not_ready'));
      return promise;
    }
    lastId += 1;
    waiting.set(lastId, { resolve, reject });
    channel.post(message(lastId));
    return promise;
  }

  const first = new Promise<void>((resolve, reject) => {
    onFirst = { started: resolve, failed: reject };
  });
  const process = keepGatewayRunning({ start, clock, random, log, name: 'till' });
  try {
    await first;
  } catch (error) {
    await process.stop();
    throw error;
  } finally {
    onFirst = null;
  }

  return {
    till: {
      view() {
        if (view === null) throw new SaksiError('not_ready');
        return view;
      },
      onView(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      invoke: async <M extends BridgeMethod>(method: M, input: BridgeInput<M>) =>
        (await ask((id) => ({ type: 'invoke', id, method, input }))) as BridgeOutput<M>,
      wake: () => channel?.post({ type: 'wake' }),
      // A till that is not there has nothing to ask about: all that it held is on its disk.
      askQuit: async () => channel === null || (await ask((id) => ({ type: 'askQuit', id }))) === true,
    },
    stop: () => process.stop(),
  };
}
