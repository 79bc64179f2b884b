import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/**
 * Who writes the gateway's audit events: triggers on the tables that hold the facts, so that no way of changing them can forget
 * it. Statement by statement with transition tables where many rows change at once; row by row, with a condition, where a
 * table is written often and such a fact is rare in it. \`detail\` is canonical JSON: its columns stand in alphabetical order.
 * The kinds are explained in shared/audit/event.ts.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [REDEMPTIONS, WALLETS, OFFLINE, DRAWERS, APPROVALS, VOTES, RULES, PEOPLE, TILLS]);
}

/** A code's first message goes with the redemption itself; its clock is told by \`resend_at\`. */
const REDEMPTIONS = `
  create function audit_redemptions_made() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount,
        outcome, detail)
      select n.store_id, n.till_id, n.created_at, x.kind, n.staff_id, n.customer_id, n.sale_ref, n.id, n.asset, n.amount,
        'ok', x.detail
      from fresh n cross join lateral (
        select 1 as place, 'redemption.requested' as kind, '{}' as detail
        union all
        select 2, 'code.sent', '{"channel":"' || n.channel || '","serial":1}' where n.code_digits is not null
        union all
        select 2, 'redemption.authorised', '{"jti":"' || n.grant_jti || '","ms":null}' where n.status = 'authorised'
      ) x
      order by n.id, x.place;
    return null;
  end $$;
  create trigger redemptions_made_audit after insert on redemptions referencing new table as fresh
    for each statement execute function audit_redemptions_made();

  create function audit_redemptions_changed() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, customer_id, sale_ref, subject_id, asset, amount,
        outcome, detail)
      select n.store_id, n.till_id, coalesce(x.at, nullif(current_setting('saksi.at', true), '')::bigint), x.kind, n.staff_id,
        n.customer_id, n.sale_ref, n.id, n.asset, n.amount, x.outcome, x.detail
      from fresh n join stale o on o.id = n.id cross join lateral (
        select 1 as place, null::bigint as at, 'code.wrong' as kind, 'refused' as outcome,
            '{"triesLeft":' || n.tries_left || ',"why":"wrong"}' as detail
          where n.tries_left < o.tries_left
        union all
        select 2, n.resend_at - n.resend_after_ms, 'code.sent', 'ok',
            '{"channel":"' || n.channel || '","serial":' || n.serial || '}'
          where n.serial > o.serial
        union all
        select 3, coalesce(n.settled_at, n.authorised_at), 'redemption.' || n.status,
            case n.status when 'expired' then 'lapsed' when 'failed' then 'refused' else 'ok' end,
            case n.status
              when 'authorised' then '{"jti":"' || n.grant_jti || '","ms":'
                || coalesce((n.authorised_at - (n.resend_at - n.resend_after_ms))::text, 'null') || '}'
              when 'captured' then '{"offline":false,"slip":' || coalesce(to_json(n.slip)::text, 'null') || '}'
              when 'released' then '{"reason":' || coalesce(to_json(n.cancel_reason)::text, 'null') || '}'
              else '{}' end
          where n.status <> o.status
      ) x
      order by n.id, x.place;
    return null;
  end $$;
  create trigger redemptions_changed_audit after update on redemptions
    referencing old table as stale new table as fresh for each statement execute function audit_redemptions_changed();
`;

/** \`by\`: who a top-up came from, as its key begins. */
const WALLETS = `
  create function audit_credit() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, at, kind, customer_id, subject_id, asset, amount, outcome, detail)
      select a.store_id, new.posted_at, case a.asset when 'points' then 'wallet.earned' else 'wallet.topped_up' end,
        a.customer_id, new.ref_id, a.asset, new.amount, 'ok', '{"by":'
          || to_json(case when new.idempotency_key like 'admin:%' then 'operator' else 'gateway' end)::text || '}'
      from accounts a where a.id = new.credit_account_id;
    return null;
  end $$;
  create trigger transfers_credit_audit after insert on transfers for each row when (new.kind = 'credit')
    execute function audit_credit();
`;

