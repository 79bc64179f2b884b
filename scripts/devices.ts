import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createDevices, createTransport } from '../electron/devices/config.ts';
import { probeDevice } from '../electron/devices/device-probe.ts';
import { discover } from '../electron/devices/discovery.ts';
import { watchDevices } from '../electron/devices/hot-plug.ts';
import { systemDiscovery } from '../electron/devices/system-discovery.ts';
import { tillFolder } from '../electron/host/config.ts';
import { belongsToShop } from '../electron/store/belongs-to-shop.ts';
import { typedTransport } from '../shared/device-address.ts';
import {
  type DeviceConfig,
  deviceConfigSchema,
  printerLanguageSchema,
  type TransportConfig,
} from '../shared/device-config.ts';
import { systemEffects } from '../shared/effects.ts';
import { asSaksiError } from '../shared/errors.ts';
import { ERRORS } from '../shared/errors-table.ts';

/**
 * `npm run devices -- list|probe|test|watch`: printers and drawers, for whoever installs a till. Prints words, or with
 * --json one line of JSON for each answer. `test` is refused on a till that belongs to a shop: there a drawer opens on a
 * grant alone, and the test page is on the till's screen.
 */
interface Choice {
  language: DeviceConfig['printer']['language'];
  json?: boolean;
  queue?: boolean;
}

const program = new Command('devices').description('Printers and drawers of this machine');

program
  .command('list')
  .description('all that this machine shows')
  .option('--json')
  .action(async ({ json }: { json?: boolean }) => {
    const found = await discover(systemDiscovery);
    if (json) return say(JSON.stringify(found));
    for (const { kind, address, vendor, product, identity, language } of found.devices) {
      const guess = language === null ? 'language unknown' : `speaks ${language}, by its name`;
      say(
        `${kind.padEnd(6)} ${address}  ${[vendor, product].filter(Boolean).join(' ')}  [${identity ?? 'no identity'}]  ${guess}`,
      );
    }
    for (const { source, detail } of found.problems) say(`${source}: could not be searched: ${detail}`);
    if (found.devices.length === 0) say('nothing found; a network printer is probed by its address');
  });

withDevice(
  program.command('probe').description('asks one device for its status, and says it in words'),
).action(async (text: string, options: Choice) => {
  const transport = createTransport(deviceOf(text, options), systemEffects);
  if (transport === null) return;
  const answer = await probeDevice(transport, systemEffects.clock);
  say(options.json ? JSON.stringify(answer) : answer.words.join('\n'));
  process.exitCode = answer.language === null && !answer.oneWay ? 1 : 0;
});

withDevice(
  program
    .command('test')
    .description('prints a test page, and with --drawer opens the drawer; unpaired tills only'),
)
  .option('--drawer', 'open the drawer too')
  .option(
    '--data <folder>',
    'the data folder of Saksi',
    process.env.SAKSI_DATA_DIR ?? join(homedir(), '.saksi'),
  )
  .action(async (text: string, options: Choice & { drawer?: boolean; data: string }) => {
    if (belongsToShop(tillFolder(options.data))) {
      return refuse(options, 'drawer_test_refused');
    }
    const devices = createDevices(configOf(deviceOf(text, options), options), systemEffects);
    devices.start();
    try {
      const time = new Intl.DateTimeFormat('en', { dateStyle: 'short', timeStyle: 'short' });
      const page = await devices.printTestPage({
        look: { language: 'en' },
        time: time.format(systemEffects.clock.now()),
      });
      const printed = page.ok ? 'printed' : page.failure;
      const drawer = options.drawer ? await openDrawer(devices) : 'not asked';
      say(
        options.json
          ? JSON.stringify({ printed, drawer })
          : `page: ${wordOf(printed)}\ndrawer: ${wordOf(drawer)}`,
      );
      process.exitCode = page.ok ? 0 : 1;
    } finally {
      await devices.stop();
    }
  });

withDevice(
  program.command('watch').description('says what a device reports as it changes, until Ctrl-C'),
).action((text: string, options: Choice) => {
  const devices = createDevices(configOf(deviceOf(text, options), options), systemEffects);
  let last = '';
  const tell = () => {
    const { printer, drawer } = devices.state;
    const line = options.json
      ? JSON.stringify({ printer, drawer })
      : `${printer.label}: ${printer.link}, paper ${printer.paper}, cover ${printer.coverOpen ? 'open' : 'closed'}, drawer ${drawer.position}`;
    if (line !== last) say(line);
    last = line;
  };
  devices.onChange(tell);
  devices.start();
  tell();
  const stop = watchDevices(systemDiscovery, systemEffects.clock, () =>
    say(options.json ? '{"event":"changed"}' : 'a device came or went'),
  );
  process.once('SIGINT', () => {
    stop();
    void devices.stop();
  });
});

await program.parseAsync();

function withDevice(command: Command): Command {
  return command
    .argument('<device>', 'a path (/dev/ttyACM0, /dev/usb/lp0, COM7), host[:port], or with --queue a queue')
    .option('--queue', 'the device is the name of a print queue')
    .option('--language <language>', 'star-prnt, star-line or esc-pos', language, 'star-prnt')
    .option('--json');
}

function deviceOf(text: string, { queue }: Choice): TransportConfig {
  const transport: TransportConfig | null = queue ? { kind: 'queue', name: text } : typedTransport(text);
  return transport ?? program.error(`${text}: neither a path nor an address`);
}

function language(text: string): Choice['language'] {
  const parsed = printerLanguageSchema.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`one of ${printerLanguageSchema.options.join(', ')}`);
  return parsed.data;
}

function configOf(transport: TransportConfig, { language }: Choice): DeviceConfig {
  return deviceConfigSchema.parse({ printer: { transport, language } });
}

async function openDrawer(devices: ReturnType<typeof createDevices>): Promise<string> {
  try {
    return (await devices.testDrawer()).confirmed ? 'opened' : 'drawer_not_confirmed';
  } catch (error) {
    return asSaksiError(error).code;
  }
}

function wordOf(outcome: string): string {
  return outcome in ERRORS ? ERRORS[outcome as keyof typeof ERRORS].en : outcome;
}

function refuse({ json }: Choice, code: 'drawer_test_refused'): void {
  say(json ? JSON.stringify({ refused: code }) : ERRORS[code].en);
  process.exitCode = 2;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
