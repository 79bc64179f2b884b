/** One WhatsApp account that messages go out by: from the environment, else from the database, sealed there. */
import type { AxiosInstance } from 'axios';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { WhatsAppSettings } from '../config.ts';
import type { Engine } from '../db/engine.ts';
import { violatedConstraint } from '../db/errors.ts';
import { type Sealed, seal, unseal } from '../keys/sealed.ts';
import { createWhatsAppClient, type WhatsAppClient } from '../whatsapp/client.ts';
import { createGraphAdmin, type GraphAdmin } from '../whatsapp/graph-admin.ts';

/** What belongs to the app, and so to the gateway. */
const OF_APP = ['appSecret', 'verifyToken'] as const satisfies readonly (keyof WhatsAppSettings)[];
/** After this an account changed by another process is noticed. */
const FRESH_MS = 5000;
/** For one send, from connecting to the last byte. Well under a job's expiry. */
const SEND_TIMEOUT_MS = 10_000;

export interface WhatsAppAccount {
  /** What is known of the account; each field may be missing. */
  settings(): Promise<WhatsAppSettings>;
  /** @returns null while the phone number id or the access token is missing */
  client(): Promise<WhatsAppClient | null>;
  /** For setting the account up and watching it. @throws SaksiError whatsapp_not_set_up {at} */
  graph(): Promise<{ wabaId: string; phoneNumberId: string; graph: GraphAdmin }>;
  /** Keeps the given fields; the others stay as they were. @throws SaksiError account_number_taken */
  set(fields: WhatsAppSettings): Promise<void>;
  close(): void;
}

export interface WhatsAppAccountOptions {
  readonly id: string;
  /** Whose app this account is under; left out: it has its own. */
  readonly app?: Pick<WhatsAppAccount, 'settings' | 'set'>;
  /** What is known of the account has changed. */
  readonly onSet?: () => void;
  readonly engine: Engine;
  readonly effects: Effects;
  readonly secretsKey: Uint8Array;
  readonly graphUrl: string;
  readonly graphVersion: string;
  /** From the environment; wins over the database. */
  readonly fixed: WhatsAppSettings;
  /** Left out: axios of its own. */
  readonly http?: AxiosInstance;
}

export function createWhatsAppAccount(options: WhatsAppAccountOptions): WhatsAppAccount {
  const { id, app, engine, effects, secretsKey, fixed } = options;
  const placeOf = (column: string) => `whatsapp_accounts.${column}:${id}`;
  /** A reading under way serves all who ask meanwhile. */
  let known: { at: number; settings: Promise<WhatsAppSettings> } | null = null;
  let current: { for: string; client: WhatsAppClient } | null = null;
  let currentGraph: { for: string; graph: GraphAdmin } | null = null;

  function settings(): Promise<WhatsAppSettings> {
    const now = effects.clock.monotonic();
    if (known !== null && now - known.at <= FRESH_MS) return known.settings;
    const reading = Promise.all([read(), app?.settings()]).then(([row, shared]) => ({
      ...row,
      ...(shared === undefined ? {} : pick(shared, OF_APP)),
      ...fixed,
    }));
    const mine = { at: now, settings: reading };
    known = mine;
    reading.catch(() => {
      // Whoever asked gets the error; it is only not kept for the next.
      if (known === mine) known = null;
    });
    return reading;
  }

  async function read(): Promise<WhatsAppSettings> {
    const row = await engine.kysely
      .selectFrom('whatsapp_accounts')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) return {};
    const open = (column: string, sealed: Sealed | null) =>
      sealed === null ? undefined : unseal(secretsKey, placeOf(column), sealed);
    return definedOnly({
      phoneNumberId: row.phone_number_id ?? undefined,
      wabaId: row.waba_id ?? undefined,
      accessToken: open('access_token', row.access_token_sealed),
      appSecret: open('app_secret', row.app_secret_sealed),
      verifyToken: open('verify_token', row.verify_token_sealed),
    });
  }

  async function set(given: WhatsAppSettings): Promise<void> {
    const shared = app === undefined ? {} : pick(given, OF_APP);
    if (Object.keys(shared).length > 0) await app?.set(shared);
    const fields = app === undefined ? given : omit(given, OF_APP);
    const close = (column: string, secret: string | undefined) =>
      secret === undefined ? undefined : seal(secretsKey, effects.random, placeOf(column), secret);
    const values = definedOnly({
      phone_number_id: fields.phoneNumberId,
      waba_id: fields.wabaId,
      access_token_sealed: close('access_token', fields.accessToken),
      app_secret_sealed: close('app_secret', fields.appSecret),
      verify_token_sealed: close('verify_token', fields.verifyToken),
      updated_at: effects.clock.now(),
    });
    await engine.kysely
      .insertInto('whatsapp_accounts')
      .values({ id, updated_at: effects.clock.now(), ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute()
      .catch((error: unknown) => {
        if (violatedConstraint(error) !== 'whatsapp_accounts_number') throw error;
        throw new SaksiError('account_number_taken', { cause: error });
      });
    known = null;
    options.onSet?.();
  }

  async function client(): Promise<WhatsAppClient | null> {
    const { phoneNumberId, accessToken, appSecret } = await settings();
    if (phoneNumberId === undefined || accessToken === undefined) return null;
    const wanted = JSON.stringify([phoneNumberId, accessToken, appSecret]);
    if (current?.for !== wanted) {
      current?.client.close();
      const { graphUrl, graphVersion: version } = options;
      current = {
        for: wanted,
        client: createWhatsAppClient({
          graphUrl,
          version,
          phoneNumberId,
          accessToken,
          ...(appSecret === undefined ? {} : { appSecret }),
          timeoutMs: SEND_TIMEOUT_MS,
          clock: effects.clock,
          ...(options.http === undefined ? {} : { http: options.http }),
        }),
      };
    }
    return current.client;
  }

  async function graph() {
    const { phoneNumberId, wabaId, accessToken, appSecret } = await settings();
    const missing = (at: string) => new SaksiError('whatsapp_not_set_up', { params: { at } });
    if (wabaId === undefined) throw missing('wabaId');
    if (phoneNumberId === undefined) throw missing('phoneNumberId');
    if (accessToken === undefined) throw missing('accessToken');
    const wanted = JSON.stringify([accessToken, appSecret]);
    if (currentGraph?.for !== wanted) {
      currentGraph?.graph.close();
      currentGraph = {
        for: wanted,
        graph: createGraphAdmin({
          ...{ graphUrl: options.graphUrl, version: options.graphVersion, accessToken },
          ...(appSecret === undefined ? {} : { appSecret }),
          ...{ timeoutMs: SEND_TIMEOUT_MS, clock: effects.clock },
          ...(options.http === undefined ? {} : { http: options.http }),
        }),
      };
    }
    return { wabaId, phoneNumberId, graph: currentGraph.graph };
  }

  function close(): void {
    current?.client.close();
    currentGraph?.graph.close();
  }

  return { settings, client, graph, set, close };
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Partial<T> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])),
  ) as Partial<T>;
}

function omit<T extends object>(from: T, keys: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key))) as Partial<T>;
}

function definedOnly<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
