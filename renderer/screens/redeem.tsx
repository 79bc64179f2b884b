import { useSaksi } from '../state/hooks.ts';
import { AmountStep } from './amount-step.tsx';
import { CustomerStep } from './customer-step.tsx';

/** A redemption is made ready: first who, then how much. */
export function Redeem() {
  const customer = useSaksi((state) => state.draft.customer);
  return customer === null ? <CustomerStep /> : <AmountStep key={customer.id} customer={customer} />;
}
