import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import type { amountSchema } from '../../shared/money.ts';
import { chainOf, cutLine, mendCashLine, openCashDesk, sell } from '../../test/fixtures/cash-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { CASHIER_ID, FakeGateway, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import type { CashSaleStep, TillStep } from './steps.ts';

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
const left = ({ till }: Desk) => till.view().cashSale?.left;
const granted = ({ gateway }: Desk) => [...gateway.shift.granted.values()];

describe('a cash sale', () => {
  it('opens the drawer on the grant of whoever signed in, is on the chain and told to the gateway', async () => {
    const desk = await openCashDesk();
    expect(left(desk)).toBe(120);
    const sale = await sell(desk, 'INV-1');
    expect(sale).toMatchObject({
      saleRef: 'INV-1',
      amount: 25_000,
      currency: 'IDR',
      drawer: 'opened',
      left: 119,
    });
    desk.devices.setDrawer('open');
    await desk.run(1_000);
    expect(desk.devices.pulses).toBe(1);
    const own = granted(desk).find(({ staffId }) => staffId === CASHIER_ID);
    expect(desk.gateway.shift.sales).toEqual([
      {
        ...{ id: sale.id, grantId: own?.jti, useNo: 1, staffId: CASHIER_ID, startedBy: 'terminal' },
        ...{ saleRef: 'INV-1', amount: 25_000, currency: 'IDR', openedAt: expect.any(Number) },
      },
    ]);
    // The watch takes it as explained: nobody has to acknowledge it.
    expect(desk.till.view().drawerWatch.unexplained).toEqual([]);
    const chain = await chainOf(desk, '');
    const of = (kind: string) => chain.filter((entry) => entry.kind === kind).map(({ body }) => body);
    expect(of('shift.granted').map(({ staffId, uses }) => [staffId, uses])).toEqual([
      [null, 20],
      [CASHIER_ID, 100],
    ]);
    expect(of('shift.used')).toMatchObject([
      { id: sale.id, jti: own?.jti, useNo: 1, uses: 100, spare: false },
    ]);
    expect(of('drawer.outcome')).toEqual([{ id: sale.id, state: 'opened', error: null }]);
    expect(of('drawer.opened')).toMatchObject([{ jti: sale.id, staffId: CASHIER_ID }]);
  });

  it('opens once for each sale: the same reference, by whatever key, answers with the first', async () => {
    const desk = await openCashDesk();
    const first = await sell(desk, 'INV-1', 25_000, 'same-key-1');
    expect(await sell(desk, 'INV-1', 25_000, 'same-key-1')).toEqual(first);
    expect(await sell(desk, 'INV-1', 25_000, 'another-key')).toEqual(first);
    await expect(sell(desk, 'INV-1', 30_000)).rejects.toMatchObject({ code: 'cash_sale_ref_used' });
    await expect(sell(desk, 'INV-2', 25_000, 'same-key-1')).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    const again = await desk.restart();
    await again.signIn();
    expect(await sell(again, 'INV-1', 25_000, 'same-key-1')).toMatchObject({ id: first.id });
    expect(again.devices.pulses).toBe(1);
    // A day later the terminal counts from the start again.
    await again.clock.leap(24 * HOUR_MS);
    await mendCashLine(again);
    await again.signIn();
    await again.run(500);
    expect((await sell(again, 'INV-1')).id).not.toBe(first.id);
  });

  it('needs somebody signed in, a whole amount within the limit, and a drawer that is there', async () => {
    const desk = await openDesk();
    desk.gateway.policy.shift.amountMax = 100_000;
    desk.gateway.policy.version += 1;
    desk.gateway.push({ type: 'till.changed' });
    await desk.run(500);
    await expect(sell(desk, 'INV-1')).rejects.toMatchObject({ code: 'not_signed_in' });
    await desk.signIn();
    await desk.run(200);
    const wrong = { saleRef: 'INV-1', amount: 0.5 as ReturnType<typeof amountSchema.parse> };
    await expect(desk.till.pos.openForCashSale('key-of-test', wrong)).rejects.toMatchObject({
      code: 'amount_invalid',
    });
    await expect(sell(desk, 'INV-1', 100_001)).rejects.toMatchObject({
      code: 'cash_sale_over_limit',
      params: { most: 100_000 },
    });
    desk.devices.setDrawer(null);
    await expect(sell(desk, 'INV-1', 100_000)).rejects.toMatchObject({ code: 'drawer_absent' });
    desk.devices.setDrawer('closed');
    const before = left(desk) ?? 0;
    expect((await sell(desk, 'INV-1', 100_000)).left).toBe(before - 1);
  });

  it('of which the drawer said nothing is not tried again; one that surely did not open is, with a new key', async () => {
    const desk = await openCashDesk();
    desk.devices.drawer = 'silent';
    const silent = await sell(desk, 'INV-1');
    expect(silent).toMatchObject({ drawer: 'unconfirmed', error: { code: 'drawer_not_confirmed' } });
    expect(await sell(desk, 'INV-1')).toMatchObject({ id: silent.id });
    desk.devices.drawer = 'confirms';
    desk.devices.unplugged = true;
    const failed = await sell(desk, 'INV-2', 25_000, 'key-of-inv-2');
    expect(failed).toMatchObject({ drawer: 'failed', error: { code: 'drawer_absent' } });
    desk.devices.unplugged = false;
    expect(await sell(desk, 'INV-2', 25_000, 'key-of-inv-2')).toEqual(failed);
    expect(await sell(desk, 'INV-2')).toMatchObject({ drawer: 'opened' });
    expect(desk.devices.pulses).toBe(2);
  });

  it('goes from the screen only where policy allows it', async () => {
    const desk = await openCashDesk();
    const wish = { saleRef: 'NOTA 7', amount: 12_000 };
    await expect(desk.till.invoke('cashSale.open', wish)).rejects.toMatchObject({
      code: 'cash_sale_not_allowed',
    });
    desk.gateway.policy.shift.manualCashSale = true;
    desk.gateway.policy.version += 1;
    desk.gateway.push({ type: 'till.changed' });
    await desk.run(500);
    expect(desk.till.view().cashSale?.manual).toBe(true);
    expect(await desk.call(desk.till.invoke('cashSale.open', wish))).toEqual({
      drawer: 'opened',
      error: null,
    });
    await desk.run(500);
    expect(desk.gateway.shift.sales).toMatchObject([{ startedBy: 'cashier', saleRef: 'NOTA 7' }]);
  });

  it('is over for a till that was revoked', async () => {
    const desk = await openCashDesk();
    desk.gateway.refuse.set('*', new SaksiError('till_revoked'));
    desk.gateway.push({ type: 'till.revoked' });
    await desk.run(500);
    await expect(sell(desk, 'INV-1')).rejects.toMatchObject({ code: 'till_revoked' });
    expect(desk.devices.pulses).toBe(0);
  });
});

