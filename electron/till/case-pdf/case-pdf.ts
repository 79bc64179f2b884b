/**
 * A case on paper: cover, summary, findings with their figures, events with their place in a chain, signed heads, and all that was
 * done. It shows what the evidence file proves, and names that file by its hash. Numbers of phones are covered.
 */
import type { CaseDetail, CaseEvent } from '../../../shared/cases.ts';
import type { Language } from '../../../shared/errors.ts';
import { type Currency, formatAmount } from '../../../shared/money.ts';
import { type AllWords, allWordsIn, fill } from '../message-pdf/words.ts';
import { type EvidenceSummary, summariseEvidence } from './evidence-lines.ts';
import { openPaper, type Paper } from './paper.ts';

const DAY_MS = 86_400_000;
/** Between the rows: everything else of the process has its turn. */
const ROWS_PER_TURN = 5;
const FIGURES = ['count', 'expected', 'exposure', 'value', 'median', 'mad', 'z'] as const;

export interface CasePdf {
  readonly detail: CaseDetail;
  /** The evidence file. */
  readonly evidence: string;
  readonly storeName: string;
  readonly currency: Currency;
  readonly timezone: string;
  readonly language: Language;
  /** Who asked for it. */
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
}

interface Telling extends CasePdf {
  readonly paper: Paper;
  readonly words: AllWords;
  readonly proof: EvidenceSummary;
  readonly moment: (at: number) => string;
  readonly turn: () => Promise<void>;
}

/** `turn` resolves once everything else has had its turn. */
export async function makeCasePdf(input: CasePdf, turn: () => Promise<void>): Promise<Buffer> {
  const { language, timezone, detail, at } = input;
  const words = allWordsIn(language);
  const { casePdf } = words;
  const title = fill(casePdf.title, { number: detail.case.number });
  const time = new Intl.DateTimeFormat(language, {
    ...{ timeZone: timezone, dateStyle: 'short', timeStyle: 'medium', hour12: false },
  });
  const telling: Telling = {
    ...{ ...input, words, turn, moment: (epochMs) => time.format(epochMs) },
    proof: await summariseEvidence(input.evidence),
    paper: await openPaper({ title, language, at }),
  };
  writeCover(telling, title);
  writeFindings(telling);
  await writeEvents(telling);
  writeHeads(telling);
  await writeSteps(telling);
  return telling.paper.end((page, pages) => `${title} · ${fill(casePdf.page, { page, pages })}`);
}

function writeCover(telling: Telling, title: string): void {
  const { paper, words, detail, proof, moment, storeName, by, at } = telling;
  const { casePdf, cases } = words;
  const { status, outcome, assignee, openedBy, openedAt } = detail.case;
  paper.page();
  paper.line(storeName);
  paper.line(title, { size: 'title', bold: true });
  paper.line(masked(detail.case.title), { size: 'heading' });
  paper.gap(10);
  const state = cases.statuses[status];
  paper.fact(casePdf.status, outcome === null ? state : `${state}: ${cases.outcomes[outcome]}`);
  paper.fact(casePdf.opened, `${moment(openedAt)}, ${openedBy}`);
  paper.fact(casePdf.assignee, assignee?.name ?? cases.nobody);
  paper.fact(casePdf.made, `${moment(at)}, ${by}`);
  paper.heading(casePdf.summary);
  paper.fact(casePdf.span, `${moment(proof.from)} – ${moment(proof.to)}`);
  paper.fact(casePdf.findings, String(detail.findings.length));
  paper.fact(casePdf.events, String(detail.events.length));
  paper.fact(casePdf.notes, String(detail.entries.filter(({ kind }) => kind === 'noted').length));
  paper.heading(casePdf.proof);
  paper.line(casePdf.proofHelp);
  paper.fact(casePdf.gateway, proof.gatewayId);
  paper.fact(casePdf.key, proof.fingerprint);
  paper.fact(casePdf.file, `SHA-256 ${proof.sha256}`, 'small');
}

