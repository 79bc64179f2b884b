import { expect, test } from 'vitest';
import { DEFAULT_SLIP_DESIGN } from '../../shared/slip-design.ts';
import { lookOf, printedLook } from './slip-look.ts';

const own = { ...DEFAULT_SLIP_DESIGN, header: ['NPWP 1'], logo: 'a picture' };

test('a slip keeps the design without its logo, and nothing where it is as the program comes', () => {
  expect(lookOf({ slipDesign: own }, 'id', null).design).toEqual({ ...own, logo: null });
  expect(lookOf({ slipDesign: { ...DEFAULT_SLIP_DESIGN, logo: 'a picture' } }, 'id', null).design).toBeNull();
  expect(printedLook({ language: 'id' }, 'the newest').design).toEqual({
    ...DEFAULT_SLIP_DESIGN,
    logo: 'the newest',
  });
});

test.each([
  ['store', 'en', ['id', null]],
  ['customer', 'en', ['en', null]],
  ['both', 'en', ['id', 'en']],
  ['both', 'id', ['id', null]],
  ['customer', null, ['id', null]],
  ['both', null, ['id', null]],
] as const)('%s, for a customer who speaks %s', (wanted, customer, spoken) => {
  const { language, second } = lookOf({ slipDesign: { ...own, language: wanted } }, 'id', customer);
  expect([language, second]).toEqual(spoken);
});
