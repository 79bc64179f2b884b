/** What is odd about an offline redemption that is booked all the same: the goods are handed over. */
import type { OfflineRedemption } from '../../shared/offline.ts';
import type { OfflineFlag, SealedState } from '../db/offline-tables.ts';
import { staffContacts } from '../staff/identities.ts';
import type { Trx } from './context.ts';

export interface CodeFacts {
  readonly state: SealedState;
  readonly lastSerial: number | null;
  readonly expiresAt: number;
}

/** For the redemptions of one transaction. What goes over its limits, the database says as it books it. */
export function createFlags(trx: Trx, till: { readonly storeId: string }) {
  const people = new Map<string, Promise<[OfflineFlag, boolean][]>>();
  const flagsOfPeople = (redemption: OfflineRedemption) => {
    const pair = `${redemption.staffId}/${redemption.supervisorId}`;
    const found = people.get(pair) ?? peopleFlags(trx, till.storeId, redemption);
    people.set(pair, found);
    return found;
  };
  /** `isIssued`: the gateway knows the bundle that it names. */
  return async (
    redemption: OfflineRedemption,
    code: CodeFacts,
    isIssued: boolean,
  ): Promise<OfflineFlag[]> => {
    const { bundleSerial, spentAt } = redemption;
    const gone = code.lastSerial !== null && bundleSerial > code.lastSerial;
    const flags: [OfflineFlag, boolean][] = [
      ['code_revoked', code.state === 'revoked'],
      ['bundle_differs', !isIssued || gone],
      ['code_expired', spentAt > code.expiresAt],
      ...(await flagsOfPeople(redemption)),
    ];
    return flags.filter(([, holds]) => holds).map(([flag]) => flag);
  };
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
