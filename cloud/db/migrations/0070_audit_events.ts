import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * The audit list: every event of tills and gateway, each in a hash chain (shared/audit/chain.ts). Tills bring theirs; the
 * gateway's own are staged in the transaction of what they record (migration 0071) and linked soon after, in order.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [STAGED, CHAINS, WORDS, EVENTS, INDEXES, HASH, LINK, TAKE, HEADS]);
}

/** What was recorded and stands in no chain yet. `at` null: the time at which it is linked. `detail`: canonical JSON. */
const STAGED = `
  create table audit_staged (
    id bigint generated always as identity primary key,
    store_id uuid,
    till_id uuid,
    at bigint,
    kind text not null check (kind ~ '^[a-z_]+\\.[a-z_]+$'),
    staff_id uuid,
    approver_id uuid,
    customer_id uuid,
    sale_ref text,
    subject_id uuid,
    asset text,
    amount bigint,
    outcome text,
    detail text not null default '{}'
  );
`;

/**
 * \`owner\`: the store or till that a chain is of; nil: the gateway itself. A till that is paired anew begins a chain of its own
 * (\`paired_at\`), or goes on from where the one before stood (\`base_seq\`, \`base_hash\`), if that is what its disk still holds.
 */
const CHAINS = `
  create table audit_chains (
    id bigint generated always as identity primary key,
    source text not null check (source in ('till', 'gateway')),
    owner uuid not null,
    paired_at bigint not null default 0,
    store_id uuid,
    base_seq bigint not null default 0,
    base_hash bytea not null check (length(base_hash) = 32),
    seq bigint not null check (seq >= base_seq),
    hash bytea not null check (length(hash) = 32),
    -- Of the gateway's own: the newest entry that it signed.
    signed_seq bigint not null default 0,
    unique (source, owner, paired_at)
  ) with (fillfactor = 70);
  create trigger audit_chains_stay before delete on audit_chains for each row execute function refuse_change();
  create trigger audit_chains_no_truncate before truncate on audit_chains
    for each statement execute function refuse_change();
`;

/**
 * What full-text search finds an event by: the words of its kind, its sale's reference whole and in words, the words in its
 * details that are neither ids nor numbers; and \`@id\` for staff, so that a person's name, which is looked up first, is a word
 * like any other.
 */
const WORDS = `
  create function audit_words(p_kind text, p_sale_ref text, p_staff uuid, p_approver uuid, p_detail text) returns tsvector
    language plpgsql immutable as $$
  declare
    v_text text;
    v_words text[];
  begin
    select string_agg(m[1], ' ') into v_text from regexp_matches(p_detail, '"([^"0-9][^"]{1,63})"[],}]', 'g') m
      where m[1] !~ '^[0-9a-f]{8}-';
    v_words := regexp_split_to_array(lower((p_kind || ' ' || coalesce(p_sale_ref, '') || ' ' || coalesce(v_text, ''))
      collate "C"), '[[:space:][:punct:]]+');
    return array_to_tsvector(array_remove(array_remove(
      v_words || array[lower(p_sale_ref collate "C"), '@' || p_staff::text, '@' || p_approver::text], null), ''));
  end $$;
`;

/**
 * \`body\` is the text that was hashed; the columns after it are read from it. Few foreign keys, as everywhere: nothing that they
 * would name is ever deleted.
 */
const EVENTS = `
  create table audit_events (
    id bigint generated always as identity primary key,
    chain_id bigint not null,
    seq bigint not null check (seq >= 1),
    at bigint not null,
    source text not null check (source in ('till', 'gateway')),
    kind text not null,
    body text not null,
    prev_hash bytea not null check (length(prev_hash) = 32),
    hash bytea not null check (length(hash) = 32),
    store_id uuid,
    till_id uuid,
    staff_id uuid,
    approver_id uuid,
    customer_id uuid,
    sale_ref text,
    subject_id uuid,
    asset text,
    amount bigint,
    outcome text,
    words tsvector generated always as (audit_words(kind, sale_ref, staff_id, approver_id, body)) stored,
    constraint audit_events_place unique (chain_id, seq)
  );
  create trigger audit_events_append_only before update or delete on audit_events
    for each row execute function refuse_change();
  create trigger audit_events_no_truncate before truncate on audit_events
    for each statement execute function refuse_change();

  -- Events of \`id\` belong to \`subject\`: tills name redemptions and approvals by ids of their own.
  create table audit_links (
    id uuid primary key,
    subject uuid not null
  );
  create index audit_links_by_subject on audit_links (subject);
`;

