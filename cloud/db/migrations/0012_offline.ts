import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * The time without a line: sealed codes, what was spent on them, countersigned heads of tills' chains, and the numbering
 * of changes to wallets.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [LEDGER, LEDGER_TRANSFER, LEDGER_OFFLINE, SEALED, SEALED_LOOK, SPENT]);
  await runScript(db, [HEADS, WALLETS, WALLET_CHANGES, MESSAGES]);
}

const LEDGER = `
  alter table accounts drop constraint accounts_kind_check;
  alter table accounts add constraint accounts_kind_check check (kind in
    ('customer_available', 'customer_reserved', 'store_redeemed', 'store_issued', 'store_offline_loss'));
  alter table transfers drop constraint transfers_kind_check;
  alter table transfers add constraint transfers_kind_check
    check (kind in ('credit', 'reserve', 'capture', 'release', 'offline', 'offline_loss'));

  create or replace function open_accounts() returns trigger language plpgsql as $$
  begin
    if tg_table_name = 'stores' then
      insert into accounts (store_id, asset, kind, may_go_negative)
        select new.id, asset, kind, kind <> 'store_redeemed'
        from unnest(array['deposit', 'points']) asset,
          unnest(array['store_issued', 'store_redeemed', 'store_offline_loss']) kind;
    else
      insert into accounts (store_id, customer_id, asset, kind, may_go_negative)
        select new.store_id, new.id, asset, kind, false
        from unnest(array['deposit', 'points']) asset, unnest(array['customer_available', 'customer_reserved']) kind;
    end if;
    return null;
  end $$;
  insert into accounts (store_id, asset, kind, may_go_negative)
    select id, asset, 'store_offline_loss', true from stores, unnest(array['deposit', 'points']) asset;
`;

/** As in 0001, with two kinds more: \`offline\` from what a customer has available, \`offline_loss\` from the store's loss. */
const LEDGER_TRANSFER = `
  create or replace function ledger_transfer(
    p_key text, p_kind text, p_store uuid, p_customer uuid, p_asset text, p_amount bigint, p_ref uuid, p_at bigint,
    out outcome text, out available bigint
  ) language plpgsql as $$
  declare
    v_from text := case p_kind
      when 'credit' then 'store_issued' when 'reserve' then 'customer_available' when 'offline' then 'customer_available'
      when 'offline_loss' then 'store_offline_loss' else 'customer_reserved' end;
    v_to text := case p_kind
      when 'reserve' then 'customer_reserved' when 'capture' then 'store_redeemed' when 'offline' then 'store_redeemed'
      when 'offline_loss' then 'store_redeemed' else 'customer_available' end;
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
`;

/**
 * Books what was spent without a line: from the customer as far as it reaches, the rest from the store's loss. The goods
 * are handed over, so it is never refused for too small a balance. All rows are locked first, lowest id first.
 */
const LEDGER_OFFLINE = `
  create function ledger_offline(
    p_id uuid, p_store uuid, p_customer uuid, p_asset text, p_amount bigint, p_at bigint,
    out taken bigint, out lost bigint
  ) language plpgsql as $$
  declare
    v_account accounts;
    v_wallet bigint := account_of(p_store, p_customer, p_asset, 'customer_available');
    v_redeemed bigint := account_of(p_store, null, p_asset, 'store_redeemed');
    v_loss bigint := account_of(p_store, null, p_asset, 'store_offline_loss');
    v_outcome text := 'posted';
  begin
    for v_account in select * from accounts where id in (v_wallet, v_redeemed, v_loss) order by id for no key update
    loop
      if v_account.id = v_wallet then
        taken := least(v_account.balance, p_amount);
      end if;
    end loop;
    lost := p_amount - taken;
    if taken > 0 then
      select outcome into v_outcome from ledger_transfer('offline/' || p_id || '/wallet', 'offline', p_store,
        p_customer, p_asset, taken, p_id, p_at);
    end if;
    if lost > 0 and v_outcome = 'posted' then
      select outcome into v_outcome from ledger_transfer('offline/' || p_id || '/loss', 'offline_loss', p_store,
        p_customer, p_asset, lost, p_id, p_at);
    end if;
    if v_outcome <> 'posted' then
      raise exception 'offline redemption %: its posting is %', p_id, v_outcome
        using errcode = 'integrity_constraint_violation';
    end if;
  end $$;
`;

/**
 * A till's bundle and the codes in it. Clear text stands in no row but the sealed one of the message; a code that is not
 * unused any more has no hash. \`sealed_issues\` keeps what each bundle allowed.
 */
