/** E-mail by SMTP. What a server says later, by a mail to the sender, is not read: accepted is all that is known. */
import { createTransport, type TransportOptions } from 'nodemailer';
import { z } from 'zod';
import type { Clock } from '../../../shared/effects.ts';
import { isLoopback } from '../../whatsapp/client.ts';
import { accepted, type Channel, type OutgoingText, refused, type SendOutcome } from '../channel.ts';

/** For each step of the dialogue, and for all of it; well under a job's expiry. */
const STEP_TIMEOUT_MS = 8000;
const TIMEOUT_MS = 20_000;

export const smtpSettingsSchema = z
  .strictObject({
    host: z.string().min(1).max(255),
    port: z.number().int().min(1).max(65_535),
    /** `tls`: from the first byte (465); `starttls`: demanded, never skipped (587); `none`: on loopback only. */
    security: z.enum(['tls', 'starttls', 'none']),
    user: z.string().min(1).max(255).optional(),
    password: z.string().min(1).max(1024).optional(),
    from: z.email().max(254),
    fromName: z.string().max(100).optional(),
    /** PEM of an authority of one's own. */
    ca: z.string().max(20_000).optional(),
  })
  .refine(({ security, host }) => security !== 'none' || isLoopback(host), 'without TLS on loopback only')
  .refine(
    ({ user, password }) => (user === undefined) === (password === undefined),
    'user and password, or neither',
  );
export type SmtpSettings = z.infer<typeof smtpSettingsSchema>;

export interface MailerOptions {
  readonly settings: SmtpSettings;
  readonly clock: Pick<Clock, 'schedule'>;
}

export function createMailer({ settings, clock }: MailerOptions): Channel {
  const { host, port, security, user, password, ca } = settings;
  const transport = createTransport({
    ...{ host, port, secure: security === 'tls', requireTLS: security === 'starttls' },
    ignoreTLS: security === 'none',
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...{
      connectionTimeout: STEP_TIMEOUT_MS,
      greetingTimeout: STEP_TIMEOUT_MS,
      socketTimeout: STEP_TIMEOUT_MS,
    },
    dnsTimeout: STEP_TIMEOUT_MS,
    // A text is data, never the name of a file or of a page to be attached.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  } as TransportOptions);

  async function send(message: OutgoingText): Promise<SendOutcome> {
    if (!z.email().safeParse(message.to).success) return refused('wrong_address', 'address');
    let met = () => {};
    const late = new Promise<SendOutcome>((resolve) => {
      met = clock.schedule(TIMEOUT_MS, () => resolve(refused('channel_down', 'timeout', true)));
    });
    const sent = transport.sendMail(mailOf(message, settings)).then(() => accepted(null), refusalOf);
    return Promise.race([sent, late]).finally(met);
  }

  return { kind: 'email', reports: false, send, close: async () => transport.close() };
}

function mailOf(message: OutgoingText, { from, fromName }: SmtpSettings) {
  return {
    from: { name: fromName ?? '', address: from },
    to: { name: '', address: message.to },
    subject: message.subject,
    text: message.text,
    messageId: `<${message.messageId}@${from.slice(from.indexOf('@') + 1)}>`,
    // RFC 3834: nobody's absence is answered to a machine.
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}

const smtpFault = z.object({
  code: z.string().optional(),
  responseCode: z.number().int().optional(),
  command: z.string().optional(),
  response: z.string().optional(),
});

/** Codes of RFC 5321 4.2, and the enhanced ones of RFC 3463 where a server adds them. */
function refusalOf(error: unknown): SendOutcome {
  const { code = 'unknown', responseCode, command, response } = smtpFault.safeParse(error).data ?? {};
  if (responseCode === undefined) return refused('channel_down', `smtp ${code}`, !PERMANENT.has(code));
  const label = `smtp ${responseCode}`;
  if (code === 'EAUTH') return refused('channel_refused', label);
  if (responseCode < 500) return refused('wait_moment', label, true);
  // 5.2.x: the mailbox is there and takes nothing: full, or switched off.
  if (responseCode === 552 || /\b5\.2\.\d/.test(response ?? '')) return refused('not_reachable', label);
  if (command === 'RCPT TO' || command?.startsWith('RCPT')) return refused('wrong_address', label);
  return refused('channel_refused', label);
}

/** What does not pass by itself: no TLS where it is demanded, a certificate that is not believed, a sign-in without words. */
const PERMANENT: ReadonlySet<string> = new Set(['ETLS', 'EREQUIRETLS', 'ENOAUTH', 'EAUTH']);
