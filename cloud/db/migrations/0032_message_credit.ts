import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * What messages cost a store: prices, prepaid credit in double entry, and what became of each message's charge. The rules are
 * in docs/messages.md; `cloud/credit/` reads and settles.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [COLUMNS, PRICES, ACCOUNTS, CHARGES, POST, CHARGE, DUE, WANTED, SETTLE, LAPSE]);
}

const COLUMNS = `
  -- Apart from the policy, of which slips' logos are the largest part: read at every message.
  alter table stores add column message_credit jsonb generated always as (policy -> 'messageCredit') stored;
  alter table messages add column country text check (country ~ '^[A-Z]{2}$');
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check check (kind in
    ('code', 'approval_request', 'approval_code', 'note', 'sealed_codes', 'offline_spent', 'offline_loss',
     'drawer_alert', 'credit_low'));
  alter table messages drop constraint messages_subject;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'note' then content is not null
    when 'sealed_codes' then num_nonnulls(store_id, staff_id) = 2 and content is null
    when 'offline_spent' then num_nonnulls(store_id, content) = 2
    when 'offline_loss' then num_nonnulls(store_id, content) = 2
    when 'drawer_alert' then num_nonnulls(store_id, content) = 2
    when 'credit_low' then num_nonnulls(store_id, content) = 2
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);
`;

/** A price is never changed: a newer one takes its place from a moment on. */
const PRICES = `
  create table message_prices (
    id bigint generated always as identity primary key,
    currency text not null check (currency in ('IDR', 'TRY', 'USD')),
    category text not null check (category in ('authentication', 'utility', 'marketing', 'service')),
    -- Of the recipient's number; '*': any that has no price of its own.
    country text not null check (country ~ '^([A-Z]{2}|\\*)$'),
    price bigint not null check (price between 0 and 1000000000),
    effective_from bigint not null,
    unique (currency, category, country, effective_from)
  );
  create trigger message_prices_append_only before update or delete on message_prices
    for each row execute function refuse_change();
  insert into message_prices (currency, category, country, price, effective_from)
    select 'IDR', category, '*', 367, 0 from unnest(array['authentication', 'utility', 'marketing']) category;

  create function message_price(p_currency text, p_category text, p_country text, p_at bigint) returns bigint
    language plpgsql stable as $$
  begin
    return coalesce((select price from message_prices
      where currency = p_currency and category = p_category and effective_from <= p_at
        and (country = p_country or country = '*')
      order by country = '*', effective_from desc limit 1), 0);
  end $$;

  create table credit_packages (
    id text primary key check (id ~ '^[a-z0-9_-]{1,40}$'),
    currency text not null check (currency in ('IDR', 'TRY', 'USD')),
    -- What is put on the account, and what it costs, both in minor units.
    amount bigint not null check (amount between 1 and 9007199254740991),
    price bigint not null check (price between 0 and 9007199254740991),
    active boolean not null default true
  );
  insert into credit_packages (id, currency, amount, price) values
    ('idr-100k', 'IDR', 100000, 100000), ('idr-500k', 'IDR', 500000, 500000), ('idr-2m', 'IDR', 2000000, 2000000);
`;

/**
 * | kind | from | to |
 * | --- | --- | --- |
 * | topup | credit_sold | store_credit |
 * | hold | store_credit | credit_held |
 * | spend | credit_held, or store_credit when it was given back before | credit_spent |
 * | release | credit_held | store_credit |
 * | refund | credit_spent | store_credit |
 */
