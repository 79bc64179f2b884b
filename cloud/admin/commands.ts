/** The operator's command line: options to inputs, results to text or JSON. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { systemEffects } from '../../shared/effects.ts';
import { personSentence, SaksiError } from '../../shared/errors.ts';
import { type GatewayConfig, readConfig } from '../config.ts';
import type { Services } from '../services.ts';
import type { AdminCommand } from './admin.ts';
import { addAuditCommands } from './audit-commands.ts';
import { addChannelCommands } from './channel-commands.ts';
import { addCreditCommands } from './credit-commands.ts';
import { readHolder } from './folder-lock.ts';
import { definedOnly, type Options, wholeNumber } from './options.ts';
import { callAdmin } from './remote.ts';
import { addWhatsAppCommands } from './whatsapp-commands.ts';

const customerOptions = (command: Command): Command =>
  command
    .requiredOption('--store <id>')
    .option('--customer <id>', "the customer's id")
    .option('--phone <number>', 'or phone number')
    .option('--member <number>', 'or member number');

export function addAdminCommands(admin: Command): void {
  const group = (name: string) => admin.command(name);
  /** `toInput` turns options into the command's input; what it leaves wrong, the input's schema refuses. */
  const add = (
    parent: Command,
    verb: string,
    description: string,
    toInput: (options: Options) => unknown,
  ) => {
    const command = parent.command(verb).description(description).option('--json', 'one JSON value');
    const name = `${parent.name()} ${verb}` as AdminCommand;
    return command.action((options: Options) => act(name, () => toInput(options), options.json === true));
  };

  const store = group('store');
  add(store, 'add', 'a store', ({ json: _, ...options }) => options)
    .requiredOption('--name <name>')
    .option('--address <text>', 'as on slips', '')
    .option('--footer <text>', "under a slip's text", '')
    .addOption(new Option('--country <code>').choices(['ID', 'TR', 'US']).default('ID'))
    .addOption(new Option('--currency <code>').choices(['IDR', 'TRY', 'USD']).default('IDR'))
    .addOption(new Option('--language <code>').choices(['id', 'en', 'tr']).default('id'))
    .option('--timezone <zone>', 'IANA name', 'Asia/Jakarta');
  add(store, 'list', 'all stores', () => ({}));
  add(store, 'chain', 'which stores signals compare with each other', ({ store: storeId, name }) => ({
    storeId,
    chain: name ?? null,
  }))
    .requiredOption('--store <id>')
    .option('--name <name>', 'of its chain; without one it stands by itself');

  const till = group('till');
  add(till, 'add', 'a till; prints its pairing code, good for 15 minutes', ({ store: storeId, name }) => ({
    storeId,
    name,
  }))
    .requiredOption('--store <id>')
    .requiredOption('--name <name>');
  add(till, 'pair', 'a fresh pairing code for a till', ({ till: tillId }) => ({ tillId })).requiredOption(
    '--till <id>',
  );
  add(till, 'list', "a store's tills", ({ store: storeId }) => ({ storeId })).requiredOption('--store <id>');
  add(till, 'revoke', 'switch a till off, for good', ({ till: tillId }) => ({ tillId })).requiredOption(
    '--till <id>',
  );

  const staff = group('staff');
  add(staff, 'add', 'a member of staff', ({ store: storeId, name, role, pin, phone }) =>
    definedOnly({ storeId, name, role, pin: pin ?? process.env.SAKSI_PIN, phone }),
  )
    .requiredOption('--store <id>')
    .requiredOption('--name <name>')
    .addOption(
      new Option('--role <role>').choices(['cashier', 'supervisor', 'manager']).makeOptionMandatory(),
    )
    .option('--pin <digits>', '4 to 12 digits; better in SAKSI_PIN, where no process list shows it')
    .option('--phone <number>');
  add(staff, 'list', "a store's staff, and who can be asked over WhatsApp", ({ store: storeId }) => ({
    storeId,
  })).requiredOption('--store <id>');
  add(staff, 'enrol', "a word that the person sends to the shop's WhatsApp within 24 hours", (options) => ({
    staffId: options.staff,
  })).requiredOption('--staff <id>');
  add(staff, 'verify', 'vouch that the number on the staff list is theirs', (options) => ({
    staffId: options.staff,
  })).requiredOption('--staff <id>');
  add(staff, 'remove', 'nobody signs in as them any more', ({ staff: staffId }) => ({
    staffId,
  })).requiredOption('--staff <id>');

  add(staff, 'forget', 'no till is remembered for them: they are asked for a code again', (options) => ({
    staffId: options.staff,
  })).requiredOption('--staff <id>');

  const customer = group('customer');
  add(customer, 'add', 'a customer', ({ store: storeId, name, phone, member, language }) =>
    definedOnly({ storeId, name, phone, memberNo: member, language }),
  )
    .requiredOption('--store <id>')
    .requiredOption('--name <name>')
    .option('--phone <number>')
    .option('--member <number>')
    .addOption(new Option('--language <code>').choices(['id', 'en', 'tr']));

  customerOptions(
    add(customer, 'export', 'all that is kept of a customer, to be handed to them', (options) => ({
      storeId: options.store,
      customer: customerRef(options),
    })),
  );
  customerOptions(
    add(customer, 'erase', 'takes out of everything what names a customer; the books stay', (options) =>
      definedOnly({
        storeId: options.store,
        customer: customerRef(options),
        note: options.note,
        force:
          options.forceBy === undefined
            ? undefined
            : { staffId: options.forceBy, pin: process.env.SAKSI_PIN ?? '' },
      }),
    ),
  )
    .requiredOption('--note <text>', 'on whose word: a letter, a call; without a name or a number')
    .option(
      '--force-by <staff id>',
      'a manager, with their PIN in SAKSI_PIN, although something is still open',
    );

  const wallet = group('wallet');
  customerOptions(
    add(wallet, 'credit', 'add to a wallet; the same key adds once', (options) => ({
      storeId: options.store,
      customer: customerRef(options),
      asset: options.asset,
      amount: wholeNumber(options.amount),
      key: options.key,
    })),
  )
    .addOption(new Option('--asset <asset>').choices(['deposit', 'points']).makeOptionMandatory())
    .requiredOption('--amount <whole number>', 'minor units, or points')
    .requiredOption('--key <text>', 'names this top-up, for instance a receipt number');
  customerOptions(
    add(wallet, 'show', "a customer's balances", (options) => ({
      storeId: options.store,
      customer: customerRef(options),
    })),
  );

  const web = group('web');
  add(web, 'link', "signs in at the gateway's own pages: good for 15 minutes, once", (options) => ({
    staffId: options.staff,
  })).option('--staff <id>', 'a manager, to the customers of their store; left out: yourself');
  add(web, 'list', 'who is signed in there', () => ({}));
  add(web, 'revoke', 'ends all sessions and links', () => ({}));

  addWhatsAppCommands(group, add);

  const policy = group('policy');
  add(policy, 'show', "a store's policy", ({ store: storeId }) => ({ storeId })).requiredOption(
    '--store <id>',
  );
  add(policy, 'set', 'a policy, from a file that `policy show` wrote', ({ store: storeId, file }) => ({
    storeId,
    policy: JSON.parse(readFileSync(String(file), 'utf8')),
  }))
    .requiredOption('--store <id>')
    .requiredOption('--file <file>');

  const offline = group('offline');
  const codesOf = ({ till: tillId, staff: staffId }: Options) => definedOnly({ tillId, staffId });
  add(offline, 'status', "a store's sealed codes, and what was spent on them", ({ store: storeId }) => ({
    storeId,
  })).requiredOption('--store <id>');
  add(offline, 'renew', 'all sealed codes of a till or a person end; new ones follow', codesOf)
    .option('--till <id>')
    .option('--staff <id>');
  add(offline, 'revoke', 'the same without new ones, until `offline renew`', codesOf)
    .option('--till <id>')
    .option('--staff <id>');

  add(group('ledger'), 'check', 'proves that the books balance', () => ({}));

  addAuditCommands(group, add);
  addCreditCommands(group, add);
  addChannelCommands(group, add, { group: customer, options: customerOptions, ref: customerRef });

  admin
    .command('demo')
    .description('a demo store with people, customers and balances')
    .action(async () => {
      const { seedDemo } = await import('./demo.ts');
      await openDirectly(readConfig(process.env), async (services) => print(await seedDemo(services)));
    });
}

