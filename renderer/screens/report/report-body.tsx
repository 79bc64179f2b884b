import type { ReactNode } from 'react';
import type { ReconciliationView } from '../../../shared/bridge.ts';
import type { Asset } from '../../../shared/money.ts';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './report.module.css';
import { ReportTable } from './report-table.tsx';

interface PartProps {
  readonly report: ReconciliationView;
}

/** The answer first, then both sides, what only one of them has, losses, and the till's own record. */
export function ReportBody({ report }: PartProps) {
  const { t } = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={classes.body} tabIndex={0} aria-label={t('report.title')}>
      <Verdict report={report} />
      {report.unsent > 0 && <Notice tone="wait">{t('report.unsent', { number: report.unsent })}</Notice>}
      {report.cashSales.gateway.flagged > 0 && (
        <Notice tone="bad">
          {t('cashSale.report.flagged', { number: report.cashSales.gateway.flagged })}
        </Notice>
      )}
      {isEmpty(report) ? <p className={layout.card}>{t('report.empty')}</p> : <ReportTable report={report} />}
      <div className={classes.parts}>
        <Missing title={t('report.missingAtGateway')} sales={report.missingAtGateway} />
        <Missing title={t('report.missingAtTill')} sales={report.missingAtTill} />
        <Losses report={report} />
        <Chain report={report} />
      </div>
    </section>
  );
}

function isEmpty({ till, gateway, cashSales }: ReconciliationView): boolean {
  if (cashSales.till.count + cashSales.gateway.count > 0) return false;
  return [till, gateway].every(
    ({ captured, offline, cancelled }) =>
      cancelled.count +
        [captured, offline].reduce((sum, one) => sum + one.deposit.count + one.points.count, 0) ===
      0,
  );
}

function Verdict({ report: { agrees, unsent } }: PartProps) {
  const { t } = useWords();
  if (!agrees) {
    return (
      <Notice tone="bad">
        <p>{t('report.differs')}</p>
        <p className={classes.next}>{t('report.differsHelp')}</p>
      </Notice>
    );
  }
  return <Notice tone="good">{unsent > 0 ? t('report.agreesUnsent') : t('report.agrees')}</Notice>;
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={layout.card} aria-label={title}>
      <h2 className={classes.title}>{title}</h2>
      {children}
    </section>
  );
}

/** Sale references that only one side knows; nothing where there are none. */
function Missing({ title, sales }: { readonly title: string; readonly sales: readonly string[] }) {
  if (sales.length === 0) return null;
  return (
    <Part title={title}>
      <ul className={classes.sales}>
        {sales.map((sale) => (
          <li key={sale}>{sale}</li>
        ))}
      </ul>
    </Part>
  );
}

function Losses({ report: { losses } }: PartProps) {
  const { t, amount, moment } = useWords();
  const currency = useView().till?.currency ?? 'IDR';
  const text = (value: number, asset: Asset) => amount(value, asset, currency);
  return (
    <Part title={t('report.losses')}>
      {losses.length === 0 ? (
        <p className={layout.help}>{t('report.lossesNone')}</p>
      ) : (
        <ul className={classes.losses}>
          {losses.map((loss) => (
            <li key={loss.redemptionId}>
              <span className={classes.lossName}>{loss.customerName}</span>
              <strong>
                {t('report.lossOf', {
                  loss: text(loss.loss, loss.asset),
                  amount: text(loss.amount, loss.asset),
                })}
              </strong>
              <span className={layout.help}>
                {loss.saleRef} · {moment(loss.at)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function Chain({ report: { chain } }: PartProps) {
  const { t, count, moment } = useWords();
  const { countersignedSeq: seq, countersignedAt: at } = chain;
  return (
    <Part title={t('report.chain')}>
      <p className={classes.chain} data-ok={chain.ok}>
        {chain.ok
          ? t('report.chainOk', { number: count(chain.length) })
          : t('report.chainBroken', { number: count(chain.length) })}
      </p>
      <p className={layout.help}>
        {seq === null || at === null
          ? t('report.notCountersigned')
          : t('report.countersigned', { seq: count(seq), time: moment(at) })}
      </p>
    </Part>
  );
}