const ACCOUNTS = `
  create table credit_accounts (
    id bigint generated always as identity primary key,
    store_id uuid not null references stores,
    kind text not null check (kind in ('store_credit', 'credit_sold', 'credit_held', 'credit_spent')),
    balance bigint not null default 0,
    constraint credit_accounts_signs check (case kind when 'store_credit' then true
      when 'credit_sold' then balance <= 0 else balance >= 0 end),
    constraint credit_accounts_within_safe_integers check (balance between -9007199254740991 and 9007199254740991),
    unique (store_id, kind)
  ) with (fillfactor = 50);
  create trigger credit_accounts_stay before delete on credit_accounts for each row execute function refuse_change();

  create table credit_transfers (
    id bigint generated always as identity primary key,
    debit_account_id bigint not null,
    credit_account_id bigint not null,
    amount bigint not null check (amount between 1 and 9007199254740991),
    kind text not null check (kind in ('topup', 'hold', 'spend', 'release', 'refund')),
    message_id uuid,
    idempotency_key text not null unique,
    posted_at bigint not null,
    check (debit_account_id <> credit_account_id)
  );
  create index credit_topups on credit_transfers (credit_account_id, id) where kind = 'topup';
  create trigger credit_transfers_append_only before update or delete on credit_transfers
    for each row execute function refuse_change();
  create trigger credit_transfers_no_truncate before truncate on credit_transfers
    for each statement execute function refuse_change();

  create function open_credit_accounts() returns trigger language plpgsql as $$
  begin
    insert into credit_accounts (store_id, kind)
      select new.id, kind from unnest(array['store_credit', 'credit_sold', 'credit_held', 'credit_spent']) kind;
    return null;
  end $$;
  create trigger stores_open_credit after insert on stores for each row execute function open_credit_accounts();
  insert into credit_accounts (store_id, kind)
    select s.id, kind from stores s, unnest(array['store_credit', 'credit_sold', 'credit_held', 'credit_spent']) kind;
`;

const CHARGES = `
  create table message_charges (
    message_id uuid primary key,
    store_id uuid not null,
    till_id uuid,
    kind text not null,
    category text not null check (category in ('authentication', 'utility', 'marketing', 'service')),
    country text,
    -- In the store's currency, as it was when the message was queued.
    price bigint not null check (price >= 0),
    -- held: queued; spent; free: it went free-form or free of charge; returned: given back, or never charged.
    outcome text not null check (outcome in ('held', 'spent', 'free', 'returned')),
    -- How often its money moved: part of the transfers' keys.
    step integer not null default 0,
    -- Meta's own word on what it bills, from a status.
    pricing jsonb,
    created_at bigint not null
  ) with (fillfactor = 70);
  create index message_charges_by_store on message_charges (store_id, created_at);

  create table credit_due (
    id bigint generated always as identity primary key,
    message_id uuid not null
  );

  create table credit_warnings (
    store_id uuid not null references stores,
    -- The top-up that it belongs to; 0: before the first.
    topup_id bigint not null,
    threshold text not null,
    balance bigint not null,
    at bigint not null,
    primary key (store_id, topup_id, threshold)
  );
`;

/** A top-up. Answers 'posted', 'repeated' (same key, same contents) or 'reused'. */
const POST = `
  create function credit_topup(p_store uuid, p_amount bigint, p_key text, p_at bigint) returns text language plpgsql as $$
  declare
    v_credit bigint;
    v_sold bigint;
    v_old credit_transfers;
  begin
    select id into v_credit from credit_accounts where store_id = p_store and kind = 'store_credit' for no key update;
    if not found then
      raise exception 'no such store' using errcode = 'foreign_key_violation', constraint = 'account_missing';
    end if;
    select id into strict v_sold from credit_accounts where store_id = p_store and kind = 'credit_sold';
    insert into credit_transfers (debit_account_id, credit_account_id, amount, kind, idempotency_key, posted_at)
      values (v_sold, v_credit, p_amount, 'topup', p_key, p_at) on conflict (idempotency_key) do nothing;
    if found then
      update credit_accounts set balance = balance + case kind when 'store_credit' then p_amount else -p_amount end
        where store_id = p_store and kind in ('store_credit', 'credit_sold');
      return 'posted';
    end if;
    select * into strict v_old from credit_transfers where idempotency_key = p_key;
    return case when (v_old.debit_account_id, v_old.credit_account_id, v_old.amount) = (v_sold, v_credit, p_amount)
      then 'repeated' else 'reused' end;
  end $$;
`;

/**
 * Charges every message in the transaction that keeps it, however it is kept. The store's `store_credit` row is locked before
 * the store's other accounts, and before a till's row (its events). A message that costs nothing locks nothing.
 * Where the credit is enforced and used up: a code is refused (its till is told at once); any other message is kept as failed,
 * for it may be part of a booking that must not fail with it.
 */
