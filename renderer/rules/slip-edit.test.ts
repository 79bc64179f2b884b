import { expect, test } from 'vitest';
import { DEFAULT_SLIP_DESIGN, slipDesignSchema } from '../../shared/slip-design.ts';
import { partsOf, SLIP_KINDS, SLIP_LAYOUTS } from '../../shared/slip-layouts.ts';
import { isShown, linesOf, optionalParts, withPart } from './slip-edit.ts';

test('every part that may be left out is offered, and what the law needs never is', () => {
  for (const kind of SLIP_KINDS) {
    const optional = partsOf(SLIP_LAYOUTS[kind]).filter((part) => part.optional);
    expect(optionalParts(kind).toSorted()).toEqual(optional.map(({ part }) => part).toSorted());
  }
  for (const kind of SLIP_KINDS.filter((one) => one !== 'test')) {
    const offered = optionalParts(kind);
    expect(offered.length).toBeGreaterThan(0);
    for (const needed of ['store', 'copy', 'amount', 'reference']) expect(offered).not.toContain(needed);
  }
});

test('a part goes and comes back, and what is as it comes is not kept', () => {
  const without = withPart(DEFAULT_SLIP_DESIGN, 'redemption', 'qr', false);
  expect(isShown(without, 'redemption', 'qr')).toBe(false);
  expect(isShown(without, 'redemption', 'customer')).toBe(true);
  expect(isShown(without, 'topup', 'customer')).toBe(true);
  expect(slipDesignSchema.parse(without)).toEqual(without);
  expect(withPart(without, 'redemption', 'qr', true)).toEqual(DEFAULT_SLIP_DESIGN);
  const ordered = { ...without, kinds: { redemption: { order: ['customer', 'time'], hidden: ['qr'] } } };
  expect(withPart(ordered, 'redemption', 'qr', true).kinds.redemption?.order).toEqual(['customer', 'time']);
});

test('typed lines lose what is empty and what is too many', () => {
  expect(linesOf('  a \n\n b\n')).toEqual(['a', 'b']);
  expect(linesOf('1\n2\n3\n4\n5\n6\n7')).toHaveLength(6);
});
