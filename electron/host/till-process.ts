import { type Effects, systemEffects } from '../../shared/effects.ts';
import type { ServerLog } from '../loopback/log.ts';
import { createPosLink, type PosLink } from '../pos-link/pos-link.ts';
import { openPosToken, type PosToken } from '../pos-link/token-file.ts';
import type { Till } from '../till/contract.ts';
import type { HostConfig } from './config.ts';
import { type GatewayRun, keepGatewayRunning } from './gateway-process.ts';

export interface TillProcessOptions {
  config: HostConfig;
  appVersion: string;
  log: ServerLog;
  effects?: Effects;
  /** Makes the till; it is started here. */
  createTill: () => Till;
  /** Starts the gateway's program on this port, for `gateway.mode: embedded`. */
  startGateway: (port: number) => GatewayRun;
}

export interface TillProcess {
  readonly till: Till;
  readonly posLink: PosLink;
  readonly posToken: PosToken;
  /** Last started first: POS link, till, gateway. Idempotent. Throws what the first failing part threw, after all stopped. */
  stop(): Promise<void>;
}

/** Everything of the till but its screen: the embedded gateway, the till's core, the POS link. */
export async function startTillProcess(options: TillProcessOptions): Promise<TillProcess> {
  const { config, log, effects = systemEffects } = options;
  const parts: { stop(): Promise<void> }[] = [];
  let stopped: Promise<void> | null = null;
  const stop = () => {
    stopped ??= stopAll(parts);
    return stopped;
  };
  try {
    const { gateway } = config;
    if (gateway.mode === 'embedded') {
      parts.push(keepGatewayRunning({ ...effects, log, start: () => options.startGateway(gateway.port) }));
    }
    const till = options.createTill();
    parts.push(till);
    await till.start();
    const posToken = await openPosToken(config.dataDir, effects.random);
    const posLink = await createPosLink({
      pos: till.pos,
      port: config.posLink.port,
      token: posToken,
      appVersion: options.appVersion,
      clock: effects.clock,
      log,
    });
    parts.push(posLink);
    return { till, posLink, posToken, stop };
  } catch (error) {
    await stop().catch((err: unknown) => log.error({ err }, 'stopping after a failed start'));
    throw error;
  }
}

async function stopAll(parts: { stop(): Promise<void> }[]): Promise<void> {
  const faults: unknown[] = [];
  for (const part of parts.toReversed()) {
    await part.stop().catch((error: unknown) => faults.push(error));
  }
  if (faults.length > 0) throw faults[0];
}
