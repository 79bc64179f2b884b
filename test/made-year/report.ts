import type { YearScore } from './score.ts';
import type { YearOptions } from './year.ts';

/** The table that `npm run signals` prints; with `details` also what was missed and each false alarm. */
export function describeScore(options: YearOptions, score: YearScore, details: boolean): string {
  const { signals, cashierMonths, events, seconds, falsePerCashierMonth } = score;
  const rows = [
    [
      'signal',
      'planted',
      'found',
      'recall',
      'findings',
      'false',
      'precision',
      'false/cashier-month',
      'days to find',
    ],
    ...signals.map((it) => [
      it.signal,
      String(it.planted),
      String(it.found),
      percent(it.recall),
      String(it.findings),
      String(it.falseAlarms),
      percent(it.precision),
      (it.falseAlarms / cashierMonths).toFixed(4),
      it.medianDays === null ? '-' : String(it.medianDays),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  );
  const sum = (of: (it: (typeof signals)[number]) => number) =>
    signals.reduce((total, it) => total + of(it), 0);
  const findings = sum((it) => it.findings);
  const falseAlarms = sum((it) => it.falseAlarms);
  const { outlets, days, seed } = options;
  lines.push(
    '',
    `${outlets} outlets, ${days} days, seed ${seed}: ${events} events, ${Math.round(cashierMonths)} cashier-months`,
    `planted ${sum((it) => it.planted)}, found ${sum((it) => it.found)} (recall ${percent(
      sum((it) => it.found) /
        Math.max(
          1,
          sum((it) => it.planted),
        ),
    )})`,
    `findings ${findings}, false alarms ${falseAlarms} (precision ${percent((findings - falseAlarms) / Math.max(1, findings))}), ${falsePerCashierMonth.toFixed(4)} per cashier and month`,
    `${seconds.all.toFixed(1)} s, of which signals ${seconds.signals.toFixed(1)} s`,
  );
  if (details) {
    for (const { signal, missed } of signals) {
      for (const { level, from, until } of missed)
        lines.push(`missed: ${signal}, ${level}, days ${from} to ${until}`);
    }
    for (const { signal, person, window, figures } of score.falseOnes) {
      const { count, expected, z } = figures;
      lines.push(
        `false: ${signal}, ${person.kind} ${person.id.slice(-4)}, day ${window.from}: ${count} for ${expected}, z ${z}`,
      );
    }
  }
  return lines.join('\n');
}

function percent(part: number | null): string {
  return part === null ? '-' : `${(part * 100).toFixed(1)} %`;
}
