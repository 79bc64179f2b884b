import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** Openings of drawers for cash sales: what tills were granted, and what they told of its use. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [GRANTS, SALES]);
}

/** \`staff_id\` null: a spare of the till. Signed again from its row a grant is the same, to the byte. */
const GRANTS = `
  create table shift_grants (
    jti uuid primary key,
    till_id uuid not null references tills,
    store_id uuid not null references stores,
    idempotency_key text not null,
    staff_id uuid references staff,
    uses integer not null check (uses between 1 and 1000),
    currency text not null,
    amount_max bigint check (amount_max between 1 and 9007199254740991),
    policy_version integer not null,
    -- Whole seconds, as they are signed.
    issued_at bigint not null check (issued_at % 1000 = 0),
    expires_at bigint not null check (expires_at % 1000 = 0 and expires_at > issued_at),
    constraint shift_grants_one_a_key unique (till_id, idempotency_key)
  );
  create index shift_grants_by_till on shift_grants (till_id, issued_at);
  create index shift_grants_by_store on shift_grants (store_id, issued_at);
  create trigger shift_grants_append_only before update or delete on shift_grants
    for each row execute function refuse_change();
  create trigger shift_grants_no_truncate before truncate on shift_grants
    for each statement execute function refuse_change();
`;

/**
 * The drawer has opened, so nothing that a till tells is refused for what it says: what does not fit the grant is flagged.
 * \`jti\` and \`staff_id\` therefore refer to nothing.
 */
const SALES = `
  create table cash_sales (
    id uuid primary key,
    till_id uuid not null references tills,
    store_id uuid not null references stores,
    jti uuid not null,
    use_no integer not null check (use_no between 1 and 1000),
    staff_id uuid not null,
    started_by text not null check (started_by in ('cashier', 'terminal')),
    sale_ref text not null,
    amount bigint not null check (amount between 1 and 9007199254740991),
    currency text not null,
    -- By the till's clock.
    opened_at bigint not null,
    flags jsonb not null,
    kept_at bigint not null
  );
  create index cash_sales_by_till on cash_sales (till_id, opened_at);
  create index cash_sales_by_store on cash_sales (store_id, opened_at);
  create index cash_sales_by_grant on cash_sales (jti, use_no);
  create trigger cash_sales_append_only before update or delete on cash_sales
    for each row execute function refuse_change();
  create trigger cash_sales_no_truncate before truncate on cash_sales
    for each statement execute function refuse_change();
`;
