import { Button } from '@mantine/core';
import { IconCloudOff, IconReceiptOff } from '@tabler/icons-react';
import type { CopyReason, TillView } from '../../shared/bridge.ts';
import { KeyHint } from '../components/key-hint.tsx';
import { Notice } from '../components/notice.tsx';
import { SlipButton } from '../components/slip-button.tsx';
import { useWords } from '../i18n/use-words.ts';
import { isStuck } from '../slips.ts';
import { useActions, useCall, useShortcuts, useView } from '../state/hooks.ts';
import layout from './layout.module.css';
import classes from './recent.module.css';

type RecentRow = TillView['recent'][number];

/** The last redemptions of this till, to print a slip again. */
export function Recent() {
  const { t, error } = useWords();
  const { recent } = useView();
  const { goTo } = useActions();
  const reprint = useCall('redemption.reprint');
  useShortcuts([['Escape', () => goTo('redeem')]]);
  return (
    <div className={classes.page}>
      <div className={`${layout.row} ${layout.between}`}>
        <div>
          <h1 className={layout.title}>{t('recent.title')}</h1>
          <p className={layout.help}>{t('recent.help')}</p>
        </div>
        <Button
          variant="default"
          size="md"
          autoFocus
          rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          onClick={() => goTo('redeem')}
        >
          {t('settings.key.redeem')}
        </Button>
      </div>
      {reprint.error !== null && (
        <Notice tone="bad" urgent>
          {error(reprint.error)}
        </Notice>
      )}
      {recent.length === 0 ? (
        <div className={layout.empty}>
          <IconReceiptOff size={44} stroke={1.5} aria-hidden />
          <strong>{t('recent.empty')}</strong>
          <p>{t('recent.emptyHelp')}</p>
        </div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
        <section className={classes.scroll} tabIndex={0} aria-label={t('recent.title')}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('recent.time')}</th>
                <th scope="col">{t('recent.customer')}</th>
                <th scope="col" className={classes.right}>
                  {t('recent.amount')}
                </th>
                <th scope="col">{t('recent.state')}</th>
                <th scope="col">{t('recent.slip')}</th>
              </tr>
            </thead>
            <tbody>
              {recent.map((row) => (
                <Row
                  key={row.id}
                  row={row}
                  busy={reprint.busy}
                  onPrint={(reason) => void reprint.run({ redemptionId: row.id, ...(reason && { reason }) })}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}

interface RowProps {
  readonly row: RecentRow;
  readonly busy: boolean;
  onPrint(reason?: CopyReason): void;
}

function Row({ row, busy, onPrint }: RowProps) {
  const { t, amount, time } = useWords();
  const { stage, slip, settlement, asset, currency, customer } = row;
  const note = settlement === 'queued' || settlement === 'refused' ? t(`recent.${settlement}`) : null;
  return (
    <tr>
      <td className={classes.time}>{time(row.at)}</td>
      <td>
        <span className={classes.name}>{customer?.name ?? t('summary.unknown')}</span>
        <span className={classes.sale}>
          {t('summary.sale')} {row.saleRef}
        </span>
        {row.offline && (
          <span className={classes.offline}>
            <IconCloudOff size={16} aria-hidden />
            {t('recent.offline')}
          </span>
        )}
      </td>
      <td className={`${classes.right} ${classes.amount}`}>{amount(row.amount, asset, currency)}</td>
      <td>
        <span className={classes.stage} data-stage={stage}>
          {t(`recent.stage.${stage}`)}
        </span>
        {note !== null && (
          <span className={classes.note} data-bad={settlement === 'refused'}>
            {note}
          </span>
        )}
      </td>
      <td>{stage === 'done' ? <Slip slip={slip} busy={busy} onPrint={onPrint} /> : null}</td>
    </tr>
  );
}

function Slip({ slip, busy, onPrint }: { readonly slip: RecentRow['slip'] } & Omit<RowProps, 'row'>) {
  const { t } = useWords();
  return (
    <div className={classes.slip}>
      <SlipButton slip={slip} busy={busy} size="md" onPrint={onPrint} />
      <span className={classes.copies}>
        {isStuck(slip)
          ? t(slip.goesOn ? 'result.slip.goesOn' : 'result.slip.failed')
          : slip.copiesLeft > 0
            ? t('result.copies', { number: slip.copiesLeft })
            : t('result.copiesNone')}
      </span>
    </div>
  );
}
