import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** How staff are known on WhatsApp, what they write to us, and the messages to them beside customers' codes. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [IDENTITIES, INBOUND, MESSAGES, TAP_SEEN, TAP_READ, TAP_DECIDE]);
}

/**
 * Nobody is asked before their number or account was verified. `user_id` is Meta's business-scoped one, and is only ever
 * written by a verified exchange.
 */
const IDENTITIES = `
  create table staff_identities (
    staff_id uuid primary key references staff,
    phone_e164 text check (phone_e164 ~ '^\\+[1-9][0-9]{6,14}$'),
    user_id text,
    username text,
    verified_at bigint not null,
    how text not null check (how in ('exchange', 'admin')),
    check (num_nonnulls(phone_e164, user_id) >= 1),
    check (how = 'exchange' or user_id is null)
  );
  create index staff_identities_by_phone on staff_identities (phone_e164);
  create index staff_identities_by_user on staff_identities (user_id);

  create table enrolment_words (
    word_hash text primary key,
    staff_id uuid not null references staff,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
  );
  create index enrolment_words_by_staff on enrolment_words (staff_id);
`;

/**
 * Messages from people, each once by its id. The body is sealed and goes when it was handled; the id stays longer than
 * Meta repeats a webhook. \`sender\` and \`contact\` are keyed hashes.
 */
const INBOUND = `
  create table inbound_messages (
    wamid text primary key,
    id bigint generated always as identity,
    sender text not null,
    sent_at bigint not null,
    received_at bigint not null,
    body_sealed text,
    attempts integer not null default 0,
    outcome text,
    replied boolean not null default false,
    handled_at bigint,
    check ((handled_at is null) = (outcome is null))
  );
  create index inbound_messages_due on inbound_messages (id) where handled_at is null;
  create index inbound_messages_by_sender on inbound_messages (sender, id);
  create index inbound_messages_by_age on inbound_messages (received_at);

  create table contact_windows (
    contact text primary key,
    last_inbound_at bigint not null
  ) with (fillfactor = 70);
  create index contact_windows_by_age on contact_windows (last_inbound_at);
`;

const MESSAGES = `
  alter table messages alter column store_id drop not null;
  alter table messages alter column till_id drop not null;
  alter table messages alter column redemption_id drop not null;
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check
    check (kind in ('code', 'approval_request', 'approval_code', 'note'));
  alter table messages add column approval_id uuid references approvals;
  alter table messages add column approval_ref text;
  alter table messages add column content jsonb;
  alter table messages add column template_only boolean;
  alter table messages add column abandoned_wamid text;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'note' then content is not null
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);
  create unique index messages_by_approval on messages (approval_ref, kind) where approval_ref is not null;
`;

/**
 * All that a yes to a request rests on, beside the clock and the policy (of which the version is named), as one document.
 * What it was when a decision was made is compared with what it is when the decision is written, as text: nothing that a
 * rule looks at may be missing here.
 */
const TAP_SEEN = `
  create function tap_seen(p_approval uuid) returns text language plpgsql as $$
  declare
    v_doc jsonb;
  begin
    select jsonb_build_object(
      'approval', to_jsonb(a),
      'store', jsonb_build_object('name', s.name, 'language', s.language, 'timezone', s.timezone,
        'policy_version', s.policy_version),
      'tillName', t.name,
      'requester', jsonb_build_object('name', f.name, 'listed', f.phone_e164, 'phone', g.phone_e164,
        'user_id', g.user_id),
      'recipients', (select coalesce(jsonb_agg(jsonb_build_object('staff_id', r.staff_id, 'name', p.name,
          'role', p.role, 'active', p.active, 'step', r.step, 'ref', r.ref, 'listed', p.phone_e164,
          'phone', i.phone_e164, 'user_id', i.user_id) order by r.step, p.name, p.id), '[]')
        from approval_recipients r join staff p on p.id = r.staff_id
          left join staff_identities i on i.staff_id = r.staff_id
        where r.approval_id = a.id),
      'votes', (select coalesce(jsonb_agg(jsonb_build_object('staff_id', v.staff_id, 'decision', v.decision,
          'reason', v.reason, 'at', v.at) order by v.at, v.staff_id), '[]')
        from approval_votes v where v.approval_id = a.id)
    ) into strict v_doc
    from approvals a
      join stores s on s.id = a.store_id
      join tills t on t.id = a.till_id
      join staff f on f.id = a.requested_by
      left join staff_identities g on g.staff_id = a.requested_by
    where a.id = p_approval;
    return v_doc::text;
  end $$;
`;

