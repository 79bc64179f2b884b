/** What is odd about an offline redemption that is booked all the same: the goods are handed over. */
import { sql } from 'kysely';
import type { OfflineRedemption } from '../../shared/offline.ts';
import type { OfflineLimits } from '../../shared/offline-policy.ts';
import type { OfflineFlag, SealedState } from '../db/offline-tables.ts';
import { staffContacts } from '../staff/identities.ts';
import type { Trx } from './context.ts';

const DAY_MS = 86_400_000;

export interface CodeFacts {
  readonly state: SealedState;
  readonly lastSerial: number | null;
  readonly expiresAt: number;
}

export async function flagsOf(
  trx: Trx,
  till: { readonly tillId: string; readonly storeId: string },
  redemption: OfflineRedemption,
  code: CodeFacts,
): Promise<OfflineFlag[]> {
  const { asset, amount, bundleSerial, spentAt } = redemption;
  const issue = await trx
    .selectFrom('sealed_issues')
    .select('limits')
    .where('till_id', '=', till.tillId)
    .where('serial', '=', bundleSerial)
    .executeTakeFirst();
  const gone = code.lastSerial !== null && bundleSerial > code.lastSerial;
  const flags: [OfflineFlag, boolean][] = [
    ['code_revoked', code.state === 'revoked'],
    ['bundle_differs', issue === undefined || gone],
    ['code_expired', spentAt > code.expiresAt],
    ...(await peopleFlags(trx, till.storeId, redemption)),
  ];
  if (issue !== undefined) {
    const { perCode, perCustomer, perTill }: OfflineLimits = issue.limits;
    const byCustomer = await mostInADay(trx, 'customer_id', redemption.customerId, redemption);
    const byTill = await mostInADay(trx, 'till_id', till.tillId, redemption);
    flags.push(
      ['over_code_limit', amount > perCode[asset]],
      ['over_customer_limit', byCustomer > perCustomer[asset]],
      ['over_till_limit', byTill > perTill[asset]],
    );
  }
  return flags.filter(([, holds]) => holds).map(([flag]) => flag);
}

async function peopleFlags(
  trx: Trx,
  storeId: string,
  { staffId, supervisorId }: OfflineRedemption,
): Promise<[OfflineFlag, boolean][]> {
  if (staffId === null) return [];
  const known = await trx
    .selectFrom('staff')
    .select('id')
    .where('id', '=', staffId)
    .where('store_id', '=', storeId)
    .executeTakeFirst();
  if (known === undefined) return [['staff_unknown', true]];
  const contacts = await staffContacts(trx, [staffId, supervisorId]);
  const [one, other] = [staffId, supervisorId].map(
    (id) => contacts.find((contact) => contact.staffId === id)?.identities ?? [],
  );
  const shared = one?.some((identity) => other?.includes(identity)) === true;
  return [['own_code', staffId === supervisorId || shared]];
}

/**
 * The most that any 24 hours around this redemption hold, itself included: others may arrive before or after it, in whatever
 * order their tills came back.
 */
async function mostInADay(
  trx: Trx,
  column: 'customer_id' | 'till_id',
  value: string,
  { asset, amount, spentAt }: OfflineRedemption,
): Promise<number> {
  const of = sql.ref(column);
  const { rows } = await sql<{ most: number }>`
    with near as (
      select amount, spent_at from offline_redemptions
      where ${of} = ${value}::uuid and asset = ${asset}
        and spent_at > ${spentAt - DAY_MS}::bigint and spent_at < ${spentAt + DAY_MS}::bigint
      union all select ${amount}::bigint, ${spentAt}::bigint
    )
    select max(total)::bigint as most from (
      select (select sum(b.amount) from near b
        where b.spent_at > a.spent_at - ${DAY_MS}::bigint and b.spent_at <= a.spent_at) as total
      from near a where a.spent_at >= ${spentAt}::bigint
    ) windows`.execute(trx);
  return rows[0]?.most ?? amount;
}