const SEALED = `
  create table sealed_bundles (
    till_id uuid primary key references tills,
    store_id uuid not null references stores,
    serial integer not null check (serial >= 0),
    signed text,
    content text not null,
    expires_at bigint,
    look_at bigint not null,
    announced boolean not null default false
  ) with (fillfactor = 70);
  create index sealed_bundles_due on sealed_bundles (look_at);
  create index sealed_bundles_by_store on sealed_bundles (store_id);

  create table sealed_issues (
    till_id uuid not null references tills,
    serial integer not null check (serial >= 1),
    policy_version integer not null,
    limits jsonb not null,
    issued_at bigint not null,
    expires_at bigint not null,
    primary key (till_id, serial)
  );
  create trigger sealed_issues_append_only before update or delete on sealed_issues
    for each row execute function refuse_change();

  create table sealed_codes (
    id uuid primary key,
    store_id uuid not null references stores,
    till_id uuid not null references tills,
    staff_id uuid not null references staff,
    contact text not null,
    hash jsonb,
    state text not null check (state in ('unused', 'used', 'replaced', 'revoked', 'expired')),
    message_id uuid,
    issued_at bigint not null,
    expires_at bigint not null,
    ended_at bigint,
    last_serial integer,
    check ((state = 'unused') = (ended_at is null)),
    check ((state = 'unused') = (hash is not null)),
    check ((state = 'unused') = (last_serial is null))
  ) with (fillfactor = 70);
  create index sealed_codes_unused on sealed_codes (till_id) where state = 'unused';
  create index sealed_codes_by_staff on sealed_codes (staff_id, issued_at);

  create table sealed_stops (
    subject uuid primary key,
    kind text not null check (kind in ('till', 'staff')),
    at bigint not null
  );
`;

/**
 * Whatever changes who may hold codes, or what they are worth, has the store's bundles looked at. Deferred to the end of the
 * transaction, so that bundles are always locked after tills.
 */
const SEALED_LOOK = `
  create function look_at_bundles(p_store uuid) returns void language plpgsql as $$
  begin
    perform 1 from sealed_bundles where store_id = p_store order by till_id for no key update;
    update sealed_bundles set look_at = 0 where store_id = p_store and look_at > 0;
  end $$;

  create function look_at_bundles_of() returns trigger language plpgsql as $$
  begin
    if tg_table_name = 'stores' then
      perform look_at_bundles(new.id);
    elsif tg_table_name = 'staff_identities' then
      perform look_at_bundles(store_id) from staff where id = coalesce(new.staff_id, old.staff_id);
    else
      perform look_at_bundles(new.store_id);
    end if;
    return null;
  end $$;
  create constraint trigger stores_look_at_bundles after update of policy on stores
    deferrable initially deferred for each row execute function look_at_bundles_of();
  create constraint trigger staff_look_at_bundles after insert or update of role, active on staff
    deferrable initially deferred for each row execute function look_at_bundles_of();
  create constraint trigger staff_identities_look_at_bundles after insert or update or delete on staff_identities
    deferrable initially deferred for each row execute function look_at_bundles_of();
  create constraint trigger tills_look_at_bundles after update of revoked_at, name on tills
    deferrable initially deferred for each row execute function look_at_bundles_of();
`;

const SPENT = `
  create table offline_redemptions (
    id uuid primary key,
    store_id uuid not null references stores,
    till_id uuid not null references tills,
    sealed_code_id uuid not null references sealed_codes,
    bundle_serial integer not null,
    supervisor_id uuid not null references staff,
    customer_id uuid not null references customers,
    asset text not null check (asset in ('deposit', 'points')),
    amount bigint not null check (amount between 1 and 9007199254740991),
    taken bigint not null check (taken >= 0),
    lost bigint not null check (lost >= 0),
    currency text not null,
    sale_ref text not null,
    staff_id uuid,
    drawer boolean not null,
    slip text not null check (slip in ('printed', 'pending')),
    believed_available bigint not null,
    believed_age_ms bigint not null,
    flags jsonb not null,
    spent_at bigint not null,
    booked_at bigint not null,
    constraint offline_redemptions_add_up check (taken + lost = amount),
    constraint offline_redemptions_one_code unique (sealed_code_id)
  );
  create index offline_redemptions_by_till on offline_redemptions (till_id, asset, spent_at);
  create index offline_redemptions_by_customer on offline_redemptions (customer_id, asset, spent_at);
  create trigger offline_redemptions_append_only before update or delete on offline_redemptions
    for each row execute function refuse_change();
  create trigger offline_redemptions_no_truncate before truncate on offline_redemptions
    for each statement execute function refuse_change();
  create index redemptions_settled on redemptions (till_id, till_settled_at) where status = 'captured';
`;

