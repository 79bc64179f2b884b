import { useWords } from '../../i18n/use-words.ts';
import { useActions, useSaksi, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { Counted } from './counted.tsx';
import { Counting } from './counting.tsx';
import { OpenShift } from './open-shift.tsx';
import { Running } from './running.tsx';

/** The cashier's shift: opened with its float, running, counted blind, closed. */
export function ShiftScreen() {
  const { t } = useWords();
  const { cashShift } = useView();
  const { counting } = useSaksi((state) => state.shift);
  const { goTo, setShift } = useActions();
  const open = cashShift?.open ?? null;
  useShortcuts([['Escape', () => (counting ? setShift({ counting: false }) : goTo('redeem'))]]);
  if (cashShift === null) {
    return (
      <div className={layout.empty}>
        <strong>{t('shift.none')}</strong>
      </div>
    );
  }
  if (open === null) return <OpenShift />;
  if (counting && open.may) return <Counting />;
  return open.counted !== null && open.may ? (
    <Counted open={open} counted={open.counted} />
  ) : (
    <Running open={open} />
  );
}
