import type { ReconciliationView } from '../../../shared/bridge.ts';
import { useWords } from '../../i18n/use-words.ts';
import { useView } from '../../state/hooks.ts';
import classes from './report.module.css';

const WAYS = ['captured', 'offline'] as const;
const ASSETS = ['deposit', 'points'] as const;

/** Counts and sums of both sides, by way and asset, and by how much they differ. */
export function ReportTable({ report }: { readonly report: ReconciliationView }) {
  const { t, amount } = useWords();
  const currency = useView().till?.currency ?? 'IDR';
  const rows = [
    ...WAYS.flatMap((way) =>
      ASSETS.map((asset) => ({
        key: `${way}.${asset}`,
        name: t(`report.row.${way}`, { asset: t(`asset.${asset}`) }),
        till: report.till[way][asset],
        gateway: report.gateway[way][asset],
        sum: (value: number) => amount(value, asset, currency),
      })),
    ),
    {
      key: 'cash',
      name: t('cashSale.report.row'),
      ...report.cashSales,
      sum: (value: number) => amount(value, 'deposit', currency),
    },
    {
      key: 'cancelled',
      name: t('report.row.cancelled'),
      till: { count: report.till.cancelled.count, sum: 0 },
      gateway: { count: report.gateway.cancelled.count, sum: 0 },
      sum: null,
    },
  ];
  const cell = ({ count, sum }: { count: number; sum: number }, text: ((value: number) => string) | null) => (
    <>
      <span className={classes.count}>{t('report.times', { number: count })}</span>
      {text !== null && <span className={classes.sum}>{text(sum)}</span>}
    </>
  );
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('report.what')}</th>
          <th scope="col">{t('report.till')}</th>
          <th scope="col">{t('report.gateway')}</th>
          <th scope="col">{t('report.difference')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, till, gateway, sum }) => {
          const differs = till.count !== gateway.count || till.sum !== gateway.sum;
          return (
            <tr key={key} data-row={key} data-differs={differs}>
              <th scope="row">
                {name}{' '}
                {key === 'cash' && (
                  <span className={classes.count}>
                    {t('cashSale.report.granted', { number: report.cashSales.gateway.granted })}
                  </span>
                )}
              </th>
              <td>{cell(till, sum)}</td>
              <td>{cell(gateway, sum)}</td>
              <td>
                {differs
                  ? cell({ count: till.count - gateway.count, sum: till.sum - gateway.sum }, sum)
                  : t('report.same')}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
