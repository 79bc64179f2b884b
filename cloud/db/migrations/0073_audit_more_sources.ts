import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** As in migration 0071: codes that nobody asked for, and customers who were erased (by their id alone). */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [UNWANTED, ERASED]);
}

const UNWANTED = `
  create function audit_unwanted() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, outcome, detail)
      values (new.store_id, new.till_id, new.at, 'code.unwanted', new.staff_id, new.customer_id, new.sale_ref,
        new.redemption_id, 'refused', '{"about":"' || new.about || '"}');
    return null;
  end $$;
  create trigger unrequested_codes_audit after insert on unrequested_codes for each row
    execute function audit_unwanted();
`;

const ERASED = `
  create function audit_erased() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, at, kind, staff_id, customer_id, outcome, detail)
      values (new.store_id, new.at, 'customer.erased', new.forced_by, new.customer_id, 'ok',
        '{"by":"' || new.carried_out_by || '"}');
    return null;
  end $$;
  create trigger erasures_audit after insert on erasures for each row execute function audit_erased();
`;
