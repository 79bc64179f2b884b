/** Message credit on the operator's command line. */
import { type Command, Option } from 'commander';
import { type Add, definedOnly, type Options, wholeNumber } from './options.ts';

export function addCreditCommands(group: (name: string) => Command, add: Add): void {
  const credit = group('credit');
  const byStore = ({ store: storeId }: Options) => ({ storeId });
  add(credit, 'show', "a store's message credit", byStore).requiredOption('--store <id>');
  add(credit, 'topup', 'add to it; the same key adds once', ({ store, package: packageId, amount, key }) => ({
    storeId: store,
    topup: packageId === undefined ? { amount: wholeNumber(amount) } : { packageId },
    key,
  }))
    .requiredOption('--store <id>')
    .option('--package <id>', 'of `credit packages`')
    .option('--amount <whole number>', 'or minor units')
    .requiredOption('--key <text>', 'names this top-up, for instance a receipt number');
  add(credit, 'packages', 'what a store may be topped up by', () => ({}));
  add(credit, 'prices', 'what messages cost', () => ({}));
  add(credit, 'price', 'a new price, from a moment on', ({ currency, category, country, price, from }) =>
    definedOnly({
      ...{ currency, category, country, price: wholeNumber(price) },
      from: from === undefined ? undefined : Date.parse(String(from)),
    }),
  )
    .addOption(new Option('--currency <code>').choices(['IDR', 'TRY', 'USD']).makeOptionMandatory())
    .addOption(
      new Option('--category <name>')
        .choices(['authentication', 'utility', 'marketing', 'service'])
        .makeOptionMandatory(),
    )
    .option('--country <code>', "of the recipient, ISO 3166; '*': any other", '*')
    .requiredOption('--price <whole number>', 'minor units a message')
    .option('--from <time>', 'ISO 8601; left out: now');
  add(credit, 'statement', 'what messages cost by day, kind, till and cashier', ({ store, from, to }) => ({
    ...{ storeId: store, from: Date.parse(String(from)), to: Date.parse(String(to)) },
  }))
    .requiredOption('--store <id>')
    .requiredOption('--from <time>', 'ISO 8601')
    .requiredOption('--to <time>', 'ISO 8601, not included');
  add(credit, 'check', 'proves that the message credit balances', () => ({}));
}
