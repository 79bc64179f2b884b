import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, policySchema } from './policy.ts';
import { crc32, DEFAULT_SLIP_DESIGN, type SlipDesign, slipDesignSchema } from './slip-design.ts';
import { arranged, partsOf, readLayout, SLIP_KINDS, SLIP_LAYOUTS } from './slip-layouts.ts';

const LOGO = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';

function faults(change: Partial<SlipDesign>): [string, string][] {
  const parsed = slipDesignSchema.safeParse({ ...DEFAULT_SLIP_DESIGN, ...change });
  return (parsed.error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);
}

/** The picture's header with another size. */
function sized(width: number, height: number): string {
  const bytes = Buffer.from(LOGO, 'base64');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes.toString('base64');
}

describe('what a store may not take away', () => {
  test.each(
    SLIP_KINDS.filter((kind) => kind !== 'test').flatMap((kind) =>
      (kind === 'drawer' ? ['copy', 'reference'] : ['copy', 'amount', 'reference']).map(
        (part) => [kind, part] as const,
      ),
    ),
  )('%s: %s', (kind, part) => {
    expect(faults({ kinds: { [kind]: { order: [], hidden: [part] } } })).toEqual([
      [`kinds.${kind}.hidden.0`, 'part is needed'],
    ]);
    const layout = SLIP_LAYOUTS[kind];
    const without = layout.elements.filter((element) => element.part !== part);
    expect(() => readLayout(kind, { ...layout, elements: without })).toThrow(`${part} is needed`);
    const optional = layout.elements.map((one) => (one.part === part ? { ...one, optional: true } : one));
    expect(() => readLayout(kind, { ...layout, elements: optional })).toThrow(`${part} is needed`);
  });
});

test('a bad layout is refused with its place', () => {
  const order = (...parts: string[]) => faults({ kinds: { redemption: { order: parts, hidden: [] } } });
  expect(order('customer', 'time')).toEqual([]);
  expect(order('nothing')).toEqual([['kinds.redemption.order.0', 'no such part']]);
  expect(order('time', 'time')).toEqual([['kinds.redemption.order.1', 'part named twice']]);
  expect(order('time', 'copy')).toEqual([['kinds.redemption.order.1', 'part leaves its section']]);
  expect(faults({ header: ['a', 'b\u001b'] })[0]?.[0]).toBe('header.1');
  expect(faults({ footer: Array<string>(7).fill('x') })[0]?.[0]).toBe('footer');
  const policy = policySchema.safeParse({
    ...DEFAULT_POLICY,
    slipDesign: { ...DEFAULT_SLIP_DESIGN, kinds: { topup: { order: [], hidden: ['amount'] } } },
  });
  expect(policy.error?.issues[0]?.path.join('.')).toBe('slipDesign.kinds.topup.hidden.0');
});

test('a logo is a small picture', () => {
  expect(faults({ logo: LOGO })).toEqual([]);
  expect(faults({ logo: sized(384, 200) })).toEqual([]);
  expect(faults({ logo: sized(385, 200) })).toEqual([['logo', 'picture too wide']]);
  expect(faults({ logo: sized(384, 201) })).toEqual([['logo', 'picture too high']]);
  expect(faults({ logo: Buffer.from('no picture').toString('base64') })).toEqual([['logo', 'no picture']]);
  const longer = Buffer.concat([Buffer.from(LOGO, 'base64'), Buffer.from('cut')]).toString('base64');
  expect(faults({ logo: longer })).toEqual([['logo', 'no picture']]);
  expect(faults({ logo: LOGO.slice(0, -12) })).toEqual([['logo', 'no picture']]);
  const broken = Buffer.from(LOGO, 'base64');
  broken.writeUInt8(broken.readUInt8(45) ^ 1, 45);
  expect(faults({ logo: broken.toString('base64') })).toEqual([['logo', 'no picture']]);
  expect(faults({ logo: 'A'.repeat(21_852) }).map(([at]) => at)).toContain('logo');
});

test('parts move within their section and optional ones go; the rest stays as it is', () => {
  const wish = { order: ['customer', 'time'], hidden: ['cashier', 'qr'] };
  const names = partsOf(arranged(SLIP_LAYOUTS.redemption, wish)).map(({ part }) => part);
  const before = partsOf(SLIP_LAYOUTS.redemption).map(({ part }) => part);
  expect(names).not.toContain('cashier');
  expect(names.indexOf('customer')).toBeLessThan(names.indexOf('time'));
  expect(names.indexOf('time')).toBeLessThan(names.indexOf('saleRef'));
  expect([...names, 'cashier', 'qr'].toSorted()).toEqual(before.toSorted());
});

test('a policy from before layouts prints as the program does', () => {
  const { slipDesign: _, ...before } = DEFAULT_POLICY;
  expect(policySchema.parse(before).slipDesign).toEqual(DEFAULT_SLIP_DESIGN);
});
