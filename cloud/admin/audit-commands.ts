/** The audit list on the operator's command line. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Add } from './options.ts';

export function addAuditCommands(group: (name: string) => Command, add: Add): void {
  const audit = group('audit');
  add(audit, 'export', "a store's events of a time with their proofs, for `npm run verify`", (options) => ({
    storeId: options.store,
    from: Date.parse(String(options.from)),
    to: Date.parse(String(options.to)),
    file: resolve(String(options.file)),
  }))
    .requiredOption('--store <id>')
    .requiredOption('--from <time>', 'ISO 8601')
    .requiredOption('--to <time>', 'ISO 8601, not included')
    .requiredOption('--file <file>', 'to be written; never overwritten');
  add(audit, 'check', 'reads all chains, and says where one was altered', () => ({}));
  add(group('signals'), 'look', 'looks for fraud now, rather than at the next ten minutes', () => ({}));
}
