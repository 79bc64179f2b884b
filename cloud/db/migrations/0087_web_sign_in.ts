import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Signing in to the gateway's own pages by a password or a passkey, and a code. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [CREDENTIALS, TICKETS, LOGINS]);
}

/**
 * \`verifier\` is a password's slow hash or a passkey's public key. \`name\` is what its owner signs in under, or what they call the
 * passkey; \`external_id\` the passkey's own id. An account of a store's staff reads where its person's verified number stands on the
 * list now, so that its store is only where it began and who pays for its codes.
 */
const CREDENTIALS = `
  alter table web_accounts drop constraint web_accounts_role_check;
  update web_accounts set role = 'staff' where role = 'manager';
  alter table web_accounts add constraint web_accounts_role_check check (role in ('operator', 'staff'));

  alter table web_credentials add column name text, add column external_id text, add column last_used_at bigint;
  alter table web_credentials add constraint web_credentials_password
    check (kind <> 'password' or (name is not null and verifier is not null));
  alter table web_credentials add constraint web_credentials_passkey
    check (kind <> 'passkey' or (name is not null and verifier is not null and external_id is not null));
  create unique index web_credentials_login_name on web_credentials (name) where kind = 'password' and revoked_at is null;
  create unique index web_credentials_one_password on web_credentials (account_id)
    where kind = 'password' and revoked_at is null;
  create unique index web_credentials_external on web_credentials (external_id);

  alter table web_sessions add column browser text;

  -- Wrong passwords since the last right one, and until when none is looked at.
  create table web_attempts (
    account_id uuid primary key references web_accounts,
    failed integer not null,
    locked_until bigint
  );
`;

/** What holds one step of signing in to the next: only a hash of 256 random bits, good for a few minutes, used once. */
const TICKETS = `
  create table web_tickets (
    token_hash text primary key,
    kind text not null check (kind in ('passkey_get', 'passkey_new', 'code')),
    -- Null while nobody knows whose passkey will answer.
    account_id uuid references web_accounts,
    -- What was right before the code; null for passkeys.
    credential_id uuid references web_credentials,
    -- What the authenticator signs; null for codes.
    challenge text,
    -- Whose code is waited for; null for passkeys.
    login_id uuid references logins,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    check (case kind when 'code' then num_nonnulls(account_id, credential_id, login_id) = 3
      when 'passkey_new' then num_nonnulls(account_id, challenge) = 2 else challenge is not null end)
  );
  create index web_tickets_by_end on web_tickets (expires_at);
`;

/** A place is a till, or an account of the gateway's pages; of the latter there is no till. */
const LOGINS = `
  alter table logins add column place_id uuid;
  update logins set place_id = till_id;
  alter table logins alter column place_id set not null, alter column till_id drop not null;
  drop index logins_one_open;
  create unique index logins_one_open on logins (place_id, staff_id) where status = 'awaiting_code';
  alter table login_events alter column till_id drop not null;

  alter table messages drop constraint messages_subject;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'login_code' then num_nonnulls(store_id, staff_id, login_id) = 3
    when 'note' then content is not null
    when 'sealed_codes' then num_nonnulls(store_id, staff_id) = 2 and content is null
    when 'offline_spent' then num_nonnulls(store_id, content) = 2
    when 'offline_loss' then num_nonnulls(store_id, content) = 2
    when 'drawer_alert' then num_nonnulls(store_id, content) = 2
    when 'credit_low' then num_nonnulls(store_id, content) = 2
    when 'notice' then num_nonnulls(store_id, content) = 2
    when 'finding_alert' then num_nonnulls(store_id, content) = 2
    when 'digest' then num_nonnulls(store_id, content) = 2
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);
`;