describe('the grants for it', () => {
  it('hold up no sign-in, and one whose answer was lost is asked for again with its key', async () => {
    const desk = await openDesk();
    await desk.run(500);
    desk.gateway.trouble.set('/v1/shift-grants', 'lose_answer');
    await desk.signIn();
    expect(desk.till.view().session?.staffId).toBe(CASHIER_ID);
    await desk.run(2_000);
    const asked = desk.gateway.requests.filter(({ path }) => path === '/v1/shift-grants');
    expect(new Set(asked.map(({ key }) => key)).size).toBe(2);
    desk.gateway.trouble.clear();
    await desk.run(20_000);
    expect(granted(desk).filter(({ staffId }) => staffId === CASHIER_ID)).toHaveLength(1);
    expect(left(desk)).toBe(120);
  });

  it('are renewed once few are left, and are no use to another person', async () => {
    const desk = await openCashDesk();
    desk.gateway.policy.shift.openings = 12;
    desk.gateway.policy.shift.spareOpenings = 0;
    desk.gateway.policy.version += 1;
    desk.gateway.push({ type: 'till.changed' });
    await desk.run(500);
    await desk.till.invoke('session.signOut', {});
    await desk.signIn(SUPERVISOR_ID);
    await desk.run(500);
    const ofSupervisor = () => granted(desk).filter(({ staffId }) => staffId === SUPERVISOR_ID).length;
    for (let number = 1; number <= 5; number += 1) await sell(desk, `A-${number}`);
    expect(ofSupervisor()).toBe(1);
    await sell(desk, 'A-6');
    await desk.run(500);
    expect(ofSupervisor()).toBe(2);
    await cutLine(desk);
    const own = granted(desk).filter(({ staffId }) => staffId === SUPERVISOR_ID);
    for (let number = 7; number <= 24; number += 1) await sell(desk, `A-${number}`);
    // What the cashier has left is not theirs, and policy took the spare away that the till was given before.
    await expect(sell(desk, 'A-25')).rejects.toMatchObject({ code: 'shift_grant_missing' });
    expect(desk.till.view().cashSale).toMatchObject({ left: 0, few: true });
    const chain = await chainOf(desk, 'shift.used');
    const cashiers = granted(desk).find(({ staffId }) => staffId === CASHIER_ID)?.jti;
    expect(chain).toHaveLength(24);
    expect(chain.filter(({ body }) => body.jti === cashiers)).toEqual([]);
    expect(chain.filter(({ body }) => own.some(({ jti }) => jti === body.jti))).toHaveLength(24);
  });

  it('end by the time that has passed, whatever the clock of the till says', async () => {
    const desk = await openCashDesk();
    await cutLine(desk);
    await sell(desk, 'INV-1');
    await desk.clock.leap(12 * HOUR_MS);
    await desk.signIn();
    // Their own is past; the spare holds for three days.
    expect(left(desk)).toBe(20);
    desk.clock.setWall(desk.clock.now() - 12 * HOUR_MS);
    await desk.run(100);
    expect(left(desk)).toBe(20);
    await desk.clock.leap(61 * HOUR_MS);
    await desk.signIn();
    await expect(sell(desk, 'INV-2')).rejects.toMatchObject({ code: 'shift_grant_missing' });
    desk.clock.setWall(desk.clock.now() - 80 * HOUR_MS);
    const again = await desk.restart();
    await again.signIn();
    await expect(sell(again, 'INV-2')).rejects.toMatchObject({ code: 'shift_grant_missing' });
    await mendCashLine(again);
    expect((await sell(again, 'INV-2')).drawer).toBe('opened');
  });

  it('that are spare serve who signs in while the line is down, and name them', async () => {
    const desk = await openDesk();
    await desk.run(500);
    await cutLine(desk);
    await desk.signIn(SUPERVISOR_ID);
    expect(desk.till.view().cashSale).toEqual({ manual: false, left: 20, few: false, amountMax: null });
    for (let number = 1; number <= 20; number += 1) await sell(desk, `B-${number}`);
    await expect(sell(desk, 'B-21')).rejects.toMatchObject({ code: 'shift_grant_missing' });
    await mendCashLine(desk);
    await desk.run(2_000);
    expect(desk.gateway.shift.sales).toHaveLength(20);
    expect(desk.gateway.shift.sales.every(({ staffId }) => staffId === SUPERVISOR_ID)).toBe(true);
    // A new spare took the place of the old one, and the supervisor has their own.
    expect(left(desk)).toBe(120);
  });

  it('are not given to who left, and the spare is not theirs either', async () => {
    const desk = await openDesk();
    await desk.run(500);
    desk.gateway.refuse.set('/v1/shift-grants', new SaksiError('staff_unknown'));
    await desk.signIn();
    await desk.run(500);
    await expect(sell(desk, 'INV-1')).rejects.toMatchObject({ code: 'shift_grant_missing' });
    expect(desk.till.view().cashSale).toMatchObject({ left: 0, few: true });
  });

  it.each([
    ['of another till', { aud: '019b0000-0000-7000-8000-0000000000ff' }],
    ['of another person', { staffId: SUPERVISOR_ID }],
    ['in another currency', { currency: 'TRY' }],
    ['with more openings than any policy', { uses: 1_001 }],
    ['for slips', { actions: ['slip.print'] }],
    ['of another kind', { kind: 'redemption' }],
    ['that is past', { exp: 1 }],
  ])('%s open nothing', async (_, claims) => {
    const clock = new FakeClock();
    const gateway = new FakeGateway(clock);
    gateway.shift.tamper = (right) => Object.assign(right, claims);
    const desk = await openDesk({ clock, gateway });
    await desk.signIn();
    await desk.run(5_000);
    await expect(sell(desk, 'INV-1')).rejects.toMatchObject({ code: 'shift_grant_missing' });
    expect(desk.devices.pulses).toBe(0);
    expect(await chainOf(desk, 'shift.granted')).toEqual([]);
  });
});

