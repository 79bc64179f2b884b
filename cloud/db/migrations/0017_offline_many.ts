import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Booking many offline redemptions in one round trip, with plans that are kept. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [MOST_IN_A_DAY, OFFLINE_BOOK]);
}

/**
 * The most that any 24 hours around a redemption hold, itself included: others may arrive before or after it, in whatever
 * order their tills came back. Of a customer, or where that is null of a till.
 */
const MOST_IN_A_DAY = `
  create function most_in_a_day(p_customer uuid, p_till uuid, p_asset text, p_amount bigint, p_at bigint)
    returns bigint language plpgsql stable as $$
  declare
    c_day constant bigint := 86400000;
    v_most bigint;
  begin
    -- A comparison with null is not true: one of the two finds nothing, and each has its index.
    select max(total) into v_most from (
      select spent_at, sum(amount) over (order by spent_at range between c_day - 1 preceding and current row) as total
      from (
        select amount, spent_at from offline_redemptions
          where customer_id = p_customer and asset = p_asset and spent_at > p_at - c_day and spent_at < p_at + c_day
        union all select amount, spent_at from offline_redemptions
          where till_id = p_till and asset = p_asset and spent_at > p_at - c_day and spent_at < p_at + c_day
        union all select p_amount, p_at
      ) near
    ) windows where spent_at >= p_at;
    return v_most;
  end $$;
`;

/**
 * Books what was checked, in order, and uses up its codes. Each element of \`p_rows\` is a row of \`offline_redemptions\` with
 * the flags that are known beforehand, and \`limits\` of its asset ({code, customer, till}; null: unknown). The store's others that
 * were booked before count for the limits: the caller holds the accounts. Answers in the same order.
 */
const OFFLINE_BOOK = `
  create function offline_book(p_rows jsonb, p_now bigint)
    returns table (taken bigint, lost bigint, flagged boolean) language plpgsql as $$
  declare
    v_item jsonb;
    v_row offline_redemptions;
    v_limits jsonb;
    v_flags jsonb;
  begin
    for v_item in select value from jsonb_array_elements(p_rows) with ordinality order by ordinality loop
      v_row := jsonb_populate_record(null::offline_redemptions, v_item);
      v_limits := v_item -> 'limits';
      v_flags := v_row.flags;
      if jsonb_typeof(v_limits) = 'object' then
        if v_row.amount > (v_limits ->> 'code')::bigint then
          v_flags := v_flags || '["over_code_limit"]';
        end if;
        if most_in_a_day(v_row.customer_id, null, v_row.asset, v_row.amount, v_row.spent_at)
            > (v_limits ->> 'customer')::bigint then
          v_flags := v_flags || '["over_customer_limit"]';
        end if;
        if most_in_a_day(null, v_row.till_id, v_row.asset, v_row.amount, v_row.spent_at)
            > (v_limits ->> 'till')::bigint then
          v_flags := v_flags || '["over_till_limit"]';
        end if;
      end if;
      select l.taken, l.lost into v_row.taken, v_row.lost
        from ledger_offline(v_row.id, v_row.store_id, v_row.customer_id, v_row.asset, v_row.amount, p_now) l;
      v_row.flags := v_flags;
      v_row.booked_at := p_now;
      insert into offline_redemptions select v_row.*;
      update sealed_codes c
        set state = 'used', hash = null, ended_at = coalesce(c.ended_at, p_now),
          last_serial = coalesce(c.last_serial, b.serial)
        from sealed_bundles b
        where c.id = v_row.sealed_code_id and b.till_id = c.till_id;
      taken := v_row.taken;
      lost := v_row.lost;
      flagged := v_flags <> '[]';
      return next;
    end loop;
  end $$;
`;