function writeFindings({ paper, words, detail, language }: Telling): void {
  const { casePdf, signals, findings: told } = words;
  if (detail.findings.length === 0) return;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  paper.heading(casePdf.findings);
  for (const finding of detail.findings) {
    const { signal, figures, severity, score, person, personName } = finding;
    const shown = Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, number.format(value)]),
    );
    const span = {
      from: day.format(finding.window.from * DAY_MS),
      to: day.format((finding.window.to - 1) * DAY_MS),
    };
    paper.line(`${signals.name[signal]}: ${personName ?? told.kind[person.kind]}`, { bold: true });
    paper.line(`${told.severities[severity]} · ${fill(told.score, { score })} · ${fill(told.window, span)}`);
    paper.line(fill(signals.finding[signal], shown));
    const figure = FIGURES.map((name) => `${casePdf.figure[name]}: ${shown[name] ?? ''}`);
    paper.line(figure.join(' · '), { size: 'small' });
    paper.gap(6);
  }
}

async function writeEvents({
  paper,
  words,
  detail,
  language,
  currency,
  moment,
  turn,
}: Telling): Promise<void> {
  const { casePdf, eventList } = words;
  const head = { size: 'small', bold: true } as const;
  const titles = [
    casePdf.time,
    casePdf.what,
    eventList.by,
    eventList.allowed,
    eventList.sale,
    casePdf.amount,
  ];
  const parts = [0.16, 0.25, 0.16, 0.16, 0.14, 0.13];
  paper.page();
  paper.heading(casePdf.events);
  paper.row(
    titles.map((text, index) => ({ text, part: parts[index] ?? 0, ...head })),
    true,
  );
  for (const [index, event] of detail.events.entries()) {
    const amount = amountOf(event, { language, currency, words });
    const outcome =
      event.outcome === null || event.outcome === 'ok' ? '' : ` (${eventList.outcome[event.outcome]})`;
    const cells = [
      ...[moment(event.at), `${kindName(words, event.kind)}${outcome}`, event.staffName ?? ''],
      ...[event.approverName ?? '', event.saleRef ?? '', amount],
    ];
    paper.row(cells.map((text, column) => ({ text, part: parts[column] ?? 0, size: 'small' })));
    const { chain, seq, hash } = event;
    paper.row([{ text: fill(casePdf.place, { chain, seq, hash }), part: 1, size: 'tiny' }]);
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await turn();
  }
}

function writeHeads({ paper, words, proof, moment }: Telling): void {
  const { casePdf } = words;
  paper.heading(casePdf.heads);
  for (const { name, first, last, head } of proof.chains) {
    paper.line(fill(casePdf.chain, { chain: name, first, last }), { size: 'small', bold: true });
    paper.line(
      head === null
        ? casePdf.unsigned
        : fill(casePdf.head, { seq: head.seq, moment: moment(head.at), hash: head.hash }),
      { size: 'small' },
    );
  }
}

async function writeSteps({ paper, words, detail, moment, turn }: Telling): Promise<void> {
  const { casePdf, cases } = words;
  paper.heading(casePdf.steps);
  for (const [index, entry] of detail.entries.entries()) {
    const { no, at, kind, staffName, findings, events, status, outcome, assigneeName, text } = entry;
    const what = fill(cases.entry[kind], {
      ...{ findings, events, name: assigneeName ?? cases.nobody },
      status: status === null ? '' : cases.statuses[status],
    });
    const end = outcome === null ? '' : `: ${cases.outcomes[outcome]}`;
    paper.line(`${no}. ${moment(at)}, ${staffName}: ${what}${end}`, { bold: true });
    if (text !== '') paper.line(masked(text));
    if (index % ROWS_PER_TURN === ROWS_PER_TURN - 1) await turn();
  }
}

/** One that is not known goes by its name. */
function kindName({ timeline }: AllWords, kind: string): string {
  const [group = '', name = ''] = kind.split('.');
  const named = (timeline.kind as Readonly<Record<string, Readonly<Record<string, string>>>>)[group]?.[name];
  return named ?? kind;
}

function amountOf(
  { amount, asset }: CaseEvent,
  { language, currency, words }: Pick<Telling, 'language' | 'currency' | 'words'>,
): string {
  if (amount === null) return '';
  return formatAmount(
    amount,
    asset === 'points' ? 'points' : 'deposit',
    currency,
    language,
    words.asset.unit,
  );
}

/** Somebody's number in a note: all but its end is covered, as in the message log. */
export function masked(text: string): string {
  return text.replace(/(?:\+|\b0|\b62|\b90)\d[\d\s().-]{5,}\d/g, (number) => {
    const digits = number.replace(/\D/g, '');
    return `•••${digits.slice(-4)}`;
  });
}
