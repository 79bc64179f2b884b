import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Consents to one kind of notice, and given at a manager's word; managers who sign in to the gateway's pages. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [CONSENTS, MANAGERS]);
}

/** 'notices' speaks of every kind at once, as who writes STOP does; of a kind, the newest of both counts. */
const CONSENTS = `
  alter table consents
    drop constraint consents_purpose_check,
    drop constraint consents_how_check,
    add constraint consents_purpose_check check (purpose in ('notices', 'redemption', 'topup')),
    add constraint consents_how_check check (how in ('whatsapp', 'operator', 'manager')),
    -- The manager who wrote it down.
    add column staff_id uuid references staff,
    add constraint consents_staff check ((how = 'manager') = (staff_id is not null));
`;

const MANAGERS = `
  create unique index web_accounts_one_per_manager on web_accounts (staff_id) where staff_id is not null;
`;
