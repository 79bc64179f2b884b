/** The operator's commands about WhatsApp accounts: which there are, whose shops are whose, and each one's number, limits and templates. */
import { z } from 'zod';
import { SaksiError } from '../../shared/errors.ts';
import { uuidSchema } from '../../shared/ids.ts';
import { accountIdSchema, DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import { toSaksiError } from '../templates/service.ts';
import type { AdminOptions, Parsed } from './admin.ts';

/** Which account: left out, the default one. */
const account = accountIdSchema.default(DEFAULT_ACCOUNT);
const ofAccount = z.strictObject({ account });
const secret = z.string().trim().min(1).max(1024).optional();
const graphId = z
  .string()
  .regex(/^\d{1,32}$/)
  .optional();

export const WHATSAPP_INPUTS = {
  'whatsapp accounts': z.strictObject({}),
  'whatsapp add': z.strictObject({ name: z.string().trim().min(1).max(80) }),
  /** A shop's messages come from this account's number from now on. */
  'whatsapp assign': z.strictObject({ storeId: uuidSchema, account: accountIdSchema }),
  'whatsapp set': z.strictObject({
    ...{ account, phoneNumberId: graphId, wabaId: graphId },
    ...{ accessToken: secret, appSecret: secret, verifyToken: secret },
  }),
  'whatsapp show': ofAccount,
  'whatsapp check': ofAccount,
  'whatsapp state': ofAccount,
  'templates list': ofAccount,
  'templates check': z.strictObject({}),
  'templates submit': ofAccount,
  'templates sync': ofAccount,
  'limits show': ofAccount,
  'limits refresh': ofAccount,
  'limits set': z.strictObject({
    account,
    perSecond: z.int().min(0).max(10_000).optional(),
    pairPeriodMs: z.int().min(0).max(600_000).optional(),
    pairBurst: z.int().min(1).max(10_000).optional(),
    dailyPeople: z.int().min(1).nullable().optional(),
  }),
} as const;

export function createWhatsAppCommands({ engine, accounts, sending, account: events }: AdminOptions) {
  async function of(id: string) {
    await accounts.assertKnown(id);
    return sending.of(id);
  }

  return {
    async 'whatsapp accounts'() {
      const [rows, stores] = await Promise.all([
        accounts.list(),
        engine.kysely
          .selectFrom('stores')
          .select(['id', 'name', 'whatsapp_account'])
          .orderBy('created_at')
          .execute(),
      ]);
      return rows.map((row) => ({
        ...row,
        stores: stores
          .filter((store) => store.whatsapp_account === row.id)
          .map(({ id, name }) => ({ id, name })),
      }));
    },
    async 'whatsapp add'({ name }: Parsed<'whatsapp add'>) {
      return { account: await accounts.add(name) };
    },
    async 'whatsapp assign'({ storeId, account: id }: Parsed<'whatsapp assign'>) {
      await accounts.assign(storeId, id);
      return { storeId, account: id };
    },
    async 'whatsapp set'({ account: id, ...input }: Parsed<'whatsapp set'>) {
      const fields = Object.entries(input).filter(([, value]) => value !== undefined);
      await (await of(id)).account.set(Object.fromEntries(fields));
      return { set: fields.map(([field]) => field) };
    },
    /** Which fields are known; never what the secrets are. */
    async 'whatsapp show'({ account: id }: Parsed<'whatsapp show'>) {
      const one = await of(id);
      const { phoneNumberId, wabaId, accessToken, appSecret, verifyToken } = await one.account.settings();
      const known = (value: string | undefined) => value !== undefined;
      return {
        phoneNumberId: phoneNumberId ?? null,
        wabaId: wabaId ?? null,
        accessToken: known(accessToken),
        appSecret: known(appSecret),
        verifyToken: known(verifyToken),
      };
    },
    /** What the Graph API says of the number now; kept, and folded into `whatsapp state`. */
    async 'whatsapp check'({ account: id }: Parsed<'whatsapp check'>) {
      const { wabaId, phoneNumberId, graph } = await (await of(id)).account.graph();
      const info = await graph.phoneNumber(phoneNumberId).catch((error: unknown) => {
        throw toSaksiError(error);
      });
      await events.checked(wabaId, info);
      const { displayPhoneNumber: _, ...rest } = info;
      return rest;
    },
    /** How the account stands, by all that Meta said of it. */
    async 'whatsapp state'({ account: id }: Parsed<'whatsapp state'>) {
      const { wabaId } = await (await of(id)).account.settings();
      if (wabaId === undefined) throw new SaksiError('whatsapp_not_set_up', { params: { at: 'wabaId' } });
      return events.state(wabaId);
    },
    async 'templates list'({ account: id }: Parsed<'templates list'>) {
      return (await of(id)).templates.list();
    },
    async 'templates check'() {
      return sending.of(DEFAULT_ACCOUNT).templates.check();
    },
    async 'templates submit'({ account: id }: Parsed<'templates submit'>) {
      return (await of(id)).templates.submit();
    },
    async 'templates sync'({ account: id }: Parsed<'templates sync'>) {
      return (await of(id)).templates.sync();
    },
    async 'limits show'({ account: id }: Parsed<'limits show'>) {
      return (await of(id)).limits.set({});
    },
    async 'limits refresh'({ account: id }: Parsed<'limits refresh'>) {
      return (await of(id)).limits.refresh();
    },
    async 'limits set'({ account: id, ...input }: Parsed<'limits set'>) {
      const { perSecond, pairPeriodMs, pairBurst, dailyPeople } = input;
      const { limits } = await of(id);
      return limits.set({
        ...(perSecond === undefined ? {} : { per_second: perSecond }),
        ...(pairPeriodMs === undefined ? {} : { pair_period_ms: pairPeriodMs }),
        ...(pairBurst === undefined ? {} : { pair_burst: pairBurst }),
        ...(dailyPeople === undefined ? {} : { daily_people: dailyPeople }),
      });
    },
  };
}
