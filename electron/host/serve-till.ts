import { asSaksiError } from '../../shared/errors.ts';
import type { ServerLog } from '../loopback/log.ts';
import type { Channel, FromTill, ToTill } from './till-channel.ts';
import type { TillProcess } from './till-process.ts';

/**
 * The till's side of the channel, in the till's own process: the disk, the devices and the line work here, and no screen
 * waits for them. `end` is called after a stop with how it went.
 */
export function serveTill(
  channel: Channel<ToTill, FromTill>,
  open: (vaultKey: Uint8Array | null) => Promise<TillProcess>,
  end: (code: number) => void,
  log: ServerLog,
): void {
  let running: TillProcess | null = null;

  async function start(vaultKey: string | null): Promise<void> {
    running = await open(vaultKey === null ? null : Buffer.from(vaultKey, 'base64'));
    const { till } = running;
    channel.post({ type: 'started', view: till.view() });
    till.onView((view) => channel.post({ type: 'view', view }));
  }

  function answer(id: number, work: () => Promise<unknown>): void {
    Promise.resolve()
      .then(work)
      .then(
        (value) => channel.post({ type: 'answer', id, value }),
        (error: unknown) => {
          const refusal = asSaksiError(error);
          if (refusal.code === 'internal') log.error({ err: error }, 'a call to the till failed');
          channel.post({ type: 'refusal', id, error: refusal.toWire() });
        },
      );
  }

  async function stop(): Promise<void> {
    await running?.stop();
  }

  channel.onMessage((message) => {
    switch (message.type) {
      case 'start':
        start(message.vaultKey).catch((error: unknown) => {
          log.error({ err: error }, 'the till did not start');
          channel.post({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
        });
        return;
      case 'invoke':
        answer(message.id, async () => theTill().invoke(message.method, message.input));
        return;
      case 'askQuit':
        answer(message.id, async () => theTill().askQuit());
        return;
      case 'wake':
        running?.till.wake();
        return;
      case 'stop':
        stop().then(
          () => end(0),
          (error: unknown) => {
            log.error({ err: error }, 'the till did not stop cleanly');
            end(1);
          },
        );
        return;
    }
  });

  function theTill() {
    if (running === null) throw new Error('called before it was started');
    return running.till;
  }
}
