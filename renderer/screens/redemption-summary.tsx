import type { RedemptionView } from '../../shared/bridge.ts';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import { useSaksi } from '../state/hooks.ts';
import layout from './layout.module.css';
import classes from './redemption-summary.module.css';

/** Whose money, how much, what is left: the frame of every screen of a redemption. */
export function RedemptionSummary({ redemption }: { readonly redemption: RedemptionView }) {
  const { t, amount } = useWords();
  const { customer, asset, currency, availableAfter, saleRef } = redemption;
  return (
    <div className={`${layout.card} ${classes.summary}`}>
      <div className={classes.who}>
        <span className={classes.name}>{customer?.name ?? t('summary.unknown')}</span>
        <span className={classes.number}>
          {[customer?.memberNo, customer?.phoneMasked, saleRef].filter(Boolean).join('  ·  ')}
        </span>
      </div>
      <div className={classes.money}>
        <span className={classes.amount}>{amount(redemption.amount, asset, currency)}</span>
        <span className={classes.number}>
          {t(`asset.${asset}`)}
          {availableAfter !== null && `  ·  ${t('summary.rest')}: ${amount(availableAfter, asset, currency)}`}
        </span>
      </div>
    </div>
  );
}

/** A redemption that nobody here began: who did. */
export function StartedByTerminal({ redemption }: { readonly redemption: RedemptionView }) {
  const { t } = useWords();
  const interrupted = useSaksi(({ draft }) => draft.customer !== null || draft.query !== '');
  if (redemption.startedBy !== 'terminal') return null;
  return (
    <Notice tone="info" urgent>
      <p>{t('summary.terminal')}</p>
      {interrupted && <p className={classes.terminalHelp}>{t('summary.terminalHelp')}</p>}
    </Notice>
  );
}
