import { Button, Loader } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { CashReport } from '../../../shared/cash-shift.ts';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './shift.module.css';

/** The X: so far. It changes nothing, and before the count it does not tell a cashier what should be there. */
export function XReport({ onClose }: { onClose(): void }) {
  const { t, error } = useWords();
  const load = useCall('cashShift.report');
  const print = useCall('cashShift.printX');
  const [report, setReport] = useState<CashReport | null>(null);
  const [printed, setPrinted] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is opened
  useEffect(() => {
    void load.run({}).then((result) => {
      if (result?.ok) setReport(result.value.report);
    });
  }, []);
  const failed = load.error ?? print.error;
  return (
    <Dialog title={t('shift.x')} size={620} onClose={onClose}>
      {report !== null ? (
        <ReportRows report={report} />
      ) : load.error === null ? (
        <div className={layout.empty} role="status">
          <Loader size={32} aria-hidden color="var(--brand)" />
          <strong>{t('report.loading')}</strong>
        </div>
      ) : null}
      {failed !== null && (
        <Notice tone="bad" urgent>
          {error(failed)}
        </Notice>
      )}
      <p className={layout.hidden} role="status">
        {printed ? t('shift.xPrinted') : ''}
      </p>
      <DialogButtons>
        <Button
          size="lg"
          variant="default"
          data-autofocus
          rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          onClick={onClose}
        >
          {t('attention.back')}
        </Button>
        <Button
          size="lg"
          disabled={report === null}
          loading={print.busy}
          leftSection={<IconPrinter size={20} aria-hidden />}
          onClick={async () => setPrinted((await print.run({}))?.ok === true)}
        >
          {printed ? t('shift.xPrinted') : t('shift.print')}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

function ReportRows({ report }: { readonly report: CashReport }) {
  const { t, amount, language, count } = useWords();
  const money = (value: number) => amount(value, 'deposit', report.currency);
  const { openings, redemptions } = report;
  const rows: (readonly [string, string])[] = [
    [t('shift.float'), money(report.float)],
    [
      t('shift.sales', { number: count(report.sales.count) }),
      report.sales.sum === null ? t('shift.afterCount') : money(report.sales.sum),
    ],
    ...report.moves.map(({ name, way, count: times, sum }) => {
      const label = name?.[language] ?? t(`shift.${way}`);
      return [`${label} (${count(times)})`, money(way === 'in' ? sum : -sum)] as const;
    }),
    [t('shift.expected'), report.expected === null ? t('shift.afterCount') : money(report.expected)],
    [t('shift.redeemed', { number: count(redemptions.deposit.count) }), money(redemptions.deposit.sum)],
    [
      t('shift.redeemedPoints', { number: count(redemptions.points.count) }),
      amount(redemptions.points.sum, 'points', report.currency),
    ],
    ...report.approvals.map(({ name, count: times, sum }) => {
      return [`${name[language]} (${count(times)})`, sum === 0 ? count(times) : money(sum)] as const;
    }),
    [t('shift.openings'), count(openings.cashSale + openings.redemption + openings.approval)],
    [t('shift.unexplained'), count(openings.unexplained)],
    [t('shift.reprints'), count(report.reprints)],
    [t('shift.slipsFailed'), count(report.slipsFailed)],
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
    <section className={classes.report} tabIndex={0} aria-label={t('shift.x')}>
      <dl className={classes.facts}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
