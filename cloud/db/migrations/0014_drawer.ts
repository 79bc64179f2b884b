import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** What tills told of their drawers, and the messages to managers about it. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [ALERTS, MESSAGES]);
}

const ALERTS = `
  create table drawer_alerts (
    -- The till's outbox item.
    id uuid primary key,
    till_id uuid not null references tills,
    store_id uuid not null references stores,
    opening_id uuid not null,
    what text not null check (what in ('unexplained', 'open_long')),
    -- By the till's clock.
    opened_at bigint not null,
    open_ms bigint not null,
    staff_id uuid,
    kept_at bigint not null
  );
  create index drawer_alerts_by_till on drawer_alerts (till_id, kept_at);
  create trigger drawer_alerts_append_only before update or delete on drawer_alerts
    for each row execute function refuse_change();
`;

const MESSAGES = `
  alter table messages drop constraint messages_kind_check;
  alter table messages add constraint messages_kind_check check (kind in
    ('code', 'approval_request', 'approval_code', 'note', 'sealed_codes', 'offline_spent', 'offline_loss',
     'drawer_alert'));
  alter table messages drop constraint messages_subject;
  alter table messages add constraint messages_subject check (case kind
    when 'code' then num_nonnulls(store_id, till_id, redemption_id) = 3
    when 'note' then content is not null
    when 'sealed_codes' then num_nonnulls(store_id, staff_id) = 2 and content is null
    when 'offline_spent' then num_nonnulls(store_id, content) = 2
    when 'offline_loss' then num_nonnulls(store_id, content) = 2
    when 'drawer_alert' then num_nonnulls(store_id, content) = 2
    else num_nonnulls(store_id, till_id, approval_id, approval_ref) = 4 end);
`;
