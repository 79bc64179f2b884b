import { Button, Loader } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconCloudOff, IconPrinter } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { ReconciliationView } from '../../../shared/bridge.ts';
import { useWords } from '../../i18n/use-words.ts';
import { type Day, dateText, dayOf, dayOfText } from '../../report/day.ts';
import { useActions, useCall, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './report.module.css';
import { ReportBody } from './report-body.tsx';

/** One day of this till beside what the gateway has booked for it: for managers, on screen and on paper. */
export function Report() {
  const { t, error, day: dayText } = useWords();
  const { till } = useView();
  const { goTo } = useActions();
  const reconcile = useCall('report.reconcile');
  const [day, setDay] = useState<Day>(() => dayOf(Date.now()));
  const [report, setReport] = useState<ReconciliationView | null>(null);
  const today = dayOf(Date.now());
  const load = async (wanted: Day) => {
    setDay(wanted);
    setReport(null);
    const result = await reconcile.run(wanted);
    if (result?.ok) setReport(result.value.report);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: today, once, when the page is opened
  useEffect(() => {
    void load(day);
  }, []);
  useShortcuts([['Escape', () => goTo('settings')]]);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <div>
          <h1 className={layout.title}>{t('report.title')}</h1>
          <p className={layout.help}>
            {[till?.storeName, till?.name, dayText(day.from)].filter(Boolean).join('  ·  ')}
          </p>
        </div>
        <div className={classes.tools}>
          <Button
            variant="default"
            aria-label={t('report.before')}
            disabled={reconcile.busy}
            onClick={() => void load(dayOf(day.from, -1))}
          >
            <IconChevronLeft size={20} aria-hidden />
          </Button>
          <input
            type="date"
            className={classes.date}
            aria-label={t('report.day')}
            value={dateText(day)}
            max={dateText(today)}
            disabled={reconcile.busy}
            onChange={(event) => {
              const chosen = dayOfText(event.target.value);
              if (chosen !== null) void load(chosen);
            }}
          />
          <Button
            variant="default"
            aria-label={t('report.after')}
            disabled={reconcile.busy || day.from >= today.from}
            onClick={() => void load(dayOf(day.from, 1))}
          >
            <IconChevronRight size={20} aria-hidden />
          </Button>
          <Button
            variant="default"
            disabled={report === null}
            leftSection={<IconPrinter size={18} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('report.print')}
          </Button>
        </div>
      </div>
      {report !== null ? (
        <ReportBody report={report} />
      ) : reconcile.error !== null ? (
        <div className={layout.empty} role="alert">
          <IconCloudOff size={44} stroke={1.5} aria-hidden />
          <strong>{t('report.notLoaded')}</strong>
          <p>{error(reconcile.error)}</p>
          <Button size="lg" autoFocus onClick={() => void load(day)}>
            {t('report.retry')}
          </Button>
        </div>
      ) : (
        <div className={layout.empty} role="status">
          <Loader size={36} aria-hidden color="var(--brand)" />
          <strong>{t('report.loading')}</strong>
        </div>
      )}
    </div>
  );
}
