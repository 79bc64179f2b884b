import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../shared/effects.ts';
import { FakeClock } from '../../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../../test/fixtures/temp-folder.ts';
import type { OutgoingText } from '../channel.ts';
import { createMailer, type SmtpSettings, smtpSettingsSchema } from './mailer.ts';

let tls: { key: string; cert: string };
beforeAll(() => {
  const folder = tempFolder();
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const kind = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  execFileSync('openssl', [...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
});
afterAll(removeTempFolders);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Received {
  readonly from: string;
  readonly to: string[];
  readonly secure: boolean;
  readonly user: string | null;
  readonly source: string;
}

/** A server that takes what `refuse` does not, at RCPT or after DATA. */
async function server(
  options: SMTPServerOptions = {},
  refuse: { rcpt?: [number, string]; data?: [number, string] } = {},
) {
  const received: Received[] = [];
  const fault = ([code, words]: [number, string]) => Object.assign(new Error(words), { responseCode: code });
  const smtp = new SMTPServer({
    ...{ authOptional: true, disabledCommands: [], logger: false, ...tls },
    onAuth: ({ username, password }, _session, done) =>
      password === 'right' ? done(null, { user: username }) : done(fault([535, '5.7.8 no'])),
    onRcptTo: (_address, _session, done) => done(refuse.rcpt === undefined ? null : fault(refuse.rcpt)),
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (refuse.data !== undefined) return done(fault(refuse.data));
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        const source = Buffer.concat(chunks).toString('utf8');
        received.push({ from, to, secure, user: user === undefined ? null : String(user), source });
        done();
      });
    },
    ...options,
  });
  smtp.on('error', () => undefined); // a client that does not believe the certificate hangs up
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => smtp.close(resolve)));
  const address = smtp.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { received, port: address.port };
}

function mailer(
  port: number,
  more: Partial<SmtpSettings> = {},
  clock: FakeClock | typeof systemClock = systemClock,
) {
  const settings = smtpSettingsSchema.parse({
    ...{ host: 'localhost', port, security: 'starttls', ca: tls.cert },
    ...{ from: 'kode@toko.example', fromName: 'Toko Maju' },
    ...more,
  });
  const channel = createMailer({ settings, clock });
  closers.push(() => channel.close());
  return channel;
}

const text: OutgoingText = {
  messageId: '0190a6e0-0000-7000-8000-00000000000a',
  to: 'ayu@pelanggan.example',
  subject: 'Kode untuk Toko Maju: şifre',
  text: 'Kode Anda 123456.\nJangan bagikan — ığüş.',
  validSeconds: 300,
};

it('hands a mail over by STARTTLS, signed in, as plain text from the shop', async () => {
  const { received, port } = await server();
  const channel = mailer(port, { user: 'toko', password: 'right' });
  expect(await channel.send(text)).toEqual({ outcome: 'accepted', providerId: null });
  expect(received).toMatchObject([
    { from: 'kode@toko.example', to: ['ayu@pelanggan.example'], secure: true, user: 'toko' },
  ]);
  const source = received[0]?.source ?? '';
  expect(source).toContain('From: Toko Maju <kode@toko.example>');
  expect(source).toContain(`Message-ID: <${text.messageId}@toko.example>`);
  expect(source).toContain('Auto-Submitted: auto-generated');
  expect(source).toMatch(/Content-Type: text\/plain; charset=utf-8/);
  expect(source).not.toMatch(/multipart|text\/html/);
});

it('hands a mail over by TLS from the first byte', async () => {
  const { received, port } = await server({ secure: true });
  const clock = new FakeClock();
  expect((await mailer(port, { security: 'tls' }, clock).send(text)).outcome).toBe('accepted');
  expect(clock.pendingTimers).toBe(0);
  expect(received.map(({ secure }) => secure)).toEqual([true]);
});

it('says nothing without TLS where TLS was asked for', async () => {
  const { received, port } = await server({ hideSTARTTLS: true, disabledCommands: ['STARTTLS'] });
  expect(await mailer(port).send(text)).toMatchObject({
    outcome: 'refused',
    reason: 'channel_refused',
    retry: false,
  });
  expect(received).toEqual([]);
});

it('does not believe a certificate that nobody known vouches for', async () => {
  const { received, port } = await server();
  const outcome = await mailer(port, { ca: undefined }).send(text);
  expect(outcome).toMatchObject({ outcome: 'refused', reason: 'channel_down' });
  expect(received).toEqual([]);
});

it.each([
  [{ rcpt: [550, '5.1.1 no such user'] }, 'wrong_address', false, 'smtp 550'],
  [{ rcpt: [552, '5.2.2 mailbox full'] }, 'not_reachable', false, 'smtp 552'],
  [{ rcpt: [550, '5.2.1 mailbox switched off'] }, 'not_reachable', false, 'smtp 550'],
  [{ rcpt: [451, '4.7.1 greylisted'] }, 'wait_moment', true, 'smtp 451'],
  [{ data: [554, '5.7.1 looks like spam'] }, 'channel_refused', false, 'smtp 554'],
  [{ data: [452, '4.3.1 no room'] }, 'wait_moment', true, 'smtp 452'],
] as [{ rcpt?: [number, string]; data?: [number, string] }, string, boolean, string][])(
  'a server that says %j: %s',
  async (refuse, reason, retry, code) => {
    const { port } = await server({}, refuse);
    expect(await mailer(port).send(text)).toEqual({ outcome: 'refused', reason, retry, code });
  },
);

it('does not sign in again and again with a wrong password', async () => {
  const { port } = await server();
  const outcome = await mailer(port, { user: 'toko', password: 'wrong' }).send(text);
  expect(outcome).toEqual({ outcome: 'refused', reason: 'channel_refused', retry: false, code: 'smtp 535' });
});

it('knows a server that is not there, and one that says nothing', async () => {
  expect(await mailer(9).send(text)).toMatchObject({ reason: 'channel_down', retry: true });
  const held: { destroy(): void }[] = [];
  const silent = createServer((socket) => held.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    for (const socket of held) socket.destroy();
    silent.close();
  });
  const address = silent.address();
  const clock = new FakeClock();
  const sending = mailer(typeof address === 'object' ? (address?.port ?? 0) : 0, {}, clock).send(text);
  await expect.poll(() => held.length).toBe(1);
  await clock.advance(20_000);
  expect(await sending).toEqual({ outcome: 'refused', reason: 'channel_down', retry: true, code: 'timeout' });
});

it('takes no address that is none, nor one that smuggles another', async () => {
  const { received, port } = await server();
  for (const to of ['', 'ayu', 'ayu@x.example, eve@y.example', 'ayu@x.example\nBcc: eve@y.example']) {
    expect(await mailer(port).send({ ...text, to })).toMatchObject({ reason: 'wrong_address', retry: false });
  }
  expect(received).toEqual([]);
});

it('refuses settings without TLS towards another machine, and half a sign-in', () => {
  const settings = { host: 'mail.example', port: 25, security: 'none', from: 'a@b.example' };
  expect(smtpSettingsSchema.safeParse(settings).success).toBe(false);
  expect(smtpSettingsSchema.safeParse({ ...settings, host: '127.0.0.1' }).success).toBe(true);
  expect(smtpSettingsSchema.safeParse({ ...settings, security: 'tls', user: 'x' }).success).toBe(false);
});
