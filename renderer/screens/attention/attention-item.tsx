import { Button } from '@mantine/core';
import { useState } from 'react';
import type { OutboxItemView } from '../../../shared/bridge.ts';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { clockText } from '../../state/countdown.ts';
import { useCall, useSecondsLeft, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './attention.module.css';
import type { Done } from './attention.tsx';
import { CustomerDialog } from './customer-dialog.tsx';
import { HandOverDialog } from './hand-over-dialog.tsx';

interface ItemProps {
  readonly item: OutboxItemView;
  onDone(what: Done): void;
}

/** One item: what it is, why it was not taken, and what can be done. */
export function AttentionItem({ item, onDone }: ItemProps) {
  const { t, amount, moment, error } = useWords();
  const currency = useView().till?.currency ?? 'IDR';
  const retry = useCall('outbox.retry');
  const [dialog, open] = useState<'editCustomer' | 'handOver' | null>(null);
  const finished = (what: Done) => {
    open(null);
    onDone(what);
  };
  const tryAgain = async () => {
    const result = await retry.run({ itemId: item.id });
    if (result?.ok) onDone('retry');
  };
  const act = {
    retry: () => void tryAgain(),
    editCustomer: () => open('editCustomer'),
    handOver: () => open('handOver'),
  };
  return (
    <section className={`${layout.card} ${classes.item}`} aria-label={t('attention.what')}>
      <div className={classes.top}>
        <h2 className={classes.kind}>{t(`attention.kind.${item.kind}`)}</h2>
        {item.amount !== null && (
          <p className={classes.big}>{amount(item.amount, item.asset ?? 'deposit', currency)}</p>
        )}
      </div>
      <p className={layout.help}>
        {[
          item.customerName,
          item.asset === null ? null : t(`asset.${item.asset}`),
          item.saleRef === null ? null : `${t('summary.sale')} ${item.saleRef}`,
        ]
          .filter(Boolean)
          .join('  ·  ')}
      </p>
      <p className={layout.help}>{t('attention.facts', { time: moment(item.at), number: item.attempts })}</p>
      <Notice tone={item.state === 'refused' ? 'bad' : 'info'}>
        <p>
          {item.reason === null ? t('attention.noReason') : error(item.reason, reasonContext(item, currency))}
        </p>
        {item.state === 'pending' && <NextTry leftMs={item.nextTryInMs} />}
      </Notice>
      {retry.error !== null && (
        <Notice tone="bad" urgent>
          {error(retry.error)}
        </Notice>
      )}
      <div className={classes.actions}>
        {item.actions.length === 0 && <p className={layout.help}>{t('attention.nothing')}</p>}
        {item.actions.map((action, index) => (
          <Button
            key={action}
            data-action={action}
            size="lg"
            variant={index === 0 ? 'filled' : 'default'}
            loading={action === 'retry' && retry.busy}
            onClick={act[action]}
          >
            {t(`attention.action.${action}`)}
          </Button>
        ))}
      </div>
      {dialog === 'editCustomer' && (
        <CustomerDialog item={item} onDone={() => finished('editCustomer')} onClose={() => open(null)} />
      )}
      {dialog === 'handOver' && (
        <HandOverDialog item={item} onDone={() => finished('handOver')} onClose={() => open(null)} />
      )}
    </section>
  );
}

function reasonContext(
  { asset }: OutboxItemView,
  currency: NonNullable<ReturnType<typeof useView>['till']>['currency'],
) {
  return asset === null ? {} : { asset, currency };
}

function NextTry({ leftMs }: { readonly leftMs: number | null }) {
  const { t } = useWords();
  const seconds = useSecondsLeft(leftMs);
  if (seconds === null) return null;
  return (
    <p className={classes.next}>
      {seconds === 0 ? t('attention.trying') : t('attention.nextTry', { time: clockText(seconds) })}
    </p>
  );
}