/** Each filter of the timeline has its own, in the timeline's order. */
const INDEXES = `
  create index audit_by_store on audit_events (store_id, at desc, id desc);
  create index audit_by_till on audit_events (till_id, at desc, id desc) where till_id is not null;
  create index audit_by_staff on audit_events (staff_id, at desc, id desc) where staff_id is not null;
  create index audit_by_approver on audit_events (approver_id, at desc, id desc) where approver_id is not null;
  create index audit_by_customer on audit_events (customer_id, at desc, id desc) where customer_id is not null;
  create index audit_by_kind on audit_events (store_id, kind, at desc, id desc);
  create index audit_by_outcome on audit_events (store_id, outcome, at desc, id desc) where outcome <> 'ok';
  create index audit_by_amount on audit_events (store_id, amount) where amount is not null;
  create index audit_by_subject on audit_events (subject_id) where subject_id is not null;
  create index audit_by_sale on audit_events (store_id, lower(sale_ref collate "C"), at desc, id desc)
    where sale_ref is not null;
  create index audit_by_words on audit_events using gin (words);
`;

/** As \`hashedText\` of shared/audit/chain.ts; an aggregate, so that a whole batch is linked by one window. */
const HASH = `
  create function audit_hash_next(p_state bytea, p_start bytea, p_seq bigint, p_at bigint, p_kind text, p_body text)
    returns bytea language plpgsql immutable as $$
  begin
    return sha256(convert_to('{"at":' || p_at || ',"body":' || p_body || ',"kind":"' || p_kind || '","prev":"'
      || encode(coalesce(p_state, p_start), 'hex') || '","seq":' || p_seq || '}', 'UTF8'));
  end $$;
  create aggregate audit_hash(bytea, bigint, bigint, text, text) (sfunc = audit_hash_next, stype = bytea);

  -- One writer of chains at a time, in whatever process: so ids rise in the order in which events can be seen, and whoever
  -- has seen one has seen all before it.
  create function audit_write_lock() returns void language plpgsql as $$
  begin
    perform pg_advisory_xact_lock(hashtextextended('audit/write', 70));
  end $$;
`;

/**
 * Links up to \`p_limit\` staged events, the oldest first, each to the chain of its store (without one: to the gateway's own).
 * Answers how many.
 */
const LINK = `
  create function audit_link(p_limit integer, p_now bigint) returns integer language plpgsql as $$
  declare
    c_nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    c_start constant bytea := decode(repeat('0', 64), 'hex');
    v_ids bigint[];
    v_count integer;
  begin
    -- A lock is a write: an idle gateway makes none.
    if not exists (select 1 from audit_staged) then
      return 0;
    end if;
    perform audit_write_lock();
    v_ids := array(select id from audit_staged order by id limit p_limit);
    insert into audit_chains (source, owner, store_id, base_hash, seq, hash)
      select distinct 'gateway', coalesce(s.store_id, c_nobody), s.store_id, c_start, 0, c_start
      from audit_staged s
      where s.id = any(v_ids) and not exists (select 1 from audit_chains c
        where c.source = 'gateway' and c.owner = coalesce(s.store_id, c_nobody));
    with taken as (
      delete from audit_staged where id = any(v_ids) returning *
    ), numbered as (
      select t.id, t.store_id, t.till_id, coalesce(t.at, p_now) as at, t.kind, t.staff_id, t.approver_id, t.customer_id,
        t.sale_ref, t.subject_id, t.asset, t.amount, t.outcome, c.id as chain_id, c.hash as start,
        c.seq + row_number() over (partition by c.id order by t.id) as seq,
        row_to_json((select b from (select t.amount, t.approver_id as "approverId", t.asset, t.customer_id as "customerId",
          t.detail::json as detail, t.outcome, t.sale_ref as "saleRef", t.staff_id as "staffId", t.store_id as "storeId",
          t.subject_id as "subjectId", t.till_id as "tillId") b))::text as body
      from taken t join audit_chains c on c.source = 'gateway' and c.owner = coalesce(t.store_id, c_nobody)
        and c.paired_at = 0
    ), hashed as (
      select n.*, audit_hash(n.start, n.seq, n.at, n.kind, n.body) over (partition by n.chain_id order by n.seq) as hash
      from numbered n
    ), kept as (
      insert into audit_events (chain_id, seq, at, source, kind, body, prev_hash, hash, store_id, till_id, staff_id,
          approver_id, customer_id, sale_ref, subject_id, asset, amount, outcome)
        select chain_id, seq, at, 'gateway', kind, body, lag(hash, 1, start) over (partition by chain_id order by seq),
          hash, store_id, till_id, staff_id, approver_id, customer_id, sale_ref, subject_id, asset, amount, outcome
        from hashed order by id
      returning 1
    ), moved as (
      update audit_chains c set seq = h.seq, hash = h.hash
        from (select distinct on (chain_id) chain_id, seq, hash from hashed order by chain_id, seq desc) h
        where c.id = h.chain_id
    )
    select count(*) into v_count from kept;
    return v_count;
  end $$;
`;

