import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Erasure of customers, retention of messages and identities, and how customers are known on WhatsApp. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [CUSTOMERS, IDENTITIES, APPEND_ONLY, ERASURES, RETENTION, SCRUB, ERASE, PREPARE, READ]);
}

/** An erased customer's row stays, for the books refer to it, and holds nothing of them. */
const CUSTOMERS = `
  alter table customers add column erased_at bigint;
  alter table customers add constraint customers_erased_hold_nothing check (erased_at is null
    or num_nonnulls(member_no, phone_e164, email, code_channels) = 0 and name_search = '');
`;

/**
 * Each name by which WhatsApp knows a customer, apart: number, business-scoped user id, username. Two belong together only by
 * evidence: \`evidence\` is what showed it. One that was replaced is ended, not changed.
 */
const IDENTITIES = `
  create table customer_identities (
    customer_id uuid not null references customers,
    store_id uuid not null,
    kind text not null check (kind in ('phone', 'user_id', 'username')),
    value text not null,
    evidence text not null check (evidence in ('webhook', 'change')),
    first_seen_at bigint not null,
    last_seen_at bigint not null,
    ended_at bigint,
    primary key (customer_id, kind, value)
  );
  create index customer_identities_by_value on customer_identities (kind, value) where ended_at is null;
  create index customer_identities_ended on customer_identities (store_id, ended_at) where ended_at is not null;
  alter table staff add column left_at bigint;
`;

/** What is append-only yields to an erasure, and to nothing else: it says so for its own transaction. */
const APPEND_ONLY = `
  create function refuse_change_but_erasure() returns trigger language plpgsql as $$
  begin
    if current_setting('saksi.erasing', true) = 'on' then
      return case when tg_op = 'DELETE' then old else new end;
    end if;
    raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
  end $$;
  drop trigger consents_append_only on consents;
  create trigger consents_append_only before update or delete on consents
    for each row execute function refuse_change_but_erasure();
  drop trigger handovers_append_only on handovers;
  create trigger handovers_append_only before update or delete on handovers
    for each row execute function refuse_change_but_erasure();
`;

const ERASURES = `
  create table erasures (
    customer_id uuid primary key references customers,
    store_id uuid not null,
    at bigint not null,
    carried_out_by text not null check (carried_out_by in ('operator', 'manager')),
    note text not null,
    forced_by uuid references staff,
    open_redemptions integer not null,
    deposit bigint not null,
    points bigint not null,
    messages integer not null
  );
  create trigger erasures_append_only before update or delete on erasures
    for each row execute function refuse_change();
  create trigger erasures_no_truncate before truncate on erasures
    for each statement execute function refuse_change();
`;

/** How far each store's messages were looked at: all queued before \`messages_until\` have lost what names a person. */
const RETENTION = `
  alter table stores add column retention jsonb generated always as (policy -> 'retention') stored;
  create table retention_looks (
    -- The nil UUID: of messages that belong to no store.
    store_id uuid primary key,
    messages_until bigint not null,
    looked_at bigint not null
  );
`;

/**
 * Takes out of messages whom they went to and what they said. WhatsApp's ids hold the recipient's number, so they get names of
 * ours, by which the states that came for them are still found. What waits is given up. Answers how many.
 */
const SCRUB = `
  create function scrub_messages(p_ids uuid[], p_now bigint) returns integer language plpgsql as $$
  declare
    v_count integer;
  begin
    perform 1 from messages where id = any(p_ids) order by id for no key update;
    update message_events e set wamid = 'erased/' || m.id || case when e.wamid = m.wamid then '' else '/before' end,
        correlation_id = m.id, applied_at = coalesce(e.applied_at, p_now)
      from messages m where m.id = any(p_ids) and m.recipient_sealed <> '' and e.wamid in (m.wamid, m.abandoned_wamid);
    update messages set recipient_sealed = '', content_sealed = null, abandoned_wamid = null, retry_at = null,
        content = case when content is not null then '{"kind": "erased"}'::jsonb end,
        wamid = case when wamid is not null then 'erased/' || id end,
        state = case state when 'queued' then 'failed' else state end,
        reason = case state when 'queued' then 'lapsed' else reason end, updated_at = p_now
      where id = any(p_ids) and recipient_sealed <> '';
    get diagnostics v_count = row_count;
    return v_count;
  end $$;
`;

/**
 * Erases a customer who is locked, all but the messages: \`p_contacts\` are the keyed hashes by which they were known when they
 * wrote, \`p_words\` what names them in what people wrote down (name, number, e-mail address), each replaced by \`p_blank\`.
 */