const CHARGE = `
  create function message_category(p_kind text) returns text language sql immutable as $$
    select case when p_kind in ('code', 'approval_code') then 'authentication' when p_kind = 'note' then 'service'
      else 'utility' end
  $$;

  create function charge_message() returns trigger language plpgsql as $$
  declare
    v_policy jsonb;
    v_currency text;
    v_category text := message_category(new.kind);
    v_price bigint;
    v_credit credit_accounts;
    v_floor numeric := 0;
    v_outcome text := 'held';
  begin
    if new.store_id is null then
      return new;
    end if;
    select message_credit, currency into strict v_policy, v_currency from stores where id = new.store_id;
    v_price := message_price(v_currency, v_category, new.country, new.created_at);
    if v_price > 0 and new.state = 'queued' then
      select * into strict v_credit from credit_accounts
        where store_id = new.store_id and kind = 'store_credit' for no key update;
      if new.kind <> 'credit_low' and coalesce((v_policy ->> 'enforce')::boolean, false) then
        if v_policy #> '{overdraw,kinds}' ? new.kind then
          v_floor := -(v_policy #>> '{overdraw,messages}')::numeric * v_price;
        end if;
        if v_credit.balance - v_price < v_floor then
          if new.kind = 'code' then
            raise exception 'message credit is used up'
              using errcode = 'integrity_constraint_violation', constraint = 'message_credit';
          end if;
          new.state := 'failed';
          new.reason := 'credit_empty';
        end if;
      end if;
    end if;
    if new.state = 'failed' then
      v_outcome := 'returned';
    elsif v_price > 0 then
      insert into credit_transfers (debit_account_id, credit_account_id, amount, kind, message_id, idempotency_key,
          posted_at)
        select v_credit.id, id, v_price, 'hold', new.id, 'message/' || new.id || '/0', new.created_at
        from credit_accounts where store_id = new.store_id and kind = 'credit_held';
      update credit_accounts set balance = balance + case kind when 'credit_held' then v_price else -v_price end
        where store_id = new.store_id and kind in ('store_credit', 'credit_held');
    end if;
    insert into message_charges (message_id, store_id, till_id, kind, category, country, price, outcome, created_at)
      values (new.id, new.store_id, new.till_id, new.kind, v_category, new.country, v_price, v_outcome, new.created_at);
    return new;
  end $$;
  create trigger messages_charge before insert on messages for each row execute function charge_message();
`;

/** What may have changed a message's charge is noted in the transaction that changed it, and settled soon after, many at once. */
const DUE = `
  create function note_credit_due() returns trigger language plpgsql as $$
  begin
    insert into credit_due (message_id)
      select n.id from new_rows n join old_rows w on w.id = n.id
      where n.store_id is not null and w.state <> n.state and (w.state in ('queued', 'failed')
        or n.state in ('queued', 'failed') or n.updated_at > n.expires_at);
    return null;
  end $$;
  create trigger messages_credit_due after update on messages referencing old table as old_rows new table as new_rows
    for each statement execute function note_credit_due();

  create function note_pricing_due() returns trigger language plpgsql as $$
  begin
    -- Our own id nearly always comes back; one that is not ours has no charge, and is passed over.
    insert into credit_due (message_id)
      select x.message_id from (select coalesce(e.correlation_id, (select m.id from messages m where m.wamid = e.wamid))
        as message_id from fresh e where e.pricing is not null) x
      where x.message_id is not null;
    return null;
  end $$;
  create trigger message_events_pricing_due after insert on message_events referencing new table as fresh
    for each statement execute function note_pricing_due();
`;

/**
 * Where a message's money belongs as things stand. What WhatsApp never got (no attempt) is always given back. `p_grace` (ms)
 * after a message's time without word of its arrival, Meta has dropped it, and does not bill it.
 */
const WANTED = `
  create function credit_wanted(m messages, p_pricing jsonb, p_refund jsonb, p_now bigint, p_grace bigint) returns text
    language plpgsql immutable as $$
  begin
    return case
      when m.state = 'queued' then 'held'
      when m.state = 'failed' then case when m.attempts = 0 or p_refund is null or p_refund ? case
          when m.reason = 'lapsed' then 'lapsed' when m.wamid is null then 'refused' else 'failed' end
        then 'returned' else 'spent' end
      when position('/' in coalesce(m.template, '/')) = 0 or p_pricing ->> 'billable' = 'false' then 'free'
      when m.state = 'sent' and p_now > m.expires_at + p_grace and (p_refund is null or p_refund ? 'lapsed')
        then 'returned'
      else 'spent' end;
  end $$;
`;

