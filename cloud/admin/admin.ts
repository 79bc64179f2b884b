/**
 * What an operator can do, each with the schema of its input. The command line runs these on the database, or hands
 * them to the gateway that has the embedded database open.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { otherChannelSchema } from '../../shared/channel-policy.ts';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { languageSchema, roleSchema, storeSchema } from '../../shared/gateway-api.ts';
import { createUuid, uuidSchema } from '../../shared/ids.ts';
import { messageCategorySchema } from '../../shared/message-credit.ts';
import { amountSchema, assetSchema, currencySchema } from '../../shared/money.ts';
import { maskPhone } from '../../shared/phone.ts';
import { DEFAULT_POLICY, policySchema } from '../../shared/policy.ts';
import { customerEraseRequestSchema, customerExportRequestSchema } from '../../shared/privacy.ts';
import { SETUP_PATHS } from '../../shared/setup-api.ts';
import { WEB_PATHS } from '../../shared/web-api.ts';
import type { AccountEvents } from '../account/events.ts';
import type { AuditService } from '../audit/service.ts';
import type { Channels } from '../channels/accounts.ts';
import { createCustomer, getCustomer, phoneOf } from '../customers/customers.ts';
import type { Engine } from '../db/engine.ts';
import type { TillEvents } from '../events/append.ts';
import { checkLedger } from '../ledger/check.ts';
import { credit } from '../ledger/ledger.ts';
import type { AccountBook } from '../messages/account-book.ts';
import type { SendingAccounts } from '../messages/sending-accounts.ts';
import type { OfflineOperator } from '../offline/operator.ts';
import type { PolicyService } from '../policy/service.ts';
import type { PrivacyService } from '../privacy/service.ts';
import type { Signals } from '../signals/service.ts';
import type { Enrolment } from '../staff/enrolment.ts';
import type { TillService } from '../tills/service.ts';
import type { WebSessions } from '../web/sessions.ts';
import { createAuditCommands } from './audit.ts';
import { createChannelCommands } from './channels.ts';
import { createCreditCommands } from './credit.ts';
import { hashPin, PIN } from './pin.ts';
import { createWhatsAppCommands, WHATSAPP_INPUTS } from './whatsapp.ts';

const name = z.string().trim().min(1).max(80);
const storeId = uuidSchema;
const phone = z.string().trim().min(5).max(32);
const customer = z.union([
  z.strictObject({ id: uuidSchema }),
  z.strictObject({ phone }),
  z.strictObject({ memberNo: z.string().trim().min(1).max(32) }),
]);
/** Whose sealed codes: a till's, or a person's. */
const codesOf = z.union([z.strictObject({ tillId: uuidSchema }), z.strictObject({ staffId: uuidSchema })]);
const consent = z.strictObject({ storeId, customer, note: z.string().trim().min(3).max(200) });