/** \`lineWasUp\`: a code went out for the same till within two minutes of it, so that there was a line. */
const OFFLINE = `
  create function audit_offline() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, approver_id, customer_id, sale_ref, subject_id, asset,
        amount, outcome, detail)
      select n.store_id, n.till_id, n.booked_at, x.kind, n.staff_id, n.supervisor_id, n.customer_id, n.sale_ref, n.id,
        n.asset, n.amount, 'ok', x.detail
      from fresh n cross join lateral (
        select 1 as place, 'offline.spent' as kind, (select row_to_json(d)::text from (select n.flags as flags,
            exists (select 1 from codes c where c.till_id = n.till_id
              and c.issued_at between n.spent_at - 120000 and n.spent_at + 120000) as "lineWasUp",
            n.sealed_code_id as "sealedCodeId", n.spent_at as "spentAt") d) as detail
        union all
        select 2, 'offline.overdrawn', '{"loss":' || n.lost || '}' where n.lost > 0
      ) x
      order by n.id, x.place;
    return null;
  end $$;
  create trigger offline_redemptions_audit after insert on offline_redemptions referencing new table as fresh
    for each statement execute function audit_offline();

  create function audit_sealed_issues() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, outcome, detail)
      select t.store_id, n.till_id, n.issued_at, 'sealed.issued', 'ok', '{"serial":' || n.serial || '}'
      from fresh n join tills t on t.id = n.till_id order by n.till_id, n.serial;
    return null;
  end $$;
  create trigger sealed_issues_audit after insert on sealed_issues referencing new table as fresh
    for each statement execute function audit_sealed_issues();

  create function audit_head_refused() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, outcome, detail)
      select t.store_id, n.till_id, n.at, 'audit.refused', 'refused',
        '{"newestSeq":' || n.newest_seq || ',"why":"' || n.refused || '"}'
      from fresh n join tills t on t.id = n.till_id order by n.id;
    return null;
  end $$;
  create trigger audit_head_refusals_audit after insert on audit_head_refusals referencing new table as fresh
    for each statement execute function audit_head_refused();
`;

const DRAWERS = `
  create function audit_drawer_alerts() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, subject_id, outcome, detail)
      select n.store_id, n.till_id, n.kept_at, 'drawer.alerted', n.staff_id, n.opening_id, null,
        '{"openMs":' || n.open_ms || ',"openedAt":' || n.opened_at || ',"what":"' || n.what || '"}'
      from fresh n order by n.id;
    return null;
  end $$;
  create trigger drawer_alerts_audit after insert on drawer_alerts referencing new table as fresh
    for each statement execute function audit_drawer_alerts();

  create function audit_cash_sales() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, sale_ref, subject_id, asset, amount, outcome, detail)
      select n.store_id, n.till_id, n.kept_at, 'shift.booked', n.staff_id, n.sale_ref, n.id, 'cash', n.amount,
        case when n.flags = '[]' then 'ok' else 'failed' end, (select row_to_json(d)::text from
          (select n.flags as flags, n.jti as jti, n.opened_at as "openedAt", n.use_no as "useNo") d)
      from fresh n order by n.id;
    return null;
  end $$;
  create trigger cash_sales_audit after insert on cash_sales referencing new table as fresh
    for each statement execute function audit_cash_sales();
`;

/** Who said the last word is \`approver_id\`; all whose yes counted are in \`deciders\`. */
const APPROVALS = `
  create function audit_approval_detail(a approvals) returns text language plpgsql stable as $$
  begin
    return (select row_to_json(d)::text from (select a.kind as action, a.basis_points as "basisPoints",
      a.deciders as deciders, case when a.status = 'approved' then a.grant_jti end as jti, a.decided_at - a.created_at as ms,
      case when a.free then 'free' else (select v.via from approval_votes v where v.approval_id = a.id
        order by v.at desc, v.staff_id limit 1) end as via) d);
  end $$;

  create function audit_approvals_made() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, sale_ref, subject_id, amount, outcome, detail)
      select n.store_id, n.till_id, n.created_at, x.kind, n.requested_by, n.sale_ref, n.id, n.amount, 'ok', x.detail
      from fresh n cross join lateral (
        select 1 as place, 'approval.requested' as kind, (select row_to_json(d)::text from (select n.kind as action,
          n.basis_points as "basisPoints", n.reason_key as "reasonKey") d) as detail
        union all
        select 2, 'approval.approved', audit_approval_detail(n.*) where n.status = 'approved'
      ) x
      order by n.id, x.place;
    return null;
  end $$;
  create trigger approvals_made_audit after insert on approvals referencing new table as fresh
    for each statement execute function audit_approvals_made();

  create function audit_approvals_decided() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, approver_id, sale_ref, subject_id, amount, outcome,
        detail)
      select n.store_id, n.till_id, n.decided_at, 'approval.' || n.status, n.requested_by,
        case when n.status in ('approved', 'rejected') then (select v.staff_id from approval_votes v
          where v.approval_id = n.id order by v.at desc, v.staff_id limit 1) end,
        n.sale_ref, n.id, n.amount,
        case n.status when 'approved' then 'ok' when 'rejected' then 'refused' else 'lapsed' end,
        audit_approval_detail(n.*)
      from fresh n join stale o on o.id = n.id where n.status <> o.status order by n.id;
    return null;
  end $$;
  create trigger approvals_decided_audit after update on approvals
    referencing old table as stale new table as fresh for each statement execute function audit_approvals_decided();
`;

