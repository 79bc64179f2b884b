import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Cases that managers look into, and what they say of findings; each step is an audit event, staged by its own row. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [WORDS, CASES, ENTRIES, ENTRY_EVENTS]);
}

/** What a case is made of is told by the case itself. */
const WORDS = `
  alter table signal_acknowledgements drop constraint signal_acknowledgements_state_check;
  alter table signal_acknowledgements add constraint signal_acknowledgements_state_check
    check (state in ('seen', 'innocent', 'fraud', 'case', 'open'));

  create function audit_acknowledged() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, outcome, detail)
      select f.store_id, f.till_id, new.at, 'finding.' || new.state, new.staff_id, 'ok',
        '{"finding":' || f.id || ',"signal":"' || f.signal || '"}'
      from signal_findings f where f.id = new.finding_id;
    return null;
  end $$;
  create trigger signal_acknowledgements_audit after insert on signal_acknowledgements for each row
    when (new.state in ('seen', 'innocent', 'open')) execute function audit_acknowledged();
`;

const CASES = `
  -- The last number of each store: taken in the transaction that opens a case, so that none is left out.
  create table case_counters (
    store_id uuid primary key references stores,
    last integer not null check (last >= 1)
  );

  create table cases (
    id uuid primary key,
    store_id uuid not null references stores,
    number integer not null check (number >= 1),
    title text not null check (length(title) between 1 and 120),
    status text not null check (status in ('open', 'watching', 'closed')),
    outcome text check (outcome in ('fraud', 'mistake', 'unfounded', 'unclear')),
    assignee_id uuid references staff,
    opened_by uuid not null references staff,
    opened_at bigint not null,
    changed_at bigint not null,
    constraint cases_number unique (store_id, number),
    constraint cases_outcome check ((status = 'closed') = (outcome is not null))
  );
  create trigger cases_stay before delete on cases for each row execute function refuse_change();
  create trigger cases_no_truncate before truncate on cases for each statement execute function refuse_change();
  create trigger cases_fixed before update of id, store_id, number, opened_by, opened_at on cases
    for each row execute function refuse_change();
`;

/** All that was done in a case, in order; \`id\` comes from whoever does it, so that a step told twice is one. */
const ENTRIES = `
  create table case_entries (
    id uuid primary key,
    case_id uuid not null references cases,
    no integer not null check (no >= 1),
    kind text not null check (kind in ('opened', 'noted', 'collected', 'assigned', 'titled', 'moved', 'exported')),
    staff_id uuid not null references staff,
    at bigint not null,
    text text not null check (length(text) <= 4000),
    finding_ids jsonb not null,
    event_ids jsonb not null,
    status text,
    outcome text,
    assignee_id uuid references staff,
    constraint case_entries_order unique (case_id, no)
  );
  create trigger case_entries_append_only before update or delete on case_entries
    for each row execute function refuse_change();
  create trigger case_entries_no_truncate before truncate on case_entries
    for each statement execute function refuse_change();
`;

/** What was written stands in the chain as its hash: it may name people, and can be proved all the same. */
const ENTRY_EVENTS = `
  create function audit_case_entry() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, at, kind, staff_id, subject_id, outcome, detail)
      select c.store_id, new.at, 'case.' || new.kind, new.staff_id, c.id, 'ok',
        '{"assignee":' || coalesce('"' || new.assignee_id || '"', 'null')
          || ',"case":' || c.number
          || ',"events":' || replace(new.event_ids::text, ' ', '')
          || ',"findings":' || replace(new.finding_ids::text, ' ', '')
          || ',"outcome":' || coalesce('"' || new.outcome || '"', 'null')
          || ',"sha256":' || case new.text when '' then 'null'
            else '"' || encode(sha256(convert_to(new.text, 'UTF8')), 'hex') || '"' end
          || ',"status":' || coalesce('"' || new.status || '"', 'null') || '}'
      from cases c where c.id = new.case_id;
    return null;
  end $$;
  create trigger case_entries_audit after insert on case_entries for each row execute function audit_case_entry();
`;
