import type { BridgeInput, TillView } from '../../shared/bridge.ts';
import { saleRefSchema } from '../../shared/ids.ts';
import { parseAmount } from '../../shared/money.ts';
import { type PercentProblem, readPercent } from './percent-input.ts';

export type AskKind = TillView['approvalKinds'][number];

/** A request that is being prepared. It outlives closing the panel, so that a customer can be served in between. */
export interface AskDraft {
  readonly kind: string | null;
  /** Digits of the amount in minor units, without leading zeros. */
  readonly digits: string;
  /** As typed: '12,5'. */
  readonly percent: string;
  /** One of the kind's reasons; null: none chosen, or the cashier's own words. */
  readonly reasonKey: string | null;
  readonly reasonText: string;
  readonly ownWords: boolean;
  readonly note: string;
  readonly saleRef: string;
}

export const EMPTY_ASK: AskDraft = {
  kind: null,
  digits: '',
  percent: '',
  reasonKey: null,
  reasonText: '',
  ownWords: false,
  note: '',
  saleRef: '',
};

export const REASON_MAX = 140;
export const NOTE_MAX = 280;

/** In the order of the form: the first that is wrong gets the focus. */
export const ASK_FIELDS = ['amount', 'percent', 'reason', 'saleRef', 'note'] as const;
export type AskField = (typeof ASK_FIELDS)[number];
export type AskProblem =
  | 'amount_missing'
  | 'amount_large'
  | `percent_${PercentProblem}`
  | 'reason_missing'
  | 'reason_words'
  | 'sale_shape';
export type AskProblems = Partial<Record<AskField, AskProblem>>;

type AskInput = BridgeInput<'approval.start'>;
export type AskCheck =
  | { readonly ok: true; readonly input: AskInput }
  | { readonly ok: false; readonly problems: AskProblems };

/** Checks the draft as its kind asks; the gateway checks again. */
export function checkAsk(kind: AskKind, draft: AskDraft): AskCheck {
  const problems: AskProblems = {};
  const amount = amountOf(kind, draft, problems);
  const basisPoints = percentOf(kind, draft, problems);
  const reason = reasonOf(kind, draft, problems);
  const saleRef = draft.saleRef.trim();
  if (saleRef !== '' && !saleRefSchema.safeParse(saleRef).success) problems.saleRef = 'sale_shape';
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  const input = {
    kind: kind.key,
    amount,
    basisPoints,
    reason,
    note: draft.note.trim(),
    saleRef: saleRef === '' ? null : saleRef,
  };
  return { ok: true, input };
}

function amountOf(kind: AskKind, { digits }: AskDraft, problems: AskProblems): number | null {
  if (kind.amount === 'none') return null;
  if (digits === '') {
    if (kind.amount === 'required') problems.amount = 'amount_missing';
    return null;
  }
  const amount = parseAmount(Number(digits));
  if (amount === null) problems.amount = 'amount_large';
  return amount;
}

function percentOf(kind: AskKind, { percent }: AskDraft, problems: AskProblems): number | null {
  if (kind.percent === 'none') return null;
  const read = readPercent(percent);
  if (read.ok) return read.basisPoints;
  if (read.problem !== 'empty' || kind.percent === 'required') problems.percent = `percent_${read.problem}`;
  return null;
}

function reasonOf(kind: AskKind, draft: AskDraft, problems: AskProblems): AskInput['reason'] {
  if (inOwnWords(kind, draft)) {
    const text = draft.reasonText.trim();
    if (text === '') problems.reason = 'reason_words';
    return { key: null, text };
  }
  const known = kind.reasons.some(({ key }) => key === draft.reasonKey);
  if (!known) problems.reason = 'reason_missing';
  return { key: known ? draft.reasonKey : null, text: null };
}

/** Whether the reason is typed: the cashier chose so, or the kind has no list. */
export function inOwnWords(kind: AskKind, draft: AskDraft): boolean {
  return kind.freeReason && (draft.ownWords || kind.reasons.length === 0);
}