/** That document for the request of a recipient's ref, and of the policy in force what it says about its kind. */
const TAP_READ = `
  create function tap_read(p_ref text, out seen text, out policy jsonb) language plpgsql as $$
  declare
    v_approval uuid;
  begin
    select approval_id into v_approval from approval_recipients where ref = p_ref;
    if not found then
      return;
    end if;
    seen := tap_seen(v_approval);
    select jsonb_set(s.policy -> 'approvals', '{kinds}', coalesce((select jsonb_agg(k.doc)
        from jsonb_array_elements(s.policy #> '{approvals,kinds}') k (doc) where k.doc ->> 'key' = a.kind), '[]'))
      into strict policy from approvals a join stores s on s.id = a.store_id where a.id = v_approval;
  end $$;
`;

/**
 * Writes a decided yes with everything that belongs to it, all or nothing: the message (as handled), the windows of
 * \`p_contacts\`, vote and columns, messages, the till's event. \`p_reply\` is queued unless the sender was answered
 * \`p_replies\` {"count", "since"} times; of \`p_notes\` ({"contact", "row"} each) those whose window is open (who wrote after
 * \`p_open_since\`). Answers {"outcome": 'decided', "seq", "asked"}, the latter as the event shows it. Or nothing has
 * changed: 'repeated', this message is known; 'stale', something of \`p_seen\` is not so any more, or an earlier message of
 * the sender waits. Locks in the order of the usual way: windows, request, till.
 */
const TAP_DECIDE = `
  create function tap_decide(
    p_message jsonb, p_contacts jsonb, p_replies jsonb, p_approval uuid, p_seen text, p_vote jsonb, p_patch jsonb,
    p_queue text, p_reply jsonb, p_notes jsonb, p_open_since bigint, p_till uuid, p_event jsonb, p_refs jsonb
  ) returns jsonb language plpgsql as $$
  declare
    v_sender text := p_message ->> 'sender';
    v_now bigint := (p_message ->> 'handled_at')::bigint;
    v_waiting integer;
    v_replies integer;
    v_replied boolean;
    v_note jsonb;
    v_asked jsonb;
    v_seq bigint;
  begin
    begin
      insert into contact_windows (contact, last_inbound_at)
        select c.contact, least((p_message ->> 'sent_at')::bigint, v_now)
        from jsonb_array_elements_text(p_contacts) c (contact) order by c.contact
        on conflict (contact) do update
          set last_inbound_at = greatest(contact_windows.last_inbound_at, excluded.last_inbound_at);
      -- Each in a statement of its own, so that it sees what was committed while the locks were waited for.
      select count(*) filter (where handled_at is null),
          count(*) filter (where replied and handled_at > (p_replies ->> 'since')::bigint)
        into v_waiting, v_replies from inbound_messages where sender = v_sender;
      v_replied := v_replies < (p_replies ->> 'count')::integer;
      insert into inbound_messages (wamid, sender, sent_at, received_at, outcome, replied, handled_at)
        values (p_message ->> 'wamid', v_sender, (p_message ->> 'sent_at')::bigint, v_now, 'tap', v_replied, v_now)
        on conflict (wamid) do nothing;
      if not found then
        raise exception 'repeated' using errcode = 'SK001';
      end if;
      perform 1 from approvals where id = p_approval for no key update;
      if v_waiting > 0 or tap_seen(p_approval) <> p_seen then
        raise exception 'stale' using errcode = 'SK001';
      end if;
    exception when sqlstate 'SK001' then
      return jsonb_build_object('outcome', sqlerrm);
    end;
    perform approval_change(p_approval, p_vote, p_patch);
    if v_replied then
      perform add_message(p_queue, p_reply);
    end if;
    for v_note in select value from jsonb_array_elements(p_notes) loop
      if exists (select 1 from contact_windows
          where contact = v_note ->> 'contact' and last_inbound_at > p_open_since) then
        perform add_message(p_queue, v_note -> 'row');
      end if;
    end loop;
    -- Deliveries are read after the lock under which newer ones are recorded.
    perform 1 from tills where id = p_till for no key update;
    select coalesce(jsonb_agg(case when d.id is null then one.value else one.value || jsonb_build_object('delivery',
        jsonb_build_object('channel', d.channel, 'state', d.state, 'reason', d.reason)) end order by one.n), '[]')
      into v_asked
      from jsonb_array_elements(p_event #> '{approval,asked}') with ordinality one (value, n)
        join jsonb_array_elements_text(p_refs) with ordinality r (ref, n) on r.n = one.n
        left join messages d on d.approval_ref = r.ref and d.kind = 'approval_request';
    v_seq := append_till_event(p_till, jsonb_set(p_event, '{approval,asked}', v_asked), v_now);
    return jsonb_build_object('outcome', 'decided', 'seq', v_seq, 'asked', v_asked);
  end $$;
`;
