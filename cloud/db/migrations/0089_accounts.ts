import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * More than one WhatsApp account on a gateway: a shop's messages go out by the account that it is assigned to. The first one is
 * called 'default', and is everybody's who was assigned to none.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [ACCOUNTS]);
}

const ACCOUNTS = `
  alter table whatsapp_accounts add column name text not null default '';
  -- A number is one account's: what is written to it belongs to nobody else.
  create unique index whatsapp_accounts_number on whatsapp_accounts (phone_number_id);
  alter table stores add column whatsapp_account text not null default 'default';
  create index stores_by_whatsapp_account on stores (whatsapp_account) where whatsapp_account <> 'default';
  -- Of a reply to somebody who wrote: the account that they wrote to. Null: the shop's.
  alter table messages add column whatsapp_account text;
`;
