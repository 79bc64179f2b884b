import { Notice } from '../../components/notice.tsx';
import { SlipButton } from '../../components/slip-button.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { EMPTY_SHIFT } from '../../shift/count-draft.ts';
import { useActions, useCall, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { CountEntry } from './count-entry.tsx';
import classes from './shift.module.css';

/** None is open: the float is counted. One that is not what was left is said aloud. */
export function OpenShift() {
  const { t, amount, error } = useWords();
  const { cashShift, till } = useView();
  const { setShift } = useActions();
  const open = useCall('cashShift.open');
  const currency = till?.currency ?? 'IDR';
  const money = (value: number) => amount(value, 'deposit', currency);
  const lastLeft = cashShift?.lastLeft ?? null;
  const usual = cashShift?.usualFloat ?? 0;
  const help = [
    cashShift?.mode === 'required' ? t('shift.openNeeded') : t('shift.openHelp'),
    usual > 0 ? t('shift.usual', { amount: money(usual) }) : '',
  ];
  return (
    <CountEntry
      title={t('shift.open')}
      help={help.join(' ').trim()}
      submit={t('shift.openNow')}
      busy={open.busy}
      note={(count) => {
        if (open.error !== null) {
          return (
            <Notice tone="bad" urgent>
              {error(open.error)}
            </Notice>
          );
        }
        if (count === null || lastLeft === null || count.sum === lastLeft) return null;
        return <Notice tone="wait">{t('shift.otherFloat', { left: money(lastLeft) })}</Notice>;
      }}
      side={<LastClosed />}
      onSubmit={async (count) => {
        const result = await open.run({ count });
        if (result?.ok) setShift(EMPTY_SHIFT);
      }}
    />
  );
}

/** The last Z, to be printed again. */
export function LastClosed() {
  const { t, amount, moment, error } = useWords();
  const { cashShift, till } = useView();
  const reprint = useCall('cashShift.reprint');
  const last = cashShift?.last ?? null;
  if (last === null) return null;
  const currency = till?.currency ?? 'IDR';
  return (
    <div className={classes.last}>
      <p className={layout.help}>
        <strong>{t('shift.z', { number: last.zNo })}</strong>
        {`  ${moment(last.closedAt)}, ${last.cashier}`}
        <br />
        {t('shift.differenceOf', { amount: amount(last.difference, 'deposit', currency) })}
      </p>
      <SlipButton
        slip={last.slip}
        busy={reprint.busy}
        size="md"
        onPrint={(reason) =>
          void reprint.run({ shiftId: last.id, ...(reason === undefined ? {} : { reason }) })
        }
      />
      {(reprint.error ?? last.slip.error) !== null && (
        <Notice tone="bad">
          {error(
            reprint.error ?? last.slip.error ?? { code: 'internal', message: '', params: {}, retry: true },
          )}
        </Notice>
      )}
    </div>
  );
}
