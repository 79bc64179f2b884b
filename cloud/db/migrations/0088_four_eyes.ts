import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Who agreed to a change of the rules that one person may not make alone; in the list as approver. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [SECOND, AUDIT]);
}

const SECOND = `
  alter table policies add column second_by uuid references staff;
`;

/** As in migration 0071. */
const AUDIT = `
  create or replace function audit_policies() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, at, kind, staff_id, approver_id, outcome, detail)
      select n.store_id, n.changed_at, 'policy.changed', n.changed_by, n.second_by, 'ok', (select row_to_json(d)::text from (select
        coalesce((select json_agg(k.key order by k.key collate "C") from jsonb_each(n.policy) k
          where k.key <> 'version' and k.value is distinct from b.policy -> k.key), '[]') as paths, n.version as version) d)
      from fresh n left join policies b on b.store_id = n.store_id and b.version = n.version - 1
      order by n.store_id, n.version;
    return null;
  end $$;
`;
