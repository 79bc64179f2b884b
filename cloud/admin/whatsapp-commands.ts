/** WhatsApp accounts, their templates and limits on the operator's command line. */
import type { Command } from 'commander';
import { type Add, definedOnly, type Options, wholeNumber } from './options.ts';

export function addWhatsAppCommands(group: (name: string) => Command, add: Add): void {
  const whatsapp = group('whatsapp');
  const templates = group('templates');
  const limits = group('limits');
  /** About one account, by default that of all shops that have no other. */
  const about = (parent: Command, verb: string, description: string, toInput = (_: Options) => ({})) =>
    add(parent, verb, description, (options) =>
      definedOnly({ account: options.account, ...toInput(options) }),
    ).option('--account <id>', 'of `whatsapp accounts`; left out: the default one');

  add(whatsapp, 'accounts', 'the WhatsApp accounts, and whose shops are whose', () => ({}));
  add(whatsapp, 'add', 'another account, under the same app', ({ name }) => ({ name })).requiredOption(
    '--name <name>',
    'as you call it',
  );
  add(whatsapp, 'assign', "a shop's messages come from this account's number", (options) => ({
    ...{ storeId: options.store, account: options.account },
  }))
    .requiredOption('--store <id>')
    .requiredOption('--account <id>', "of `whatsapp accounts`, or 'default'");
  about(whatsapp, 'set', 'the WhatsApp account; secrets are read from the environment', (options) => ({
    phoneNumberId: options.phoneNumberId,
    wabaId: options.wabaId,
    accessToken: process.env.WHATSAPP_ACCESS_TOKEN,
    appSecret: process.env.WHATSAPP_APP_SECRET,
    verifyToken: process.env.WHATSAPP_VERIFY_TOKEN,
  }))
    .option('--phone-number-id <digits>')
    .option('--waba-id <digits>');
  about(whatsapp, 'show', 'which parts of the account are known');
  about(whatsapp, 'check', 'what Meta says of the number now');
  about(whatsapp, 'state', 'quality, limit, name, bans: by all that Meta told');

  about(templates, 'list', 'our message templates as Meta has them');
  add(templates, 'check', 'what Meta would reject, without asking Meta', () => ({}));
  about(templates, 'submit', 'submits what Meta does not have yet; changed words get a new name');
  about(templates, 'sync', 'reads from Meta how they stand');

  about(limits, 'show', 'what the number may send');
  about(limits, 'refresh', 'ask WhatsApp how many people a day the number may write to');
  about(limits, 'set', 'what the number may send', ({ perSecond, pairPeriod, pairBurst, daily }) => ({
    perSecond: wholeNumber(perSecond),
    pairPeriodMs: wholeNumber(pairPeriod),
    pairBurst: wholeNumber(pairBurst),
    dailyPeople: daily === 'unlimited' ? null : wholeNumber(daily),
  }))
    .option('--per-second <number>', 'messages; 0: not limited here')
    .option('--pair-period <ms>', 'one message to one person in so long; 0: not limited here')
    .option('--pair-burst <number>', 'messages to one person at once')
    .option('--daily <number>', "people a day outside their windows, or 'unlimited'");
}
