import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Findings that managers are told of, once each; and the digests of the days. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [ALERTS, DIGESTS, MESSAGES]);
}

/** \`alerts_once\`: a finding is told of once, whatever becomes of it, by however many gateways. */
const ALERTS = `
  create table alerts (
    id bigint generated always as identity primary key,
    store_id uuid not null references stores,
    signal text not null,
    person_kind text not null,
    person_id text not null,
    window_from integer not null,
    -- The revision that it was told of.
    finding_id bigint not null references signal_findings,
    at bigint not null,
    sent_at bigint,
    acknowledged_at bigint,
    acknowledged_by uuid references staff,
    constraint alerts_once unique (store_id, signal, person_kind, person_id, window_from)
  );
  create index alerts_waiting on alerts (store_id) where acknowledged_at is null;
  create index signal_findings_found on signal_findings (found_at);

  -- Whose row is locked looks after a store; when its managers were written to last.
  create table alert_turns (
    store_id uuid primary key references stores,
    sent_at bigint not null default 0
  );
`;

const DIGESTS = `
  create table digests (
    store_id uuid not null references stores,
    -- Epoch day in the store's time zone that it is of.
    day integer not null,
    at bigint not null,
    primary key (store_id, day)
  );
`;

const MESSAGES = `
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check check (kind in
    ('code', 'login_code', 'approval_request', 'approval_code', 'note', 'sealed_codes', 'offline_spent', 'offline_loss',
     'drawer_alert', 'credit_low', 'notice', 'finding_alert', 'digest'));
  alter table messages drop constraint messages_subject;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'login_code' then num_nonnulls(store_id, till_id, staff_id, login_id) = 4
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
