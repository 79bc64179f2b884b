/** Other channels, addresses and consents on the operator's command line. */
import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type Add, definedOnly, type Options } from './options.ts';

export interface CustomerParts {
  readonly options: (command: Command) => Command;
  readonly ref: (options: Options) => unknown;
}

export function addChannelCommands(
  group: (name: string) => Command,
  add: Add,
  customers: CustomerParts & { readonly group: Command },
): void {
  const kind = () => new Option('--kind <kind>').choices(['sms', 'email']).makeOptionMandatory();
  const channels = group('channels');
  add(channels, 'set', 'SMS or e-mail, by a JSON file with its settings', (options) => ({
    kind: options.kind,
    settings: JSON.parse(readFileSync(String(options.file), 'utf8')),
  }))
    .addOption(kind())
    .requiredOption('--file <path>', 'see docs/channels.md; holds secrets: delete it afterwards');
  add(channels, 'remove', 'no more texts by this channel', ({ kind: which }) => ({ kind: which })).addOption(
    kind(),
  );
  add(channels, 'show', 'which channels there are', () => ({}));
  add(channels, 'test', 'send a text without a code', ({ kind: which, to }) => ({ kind: which, to }))
    .addOption(kind())
    .requiredOption('--to <address>', 'a number in E.164, or an e-mail address');

  const whose = (options: Options) => ({ storeId: options.store, customer: customers.ref(options) });
  customers
    .options(
      add(
        customers.group,
        'reach',
        "a customer's e-mail address, and the channels they take codes over",
        (options) =>
          definedOnly({
            ...whose(options),
            email: options.email === 'none' ? null : options.email,
            codeChannels: listOf(options.codeChannels),
          }),
      ),
    )
    .option('--email <address>', "or 'none'")
    .option('--code-channels <list>', "'any', 'none', or of sms,email");

  const consent = group('consent');
  for (const [verb, words] of [
    ['give', 'a customer agreed to notices'],
    ['withdraw', 'a customer wants none any more'],
  ] as const) {
    customers
      .options(add(consent, verb, words, (options) => ({ ...whose(options), note: options.note })))
      .requiredOption('--note <text>', 'where it is written: a form, a call');
  }
  customers.options(add(consent, 'show', 'what a customer said, newest first', whose));
}

function listOf(text: unknown): string[] | null | undefined {
  if (typeof text !== 'string') return undefined;
  if (text === 'any') return null;
  return text === 'none' ? [] : text.split(',').map((part) => part.trim());
}
