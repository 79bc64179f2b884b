import { afterEach, expect, it } from 'vitest';
import { systemEffects } from '../../../shared/effects.ts';
import { FakeClock, seededRandom } from '../../../test/fixtures/fake-clock.ts';
import { VirtualGsmModem } from '../../../test/sim/gsm/modem.ts';
import { connectPty, hasSocat, type PtyCable } from '../../../test/sim/mpop/pty.ts';
import type { Channel, DeliveryReport, OutgoingText } from '../channel.ts';
import { createGsmModem } from './modem.ts';
import { type SerialLine, serialLine } from './serial-line.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Rig {
  readonly modem: VirtualGsmModem;
  readonly channel: Channel;
  readonly cable: PtyCable;
  readonly reports: DeliveryReport[];
}

async function rig(options: { simPin?: string; pin?: string } = {}): Promise<Rig> {
  const modem = new VirtualGsmModem(options.simPin === undefined ? {} : { pin: options.simPin });
  const cable = await connectPty(modem);
  closers.push(() => cable.close());
  const reports: DeliveryReport[] = [];
  const channel = createGsmModem({
    open: serialLine(cable.path, 115_200),
    effects: systemEffects,
    pin: options.pin ?? null,
    onReport: (report) => reports.push(report),
  });
  closers.push(() => channel.close());
  return { modem, channel, cable, reports };
}

const text = (more: Partial<OutgoingText> = {}): OutgoingText => ({
  messageId: '0190a6e0-0000-7000-8000-00000000000a',
  to: '+6281234567890',
  subject: '',
  text: 'Kode Anda 123456',
  validSeconds: 300,
  ...more,
});

const until = (condition: () => boolean) => expect.poll(condition, { timeout: 10_000 }).toBe(true);

it.skipIf(!hasSocat())('hands a text to the network and hears that it arrived', async () => {
  const { modem, channel, reports } = await rig();
  expect(await channel.send(text())).toEqual({ outcome: 'accepted', providerId: null });
  expect(modem.texts).toEqual([{ to: '+6281234567890', text: 'Kode Anda 123456', parts: 1 }]);
  await until(() => reports.length > 0);
  expect(reports).toEqual([{ messageId: text().messageId, state: 'delivered', reason: null }]);
  expect(modem.faults).toEqual([]);
});

it.skipIf(!hasSocat())('sends a long text in parts, and it arrived when its last part did', async () => {
  const { modem, channel, reports } = await rig();
  const long = 'Şifreniz 123456. '.repeat(9);
  modem.mood = [{ kind: 'deliver' }, { kind: 'deliver' }, { kind: 'no_report' }];
  expect((await channel.send(text({ text: long }))).outcome).toBe('accepted');
  expect(modem.texts).toEqual([{ to: '+6281234567890', text: long, parts: 3 }]);
  const last = modem.sent.at(-1);
  if (last === undefined) throw new Error('nothing was sent');
  expect(reports).toEqual([]);
  const [, second] = modem.sent;
  expect(second?.reference).not.toBe(last.reference);
  modem.report({ reference: last.reference, to: last.to, status: 0 });
  await until(() => reports.length > 0);
  expect(reports.map(({ state }) => state)).toEqual(['delivered']);
});

it.skipIf(!hasSocat())('knows a report of a stranger, and the network that is still trying', async () => {
  const { modem, channel, reports } = await rig();
  modem.mood = [{ kind: 'no_report' }];
  await channel.send(text());
  const [sent] = modem.sent;
  if (sent === undefined) throw new Error('nothing was sent');
  modem.report({ reference: sent.reference, to: '+6289999999999', status: 0 });
  modem.report({ reference: (sent.reference + 1) & 0xff, to: sent.to, status: 0 });
  modem.report({ reference: sent.reference, to: sent.to, status: 0x20 });
  modem.report({ reference: sent.reference, to: sent.to, status: 0x46 });
  await until(() => reports.length >= 2);
  expect(reports.map(({ state, reason }) => [state, reason])).toEqual([
    ['sent', null],
    ['failed', 'not_reachable'],
  ]);
});

it.skipIf(!hasSocat())('one part that the network gave up fails the whole text', async () => {
  const { modem, channel, reports } = await rig();
  modem.mood = [{ kind: 'report', status: 0x41 }, { kind: 'deliver' }];
  await channel.send(text({ text: 'ş'.repeat(100) }));
  await until(() => reports.length >= 2);
  expect(new Set(reports.map(({ state }) => state))).toEqual(new Set(['failed']));
});