/**
 * Takes a till's entries, which were checked and follow each other from the head of chain \`p_chain\` (locked). Each element of
 * \`p_entries\`: an entry with its columns and hash (hex). \`p_links\`: pairs of ids, see \`audit_links\`.
 */
const TAKE = `
  create function audit_take(p_chain bigint, p_store uuid, p_till uuid, p_entries jsonb, p_links jsonb) returns void
    language plpgsql as $$
  begin
    insert into audit_links (id, subject)
      select distinct on (l.value ->> 0) (l.value ->> 0)::uuid, (l.value ->> 1)::uuid
      from jsonb_array_elements(p_links) l order by l.value ->> 0
      on conflict (id) do nothing;
    insert into audit_events (chain_id, seq, at, source, kind, body, prev_hash, hash, store_id, till_id, staff_id,
        approver_id, customer_id, sale_ref, subject_id, asset, amount, outcome)
      select p_chain, e.seq, e.at, 'till', e.kind, e.body, decode(e."prevHash", 'hex'), decode(e.hash, 'hex'), p_store,
        p_till, e."staffId", e."approverId", e."customerId", e."saleRef", audit_subject(e."subjectId"), e.asset,
        e.amount, e.outcome
      from jsonb_to_recordset(p_entries) as e (seq bigint, at bigint, kind text, body text, "prevHash" text, hash text,
        "staffId" uuid, "approverId" uuid, "customerId" uuid, "saleRef" text, "subjectId" uuid, asset text,
        amount bigint, outcome text)
      order by e.seq;
    update audit_chains c set seq = e.seq, hash = decode(e.hash, 'hex')
      from jsonb_to_recordset(p_entries) as e (seq bigint, hash text)
      where c.id = p_chain and e.seq = c.seq + jsonb_array_length(p_entries);
  end $$;

  -- What an id belongs to in the end: an opening to the grant's redemption, a till's own id to the gateway's.
  create function audit_subject(p_id uuid) returns uuid language plpgsql stable as $$
  declare
    v_id uuid := p_id;
    v_next uuid;
  begin
    for n in 1..4 loop
      select subject into v_next from audit_links where id = v_id;
      exit when not found or v_next = v_id;
      v_id := v_next;
    end loop;
    return v_id;
  end $$;
`;

/** Heads of the gateway's own chains, signed: what is cut off or rewritten after that is found. */
const HEADS = `
  create table audit_signed (
    chain_id bigint not null references audit_chains,
    seq bigint not null,
    hash bytea not null check (length(hash) = 32),
    at bigint not null,
    -- Compact JWS over \`chainHeadSchema\`.
    jws text not null,
    primary key (chain_id, seq)
  );
  create trigger audit_signed_append_only before update or delete on audit_signed
    for each row execute function refuse_change();
  create trigger audit_signed_no_truncate before truncate on audit_signed
    for each statement execute function refuse_change();
`;
