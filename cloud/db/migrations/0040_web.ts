import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Who signs in to the gateway's own pages, and how far the WhatsApp account's set-up has come. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [WEB, SETUP]);
}

/**
 * An account signs in by a credential and gets a session. Today there is one account, the operator, and one kind of
 * credential: a link made on the server, used once. Managers with a password or a passkey are further rows of the same
 * tables: \`verifier\` is then the password's slow hash or the passkey's public key.
 */
const WEB = `
  create table web_accounts (
    id uuid primary key,
    role text not null check (role in ('operator', 'manager')),
    -- Both null of the operator, who belongs to no store.
    store_id uuid references stores,
    staff_id uuid references staff,
    created_at bigint not null,
    disabled_at bigint,
    check ((role = 'operator') = (store_id is null and staff_id is null))
  );
  create unique index web_accounts_one_operator on web_accounts (role) where role = 'operator';

  create table web_credentials (
    id uuid primary key,
    account_id uuid not null references web_accounts,
    kind text not null check (kind in ('link', 'password', 'passkey')),
    -- Of a link: SHA-256 of its 256 random bits, in hex.
    secret_hash text unique,
    verifier jsonb,
    created_at bigint not null,
    expires_at bigint,
    used_at bigint,
    revoked_at bigint,
    check (kind <> 'link' or (secret_hash is not null and expires_at is not null))
  );
  create index web_credentials_by_account on web_credentials (account_id);

  create table web_sessions (
    id uuid primary key,
    account_id uuid not null references web_accounts,
    credential_id uuid not null references web_credentials,
    token_hash text not null unique,
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
  );
  create index web_sessions_by_account on web_sessions (account_id);

  -- What was done on the pages, by whom; never a value.
  create table web_events (
    seq bigserial primary key,
    session_id uuid references web_sessions,
    what text not null,
    detail text,
    at bigint not null
  );
  create trigger web_events_append_only before update or delete on web_events
    for each row execute function refuse_change();
`;

/** \`mark\`: a keyed hash of the settings that a check was made with. A check of other settings says nothing. */
const SETUP = `
  create table setup_settings (
    account_id text primary key,
    app_id text,
    config_id text,
    public_url text,
    updated_at bigint not null
  );

  create table setup_checks (
    account_id text not null,
    step text not null,
    mark text not null,
    outcome text not null check (outcome in ('ok', 'failed')),
    error text,
    params jsonb not null,
    facts jsonb not null,
    checked_at bigint not null,
    primary key (account_id, step)
  );

  create table setup_messages (
    id uuid primary key,
    account_id text not null,
    to_masked text not null,
    wamid text,
    -- Why it did not even leave; what becomes of it later stands in message_events.
    reason text,
    created_at bigint not null
  );
  create index setup_messages_by_account on setup_messages (account_id, created_at);
`;