/** What they find wrong is a failure. */
const CHECKS: readonly AdminCommand[] = ['ledger check', 'credit check', 'audit check'];

async function act(command: AdminCommand, toInput: () => unknown, json: boolean): Promise<void> {
  const result = await run(readConfig(process.env), command, toInput()).catch((error: unknown) => {
    if (!(error instanceof SaksiError)) throw error;
    const sentence = personSentence(error.code, 'en', error.params);
    const at = 'at' in error.params ? ` (${error.params.at})` : '';
    console.error(json ? JSON.stringify({ error: error.toWire() }) : `${error.code}${at}: ${sentence}`);
    process.exitCode = 1;
    return undefined;
  });
  if (result === undefined) return;
  if (json) print(result);
  else console.log(asText(result));
  if (CHECKS.includes(command) && (result as { ok: boolean }).ok !== true) process.exitCode = 1;
}

/** By the gateway that has the embedded database open, if there is one; else on the database itself. */
async function run(config: GatewayConfig, command: AdminCommand, input: unknown): Promise<unknown> {
  const holder = config.database.kind === 'folder' ? readHolder(config.dataDir) : null;
  if (holder?.admin) return callAdmin(holder.admin, command, input);
  const { runChecked } = await import('./serve.ts');
  return openDirectly(config, (services) => runChecked(services.admin, command, input));
}

/** The gateway's parts are loaded only here: a command handed to a running gateway starts without them. */
async function openDirectly<T>(config: GatewayConfig, use: (services: Services) => Promise<T>): Promise<T> {
  const [{ createServices }, { createMetrics }] = await Promise.all([
    import('../services.ts'),
    import('../http/metrics.ts'),
  ]);
  const onError = (error: unknown) => console.error(error instanceof Error ? error.message : error);
  const services = await createServices({
    config,
    effects: systemEffects,
    onError,
    metrics: createMetrics(),
  });
  try {
    return await use(services);
  } finally {
    await services.close();
  }
}

function customerRef(options: Options): unknown {
  const { customer: id, phone, member: memberNo } = options;
  return definedOnly({ id, phone, memberNo });
}

function print(value: unknown): void {
  console.log(JSON.stringify(value));
}

/** One `name: value` a line, nested names with dots; a list's items apart by an empty line. */
function asText(value: unknown, path = ''): string {
  if (Array.isArray(value)) {
    return value.length === 0
      ? `${path ? `${path}: ` : ''}none`
      : value.map((it) => asText(it, path)).join('\n\n');
  }
  if (typeof value !== 'object' || value === null) return path ? `${path}: ${value}` : String(value);
  return Object.entries(value)
    .map(([key, item]) => asText(item, path ? `${path}.${key}` : key))
    .join('\n');
}
