#!/usr/bin/env node
/** `npm run cloud`: starts the gateway; `npm run cloud -- admin …`: an operator's commands. */
import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addAdminCommands } from './admin/commands.ts';
import { FolderInUse } from './admin/folder-lock.ts';
import { ConfigError, readConfig } from './config.ts';
import type { Gateway } from './gateway.ts';
import { createLogger } from './http/logger.ts';

/** After this the process ends with work in hand; the queue gives that work to another. */
const STOP_MS_MAX = 7000;
const EXIT_FAILED = 1;
/** sysexits.h: configuration. */
const EXIT_CONFIG = 78;
/** sysexits.h: somebody else has it. */
const EXIT_IN_USE = 75;

async function serve(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const { createGateway } = await import('./gateway.ts');
  const gateway = await createGateway({ config, logger });
  stopOnSignals(gateway);
  const address = await gateway.listen().catch(async (error: unknown) => {
    await gateway.stop();
    throw error;
  });
  const { kind } = config.database;
  logger.info(
    { address, database: kind, gatewayId: gateway.services.identity.gatewayId },
    'gateway is ready',
  );
}

function stopOnSignals(gateway: Gateway): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(EXIT_FAILED), STOP_MS_MAX).unref();
    gateway.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Started by another program: when that is gone, so are we.
  process.on('disconnect', stop);
}

/** One sentence, without a stack where the person can do something about it. */
function fail(error: unknown): never {
  if (error instanceof ConfigError || error instanceof FolderInUse) {
    console.error(error.message);
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : EXIT_IN_USE);
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    console.error(`${error.message}: the port is taken; set PORT to another (0: any free one)`);
    process.exit(EXIT_IN_USE);
  }
  console.error(error);
  process.exit(EXIT_FAILED);
}

const program = new Command('cloud').description('The Saksi gateway').version(packageJson.version);
program.command('serve', { isDefault: true }).description('start the gateway (the default)').action(serve);
addAdminCommands(program.command('admin').description("an operator's commands"));

if (existsSync('.env')) loadEnvFile('.env');
await program.parseAsync().catch(fail);