export const ADMIN_INPUTS = {
  'store add': storeSchema.omit({ id: true }).extend({
    name,
    address: z.string().trim().max(200).default(''),
    footer: z.string().trim().max(200).default(''),
    timezone: z.string().refine(isTimezone, 'is no IANA time zone'),
  }),
  'store list': z.strictObject({}),
  /** Stores of one chain are compared with each other; null: by itself. */
  'store chain': z.strictObject({ storeId, chain: z.string().trim().min(1).max(60).nullable() }),
  'till add': z.strictObject({ storeId, name }),
  'till pair': z.strictObject({ tillId: uuidSchema }),
  'till list': z.strictObject({ storeId }),
  'till revoke': z.strictObject({ tillId: uuidSchema }),
  'staff add': z.strictObject({
    storeId,
    name,
    role: roleSchema,
    pin: z.string().regex(PIN, '4 to 12 digits'),
    phone: phone.optional(),
  }),
  'staff list': z.strictObject({ storeId }),
  'staff enrol': z.strictObject({ staffId: uuidSchema }),
  'staff verify': z.strictObject({ staffId: uuidSchema }),
  'staff remove': z.strictObject({ staffId: uuidSchema }),
  'staff forget': z.strictObject({ staffId: uuidSchema }),
  'customer add': z.strictObject({
    storeId,
    name,
    phone: phone.optional(),
    memberNo: z.string().trim().min(1).max(32).optional(),
    language: languageSchema.optional(),
  }),
  'wallet credit': z.strictObject({
    storeId,
    customer,
    asset: assetSchema,
    amount: amountSchema,
    key: z.string().regex(/^[\x21-\x7e]{4,120}$/, '4 to 120 visible ASCII characters'),
  }),
  'wallet show': z.strictObject({ storeId, customer }),
  'web link': z.strictObject({ staffId: uuidSchema.optional() }),
  'web list': z.strictObject({}),
  'web revoke': z.strictObject({}),
  'policy show': z.strictObject({ storeId }),
  'policy set': z.strictObject({ storeId, policy: policySchema }),
  'offline status': z.strictObject({ storeId }),
  'offline renew': codesOf,
  'offline revoke': codesOf,
  'ledger check': z.strictObject({}),
  'audit export': z.strictObject({
    storeId,
    from: z.int().min(0),
    to: z.int().min(0),
    file: z.string().min(1).max(4096).refine(isAbsolute, 'is no absolute path'),
  }),
  'audit check': z.strictObject({}),
  'signals look': z.strictObject({}),
  'credit show': z.strictObject({ storeId }),
  'credit topup': z.strictObject({
    storeId,
    topup: z.union([z.strictObject({ amount: amountSchema }), z.strictObject({ packageId: z.string() })]),
    key: z.string().regex(/^[\x21-\x7e]{4,120}$/, '4 to 120 visible ASCII characters'),
  }),
  'credit prices': z.strictObject({}),
  'credit price': z.strictObject({
    currency: currencySchema,
    category: messageCategorySchema,
    country: z.string().regex(/^([A-Z]{2}|\*)$/, "two letters, or '*'"),
    price: z.int().min(0).max(1_000_000_000),
    from: z.int().min(0).optional(),
  }),
  'credit packages': z.strictObject({}),
  'credit statement': z.strictObject({ storeId, from: z.int().min(0), to: z.int().min(0) }),
  'credit check': z.strictObject({}),
  'channels set': z.strictObject({ kind: otherChannelSchema, settings: z.json() }),
  'channels remove': z.strictObject({ kind: otherChannelSchema }),
  'channels show': z.strictObject({}),
  'channels test': z.strictObject({ kind: otherChannelSchema, to: z.string().trim().min(3).max(254) }),
  'customer reach': z.strictObject({
    storeId,
    customer,
    email: z.email().max(254).nullable().optional(),
    codeChannels: z.array(otherChannelSchema).max(2).nullable().optional(),
  }),
  'customer export': customerExportRequestSchema,
  'customer erase': customerEraseRequestSchema,
  'consent give': consent,
  'consent withdraw': consent,
  'consent show': z.strictObject({ storeId, customer }),
  ...WHATSAPP_INPUTS,
} as const;

export type AdminCommand = keyof typeof ADMIN_INPUTS;
export type AdminInput<C extends AdminCommand> = z.input<(typeof ADMIN_INPUTS)[C]>;
export type Parsed<C extends AdminCommand> = z.output<(typeof ADMIN_INPUTS)[C]>;

export interface Admin {
  /** @throws z.ZodError for an input that does not fit; SaksiError for what cannot be done */
  run<C extends AdminCommand>(command: C, input: AdminInput<C>): Promise<AdminResult<C>>;
}

export interface AdminOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly tills: TillService;
  readonly events: TillEvents;
  readonly accounts: AccountBook;
  readonly policies: PolicyService;
  readonly enrolment: Enrolment;
  readonly operator: OfflineOperator;
  readonly account: AccountEvents;
  readonly audit: AuditService;
  readonly sending: SendingAccounts;
  readonly webSessions: WebSessions;
  /** Of the gateway's pages; null: not known. */
  readonly webAddress: string | null;
  readonly channels: Channels;
  readonly privacy: PrivacyService;
  readonly signals: Pick<Signals, 'run'>;
}

type Commands = ReturnType<typeof createCommands>;
export type AdminResult<C extends AdminCommand> = Awaited<ReturnType<Commands[C]>>;

export function createAdmin(options: AdminOptions): Admin {
  const commands = createCommands(options);
  const run = (command: AdminCommand, input: unknown): Promise<unknown> => {
    const parsed = ADMIN_INPUTS[command].parse(input);
    return (commands[command] as (parsed: unknown) => Promise<unknown>)(parsed);
  };
  return { run: run as Admin['run'] };
}