it.skipIf(!hasSocat())('says why the network refused, and whether waiting helps', async () => {
  const { modem, channel } = await rig();
  const outcomes = [];
  for (const cms of [1, 50, 331, 310, 69]) {
    modem.mood = [{ kind: 'refuse', cms }];
    outcomes.push(await channel.send(text()));
  }
  expect(outcomes).toEqual([
    { outcome: 'refused', reason: 'wrong_number', retry: false, code: 'cms 1' },
    { outcome: 'refused', reason: 'channel_refused', retry: false, code: 'cms 50' },
    { outcome: 'refused', reason: 'wait_moment', retry: true, code: 'cms 331' },
    { outcome: 'refused', reason: 'channel_down', retry: false, code: 'cms 310' },
    { outcome: 'refused', reason: 'channel_refused', retry: false, code: 'cms 69' },
  ]);
  modem.mood = [{ kind: 'deliver' }];
  expect((await channel.send(text())).outcome).toBe('accepted');
});

it.skipIf(!hasSocat())('says so while the modem is unplugged, and sends when it is back', async () => {
  const { modem, channel, cable } = await rig();
  await channel.send(text());
  modem.unplug();
  await cable.settled();
  const away = await channel.send(text());
  expect(away).toMatchObject({ outcome: 'refused', reason: 'channel_down', retry: true });
  modem.plug();
  await cable.settled();
  // It came back without its settings: they are made again.
  expect((await channel.send(text({ text: 'again' }))).outcome).toBe('accepted');
  expect(modem.texts.map((sent) => sent.text)).toEqual(['Kode Anda 123456', 'again']);
  // Pulled and put back between two texts: nobody has to ask twice.
  modem.unplug();
  await cable.settled();
  modem.plug();
  await cable.settled();
  expect((await channel.send(text({ text: 'third' }))).outcome).toBe('accepted');
});

it.skipIf(!hasSocat())('unlocks a card with its PIN, and tries a wrong one once only', async () => {
  const right = await rig({ simPin: '4321', pin: '4321' });
  expect((await right.channel.send(text())).outcome).toBe('accepted');
  const wrong = await rig({ simPin: '4321', pin: '1111' });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(await wrong.channel.send(text())).toMatchObject({
      outcome: 'refused',
      reason: 'channel_down',
      retry: false,
    });
  }
  expect(wrong.modem.pinTries).toBe(1);
});

it.skipIf(!hasSocat())('keeps texts that are sent at once apart', async () => {
  const { modem, channel } = await rig();
  const texts = Array.from({ length: 5 }, (_, index) => `text ${index} ${'x'.repeat(170)}`);
  const outcomes = await Promise.all(texts.map((body) => channel.send(text({ text: body }))));
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(texts.map(() => 'accepted'));
  expect(modem.texts.map((sent) => sent.text)).toEqual(texts);
});

it('refuses a number that is none without touching the port', async () => {
  const channel = createGsmModem({
    open: () => Promise.reject(new Error('touched')),
    effects: systemEffects,
    pin: null,
    onReport: () => undefined,
  });
  expect(await channel.send(text({ to: '0812' }))).toMatchObject({ reason: 'wrong_number', retry: false });
  expect(await channel.send(text())).toMatchObject({ reason: 'channel_down', retry: true });
});

/** Without a port between: for what takes its time. */
function directLine(modem: VirtualGsmModem): SerialLine {
  let hear: (text: string) => void = () => undefined;
  const attached = modem.attach({
    send: (bytes) => hear(Buffer.from(bytes).toString('latin1')),
    close: () => undefined,
  });
  return {
    write: async (text) => attached?.receive(Buffer.from(text, 'latin1')),
    onData(listener) {
      hear = listener;
    },
    onClose: () => undefined,
    close: async () => attached?.detach(),
  };
}

it.each(['silent', 'no_prompt'] as const)(
  'gives up a modem that is %s, leaves its prompt, and gives back what waited too long',
  async (kind) => {
    const modem = new VirtualGsmModem();
    const clock = new FakeClock();
    const channel = createGsmModem({
      open: async () => directLine(modem),
      effects: { clock, random: seededRandom() },
      pin: null,
      onReport: () => undefined,
    });
    modem.mood = [{ kind }, { kind: 'deliver' }];
    const sending = Promise.all([channel.send(text()), channel.send(text({ text: 'second' }))]);
    await clock.advance(15_000);
    expect(await sending).toEqual([
      { outcome: 'refused', reason: 'wait_moment', retry: true, code: 'timeout' },
      { outcome: 'refused', reason: 'wait_moment', retry: true, code: 'busy' },
    ]);
    expect((await channel.send(text({ text: 'third' }))).outcome).toBe('accepted');
    expect(modem.texts.map((sent) => sent.text)).toEqual(['third']);
  },
);
