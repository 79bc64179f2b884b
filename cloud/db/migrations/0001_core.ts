import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * Stores, tills, staff, customers; the double-entry ledger; redemptions and their codes. Constraints here are the
 * last line: whatever a service does wrong, the database refuses an unbalanced, overdrawn or rewritten ledger.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [PEOPLE, LEDGER, LEDGER_POST, REDEMPTIONS]);
}

const PEOPLE = `
  create table stores (
    id uuid primary key,
    name text not null,
    address text not null,
    footer text not null,
    country text not null check (country in ('ID', 'TR', 'US')),
    currency text not null check (currency in ('IDR', 'TRY', 'USD')),
    language text not null check (language in ('id', 'en', 'tr')),
    timezone text not null,
    policy jsonb not null,
    policy_version integer not null check (policy_version >= 1),
    created_at bigint not null
  );

  create table tills (
    id uuid primary key,
    store_id uuid not null references stores,
    name text not null,
    key_hash text unique,
    app_version text,
    event_seq bigint not null default 0,
    created_at bigint not null,
    paired_at bigint,
    revoked_at bigint
  ) with (fillfactor = 70);
  create index tills_by_store on tills (store_id);

  create table staff (
    id uuid primary key,
    store_id uuid not null references stores,
    name text not null,
    role text not null check (role in ('cashier', 'supervisor', 'manager')),
    pin jsonb not null,
    phone_e164 text,
    active boolean not null default true,
    created_at bigint not null
  );
  create index staff_by_store on staff (store_id);

  create table customers (
    id uuid primary key,
    store_id uuid not null references stores,
    name text not null,
    name_search text not null,
    member_no text,
    phone_e164 text check (phone_e164 ~ '^\\+[1-9][0-9]{6,14}$'),
    language text not null check (language in ('id', 'en', 'tr')),
    created_at bigint not null,
    constraint customers_member_no_unique unique (store_id, member_no),
    constraint customers_phone_unique unique (store_id, phone_e164)
  );
  create index customers_by_name on customers (store_id, name_search text_pattern_ops);
`;

const LEDGER = `
  create table accounts (
    id bigint generated always as identity primary key,
    store_id uuid not null references stores,
    customer_id uuid references customers,
    asset text not null check (asset in ('deposit', 'points')),
    kind text not null check (kind in ('customer_available', 'customer_reserved', 'store_redeemed', 'store_issued')),
    balance bigint not null default 0,
    may_go_negative boolean not null,
    constraint accounts_not_overdrawn check (balance >= 0 or may_go_negative),
    constraint accounts_within_safe_integers check (balance between -9007199254740991 and 9007199254740991),
    constraint accounts_owner check ((customer_id is not null) = (kind like 'customer%')),
    constraint accounts_customers_hold check (customer_id is null or not may_go_negative),
    constraint accounts_unique unique nulls not distinct (store_id, customer_id, asset, kind)
  ) with (fillfactor = 70);
  create index accounts_by_customer on accounts (customer_id) where customer_id is not null;

  create table transfers (
    id bigint generated always as identity primary key,
    debit_account_id bigint not null,
    credit_account_id bigint not null,
    amount bigint not null check (amount between 1 and 9007199254740991),
    kind text not null check (kind in ('credit', 'reserve', 'capture', 'release')),
    ref_id uuid,
    idempotency_key text not null unique,
    posted_at bigint not null,
    check (debit_account_id <> credit_account_id)
  );

  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
  end $$;
  create trigger transfers_append_only before update or delete on transfers
    for each row execute function refuse_change();
  create trigger transfers_no_truncate before truncate on transfers
    for each statement execute function refuse_change();
  -- In place of foreign keys from transfers, which would look both accounts up again at each posting.
  create trigger accounts_stay before delete on accounts for each row execute function refuse_change();
  create trigger accounts_no_truncate before truncate on accounts
    for each statement execute function refuse_change();
`;

/**
 * `ledger_transfer` posts one transfer between the accounts that its kind names, and moves both balances. Answers
 * 'posted', 'repeated' (same key, same contents), 'reused' (same key, other contents) or 'overdrawn'; all but the first
 * have changed nothing; and what the customer has available afterwards. Rows are locked lowest id first, so that two postings never wait for each other crosswise;
 */
