/** What a customer writes to end notices, or to have them again: one word, in any of the languages. */

import type { Trx } from '../approvals/ports.ts';
import { setConsent } from '../channels/consents.ts';
import { searchForm } from '../customers/customers.ts';
import type { CustomersTable } from '../db/schema.ts';
import type { InboundMessage } from './inbound.ts';

const WORDS: ReadonlyMap<string, boolean> = new Map([
  ...['stop', 'berhenti', 'dur'].map((word) => [word, false] as const),
  ...['start', 'mulai', 'baslat'].map((word) => [word, true] as const),
]);

/** Whether it asks for notices (true) or for their end (false); null: it is about something else. The word stands alone. */
export function consentWord(text: string): boolean | null {
  const word = searchForm(text).replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  return WORDS.get(word) ?? null;
}

/**
 * Writes down what the sender said, in every store where the number is a customer's: they wrote to the one number of all.
 * @returns those customers, by age; none: the sender is nobody's customer
 */
export async function takeConsent(
  trx: Trx,
  { from, wamid }: Pick<InboundMessage, 'from' | 'wamid'>,
  { given, at }: { readonly given: boolean; readonly at: number },
): Promise<Pick<CustomersTable, 'id' | 'store_id' | 'language'>[]> {
  if (from === undefined) return [];
  const customers = await trx
    .selectFrom('customers')
    .select(['id', 'store_id', 'language'])
    .where('phone_e164', '=', from.startsWith('+') ? from : `+${from}`)
    .orderBy('id')
    .execute();
  for (const { id: customerId, store_id: storeId } of customers) {
    const change = { purpose: 'notices', how: 'whatsapp', source: wamid } as const;
    await setConsent(trx, { ...change, customerId, storeId, given, at });
  }
  return customers;
}
