import type { MessageCost } from '../../../shared/message-log.ts';
import type { useWords } from '../../i18n/use-words.ts';

/** 'Rp 367', 'Rp 367 (held)', 'Free', 'Given back'; null where it is not known. */
export function costText(
  cost: MessageCost | null,
  { t, amount }: Pick<ReturnType<typeof useWords>, 't' | 'amount'>,
): string | null {
  if (cost === null) return null;
  return t(`messageCost.${cost.state}`, { amount: amount(cost.amount, 'deposit', cost.currency) });
}