const LEDGER_POST = `
  create function account_of(p_store uuid, p_customer uuid, p_asset text, p_kind text) returns bigint
    language plpgsql stable as $$
  declare
    v_id bigint;
  begin
    if p_kind like 'customer%' then
      select id into v_id from accounts
        where customer_id = p_customer and asset = p_asset and kind = p_kind and store_id = p_store;
    else
      select id into v_id from accounts
        where store_id = p_store and customer_id is null and asset = p_asset and kind = p_kind;
    end if;
    if v_id is null then
      raise exception 'no % account of % for this owner', p_kind, p_asset
        using errcode = 'foreign_key_violation', constraint = 'account_missing';
    end if;
    return v_id;
  end $$;

  create function ledger_transfer(
    p_key text, p_kind text, p_store uuid, p_customer uuid, p_asset text, p_amount bigint, p_ref uuid, p_at bigint,
    out outcome text, out available bigint
  ) language plpgsql as $$
  declare
    v_from text := case p_kind
      when 'credit' then 'store_issued' when 'reserve' then 'customer_available' else 'customer_reserved' end;
    v_to text := case p_kind
      when 'reserve' then 'customer_reserved' when 'capture' then 'store_redeemed' else 'customer_available' end;
    v_debit bigint;
    v_credit bigint;
    v_account accounts;
    v_old transfers;
    v_overdrawn boolean;
  begin
    if p_kind in ('reserve', 'release') then
      for v_account in select * from accounts
        where customer_id = p_customer and asset = p_asset and kind in (v_from, v_to) and store_id = p_store
        order by id for no key update
      loop
        if v_account.kind = v_from then
          v_debit := v_account.id;
          v_overdrawn := v_account.balance < p_amount;
        else
          v_credit := v_account.id;
        end if;
        if v_account.kind = 'customer_available' then
          available := v_account.balance + case p_kind when 'release' then p_amount else -p_amount end;
        end if;
      end loop;
    end if;
    if v_debit is null or v_credit is null then
      v_debit := account_of(p_store, p_customer, p_asset, v_from);
      v_credit := account_of(p_store, p_customer, p_asset, v_to);
      for v_account in select * from accounts where id in (v_debit, v_credit) order by id for no key update loop
        if v_account.id = v_debit then
          v_overdrawn := v_account.balance < p_amount and not v_account.may_go_negative;
        end if;
      end loop;
    end if;

    if not v_overdrawn then
      insert into transfers (debit_account_id, credit_account_id, amount, kind, ref_id, idempotency_key, posted_at)
        values (v_debit, v_credit, p_amount, p_kind, p_ref, p_key, p_at)
        on conflict (idempotency_key) do nothing;
      if found then
        update accounts set balance = balance + case when id = v_debit then -p_amount else p_amount end
          where id in (v_debit, v_credit);
        outcome := 'posted';
        if available is null then
          available := available_of(p_customer, p_asset);
        end if;
        return;
      end if;
    end if;
    available := available_of(p_customer, p_asset);
    select * into v_old from transfers where idempotency_key = p_key;
    outcome := case when not found then 'overdrawn'
      when (v_old.debit_account_id, v_old.credit_account_id, v_old.amount, v_old.kind, v_old.ref_id)
        is not distinct from (v_debit, v_credit, p_amount, p_kind, p_ref) then 'repeated'
      else 'reused' end;
  end $$;

  create function available_of(p_customer uuid, p_asset text) returns bigint language plpgsql stable as $$
  begin
    return (select balance from accounts
      where customer_id = p_customer and asset = p_asset and kind = 'customer_available');
  end $$;

  create function open_accounts() returns trigger language plpgsql as $$
  begin
    if tg_table_name = 'stores' then
      insert into accounts (store_id, asset, kind, may_go_negative)
        select new.id, asset, kind, kind = 'store_issued'
        from unnest(array['deposit', 'points']) asset, unnest(array['store_issued', 'store_redeemed']) kind;
    else
      insert into accounts (store_id, customer_id, asset, kind, may_go_negative)
        select new.store_id, new.id, asset, kind, false
        from unnest(array['deposit', 'points']) asset, unnest(array['customer_available', 'customer_reserved']) kind;
    end if;
    return null;
  end $$;
  create trigger stores_open_accounts after insert on stores for each row execute function open_accounts();
  create trigger customers_open_accounts after insert on customers for each row execute function open_accounts();
`;

/**
 * Few foreign keys: whoever writes a redemption reads its store, till and customer in the same statement, by their own
 * functions (migration 0003), and none of them is ever deleted.
 */
const REDEMPTIONS = `
  create table redemptions (
    id uuid primary key,
    store_id uuid not null,
    till_id uuid not null,
    customer_id uuid not null,
    staff_id uuid references staff,
    asset text not null check (asset in ('deposit', 'points')),
    amount bigint not null check (amount between 1 and 9007199254740991),
    currency text not null,
    sale_ref text not null,
    drawer boolean not null,
    channel text not null check (channel in ('whatsapp')),
    status text not null check (status in ('awaiting_code', 'authorised', 'captured', 'released', 'expired', 'failed')),
    code_digits integer,
    code_ttl_ms bigint,
    tries_left integer check (tries_left >= 0),
    sends_max integer,
    resend_after_ms bigint,
    serial integer not null check (serial >= 0 and serial <= coalesce(sends_max, 0)),
    expires_at bigint,
    resend_at bigint,
    grant_jti uuid not null,
    policy_version integer not null,
    created_at bigint not null,
    authorised_at bigint,
    settled_at bigint,
    till_settled_at bigint,
    slip text check (slip in ('printed', 'pending')),
    cancel_reason text check (cancel_reason in ('cashier', 'customer', 'terminal', 'till_recovery')),
    check (status <> 'awaiting_code' or (code_digits is not null and expires_at is not null and tries_left >= 1)),
    check ((status in ('awaiting_code', 'authorised')) = (settled_at is null))
  ) with (fillfactor = 70);
  create index redemptions_due on redemptions (expires_at) where status = 'awaiting_code';
  create index redemptions_open on redemptions (till_id, created_at) where status in ('awaiting_code', 'authorised');

  create table codes (
    redemption_id uuid not null,
    serial integer not null check (serial >= 1),
    store_id uuid not null,
    till_id uuid not null,
    phone_tag bytea not null,
    nonce bytea not null check (length(nonce) = 16),
    verify_hash bytea not null check (length(verify_hash) = 32),
    issued_at bigint not null,
    expires_at bigint not null,
    primary key (redemption_id, serial)
  );
  create index codes_by_phone on codes (phone_tag, issued_at);
  create index codes_by_till on codes (till_id, issued_at);
  create index codes_by_store on codes (store_id, issued_at);

  create table till_requests (
    till_id uuid not null,
    idempotency_key text not null,
    request_hash bytea not null check (length(request_hash) = 32),
    redemption_id uuid not null,
    outcome jsonb,
    created_at bigint not null,
    primary key (till_id, idempotency_key)
  );
  create index till_requests_by_age on till_requests (created_at);
`;