/** Settles a bounded batch of what is due, exactly once however many gateways do so. Answers how many it looked at. */
const SETTLE = `
  create function credit_settle(p_now bigint, p_grace bigint, p_limit integer) returns integer language plpgsql as $$
  declare
    v_due integer;
    v_ids uuid[];
  begin
    with due as (
      delete from credit_due where id in (select id from credit_due order by id limit p_limit for update skip locked)
      returning message_id
    ) select count(*), array_agg(distinct message_id) into v_due, v_ids from due;
    if v_due = 0 then
      return 0;
    end if;
    perform 1 from message_charges where message_id = any(v_ids) order by message_id for update;
    perform 1 from credit_accounts where kind = 'store_credit' and store_id in
      (select store_id from message_charges where message_id = any(v_ids) and price > 0)
      order by store_id for no key update;
    -- A statement of its own, so that it sees what was committed while the locks were waited for.
    with now_is as (
      select c.message_id, c.store_id, c.price, c.outcome as was, c.step, p.pricing,
        credit_wanted(m, p.pricing, s.message_credit -> 'refundOn', p_now, p_grace) as wanted
      from message_charges c join messages m on m.id = c.message_id join stores s on s.id = c.store_id
        left join lateral (select coalesce((select e.pricing from message_events e
          where e.wamid = m.wamid and e.pricing is not null order by e.id desc limit 1), c.pricing) as pricing) p on true
      where c.message_id = any(v_ids)
    ), moved as (
      update message_charges c set outcome = n.wanted, pricing = n.pricing, step = n.step + 1
      from now_is n where n.message_id = c.message_id
        and (n.wanted, n.pricing) is distinct from (n.was, c.pricing)
      returning n.*
    ), posted as (
      select d.id as debit, k.id as credit, x.*
      from (select *, credit_account_for(was) as source, credit_account_for(wanted) as target from moved) x
        join credit_accounts d on d.store_id = x.store_id and d.kind = x.source
        join credit_accounts k on k.store_id = x.store_id and k.kind = x.target
      where x.price > 0 and x.source <> x.target
    ), kept as (
      insert into credit_transfers (debit_account_id, credit_account_id, amount, kind, message_id, idempotency_key,
          posted_at)
        select debit, credit, price, case target when 'credit_held' then 'hold' when 'credit_spent' then 'spend'
            else case source when 'credit_held' then 'release' else 'refund' end end,
          message_id, 'message/' || message_id || '/' || step + 1, p_now
        from posted
    )
    update credit_accounts a set balance = a.balance + t.change
    from (select account, sum(change)::bigint as change from (
        select debit as account, -price as change from posted union all select credit, price from posted) both_sides
      group by account) t
    where a.id = t.account and t.change <> 0;
    return v_due;
  end $$;

  create function credit_account_for(p_outcome text) returns text language sql immutable as $$
    select case p_outcome when 'held' then 'credit_held' when 'spent' then 'credit_spent' else 'store_credit' end
  $$;
`;

/**
 * Messages on their way for longer than Meta tries are due once more. Each message's time is passed once: an index of those that
 * were sent would be written at every status (see migration 0030). Whatever comes later is due by its own change.
 */
const LAPSE = `
  create index messages_by_end on messages (expires_at);
  create table credit_lapse_seen (
    only_row boolean primary key default true check (only_row),
    -- Epoch ms: of what ended before it there is nothing to look at any more.
    until bigint not null
  );
  insert into credit_lapse_seen (until) values (0);

  -- A bounded batch of messages whose time is over. Answers how many are due.
  create function credit_lapse(p_now bigint, p_grace bigint, p_limit integer) returns integer language plpgsql as $$
  declare
    v_from bigint;
    v_to bigint;
    v_count integer;
  begin
    select until into v_from from credit_lapse_seen for update skip locked;
    if not found then
      return 0;
    end if;
    v_to := least(p_now - p_grace, (select expires_at + 1 from messages
      where expires_at >= v_from and expires_at < p_now - p_grace order by expires_at offset p_limit - 1 limit 1));
    if v_to <= v_from then
      return 0;
    end if;
    insert into credit_due (message_id)
      select m.id from messages m join message_charges c on c.message_id = m.id
        join stores s on s.id = m.store_id
      where m.expires_at >= v_from and m.expires_at < v_to and m.state = 'sent' and c.outcome = 'spent'
        and credit_wanted(m, c.pricing, s.message_credit -> 'refundOn', p_now, p_grace) = 'returned';
    get diagnostics v_count = row_count;
    update credit_lapse_seen set until = v_to;
    return v_count;
  end $$;
`;
