import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * Approvals, who was asked, who said what, what was refused; policies and their history. Triggers are the last line: what
 * ever a service does wrong, a decision is final, is not taken by who asked, and needs as many people as the request says.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [POLICIES, APPROVALS, PEOPLE, LAST_LINE, REQUESTS, READ, CHANGE]);
}

const POLICIES = `
  create table policies (
    store_id uuid not null references stores,
    version integer not null check (version >= 1),
    policy jsonb not null,
    signed text not null,
    changed_by uuid references staff,
    changed_at bigint not null,
    primary key (store_id, version)
  );
  create trigger policies_append_only before update or delete on policies
    for each row execute function refuse_change();
  create trigger policies_no_truncate before truncate on policies
    for each statement execute function refuse_change();

  create table pin_attempts (
    staff_id uuid primary key references staff,
    failed integer not null check (failed >= 0),
    locked_until bigint
  ) with (fillfactor = 70);
`;

const APPROVALS = `
  create table approvals (
    id uuid primary key,
    store_id uuid not null references stores,
    till_id uuid not null references tills,
    kind text not null,
    kind_name jsonb not null,
    amount bigint check (amount between 1 and 9007199254740991),
    basis_points integer check (basis_points between 0 and 10000),
    currency text not null,
    reason_key text,
    reason text not null,
    note text not null,
    sale_ref text,
    requested_by uuid not null references staff,
    status text not null check (status in ('pending', 'approved', 'rejected', 'expired', 'cancelled')),
    free boolean not null,
    answer text not null check (answer in ('tap', 'code')),
    needed integer not null check (needed between 1 and 5),
    actions jsonb not null,
    steps jsonb not null,
    next_step integer,
    next_step_at bigint,
    code_digits integer,
    tries_left integer check (tries_left >= 0),
    policy_version integer not null,
    grant_jti uuid not null unique,
    grant_expires_at bigint,
    deciders jsonb not null,
    created_at bigint not null,
    expires_at bigint not null,
    decided_at bigint,
    check ((status = 'pending') = (decided_at is null)),
    check ((status = 'approved') = (grant_expires_at is not null)),
    check ((next_step is null) = (next_step_at is null)),
    check ((answer = 'code') = (code_digits is not null and tries_left is not null))
  ) with (fillfactor = 70);
  create index approvals_due on approvals (expires_at) where status = 'pending';
  create index approvals_next_step on approvals (next_step_at) where status = 'pending' and next_step_at is not null;
  create index approvals_open on approvals (till_id, created_at) where status in ('pending', 'approved');
  create index approvals_repeat on approvals (requested_by, kind, created_at);
`;

/**
 * A recipient's \`ref\` is random and says nothing: what comes back from a phone is this, never an id. Taps that were
 * refused are kept with the reason; \`approval_id\` is null when the ref names none.
 */
const PEOPLE = `
  create table approval_recipients (
    approval_id uuid not null references approvals,
    staff_id uuid not null references staff,
    step integer not null check (step >= 0),
    ref text not null unique check (length(ref) = 22),
    code_nonce bytea check (length(code_nonce) = 16),
    code_hash bytea check (length(code_hash) = 32),
    asked_at bigint not null,
    primary key (approval_id, staff_id),
    check ((code_nonce is null) = (code_hash is null))
  );

  create table approval_votes (
    approval_id uuid not null references approvals,
    staff_id uuid not null references staff,
    decision text not null check (decision in ('approve', 'reject')),
    via text not null check (via in ('tap', 'code')),
    reason text check (length(reason) <= 280),
    at bigint not null,
    primary key (approval_id, staff_id),
    foreign key (approval_id, staff_id) references approval_recipients (approval_id, staff_id),
    check (reason is null or decision = 'reject')
  );
  create index approval_votes_by_staff on approval_votes (staff_id, at);

  create table approval_taps (
    id bigint generated always as identity primary key,
    approval_id uuid references approvals,
    staff_id uuid references staff,
    decision text check (decision in ('approve', 'reject')),
    via text not null check (via in ('tap', 'code')),
    refused text not null,
    at bigint not null
  );
  create index approval_taps_by_approval on approval_taps (approval_id, staff_id);
  create trigger approval_taps_append_only before update or delete on approval_taps
    for each row execute function refuse_change();
`;

