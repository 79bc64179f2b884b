/** The channels of this gateway, by settings sealed in the database; each is built once and again when they change. */
import type { AxiosInstance } from 'axios';
import type { Effects } from '../../shared/effects.ts';
import { hmacSha256 } from '../codes/hmac.ts';
import type { Engine } from '../db/engine.ts';
import { seal, unseal } from '../keys/sealed.ts';
import type { Channel, ChannelKind, OnReport } from './channel.ts';
import { createMailer, smtpSettingsSchema } from './email/mailer.ts';
import { createGsmModem } from './gsm/modem.ts';
import { serialLine } from './gsm/serial-line.ts';
import { CHANNEL_SETTINGS, type SmsSettings, smsSettingsSchema } from './settings.ts';
import { loadPreset, type SmsForm, type Variables } from './sms-http/form.ts';
import { createHttpSms } from './sms-http/sender.ts';

/** After this, settings changed by another process are noticed. */
const FRESH_MS = 1000;
export const REPORT_PATH = '/v1/r';
const TOKEN_LENGTH = 16;

export interface Channels {
  /** @returns null while none of this kind is set up */
  get(kind: ChannelKind): Promise<Channel | null>;
  /** What a provider's report is read by; null while SMS goes another way. */
  reportForm(): Promise<{
    form: SmsForm;
    values: Variables;
    callbackOf: (messageId: string) => string;
  } | null>;
  /** Of a message's report address: whoever knows it was told it by us. */
  reportToken(messageId: string): string;
  /** Null removes it. @throws z.ZodError, TypeError for settings that cannot be right */
  set(kind: ChannelKind, settings: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface ChannelsOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly secretsKey: Uint8Array;
  readonly reportKey: Uint8Array;
  /** Of a modem; a provider's come by webhook. */
  readonly onReport: OnReport;
  readonly http?: AxiosInstance;
}

export function createChannels(options: ChannelsOptions): Channels {
  const { engine, effects, secretsKey, reportKey, onReport } = options;
  let known: { at: number; texts: ReadonlyMap<ChannelKind, string> } | null = null;
  const built = new Map<ChannelKind, { readonly from: string; readonly channel: Channel }>();

  async function settingsText(kind: ChannelKind): Promise<string | null> {
    const now = effects.clock.monotonic();
    if (known === null || now - known.at > FRESH_MS) {
      const rows = await engine.kysely.selectFrom('channel_settings').selectAll().execute();
      const open = rows.map(
        (row) => [row.kind, unseal(secretsKey, placeOf(row.kind), row.settings_sealed)] as const,
      );
      known = { at: now, texts: new Map(open) };
    }
    return known.texts.get(kind) ?? null;
  }

  async function get(kind: ChannelKind): Promise<Channel | null> {
    const from = await settingsText(kind);
    const before = built.get(kind);
    if (before !== undefined && before.from === from) return before.channel;
    built.delete(kind);
    // What it has in hand it finishes; nobody waits for it here.
    void before?.channel.close();
    if (from === null) return null;
    const channel = build(kind, JSON.parse(from));
    built.set(kind, { from, channel });
    return channel;
  }

  function build(kind: ChannelKind, settings: unknown): Channel {
    const { clock } = effects;
    if (kind === 'email') return createMailer({ settings: smtpSettingsSchema.parse(settings), clock });
    const sms = smsSettingsSchema.parse(settings);
    if (sms.via === 'modem') {
      const open = serialLine(sms.path, sms.baudRate);
      return createGsmModem({ open, effects, pin: sms.pin ?? null, onReport });
    }
    const { form, values, callbackOf } = httpParts(sms);
    const http = options.http === undefined ? {} : { http: options.http };
    return createHttpSms({
      form,
      values,
      callbackOf: sms.publicUrl === undefined ? null : callbackOf,
      clock,
      ...http,
    });
  }

  function httpParts(sms: Extract<SmsSettings, { via: 'http' }>) {
    const form = sms.form ?? loadPreset(sms.preset ?? 'twilio');
    const base = (sms.publicUrl ?? '').replace(/\/+$/, '');
    const callbackOf = (messageId: string) =>
      `${base}${REPORT_PATH}/${messageId}?t=${reportToken(messageId)}`;
    return { form, values: sms.values, callbackOf };
  }

  async function reportForm() {
    const text = await settingsText('sms');
    const sms = text === null ? null : smsSettingsSchema.parse(JSON.parse(text));
    return sms?.via === 'http' ? httpParts(sms) : null;
  }

  function reportToken(messageId: string): string {
    return hmacSha256(reportKey).update(messageId).digest('base64url').slice(0, TOKEN_LENGTH);
  }

  async function set(kind: ChannelKind, settings: unknown): Promise<void> {
    if (settings === null) {
      await engine.kysely.deleteFrom('channel_settings').where('kind', '=', kind).execute();
    } else {
      const text = JSON.stringify(CHANNEL_SETTINGS[kind].parse(settings));
      // Built once to see that it can be; a port is opened and a server called only when something is sent.
      await build(kind, JSON.parse(text)).close();
      const row = {
        settings_sealed: seal(secretsKey, effects.random, placeOf(kind), text),
        updated_at: effects.clock.now(),
      };
      await engine.kysely
        .insertInto('channel_settings')
        .values({ kind, ...row })
        .onConflict((conflict) => conflict.column('kind').doUpdateSet(row))
        .execute();
    }
    known = null;
  }

  async function close(): Promise<void> {
    await Promise.all([...built.values()].map(({ channel }) => channel.close()));
  }

  return { get, reportForm, reportToken, set, close };
}

function placeOf(kind: ChannelKind): string {
  return `channel_settings.settings:${kind}`;
}
