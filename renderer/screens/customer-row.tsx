import { useEffect, useRef } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { useView } from '../state/hooks.ts';
import type { FoundCustomer } from '../state/store.ts';
import classes from './customer-step.module.css';
import layout from './layout.module.css';

interface CustomerRowProps {
  readonly id: string;
  readonly customer: FoundCustomer;
  readonly highlighted: boolean;
  /** How old its balances are; null: fresh from the gateway. */
  readonly ageMs?: number | null;
  onChoose(): void;
}

/** One customer who matches: who they are, and what they have. */
export function CustomerRow({ id, customer, highlighted, ageMs = null, onChoose }: CustomerRowProps) {
  const { t, amount, ago } = useWords();
  const currency = useView().till?.currency ?? 'IDR';
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (highlighted) row.current?.scrollIntoView({ block: 'nearest' });
  }, [highlighted]);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus (aria-activedescendant)
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field chooses
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={highlighted}
      className={classes.row}
      onClick={onChoose}
    >
      <div className={classes.who}>
        <span className={classes.name}>{customer.name}</span>
        <span className={classes.number}>
          {[customer.memberNo, customer.phoneMasked ?? t('redeem.noPhone')].filter(Boolean).join('  ·  ')}
        </span>
      </div>
      <div className={classes.balances}>
        {customer.balances.length === 0 && <span className={layout.muted}>{t('redeem.noBalance')}</span>}
        {customer.balances.map(({ asset, available }) => (
          <span key={asset} className={classes.balance}>
            <span className={classes.asset}>
              {t(`asset.${asset}`)}
              {ageMs !== null && ` · ${ago(ageMs)}`}
            </span>
            <span className={classes.value}>{amount(available, asset, currency)}</span>
          </span>
        ))}
      </div>
    </div>
  );
}
