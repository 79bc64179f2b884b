import { describe, expect, it } from 'vitest';
import { entryColumns, entryLink } from './columns.ts';
import { AUDIT_KINDS } from './event.ts';
import { AUDIT_GROUPS } from './timeline.ts';

const ID = '0190a6e0-0000-7000-8000-000000000001';
const OTHER = '0190a6e0-0000-7000-8000-000000000002';

describe("the columns of a till's entry", () => {
  it('are read from its body by the names that tills use', () => {
    const body = { id: ID, staffId: OTHER, saleRef: 'S-1', asset: 'points', amount: 5 };
    expect(entryColumns('redemption.requested', body)).toEqual({
      ...{ staffId: OTHER, approverId: null, customerId: null, saleRef: 'S-1', subjectId: ID },
      ...{ asset: 'points', amount: 5, outcome: null },
    });
    expect(entryColumns('shift.used', { id: ID })).toMatchObject({ asset: 'cash', outcome: 'ok' });
    expect(entryColumns('sealed.used', { supervisorId: OTHER })).toMatchObject({ approverId: OTHER });
    expect(entryColumns('drawer.outcome', { state: 'unconfirmed' })).toMatchObject({ outcome: 'failed' });
    const counted = { id: ID, subject: OTHER, amount: -2_000 };
    expect(entryColumns('cash.counted', counted)).toMatchObject({
      subjectId: OTHER,
      asset: 'cash',
      amount: -2_000,
    });
    expect(entryColumns('session.pin_wrong', { staffId: ID })).toMatchObject({ outcome: 'refused' });
  });

  it('are null for what a body lacks, or holds in another shape', () => {
    const odd = { id: 7, staffId: 'nobody', saleRef: ['x'], asset: 'gold', amount: 1.5, deciders: 'x' };
    for (const body of [odd, {}, null, 'text', []]) {
      expect(new Set(Object.values(entryColumns('trouble.seen', body)))).toEqual(new Set([null]));
    }
  });
});

describe("the links between a till's names of things", () => {
  it('lead to what the gateway knows', () => {
    expect(entryLink('redemption.created', { id: ID, gatewayId: OTHER })).toEqual([ID, OTHER]);
    expect(entryLink('grant.used', { id: ID, jti: OTHER })).toEqual([OTHER, ID]);
    expect(entryLink('drawer.opened', { id: ID, jti: OTHER })).toEqual([ID, OTHER]);
    expect(entryLink('drawer.closed', { id: ID, jti: OTHER })).toBeNull();
    expect(entryLink('redemption.created', { id: ID })).toBeNull();
  });
});

it('every kind of the gateway and of tills that the contract names stands in a group, or is of the system', () => {
  const grouped = new Set<string>(Object.values(AUDIT_GROUPS).flat());
  const alone = Object.keys(AUDIT_KINDS).filter((kind) => !grouped.has(kind));
  expect(alone).toEqual(['credit.topped_up', 'web.did']);
});