function createCommands(options: AdminOptions) {
  const { engine, effects, tills, events, policies, enrolment, operator } = options;
  const { webSessions, webAddress, audit, signals } = options;
  const db = engine.kysely;
  const { clock } = effects;

  /** Every till of the store reads its place anew. */
  async function storeChanged(changedStoreId: string): Promise<void> {
    const rows = await db
      .selectFrom('tills')
      .select('id')
      .where('store_id', '=', changedStoreId)
      .where('revoked_at', 'is', null)
      .execute();
    for (const { id } of rows) {
      await db.transaction().execute((trx) => events.append(trx, id, { type: 'till.changed' }));
    }
    events.committed(rows.map((row) => row.id));
  }

  async function storeOf(id: string) {
    const store = await db.selectFrom('stores').selectAll().where('id', '=', id).executeTakeFirst();
    if (store === undefined) throw new SaksiError('not_found');
    return store;
  }

  return {
    async 'store add'(input: Parsed<'store add'>) {
      const id = createUuid(effects);
      const policy = { policy: JSON.stringify(DEFAULT_POLICY), policy_version: DEFAULT_POLICY.version };
      await db
        .insertInto('stores')
        .values({ id, ...input, ...policy, created_at: clock.now() })
        .execute();
      return { storeId: id };
    },
    async 'store list'() {
      return db
        .selectFrom('stores')
        .select(['id', 'name', 'country', 'currency', 'language', 'timezone', 'chain'])
        .orderBy('created_at')
        .execute();
    },
    /** Which stores signals compare with each other. Their past days are read again at the next look. */
    async 'store chain'({ storeId: id, chain }: Parsed<'store chain'>) {
      await storeOf(id);
      await db.updateTable('stores').set({ chain }).where('id', '=', id).execute();
      return { storeId: id, chain };
    },
    /** What the gateway does every ten minutes. */
    async 'signals look'() {
      await audit.link();
      return { found: await signals.run() };
    },
    async 'till add'(input: Parsed<'till add'>) {
      const { tillId } = await tills.create(input.storeId, input.name);
      const { code, expiresAt } = await tills.createPairingCode(tillId);
      return { tillId, pairingCode: code, expiresAt: new Date(expiresAt).toISOString() };
    },
    async 'till pair'({ tillId }: Parsed<'till pair'>) {
      const { code, expiresAt } = await tills.createPairingCode(tillId);
      return { tillId, pairingCode: code, expiresAt: new Date(expiresAt).toISOString() };
    },
    async 'till list'(input: Parsed<'till list'>) {
      const rows = await db
        .selectFrom('tills')
        .select(['id', 'name', 'app_version', 'paired_at', 'revoked_at'])
        .where('store_id', '=', input.storeId)
        .orderBy('created_at')
        .execute();
      const state = (row: (typeof rows)[number]): 'revoked' | 'paired' | 'waiting' =>
        row.revoked_at !== null ? 'revoked' : row.paired_at !== null ? 'paired' : 'waiting';
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        state: state(row),
        appVersion: row.app_version,
      }));
    },
    async 'till revoke'({ tillId }: Parsed<'till revoke'>) {
      await tills.revoke(tillId);
      return { tillId, state: 'revoked' as const };
    },
    async 'staff add'(input: Parsed<'staff add'>) {
      const store = await storeOf(input.storeId);
      const staffId = createUuid(effects);
      await db
        .insertInto('staff')
        .values({
          id: staffId,
          store_id: store.id,
          name: input.name,
          role: input.role,
          pin: JSON.stringify(await hashPin(input.pin, effects.random)),
          phone_e164: input.phone === undefined ? null : phoneOf(input.phone, store.country),
          created_at: clock.now(),
        })
        .execute();
      await storeChanged(store.id);
      return { staffId };
    },
    /** Numbers masked, accounts by their presence only. */
    async 'staff list'(input: Parsed<'staff list'>) {
      const rows = await db
        .selectFrom('staff as s')
        .leftJoin('staff_identities as i', 'i.staff_id', 's.id')
        .select(['s.id', 's.name', 's.role', 's.active', 's.phone_e164 as listed', 'i.phone_e164 as phone'])
        .select(['i.user_id', 'i.how'])
        .where('s.store_id', '=', input.storeId)
        .orderBy('s.name')
        .orderBy('s.id')
        .execute();
      const masked = (number: string | null) => (number === null ? null : maskPhone(number));
      return rows.map(({ listed, phone: verified, user_id: userId, ...row }) => ({
        ...row,
        listed: masked(listed),
        phone: masked(verified),
        account: userId !== null,
      }));
    },
    /** A word for this person alone: they send it from their own WhatsApp to the shop's number. */
    async 'staff enrol'({ staffId }: Parsed<'staff enrol'>) {
      const { word, expiresAt } = await enrolment.createWord(staffId);
      return { staffId, word, expiresAt: new Date(expiresAt).toISOString() };
    },
    /** The operator knows that the number on the staff list is this person's. */
    async 'staff verify'({ staffId }: Parsed<'staff verify'>) {
      const { phone: verified } = await enrolment.vouch(staffId);
      return { staffId, phone: maskPhone(verified) };
    },
    async 'staff remove'({ staffId }: Parsed<'staff remove'>) {
      const row = await db
        .updateTable('staff')
        .set({ active: false, left_at: clock.now() })
        .where('id', '=', staffId)
        .returning('store_id')
        .executeTakeFirst();
      if (row === undefined) throw new SaksiError('staff_unknown');
      await storeChanged(row.store_id);
      return { staffId, active: false };
    },
    /** No till is remembered for them any more: at the next sign-in they are asked for a code. */
    async 'staff forget'({ staffId }: Parsed<'staff forget'>) {
      const row = await db
        .updateTable('staff')
        .set({ logins_from: clock.now() })
        .where('id', '=', staffId)
        .returning('store_id')
        .executeTakeFirst();
      if (row === undefined) throw new SaksiError('staff_unknown');
      await storeChanged(row.store_id);
      return { staffId, forgotten: true };
    },
    async 'customer add'({ phone: typed, memberNo, language, ...rest }: Parsed<'customer add'>) {
      const numbers = { phone: typed ?? null, memberNo: memberNo ?? null };
      return createCustomer(db, effects, { ...rest, ...numbers, ...(language && { language }) });
    },
    async 'wallet credit'(input: Parsed<'wallet credit'>) {
      const found = await getCustomer(db, input.storeId, input.customer);
      const { asset, amount } = input;
      const outcome = await credit(db, {
        idempotencyKey: `admin:${input.key}`,
        ...{ storeId: input.storeId, customerId: found.id, asset, amount },
        refId: null,
        at: clock.now(),
      });
      return { outcome, customer: await getCustomer(db, input.storeId, { id: found.id }) };
    },
    async 'wallet show'(input: Parsed<'wallet show'>) {
      return getCustomer(db, input.storeId, input.customer);
    },
    /**
     * A link that signs the operator, or a manager, in at the gateway's own pages, once. The token stands behind the #: no log
     * gets it.
     */
    async 'web link'({ staffId }: Parsed<'web link'>) {
      const { token, expiresAt } = await webSessions.createLink(staffId);
      const page = staffId === undefined ? SETUP_PATHS.pages : WEB_PATHS.page;
      const link = `${webAddress ?? ''}${page}#token=${token}`;
      return { link, expiresAt: new Date(expiresAt).toISOString() };
    },
    async 'web list'() {
      const iso = (at: number) => new Date(at).toISOString();
      return (await webSessions.list()).map(({ id, role, since, seenAt, expiresAt }) => ({
        ...{ id, role, since: iso(since), seenAt: iso(seenAt), expiresAt: iso(expiresAt) },
      }));
    },
    async 'web revoke'() {
      return { ended: await webSessions.revokeAll() };
    },
    async 'policy show'(input: Parsed<'policy show'>) {
      return (await policies.current(input.storeId)).policy;
    },
    /** The version in the file must be the one in force: nobody overwrites what they have not seen. */
    async 'policy set'({ storeId: id, policy: { version, ...policy } }: Parsed<'policy set'>) {
      return (await policies.set(id, version, policy)).policy;
    },
    /** All that is kept of a customer, to be handed to them. */
    async 'customer export'({ storeId: id, customer: ref }: Parsed<'customer export'>) {
      return options.privacy.export(id, ref);
    },
    /** On whose word it is done stands in the note; the books stay, under no name. */
    async 'customer erase'(input: Parsed<'customer erase'>) {
      return options.privacy.erase(input, 'operator');
    },
    async 'offline status'(input: Parsed<'offline status'>) {
      return operator.status(input.storeId);
    },
    async 'offline renew'(input: Parsed<'offline renew'>) {
      return operator.renew(input);
    },
    async 'offline revoke'(input: Parsed<'offline revoke'>) {
      return operator.revoke(input);
    },
    async 'ledger check'() {
      return checkLedger(db);
    },
    ...createAuditCommands(options),
    ...createCreditCommands(options),
    ...createChannelCommands(options),
    ...createWhatsAppCommands(options),
  };
}

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