/** \`paired_at\`: a till that was paired anew by the operator begins a new chain. */
const HEADS = `
  create table audit_heads (
    till_id uuid not null references tills,
    paired_at bigint not null,
    seq bigint not null check (seq >= 0),
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    at bigint not null,
    primary key (till_id, paired_at, seq)
  );
  create index audit_heads_by_age on audit_heads (at);
  create trigger audit_heads_append_only before update on audit_heads
    for each row execute function refuse_change();

  create table audit_head_refusals (
    id bigint generated always as identity primary key,
    till_id uuid not null references tills,
    refused text not null check (refused in ('audit_head_behind', 'audit_head_forked')),
    head jsonb not null,
    newest_seq bigint not null,
    at bigint not null,
    times integer not null default 1,
    last_at bigint not null
  );
  create index audit_head_refusals_by_till on audit_head_refusals (till_id, id);
`;

/**
 * Changes of wallets get their numbers afterwards, by \`number_wallet_changes\`, one run at a time: so they rise in the order
 * in which they can be seen, and a reader that has seen N has seen everything up to N. Numbering where the change is
 * made could not promise that: of two transactions the later number may be committed first. What is new is found by the
 * transaction that made it: one below the oldest that still runs has ended, and hides nothing any more.
 */
const WALLETS = `
  alter table transfers add column made_in xid8 not null default pg_current_xact_id();
  create index transfers_made_in on transfers (made_in);
  alter table customers add column made_in xid8 not null default pg_current_xact_id();
  create index customers_made_in on customers (made_in);

  create function customer_changed() returns trigger language plpgsql as $$
  begin
    new.made_in := pg_current_xact_id();
    return new;
  end $$;
  create trigger customers_changed before update on customers
    for each row execute function customer_changed();

  create sequence wallet_change_numbers;
  create table wallet_changes (
    customer_id uuid primary key,
    store_id uuid not null,
    n bigint not null
  ) with (fillfactor = 70);
  create unique index wallet_changes_by_store on wallet_changes (store_id, n);
  create table wallet_numbering (
    only_row boolean primary key default true check (only_row),
    -- All that transactions before this one did is numbered.
    before xid8 not null
  );
  insert into wallet_numbering (before) values ('0');
`;

/** Answers whether there was more than \`p_limit\`; nothing is done while another process is at it, or nothing is new. */
const WALLET_CHANGES = `
  create function number_wallet_changes(p_limit integer) returns boolean language plpgsql as $$
  declare
    v_from xid8;
    v_oldest xid8;
    v_to xid8;
  begin
    -- A row lock is a write: an idle gateway makes none.
    select before into v_from from wallet_numbering;
    if not exists (select 1 from transfers where made_in >= v_from)
        and not exists (select 1 from customers where made_in >= v_from) then
      return false;
    end if;
    select before into v_from from wallet_numbering for update skip locked;
    if not found then
      return false;
    end if;
    v_oldest := pg_snapshot_xmin(pg_current_snapshot());
    select max(made_in) into v_to from (
      select made_in from (
        (select made_in from transfers where made_in >= v_from and made_in < v_oldest order by made_in limit p_limit)
        union all
        (select made_in from customers where made_in >= v_from and made_in < v_oldest order by made_in limit p_limit)
      ) both_kinds order by made_in limit p_limit
    ) batch;
    if v_to is null then
      return false;
    end if;
    insert into wallet_changes (customer_id, store_id, n)
      select customer_id, store_id, nextval('wallet_change_numbers') from (
        select a.customer_id, a.store_id from transfers t
          join accounts a on a.id in (t.debit_account_id, t.credit_account_id)
          where t.made_in >= v_from and t.made_in <= v_to and a.customer_id is not null
        union
        select id, store_id from customers where made_in >= v_from and made_in <= v_to
      ) changed
      on conflict (customer_id) do update set n = excluded.n;
    -- xid8 has no arithmetic.
    update wallet_numbering set before = ((v_to::text)::numeric + 1)::text::xid8;
    return exists (select 1 from transfers where made_in > v_to and made_in < v_oldest)
      or exists (select 1 from customers where made_in > v_to and made_in < v_oldest);
  end $$;
`;

/** \`content_sealed\`: codes, sealed; gone once WhatsApp has them. \`closed\`: nothing is added to it any more. */
const MESSAGES = `
  alter table messages add column staff_id uuid references staff;
  alter table messages add column content_sealed text;
  alter table messages add column closed boolean;
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check check (kind in
    ('code', 'approval_request', 'approval_code', 'note', 'sealed_codes', 'offline_spent', 'offline_loss'));
  alter table messages drop constraint messages_subject;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'note' then content is not null
    when 'sealed_codes' then num_nonnulls(store_id, staff_id) = 2 and content is null
    when 'offline_spent' then num_nonnulls(store_id, content) = 2
    when 'offline_loss' then num_nonnulls(store_id, content) = 2
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);
  create index messages_codes_to_send on messages (staff_id) where kind = 'sealed_codes' and state = 'queued';
  create index messages_codes_held on messages (expires_at) where content_sealed is not null;
`;
