import { Button, Loader } from '@mantine/core';
import { IconCloudOff, IconUserSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { CashShiftPage, CashShiftSummary } from '../../../shared/cash-shift.ts';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall, useShortcuts } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import report from '../report/report.module.css';
import classes from './shifts.module.css';

const ONLY = ['all', 'open', 'differing'] as const;
type Only = (typeof ONLY)[number];

/** The store's shifts as the gateway has them, and what was missing per cashier and till: for managers. */
export function ShiftsScreen() {
  const { t, error } = useWords();
  const { goTo } = useActions();
  const list = useCall('cashShift.list');
  const [only, setOnly] = useState<Only>('all');
  const [page, setPage] = useState<CashShiftPage | null>(null);
  const load = async (wanted: Only, after: string | null = null) => {
    const result = await list.run({
      ...(wanted === 'all' ? {} : { only: wanted }),
      ...(after === null ? {} : { after }),
    });
    if (!result?.ok) return;
    const { shifts, next, differences } = result.value;
    setPage((before) =>
      after === null || before === null
        ? result.value
        : { shifts: [...before.shifts, ...shifts], next, differences: differences ?? before.differences },
    );
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is opened
  useEffect(() => {
    void load('all');
  }, []);
  useShortcuts([['Escape', () => goTo('settings')]]);
  const choose = (wanted: Only) => {
    setOnly(wanted);
    setPage(null);
    void load(wanted);
  };
  return (
    <div className={report.page}>
      <div className={report.head}>
        <h1 className={layout.title}>{t('shifts.title')}</h1>
        <div className={classes.choice}>
          <Choice
            label={t('shifts.show')}
            value={only}
            options={ONLY.map((value) => ({ value, text: t(`shifts.only.${value}`) }))}
            onChange={choose}
          />
        </div>
      </div>
      {page === null && list.error !== null ? (
        <div className={layout.empty} role="alert">
          <IconCloudOff size={44} stroke={1.5} aria-hidden />
          <strong>{t('shifts.notLoaded')}</strong>
          <p>{error(list.error)}</p>
          <Button size="lg" autoFocus onClick={() => void load(only)}>
            {t('report.retry')}
          </Button>
        </div>
      ) : page === null ? (
        <div className={layout.empty} role="status">
          <Loader size={36} aria-hidden color="var(--brand)" />
          <strong>{t('report.loading')}</strong>
        </div>
      ) : page.shifts.length === 0 ? (
        <div className={layout.empty} role="status">
          <IconUserSearch size={44} stroke={1.5} aria-hidden />
          <strong>{t('shifts.nothing')}</strong>
        </div>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        <section className={report.body} tabIndex={0} aria-label={t('shifts.title')}>
          <Differences page={page} />
          <Shifts shifts={page.shifts} />
          {page.next !== null && (
            <Button variant="default" loading={list.busy} onClick={() => void load(only, page.next)}>
              {t('shifts.more')}
            </Button>
          )}
        </section>
      )}
    </div>
  );
}

function Differences({ page: { differences, shifts } }: { readonly page: CashShiftPage }) {
  const { t, amount, count } = useWords();
  const currency = shifts[0]?.currency ?? 'IDR';
  const money = (value: number) => amount(value, 'deposit', currency);
  if (differences === null || differences.length === 0) return null;
  return (
    <table className={report.table}>
      <caption className={classes.caption}>{t('shifts.differences')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('shifts.cashier')}</th>
          <th scope="col">{t('shifts.till')}</th>
          <th scope="col">{t('shifts.count')}</th>
          <th scope="col">{t('shifts.missing')}</th>
          <th scope="col">{t('shifts.surplus')}</th>
        </tr>
      </thead>
      <tbody>
        {differences.map((one) => (
          <tr key={`${one.cashierId}/${one.tillId}`}>
            <th scope="row">{one.cashier ?? t('shifts.unknown')}</th>
            <td>{one.tillName}</td>
            <td>{count(one.shifts)}</td>
            <td>{t('shifts.times', { number: count(one.short), amount: money(one.missing) })}</td>
            <td>{t('shifts.times', { number: count(one.over), amount: money(one.surplus) })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Shifts({ shifts }: { readonly shifts: readonly CashShiftSummary[] }) {
  const { t, amount, moment } = useWords();
  return (
    <table className={report.table}>
      <caption className={classes.caption}>{t('shifts.list')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('shifts.cashier')}</th>
          <th scope="col">{t('shifts.opened')}</th>
          <th scope="col">{t('shifts.z')}</th>
          <th scope="col">{t('shift.countedSum')}</th>
          <th scope="col">{t('shift.difference')}</th>
        </tr>
      </thead>
      <tbody>
        {shifts.map(({ id, cashier, tillName, openedAt, currency, closed, flags }) => (
          <tr key={id} data-differs={closed !== null && closed.difference !== 0}>
            <th scope="row">
              {cashier ?? t('shifts.unknown')}
              <span className={classes.till}>{tillName}</span>
              {flags.map((flag) => (
                <span key={flag} className={classes.flag}>
                  {t(`shifts.flag.${flag}`)}
                </span>
              ))}
              {closed?.reason != null && <span className={classes.till}>{closed.reason}</span>}
            </th>
            <td>{moment(openedAt)}</td>
            <td>{closed === null ? t('shifts.isOpen') : closed.zNo}</td>
            <td>{closed === null ? '–' : amount(closed.counted, 'deposit', currency)}</td>
            <td>{closed === null ? '–' : amount(closed.difference, 'deposit', currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
