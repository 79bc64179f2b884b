import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** How a store's slips look is part of its policy, may hold a picture, and is nothing that a redemption goes by. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [PREPARE, READ]);
}

/** As before, without the design. */
const PREPARE = `
  create or replace function redemption_prepare(
    p_store uuid, p_till uuid, p_key text, p_customer uuid, p_phone text, p_member_no text
  ) returns jsonb language plpgsql stable as $$
  declare
    v_customer uuid := p_customer;
    v_doc jsonb;
  begin
    if p_phone is not null then
      select id into v_customer from customers where store_id = p_store and phone_e164 = p_phone;
    elsif p_member_no is not null then
      select id into v_customer from customers where store_id = p_store and member_no = p_member_no;
    end if;
    select jsonb_build_object(
      'policy', (s.policy - array['approvals', 'slipDesign']) || jsonb_build_object('version', s.policy_version),
      'currency', s.currency,
      'customer', case when c.id is not null then jsonb_build_object('id', c.id, 'name', c.name,
        'member_no', c.member_no, 'phone_e164', c.phone_e164, 'language', c.language) end,
      'remembered', case when q.till_id is not null then
        jsonb_build_object('hash', encode(q.request_hash, 'hex'), 'redemptionId', q.redemption_id) end
    ) into strict v_doc
    from stores s
      left join customers c on c.id = v_customer and c.store_id = s.id
      left join till_requests q on q.till_id = p_till and q.idempotency_key = p_key
    where s.id = p_store;
    return v_doc;
  end $$;
`;

/** Likewise. */
const READ = `
  create or replace function redemption_read(p_id uuid, p_till uuid, p_key text, p_lock boolean) returns jsonb
    language plpgsql as $$
  declare
    r redemptions;
    v_doc jsonb;
  begin
    if p_lock then
      perform 1 from redemptions where id = p_id for no key update;
    end if;
    select * into r from redemptions where id = p_id and till_id = coalesce(p_till, till_id);
    if not found then
      return null;
    end if;
    select jsonb_build_object(
      'redemption', to_jsonb(r),
      'customer', jsonb_build_object('id', c.id, 'name', c.name, 'member_no', c.member_no,
        'phone_e164', c.phone_e164, 'language', c.language),
      'available', a.balance,
      'policy', (s.policy - array['approvals', 'slipDesign']) || jsonb_build_object('version', s.policy_version),
      'delivery', (select jsonb_build_object('channel', m.channel, 'state', m.state, 'reason', m.reason)
        from messages m where m.redemption_id = r.id and m.serial = r.serial),
      'hashes', (select jsonb_object_agg(k.serial, encode(k.verify_hash, 'hex')) from codes k
        where k.redemption_id = r.id),
      'request', (select jsonb_build_object('hash', encode(q.request_hash, 'hex'), 'outcome', q.outcome)
        from till_requests q where q.till_id = p_till and q.idempotency_key = p_key)
    ) into strict v_doc
    from customers c, stores s, accounts a
    where c.id = r.customer_id and s.id = r.store_id
      and a.customer_id = r.customer_id and a.asset = r.asset and a.kind = 'customer_available';
    return v_doc;
  end $$;
`;
