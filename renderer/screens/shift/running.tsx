import { Button } from '@mantine/core';
import { IconArrowDownLeft, IconArrowUpRight, IconReceipt } from '@tabler/icons-react';
import { useState } from 'react';
import type { TillView } from '../../../shared/bridge.ts';
import { EMPTY_ASK } from '../../approvals/ask-draft.ts';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { EMPTY_SHIFT } from '../../shift/count-draft.ts';
import { useActions, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { LastClosed } from './open-shift.tsx';
import { PayDialog } from './pay-dialog.tsx';
import classes from './shift.module.css';
import { TakeOver } from './take-over.tsx';
import { XReport } from './x-report.tsx';

type Open = NonNullable<NonNullable<TillView['cashShift']>['open']>;
type Shown = 'x' | 'in' | 'out' | null;

/** A shift that runs: what is known of it, cash in and out, the X, and the way to its end. */
export function Running({ open }: { readonly open: Open }) {
  const { t, amount, moment, count } = useWords();
  const { cashShift, till, status } = useView();
  const { openPanel, setAsk, setShift } = useActions();
  const [shown, setShown] = useState<Shown>(null);
  const currency = till?.currency ?? 'IDR';
  const money = (value: number) => amount(value, 'deposit', currency);
  const offline = status.gateway.state === 'offline';
  const ask = (kind: string) => {
    setAsk({ ...EMPTY_ASK, kind });
    openPanel('ask');
  };
  const pay = (way: 'in' | 'out') => {
    const kind = cashShift?.kinds[way] ?? null;
    if ((cashShift?.freeBelow[way] ?? 0) > 0) setShown(way);
    else if (kind !== null) ask(kind);
  };
  const payable = (way: 'in' | 'out') =>
    open.may && ((cashShift?.freeBelow[way] ?? 0) > 0 || (cashShift?.kinds[way] ?? null) !== null);
  const begin = () => setShift({ ...EMPTY_SHIFT, counting: true });
  const float = cashShift?.kinds.float ?? null;
  useShortcuts([
    ['F8', open.may ? () => setShown('x') : undefined],
    ['Enter', open.may ? begin : undefined],
  ]);
  return (
    <div className={layout.split}>
      <section className={layout.left}>
        <div className={classes.head}>
          <h1 className={layout.title}>{t('shift.running', { name: open.cashier })}</h1>
          <p className={layout.help}>{t('shift.since', { time: moment(open.openedAt) })}</p>
        </div>
        {open.leftOpen && <Notice tone="wait">{t('shift.leftOpen')}</Notice>}
        {offline && <Notice tone="info">{t('shift.offline')}</Notice>}
        <dl className={`${classes.facts} ${layout.card}`}>
          <dt>{t('shift.float')}</dt>
          <dd>{money(open.float)}</dd>
          <dt>{t('shift.paidIn', { number: count(open.paidIn.count) })}</dt>
          <dd>{money(open.paidIn.sum)}</dd>
          <dt>{t('shift.paidOut', { number: count(open.paidOut.count) })}</dt>
          <dd>{money(open.paidOut.sum)}</dd>
        </dl>
        <p className={layout.help}>{t('shift.blind')}</p>
        {open.may ? (
          <div className={classes.acts}>
            <Button
              variant="default"
              size="lg"
              className={classes.wide ?? ''}
              disabled={!payable('in')}
              leftSection={<IconArrowDownLeft size={20} aria-hidden />}
              onClick={() => pay('in')}
            >
              {t('shift.in')}
            </Button>
            <Button
              variant="default"
              size="lg"
              className={classes.wide ?? ''}
              disabled={!payable('out')}
              leftSection={<IconArrowUpRight size={20} aria-hidden />}
              onClick={() => pay('out')}
            >
              {t('shift.out')}
            </Button>
            <Button
              variant="default"
              size="lg"
              className={classes.wide ?? ''}
              disabled={float === null}
              onClick={() => float !== null && ask(float)}
            >
              {t('shift.changeFloat')}
            </Button>
          </div>
        ) : (
          <TakeOver open={open} />
        )}
      </section>
      <section className={layout.right}>
        {open.may && (
          <>
            <Button
              size="xl"
              className={classes.go ?? ''}
              autoFocus
              rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
              onClick={begin}
            >
              {t('shift.toCount')}
            </Button>
            <Button
              variant="default"
              size="lg"
              className={classes.wide ?? ''}
              leftSection={<IconReceipt size={20} aria-hidden />}
              rightSection={<KeyHint>F8</KeyHint>}
              onClick={() => setShown('x')}
            >
              {t('shift.x')}
            </Button>
          </>
        )}
        {!open.mine && open.may && <TakeOver open={open} />}
        <LastClosed />
      </section>
      {shown === 'x' && <XReport onClose={() => setShown(null)} />}
      {(shown === 'in' || shown === 'out') && (
        <PayDialog
          way={shown}
          onClose={() => setShown(null)}
          onAsk={(digits) => {
            const kind = cashShift?.kinds[shown] ?? null;
            setShown(null);
            if (kind === null) return;
            setAsk({ ...EMPTY_ASK, kind, digits });
            openPanel('ask');
          }}
        />
      )}
    </div>
  );
}