/** Keeps the folder as it lies at one step, as a crash there would, and opens that copy. */
async function diesAt(step: CashSaleStep): Promise<Desk> {
  let copy: string | null = null;
  const onStep = (now: TillStep) => {
    if (now !== step || copy !== null) return;
    copy = `${desk.dataDir}-crashed`;
    cpSync(desk.dataDir, copy, { recursive: true });
    desk.devices.unplugged = step !== 'cash_sale_drawer_written';
  };
  const desk = await openCashDesk({ onStep });
  await sell(desk, 'INV-1');
  await desk.call(desk.till.stop());
  if (copy === null) throw new Error(`${step} was never reached`);
  const { clock, gateway, devices } = desk;
  devices.unplugged = false;
  const again = await openDesk({ clock, gateway, devices, dataDir: copy });
  await again.run(200);
  await again.signIn();
  await again.run(200);
  return again;
}

describe('after a crash', () => {
  it('before the commit nothing was used, and the sale may be asked for again', async () => {
    const desk = await diesAt('cash_sale_saved');
    expect([left(desk), desk.devices.pulses]).toEqual([120, 0]);
    expect((await sell(desk, 'INV-1')).drawer).toBe('opened');
    expect(desk.devices.pulses).toBe(1);
  });

  it.each([
    ['cash_sale_consumed', 0],
    ['cash_sale_drawer_written', 1],
  ] as const)('at %s the use stands, and the drawer does not open a second time', async (step, pulses) => {
    const desk = await diesAt(step);
    expect([left(desk), desk.devices.pulses]).toEqual([119, pulses]);
    expect(await sell(desk, 'INV-1')).toMatchObject({ drawer: 'unconfirmed', left: 119 });
    expect(desk.devices.pulses).toBe(pulses);
    // A pulse that was on its way when the till died explains a drawer that is found open.
    desk.devices.setDrawer('open');
    await desk.run(500);
    expect(desk.till.view().drawerWatch.unexplained).toEqual([]);
    expect(await chainOf(desk, 'drawer.outcome')).toMatchObject([{ body: { state: 'unconfirmed' } }]);
  });
});
