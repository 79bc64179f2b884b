/** How well signals find what was planted in a made year, day by day as a gateway would run them. */
import { createDayReader, type DayRecord } from '../../cloud/signals/day.ts';
import { evaluateDay, findingKey } from '../../cloud/signals/evaluate.ts';
import { withLearntHours } from '../../cloud/signals/hours.ts';
import { BASELINE_DAYS } from '../../cloud/signals/window.ts';
import type { Finding } from '../../shared/findings.ts';
import { SIGNAL_IDS, type SignalId } from '../../shared/signal-policy.ts';
import { FIRST_DAY } from './chain.ts';
import type { Fraud } from './frauds.ts';
import { makeYear, type YearOptions } from './year.ts';

/** Of the events behind a finding, how many a fraud must have made for it to be no false alarm. */
const TRUE_PART = 1 / 3;
const RECORDS_KEPT_DAYS = 28 + BASELINE_DAYS;

export interface SignalScore {
  readonly signal: SignalId;
  readonly planted: number;
  readonly found: number;
  /** Of the planted ones, those not found, by how much of it there was. */
  readonly missed: readonly Fraud[];
  readonly findings: number;
  readonly falseAlarms: number;
  /** Of findings, how many tell of a fraud (of this kind or of another by the same events). Null: no findings. */
  readonly precision: number | null;
  readonly recall: number | null;
  /** Days from a fraud's first event to its first finding: the middle one of those found. */
  readonly medianDays: number | null;
}

export interface YearScore {
  readonly events: number;
  readonly cashierMonths: number;
  readonly signals: readonly SignalScore[];
  readonly falsePerCashierMonth: number;
  readonly seconds: { readonly all: number; readonly signals: number };
  readonly falseOnes: readonly Finding[];
}

export function scoreYear(options: YearOptions, now: () => number, onDay?: (day: number) => void): YearScore {
  const year = makeYear(options);
  const { facts, frauds, planted, chain } = year;
  const reader = createDayReader(facts);
  const records: DayRecord[] = [];
  const findings = new Map<string, { finding: Finding; firstDay: number }>();
  const storeIds = chain.outlets.map(({ id }) => id);
  const started = now();
  let [events, inSignals] = [0, 0];
  for (const { day, events: ofDay } of year.play()) {
    const from = now();
    for (const event of ofDay) reader.see(event);
    events += ofDay.length;
    const end = ofDay.at(-1)?.at ?? 0;
    for (const storeId of storeIds) records.push(reader.take(storeId, day, end + 3_600_000));
    while ((records[0]?.day ?? day) <= day - RECORDS_KEPT_DAYS) records.shift();
    for (const finding of evaluateDay(day, facts, records)) {
      const key = findingKey(finding);
      findings.set(key, { finding, firstDay: findings.get(key)?.firstDay ?? day });
    }
    if ((day - FIRST_DAY) % 7 === 6) reader.learn(withLearntHours(facts, records));
    inSignals += now() - from;
    onDay?.(day - FIRST_DAY);
  }
  const judged = [...findings.values()].map((it) => ({ ...it, isTrue: isTrue(it.finding, planted) }));
  const signals = SIGNAL_IDS.map((signal): SignalScore => {
    const own = judged.filter(({ finding }) => finding.signal === signal);
    const wanted = frauds.filter((fraud) => fraud.signal === signal);
    const finds = wanted.map((fraud) => own.filter(({ finding }) => tellsOf(finding, fraud, planted)));
    const falseAlarms = own.filter((it) => !it.isTrue).length;
    const found = finds.filter(({ length }) => length > 0).length;
    const days = finds
      .flatMap((of, index) => {
        const first = Math.min(...of.map(({ firstDay }) => firstDay));
        return of.length === 0 ? [] : [first - FIRST_DAY - (wanted[index]?.from ?? 0)];
      })
      .sort((a, b) => a - b);
    return {
      ...{ signal, planted: wanted.length, found, findings: own.length, falseAlarms },
      missed: wanted.filter((_, index) => finds[index]?.length === 0),
      precision: own.length === 0 ? null : (own.length - falseAlarms) / own.length,
      recall: wanted.length === 0 ? null : found / wanted.length,
      medianDays: days[Math.floor(days.length / 2)] ?? null,
    };
  });
  const cashierDays = chain.outlets
    .flatMap(({ cashiers }) => cashiers)
    .reduce((sum, { from, until }) => sum + Math.max(0, until - Math.max(0, from)), 0);
  const cashierMonths = cashierDays / (365 / 12);
  const falseOnes = judged.filter((it) => !it.isTrue).map(({ finding }) => finding);
  return {
    ...{ events, cashierMonths, signals, falseOnes },
    falsePerCashierMonth: falseOnes.length / cashierMonths,
    seconds: { all: (now() - started) / 1000, signals: inSignals / 1000 },
  };
}

function isTrue({ eventIds }: Finding, planted: ReadonlyMap<number, number>): boolean {
  return eventIds.filter((id) => planted.has(id)).length >= eventIds.length * TRUE_PART;
}

function tellsOf({ person, eventIds }: Finding, fraud: Fraud, planted: ReadonlyMap<number, number>): boolean {
  if (person.id !== fraud.personId) return false;
  return eventIds.filter((id) => planted.get(id) === fraud.number).length >= eventIds.length * TRUE_PART;
}
