import { afterAll, expect, it } from 'vitest';
import type { BridgeInput } from '../../shared/bridge.ts';
import { DEFAULT_SLIP_DESIGN } from '../../shared/slip-design.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CASHIER_ID, MANAGER_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

const WISH: BridgeInput<'slips.preview'> = {
  kind: 'redemption',
  paper: 58,
  design: { ...DEFAULT_SLIP_DESIGN, footer: ['Sampai jumpa'] },
  customerLanguage: 'en',
  copy: true,
};

it("shows a manager the store's slip in a design that is not saved, and prints nothing", async () => {
  const desk = await openDesk();
  await desk.signIn(MANAGER_ID);
  const { columns, lines } = await desk.till.invoke('slips.preview', WISH);
  const text = lines.flatMap((line) => (line.kind === 'line' ? [line.text] : []));
  expect(columns).toBe(32);
  expect(text.join('\n')).toContain('Sampai jumpa');
  expect(text).toContain('COPY');
  expect(text).toContain(desk.till.view().till?.storeName);
  expect(lines.map(({ kind }) => kind)).toContain('dots');
  expect(lines.at(-1)).toEqual({ kind: 'cut' });
  expect(desk.gateway.policy.slipDesign).toEqual(DEFAULT_SLIP_DESIGN);
});

it('is for managers only', async () => {
  const desk = await openDesk();
  await expect(desk.till.invoke('slips.preview', WISH)).rejects.toMatchObject({ code: 'not_signed_in' });
  await desk.signIn(CASHIER_ID);
  await expect(desk.till.invoke('slips.preview', WISH)).rejects.toMatchObject({ code: 'role_not_allowed' });
});

it.each([
  ['a logo that is none', { logo: 'AAAA' }],
  ['a command of a printer', { header: ['\u001b\u0007'] }],
  ['a needed line left out', { kinds: { redemption: { order: [], hidden: ['amount'] } } }],
])('refuses %s', async (_name, change) => {
  const desk = await openDesk();
  await desk.signIn(MANAGER_ID);
  const wish = { ...WISH, design: { ...WISH.design, ...change } };
  await expect(desk.till.invoke('slips.preview', wish)).rejects.toMatchObject({ code: 'bad_request' });
});
