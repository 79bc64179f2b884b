import { describe, expect, test } from 'vitest';
import { type ApprovalView, approvalStageSchema } from '../../shared/bridge.ts';
import { APPROVAL, askedOf } from '../dev/approval-fixtures.ts';
import { approvers, newsOf, stillSeen, toldOf, unseen } from './decision.ts';

const at = (change: Partial<ApprovalView>): ApprovalView => ({ ...APPROVAL, ...change });
const yes = [askedOf(3, { decision: 'approve' }), askedOf(4)];

test('who said yes', () => {
  expect(approvers(at({ asked: yes }))).toEqual(['Dewi Anggraini Kusumawardhani']);
  expect(approvers(at({ asked: [askedOf(3, { decision: 'reject' })] }))).toEqual([]);
});

describe('what is told', () => {
  test('in each stage', () => {
    expect(
      Object.fromEntries(
        approvalStageSchema.options.map((stage) => [stage, toldOf(at({ stage, asked: yes }))]),
      ),
    ).toEqual({
      requesting: null,
      pending: null,
      acting: 'approved',
      approved: 'approved',
      rejected: 'rejected',
      expired: 'expired',
      cancelled: 'cancelled',
      failed: 'failed',
    });
  });

  test('free by policy is not told as somebody having said yes', () => {
    expect(toldOf(at({ stage: 'approved', free: true, asked: [] }))).toBe('free');
    expect(toldOf(at({ stage: 'approved', asked: [] }))).toBe('approvedNobody');
  });

  test('a rejection with its reason', () => {
    const rejection = { name: 'Dewi', reason: 'Barang masih utuh' };
    expect(toldOf(at({ stage: 'rejected', rejection }))).toBe('rejectedWhy');
  });
});

describe('news', () => {
  test('devices at work and done are one piece of news, their trouble another', () => {
    const acting = newsOf(at({ stage: 'acting', asked: yes }));
    expect(newsOf(at({ stage: 'approved', asked: yes }))).toBe(acting);
    const slip = { ...APPROVAL.slip, state: 'failed' as const };
    expect(newsOf(at({ stage: 'approved', asked: yes, slip }))).not.toBe(acting);
  });

  test('a reason that comes after the rejection is told too', () => {
    const before = at({ stage: 'rejected', rejection: { name: 'Dewi', reason: null } });
    const after = at({ stage: 'rejected', rejection: { name: 'Dewi', reason: 'Tidak' } });
    expect(newsOf(before)).not.toBe(newsOf(after));
  });

  test('what waits and what was cancelled is none', () => {
    expect(newsOf(at({ stage: 'pending' }))).toBeNull();
    expect(newsOf(at({ stage: 'cancelled' }))).toBeNull();
  });

  test('seen once, then forgotten with its request', () => {
    const done = at({ stage: 'approved', asked: yes });
    const seen = new Set([newsOf(done) ?? '']);
    expect(unseen([done], new Set())).toEqual([done]);
    expect(unseen([done], seen)).toEqual([]);
    expect(stillSeen([done], seen)).toBe(seen);
    expect(stillSeen([], seen).size).toBe(0);
  });
});