const LAST_LINE = `
  create function approvals_hold() returns trigger language plpgsql as $$
  declare
    v_yes integer;
  begin
    if tg_op = 'UPDATE' and old.status <> 'pending'
        and (new.status <> old.status or new.grant_jti <> old.grant_jti
          or new.grant_expires_at is distinct from old.grant_expires_at) then
      raise exception 'approval % is %: a decision is final', old.id, old.status
        using errcode = 'integrity_constraint_violation';
    end if;
    if new.status = 'approved' and not new.free and (tg_op = 'INSERT' or old.status = 'pending') then
      select count(*) into v_yes from approval_votes
        where approval_id = new.id and decision = 'approve' and staff_id <> new.requested_by;
      if v_yes < new.needed then
        raise exception 'approval %: % of % people said yes', new.id, v_yes, new.needed
          using errcode = 'integrity_constraint_violation';
      end if;
    end if;
    return new;
  end $$;
  create trigger approvals_hold before insert or update on approvals
    for each row execute function approvals_hold();

  create function approval_people_hold() returns trigger language plpgsql as $$
  begin
    if exists (select 1 from approvals where id = new.approval_id and requested_by = new.staff_id) then
      raise exception 'approval %: who asks neither is asked nor decides', new.approval_id
        using errcode = 'integrity_constraint_violation';
    end if;
    return new;
  end $$;
  create trigger approval_recipients_hold before insert or update on approval_recipients
    for each row execute function approval_people_hold();
`;

/** A till's idempotency keys are one name space: of redemptions, approvals and policy changes (which name neither). */
const REQUESTS = `
  alter table till_requests alter column redemption_id drop not null;
  alter table till_requests add column approval_id uuid;
  alter table till_requests add constraint till_requests_subject check (num_nonnulls(redemption_id, approval_id) <= 1);
`;

/**
 * All that a decision or an answer about a request needs, as one document; null when there is none. Named by its id or
 * by a recipient's ref. With `p_lock` its row is locked first, in a statement of its own, so that the rest is read
 * after any wait.
 */
const READ = `
  create function approval_read(p_id uuid, p_ref text, p_till uuid, p_key text, p_lock boolean) returns jsonb
    language plpgsql as $$
  declare
    v_id uuid := p_id;
    a approvals;
    v_doc jsonb;
  begin
    if v_id is null then
      select approval_id into v_id from approval_recipients where ref = p_ref;
    end if;
    if p_lock then
      perform 1 from approvals where id = v_id for no key update;
    end if;
    select * into a from approvals where id = v_id and till_id = coalesce(p_till, till_id);
    if not found then
      return null;
    end if;
    select jsonb_build_object(
      'approval', to_jsonb(a),
      'store', jsonb_build_object('name', s.name, 'language', s.language, 'timezone', s.timezone,
        'policy', s.policy -> 'approvals'),
      'tillName', t.name,
      'requester', f.name,
      'recipients', (select coalesce(jsonb_agg(jsonb_build_object('staff_id', r.staff_id, 'name', p.name,
          'role', p.role, 'active', p.active, 'step', r.step, 'ref', r.ref, 'code_nonce', encode(r.code_nonce, 'hex'),
          'code_hash', encode(r.code_hash, 'hex')) order by r.step, p.name, p.id), '[]')
        from approval_recipients r join staff p on p.id = r.staff_id where r.approval_id = a.id),
      'votes', (select coalesce(jsonb_agg(jsonb_build_object('staff_id', v.staff_id, 'decision', v.decision,
          'reason', v.reason, 'at', v.at) order by v.at, v.staff_id), '[]')
        from approval_votes v where v.approval_id = a.id),
      'request', (select jsonb_build_object('hash', encode(q.request_hash, 'hex'), 'outcome', q.outcome)
        from till_requests q where q.till_id = p_till and q.idempotency_key = p_key)
    ) into strict v_doc
    from stores s, tills t, staff f where s.id = a.store_id and t.id = a.till_id and f.id = a.requested_by;
    return v_doc;
  end $$;
`;

/** Writes a decided change of a locked request: a vote (or null), then the columns of `p_patch`. */
const CHANGE = `
  create function approval_change(p_id uuid, p_vote jsonb, p_patch jsonb) returns void language plpgsql as $$
  declare
    a approvals;
  begin
    if p_vote is not null then
      insert into approval_votes select * from jsonb_populate_record(null::approval_votes, p_vote);
    end if;
    select * into strict a from approvals where id = p_id for no key update;
    a := jsonb_populate_record(a, p_patch);
    update approvals set status = a.status, needed = a.needed, next_step = a.next_step,
      next_step_at = a.next_step_at, tries_left = a.tries_left, grant_expires_at = a.grant_expires_at,
      deciders = a.deciders, decided_at = a.decided_at
      where id = p_id;
  end $$;
`;