const VOTES = `
  create function audit_votes() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, approver_id, sale_ref, subject_id, amount, outcome,
        detail)
      select a.store_id, a.till_id, n.at, 'approval.voted', a.requested_by, n.staff_id, a.sale_ref, a.id, a.amount,
        case n.decision when 'approve' then 'ok' else 'refused' end, (select row_to_json(d)::text from
          (select a.kind as action, n.decision as decision, n.at - r.asked_at as ms, n.via as via) d)
      from fresh n join approvals a on a.id = n.approval_id
        join approval_recipients r on r.approval_id = n.approval_id and r.staff_id = n.staff_id
      order by n.at, n.staff_id;
    return null;
  end $$;
  create trigger approval_votes_audit after insert on approval_votes referencing new table as fresh
    for each statement execute function audit_votes();

  create function audit_taps() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, till_id, at, kind, staff_id, approver_id, sale_ref, subject_id, amount, outcome,
        detail)
      select coalesce(a.store_id, s.store_id), a.till_id, n.at, 'approval.tap_refused', a.requested_by, n.staff_id,
        a.sale_ref, a.id, a.amount, 'refused', (select row_to_json(d)::text from
          (select a.kind as action, n.decision as decision, n.via as via, n.refused as why) d)
      from fresh n left join approvals a on a.id = n.approval_id left join staff s on s.id = n.staff_id
      order by n.id;
    return null;
  end $$;
  create trigger approval_taps_audit after insert on approval_taps referencing new table as fresh
    for each statement execute function audit_taps();
`;

/** \`paths\`: which parts of the policy are another than in the version before. */
const RULES = `
  create function audit_policies() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, at, kind, staff_id, outcome, detail)
      select n.store_id, n.changed_at, 'policy.changed', n.changed_by, 'ok', (select row_to_json(d)::text from (select
        coalesce((select json_agg(k.key order by k.key collate "C") from jsonb_each(n.policy) k
          where k.key <> 'version' and k.value is distinct from b.policy -> k.key), '[]') as paths, n.version as version) d)
      from fresh n left join policies b on b.store_id = n.store_id and b.version = n.version - 1
      order by n.store_id, n.version;
    return null;
  end $$;
  create trigger policies_audit after insert on policies referencing new table as fresh
    for each statement execute function audit_policies();

  create function audit_web_events() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (at, kind, subject_id, outcome, detail)
      select n.at, 'web.did', n.session_id, 'ok', '{"what":' || to_json(n.what)::text || '}' from fresh n order by n.seq;
    return null;
  end $$;
  create trigger web_events_audit after insert on web_events referencing new table as fresh
    for each statement execute function audit_web_events();

  create function audit_credit_topup() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, at, kind, amount, outcome)
      select a.store_id, new.posted_at, 'credit.topped_up', new.amount, 'ok' from credit_accounts a
        where a.id = new.credit_account_id;
    return null;
  end $$;
  create trigger credit_transfers_audit after insert on credit_transfers for each row when (new.kind = 'topup')
    execute function audit_credit_topup();
`;

/** Who was changed is the subject; who changed it is known to the operator's own books only. No name and no number is told. */
const PEOPLE = `
  create function audit_staff() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, kind, subject_id, outcome, detail)
      select new.store_id, 'staff.changed', new.id, 'ok', '{"what":"' || x.what || '"}' from (
        select 'added' as what where tg_op = 'INSERT'
        union all select case when new.active then 'restored' else 'removed' end
          where tg_op = 'UPDATE' and new.active <> old.active
        union all select 'role' where tg_op = 'UPDATE' and new.role <> old.role
        union all select 'pin' where tg_op = 'UPDATE' and new.pin <> old.pin
        union all select 'name' where tg_op = 'UPDATE' and new.name <> old.name
        union all select 'phone' where tg_op = 'UPDATE' and new.phone_e164 is distinct from old.phone_e164
      ) x;
    return null;
  end $$;
  create trigger staff_audit after insert or update on staff for each row execute function audit_staff();

  create function audit_staff_identities() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, at, kind, subject_id, outcome, detail)
      select s.store_id, new.verified_at, 'staff.changed', s.id, 'ok', '{"how":"' || new.how || '","what":"verified"}'
      from staff s where s.id = new.staff_id;
    return null;
  end $$;
  create trigger staff_identities_audit after insert or update on staff_identities
    for each row execute function audit_staff_identities();

  create function audit_customer_phone() returns trigger language plpgsql as $$
  begin
    insert into audit_staged (store_id, kind, customer_id, subject_id, outcome, detail)
      values (new.store_id, 'customer.phone_changed', new.id, new.id, 'ok', '{"by":null}');
    return null;
  end $$;
  create trigger customers_phone_audit after update of phone_e164 on customers for each row
    when (new.phone_e164 is distinct from old.phone_e164) execute function audit_customer_phone();
`;

/** A till's row is written at each of its events: only these columns are of interest. */
const TILLS = `
  create function audit_till() returns trigger language plpgsql as $$
  begin
    if new.paired_at is distinct from old.paired_at and new.paired_at is not null then
      insert into audit_staged (store_id, till_id, at, kind, outcome)
        values (new.store_id, new.id, new.paired_at, 'till.paired', 'ok');
    end if;
    if new.revoked_at is distinct from old.revoked_at and new.revoked_at is not null then
      insert into audit_staged (store_id, till_id, at, kind, outcome)
        values (new.store_id, new.id, new.revoked_at, 'till.revoked', 'ok');
    end if;
    return null;
  end $$;
  create trigger tills_audit after update of paired_at, revoked_at on tills for each row execute function audit_till();
`;
