import type { ApprovalView } from '../../../shared/bridge.ts';
import { approvers, toldOf } from '../../approvals/decision.ts';
import { percentText } from '../../approvals/percent-input.ts';
import { useWords } from '../../i18n/use-words.ts';

/** The words of one approval in the person's language. */
export function useApprovalWords(approval: ApprovalView) {
  const { t, language, amount, error } = useWords();
  const { basisPoints, currency } = approval;
  const measures = [
    approval.amount === null ? null : amount(approval.amount, 'deposit', currency),
    basisPoints === null ? null : percentText(basisPoints, language),
  ].filter((text) => text !== null);
  const measure = measures.length === 0 ? null : measures.join(' · ');
  const kindName = approval.kindName[language];

  const told = toldOf(approval);
  const names = new Intl.ListFormat(language, { type: 'conjunction' }).format(approvers(approval));
  const { name = '', reason = '' } = approval.rejection ?? {};
  const decision =
    told === null
      ? null
      : told === 'failed' && approval.error !== null
        ? error(approval.error, { asset: 'deposit', currency })
        : t(`approvals.told.${told}`, { names, name, reason: reason ?? '' });
  return {
    kindName,
    /** 'Rp 350.000', '12,5 %' or both; null: neither. */
    measure,
    /** 'Approved by Dewi'; null while nobody has decided. */
    decision,
    /** 'Void Rp 350.000: Approved by Dewi', for an announcement away from the panel. */
    announcement:
      decision === null
        ? null
        : t('approvals.announce', { what: [kindName, measure].filter(Boolean).join(' '), decision }),
  };
}
