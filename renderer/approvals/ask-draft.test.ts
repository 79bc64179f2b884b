import { describe, expect, test } from 'vitest';
import { DEFAULT_APPROVALS } from '../../shared/approval-policy.ts';
import { BRIDGE } from '../../shared/bridge.ts';
import { type AskDraft, type AskKind, checkAsk, EMPTY_ASK, inOwnWords } from './ask-draft.ts';

function kindOf(key: string, change: Partial<AskKind> = {}): AskKind {
  const kind = DEFAULT_APPROVALS.kinds.find((candidate) => candidate.key === key);
  if (kind === undefined) throw new Error(`no kind ${key}`);
  return { ...kind, ...change };
}
const draft = (change: Partial<AskDraft>): AskDraft => ({ ...EMPTY_ASK, ...change });
const problemsOf = (kind: AskKind, change: Partial<AskDraft>) => {
  const check = checkAsk(kind, draft(change));
  return check.ok ? {} : check.problems;
};

describe('what is sent', () => {
  test('a void: amount, a reason of the list, the sale; trimmed; no percentage', () => {
    const check = checkAsk(
      kindOf('void'),
      draft({ digits: '350000', percent: '12', reasonKey: 'wrong_item', note: ' rusak ', saleRef: ' S-1 ' }),
    );
    expect(check).toEqual({
      ok: true,
      input: {
        kind: 'void',
        amount: 350_000,
        basisPoints: null,
        reason: { key: 'wrong_item', text: null },
        note: 'rusak',
        saleRef: 'S-1',
      },
    });
    if (check.ok) expect(BRIDGE['approval.start'].input.safeParse(check.input).success).toBe(true);
  });

  test('a discount in own words: half percents, amount left out where optional', () => {
    const check = checkAsk(
      kindOf('discount'),
      draft({ percent: '12,5', ownWords: true, reasonText: ' tetangga ', reasonKey: 'promotion' }),
    );
    expect(check).toMatchObject({
      ok: true,
      input: {
        amount: null,
        basisPoints: 1250,
        reason: { key: null, text: 'tetangga' },
        note: '',
        saleRef: null,
      },
    });
  });
});

describe('what is refused, in words at its field', () => {
  test('an empty form', () => {
    expect(problemsOf(kindOf('void'), {})).toEqual({ amount: 'amount_missing', reason: 'reason_missing' });
    expect(problemsOf(kindOf('discount'), {})).toEqual({
      percent: 'percent_empty',
      reason: 'reason_missing',
    });
  });

  test('an amount above 2^53 - 1', () => {
    expect(problemsOf(kindOf('void'), { digits: '9007199254740993', reasonKey: 'wrong_item' })).toEqual({
      amount: 'amount_large',
    });
  });

  test('an optional percentage that is none', () => {
    const kind = kindOf('discount', { percent: 'optional' });
    expect(problemsOf(kind, { reasonKey: 'promotion' })).toEqual({});
    expect(problemsOf(kind, { percent: '12,3', reasonKey: 'promotion' })).toEqual({
      percent: 'percent_half',
    });
  });

  test('own words that say nothing, and a reason of another kind', () => {
    const kind = kindOf('no_sale');
    expect(problemsOf(kind, { ownWords: true, reasonText: '  ' })).toEqual({ reason: 'reason_words' });
    expect(problemsOf(kind, { reasonKey: 'wrong_item' })).toEqual({ reason: 'reason_missing' });
  });

  test('a sale reference with marks that none has', () => {
    expect(problemsOf(kindOf('no_sale'), { reasonKey: 'change_money', saleRef: 'a\tb<' })).toEqual({
      saleRef: 'sale_shape',
    });
  });
});

test('own words only where the kind takes them', () => {
  expect(inOwnWords(kindOf('void', { freeReason: false }), draft({ ownWords: true }))).toBe(false);
  expect(inOwnWords(kindOf('void', { reasons: [] }), draft({}))).toBe(true);
});
