/** The gateway's WhatsApp accounts: which there are, whose shops are whose, and which number is whose. */

import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { Engine } from '../db/engine.ts';
import { createWhatsAppAccount, type WhatsAppAccount, type WhatsAppAccountOptions } from './accounts.ts';

/** After this an account made by another process is noticed. */
const FRESH_MS = 5000;
/** A number that nobody has is looked for anew no more often than this. */
const RECHECK_MS = 1000;
const ACCOUNTS_MAX = 10_000;

export interface AccountRow {
  readonly id: string;
  /** As the operator calls it; empty of the default one. */
  readonly name: string;
  readonly wabaId: string | null;
  readonly phoneNumberId: string | null;
}

export interface AccountBook {
  /** An account by its id, whether or not there is anything known of it. */
  of(id: string): WhatsAppAccount;
  /** The default one first, the others by name. */
  list(): Promise<readonly AccountRow[]>;
  /** @throws SaksiError account_unknown */
  assertKnown(id: string): Promise<void>;
  /** @returns its id; nothing is known of it yet */
  add(name: string): Promise<string>;
  /** From its next message on the shop goes by this account. Throws `account_unknown`, `not_found`. */
  assign(storeId: string, id: string): Promise<void>;
  /** Whose number it is; undefined: nobody's here. One that no account names is the default one's while that knows none. */
  ownerOfNumber(phoneNumberId: string): Promise<string | undefined>;
  /** Accounts may share a business account. As above while the default one knows none. */
  ownersOfWaba(wabaId: string): Promise<readonly string[]>;
  close(): void;
}

export interface AccountBookOptions extends Omit<WhatsAppAccountOptions, 'id' | 'app' | 'onSet'> {
  readonly engine: Engine;
  readonly effects: Effects;
}

export function createAccountBook(options: AccountBookOptions): AccountBook {
  const { engine, effects, fixed } = options;
  const db = engine.kysely;
  /** A reading under way serves all who ask meanwhile. */
  let known: { at: number; rows: Promise<readonly AccountRow[]> } | null = null;
  const onSet = () => {
    known = null;
  };
  const first = createWhatsAppAccount({ ...options, id: DEFAULT_ACCOUNT, onSet });
  const accounts = new Map<string, WhatsAppAccount>([[DEFAULT_ACCOUNT, first]]);

  function of(id: string): WhatsAppAccount {
    const account =
      accounts.get(id) ?? createWhatsAppAccount({ ...options, id, app: first, fixed: {}, onSet });
    accounts.set(id, account);
    return account;
  }

  function list(): Promise<readonly AccountRow[]> {
    const now = effects.clock.monotonic();
    if (known !== null && now - known.at <= FRESH_MS) return known.rows;
    const mine = { at: now, rows: read() };
    known = mine;
    mine.rows.catch(() => {
      // Whoever asked gets the error; it is only not kept for the next.
      if (known === mine) known = null;
    });
    return mine.rows;
  }

  function forgetAfter(ms: number): void {
    if (known !== null && effects.clock.monotonic() - known.at > ms) known = null;
  }

  async function read(): Promise<readonly AccountRow[]> {
    const rows = await db
      .selectFrom('whatsapp_accounts')
      .select(['id', 'name', 'waba_id as wabaId', 'phone_number_id as phoneNumberId'])
      .orderBy('name')
      .orderBy('id')
      .limit(ACCOUNTS_MAX)
      .execute();
    const given = rows.find(({ id }) => id === DEFAULT_ACCOUNT);
    const usual: AccountRow = {
      id: DEFAULT_ACCOUNT,
      name: given?.name ?? '',
      wabaId: fixed.wabaId ?? given?.wabaId ?? null,
      phoneNumberId: fixed.phoneNumberId ?? given?.phoneNumberId ?? null,
    };
    return [usual, ...rows.filter(({ id }) => id !== DEFAULT_ACCOUNT)];
  }

  async function assertKnown(id: string): Promise<void> {
    if ((await list()).some((row) => row.id === id)) return;
    known = null;
    if (!(await list()).some((row) => row.id === id)) throw new SaksiError('account_unknown');
  }

  return {
    of,
    list,
    assertKnown,

    async add(name) {
      const id = createUuid(effects);
      await db
        .insertInto('whatsapp_accounts')
        .values({ id, name, updated_at: effects.clock.now() })
        .execute();
      known = null;
      return id;
    },

    async assign(storeId, id) {
      await assertKnown(id);
      const assigned = await db
        .updateTable('stores')
        .set({ whatsapp_account: id })
        .where('id', '=', storeId)
        .returning('id')
        .executeTakeFirst();
      if (assigned === undefined) throw new SaksiError('not_found');
    },

    async ownerOfNumber(phoneNumberId) {
      const ownerIn = (rows: readonly AccountRow[]) =>
        rows.find((row) => row.phoneNumberId === phoneNumberId)?.id;
      const rows = await list();
      const owner = ownerIn(rows);
      if (owner !== undefined) return owner;
      if (rows[0]?.phoneNumberId === null) return DEFAULT_ACCOUNT;
      // Another process may have set the number up a moment ago: what is passed over is not sent again.
      forgetAfter(RECHECK_MS);
      return ownerIn(await list());
    },

    async ownersOfWaba(wabaId) {
      const rows = await list();
      const owners = rows.filter((row) => row.wabaId === wabaId).map(({ id }) => id);
      return owners.length === 0 && rows[0]?.wabaId === null ? [DEFAULT_ACCOUNT] : owners;
    },

    close() {
      for (const account of accounts.values()) account.close();
    },
  };
}