const ERASE = `
  create function erase_customer(p_id uuid, p_contacts text[], p_words text[], p_blank text, p_now bigint) returns void
    language plpgsql as $$
  declare
    v_store uuid;
    v_word text;
  begin
    perform set_config('saksi.erasing', 'on', true);
    select store_id into strict v_store from customers where id = p_id;
    delete from consents where customer_id = p_id;
    delete from customer_identities where customer_id = p_id;
    delete from contact_windows where contact = any(p_contacts);
    delete from send_people where contact = any(p_contacts);
    delete from inbound_messages where sender = any(p_contacts);
    -- They count to the limits of till and store, and to nobody's phone any more.
    update codes set phone_tag = substring(sha256(convert_to('erased/' || redemption_id || '/' || serial, 'UTF8')) for 16)
      where redemption_id in (select id from redemptions where customer_id = p_id);
    update till_events set data = jsonb_set(data, '{redemption,customer}', data #> '{redemption,customer}'
        || jsonb_build_object('name', p_blank, 'memberNo', null, 'phoneMasked', null, 'canReceiveCode', false))
      where till_id in (select id from tills where store_id = v_store)
        and data #>> '{redemption,customer,id}' = p_id::text;
    -- Managers' alerts name the customer in one word of theirs.
    update messages m set content = jsonb_set(content, '{words}', (select jsonb_agg(
        case when w = any(p_words) then p_blank else w end order by n)
        from jsonb_array_elements_text(m.content -> 'words') with ordinality as x (w, n)))
      where m.store_id = v_store and m.kind in ('notice', 'offline_loss')
        and m.content -> 'words' ?| p_words;
    foreach v_word in array p_words loop
      update approvals set note = replace(note, v_word, p_blank), reason = replace(reason, v_word, p_blank)
        where store_id = v_store and (position(v_word in note) > 0 or position(v_word in reason) > 0);
      update approval_votes v set reason = replace(v.reason, v_word, p_blank)
        from approvals a where a.id = v.approval_id and a.store_id = v_store and position(v_word in v.reason) > 0;
      update messages set content = replace(content::text, trim(both '"' from to_json(v_word)::text), p_blank)::jsonb
        where store_id = v_store and content is not null and kind in ('approval_request', 'note')
          and position(trim(both '"' from to_json(v_word)::text) in content::text) > 0;
      update till_events set data = replace(data::text, trim(both '"' from to_json(v_word)::text), p_blank)::jsonb
        where till_id in (select id from tills where store_id = v_store) and data ->> 'type' = 'approval.changed'
          and position(trim(both '"' from to_json(v_word)::text) in data::text) > 0;
      update handovers set note = replace(note, v_word, p_blank), item = replace(item, v_word, p_blank)
        where store_id = v_store and (position(v_word in note) > 0 or position(v_word in item) > 0);
    end loop;
    update customers set name = p_blank, name_search = '', member_no = null, phone_e164 = null, email = null,
      code_channels = null, erased_at = p_now where id = p_id;
    perform set_config('saksi.erasing', 'off', true);
  end $$;
`;

/** As in migration 0003; whoever was erased is nobody's customer any more. */
const PREPARE = `
  create or replace function redemption_prepare(
    p_store uuid, p_till uuid, p_key text, p_customer uuid, p_phone text, p_member_no text
  ) returns jsonb language plpgsql stable as $$
  declare
    v_customer uuid := p_customer;
    v_doc jsonb;
  begin
    if p_phone is not null then
      select id into v_customer from customers where store_id = p_store and phone_e164 = p_phone;
    elsif p_member_no is not null then
      select id into v_customer from customers where store_id = p_store and member_no = p_member_no;
    end if;
    select jsonb_build_object(
      'policy', (s.policy - array['approvals', 'slipDesign']) || jsonb_build_object('version', s.policy_version),
      'currency', s.currency,
      'customer', case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name,
        'member_no', c.member_no, 'phone_e164', c.phone_e164, 'language', c.language, 'email', c.email,
        'code_channels', c.code_channels) end,
      'remembered', case when q.till_id is not null then
        jsonb_build_object('hash', encode(q.request_hash, 'hex'), 'redemptionId', q.redemption_id) end
    ) into strict v_doc
    from stores s
      left join customers c on c.id = v_customer and c.store_id = s.id and c.erased_at is null
      left join till_requests q on q.till_id = p_till and q.idempotency_key = p_key
    where s.id = p_store;
    return v_doc;
  end $$;
`;

/** As in migration 0033, with the customer's e-mail address: whoever has no number gets codes by it. */
const READ = `
  create or replace function redemption_read(p_id uuid, p_till uuid, p_key text, p_lock boolean) returns jsonb
    language plpgsql as $$
  declare
    r redemptions;
    v_doc jsonb;
  begin
    if p_lock then
      perform 1 from redemptions where id = p_id for no key update;
    end if;
    select * into r from redemptions where id = p_id and till_id = coalesce(p_till, till_id);
    if not found then
      return null;
    end if;
    select jsonb_build_object(
      'redemption', to_jsonb(r),
      'customer', jsonb_build_object('id', c.id, 'name', c.name, 'member_no', c.member_no,
        'phone_e164', c.phone_e164, 'language', c.language, 'email', c.email,
        'code_channels', c.code_channels),
      'available', a.balance,
      'policy', (s.policy - array['approvals', 'slipDesign']) || jsonb_build_object('version', s.policy_version),
      'delivery', (select delivery_of(m) from messages m where m.redemption_id = r.id and m.serial = r.serial),
      'hashes', (select jsonb_object_agg(k.serial, encode(k.verify_hash, 'hex')) from codes k
        where k.redemption_id = r.id),
      'request', (select jsonb_build_object('hash', encode(q.request_hash, 'hex'), 'outcome', q.outcome)
        from till_requests q where q.till_id = p_till and q.idempotency_key = p_key)
    ) into strict v_doc
    from customers c, stores s, accounts a
    where c.id = r.customer_id and s.id = r.store_id
      and a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available';
    return v_doc;
  end $$;
`;
