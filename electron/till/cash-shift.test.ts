import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { amountSchema } from '../../shared/money.ts';
import { approvalOf, startApproval } from '../../test/fixtures/approval-desk.ts';
import { chainOf, cutLine, mendCashLine, sell } from '../../test/fixtures/cash-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { CASHIER_ID, MANAGER_ID, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { closeWith, countAs, openShiftDesk, openWith, shiftOf, sum } from '../../test/fixtures/shift-desk.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import type { CashShiftStep, TillStep } from './steps.ts';

afterAll(removeTempFolders);

const HOUR_MS = 3_600_000;
const refusal = (code: string, params = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });
const kindsTold = ({ gateway }: Desk) => gateway.shift.entries.map(({ kind }) => kind);
const rawView = ({ till }: Desk) => JSON.stringify(till.view().cashShift);

/** Asks for cash in or out, and a supervisor says yes. */
async function moved(desk: Desk, kind: 'cash_in' | 'cash_out' | 'float_change', amount: number) {
  const { approvalId } = await startApproval(desk, {
    ...{ kind, amount: amountSchema.parse(amount), basisPoints: null, note: '', saleRef: null },
    reason: { key: null, text: 'alasan' },
  });
  desk.gateway.approvals.decide([...desk.gateway.approvals.held.keys()].at(-1) ?? '', 'quorum');
  await desk.run(500);
  return approvalId;
}

async function switchTo(desk: Desk, staffId: string): Promise<void> {
  await desk.till.invoke('session.signOut', {});
  await desk.signIn(staffId);
  await desk.run(300);
}

describe('a shift', () => {
  it('comes before the first cash sale, where policy says so; else the shop is left as it was', async () => {
    const desk = await openShiftDesk();
    await expect(sell(desk, 'INV-1')).rejects.toEqual(refusal('cash_shift_needed'));
    expect(desk.devices.pulses).toBe(0);
    await openWith(desk);
    expect((await sell(desk, 'INV-1')).drawer).toBe('opened');

    const without = await openShiftDesk({ mode: 'off' });
    expect(without.till.view().cashShift).toBeNull();
    expect((await sell(without, 'INV-1')).drawer).toBe('opened');
    await expect(openWith(without)).rejects.toEqual(refusal('cash_shift_off'));
    expect(without.gateway.shift.entries).toEqual([]);
  });

  it('from float to Z: what came in and went out adds up, is on the chain, printed, kept and told', async () => {
    const desk = await openShiftDesk();
    await openWith(desk, 500_000);
    await expect(openWith(desk)).rejects.toEqual(refusal('cash_shift_open'));
    await sell(desk, 'INV-1', 25_000);
    await sell(desk, 'INV-2', 30_000);
    const approvalId = await moved(desk, 'cash_in', 100_000);
    expect(approvalOf(desk, approvalId).drawer.state).toBe('opened');
    await moved(desk, 'cash_out', 40_000);
    expect(shiftOf(desk).open).toMatchObject({
      paidIn: { count: 1, sum: 100_000 },
      paidOut: { count: 1, sum: 40_000 },
    });
    await countAs(desk, 615_000);
    expect(shiftOf(desk).open?.counted).toMatchObject({
      expected: 615_000,
      difference: 0,
      needsReason: false,
    });
    const slipsBefore = desk.devices.slips.length;
    const report = await closeWith(desk, 500_000);
    await desk.run(1_000);
    expect(report).toMatchObject({
      ...{ kind: 'z', zNo: 1, cashier: 'Dewi', float: 500_000, expected: 615_000, counted: 615_000 },
      ...{ difference: 0, allowed: 'within', left: 500_000, sales: { count: 2, sum: 55_000 } },
      moves: [
        { kind: 'cash_in', way: 'in', count: 1, sum: 100_000 },
        { kind: 'cash_out', way: 'out', count: 1, sum: 40_000 },
      ],
      approvals: [
        { kind: 'cash_in', count: 1 },
        { kind: 'cash_out', count: 1 },
      ],
    });
    const slip = desk.devices.slips.slice(slipsBefore);
    expect(slip).toHaveLength(1);
    expect(slip[0]).toContain('LAPORAN Z 1');
    expect(kindsTold(desk)).toEqual(['opened', 'paid_in', 'paid_out', 'counted', 'closed']);
    expect(shiftOf(desk)).toMatchObject({
      open: null,
      lastLeft: 500_000,
      last: { zNo: 1, slip: { state: 'printed' } },
    });
    await desk.till.invoke('cashShift.reprint', { shiftId: report.shiftId });
    expect(desk.devices.slips.at(-1)).toContain('SALINAN');
    await expect(sell(desk, 'INV-3')).rejects.toEqual(refusal('cash_shift_needed'));
    // A new one knows what was left, and the next number follows.
    await openWith(desk, 450_000);
    await countAs(desk, 450_000);
    expect(await closeWith(desk)).toMatchObject({ zNo: 2, lastLeft: 500_000, float: 450_000 });
    const chain = await chainOf(desk, 'cash.');
    expect(chain.map(({ kind }) => kind)).toEqual([
      ...['cash.opened', 'cash.paid_in', 'cash.paid_out', 'cash.counted', 'cash.closed'],
      ...['cash.opened', 'cash.counted', 'cash.closed'],
    ]);
    expect(chain[4]?.body).toMatchObject({ subject: report.shiftId, amount: 0, zNo: 1, allowed: 'within' });
  });

  it('is counted blind: nothing that a cashier sees before it tells what should be there', async () => {
    const desk = await openShiftDesk();
    await openWith(desk, 500_000);
    await sell(desk, 'INV-1', 123_457);
    for (const secret of ['123457', '623457']) expect(rawView(desk)).not.toContain(secret);
    const { report } = await desk.till.invoke('cashShift.report', {});
    expect(report).toMatchObject({ kind: 'x', zNo: null, expected: null, sales: { count: 1, sum: null } });
    await desk.call(desk.till.invoke('cashShift.printX', {}));
    const x = desk.devices.slips.at(-1) ?? '';
    expect(x).toContain('LAPORAN X');
    expect(x).not.toMatch(/123[.,]?457|623[.,]?457/);
    // It changes nothing, and a supervisor sees it all.
    expect(kindsTold(desk)).toEqual(['opened']);
    await switchTo(desk, SUPERVISOR_ID);
    expect((await desk.till.invoke('cashShift.report', {})).report).toMatchObject({ expected: 623_457 });
    await switchTo(desk, CASHIER_ID);
    await countAs(desk, 623_457);
    expect(shiftOf(desk).open?.counted).toMatchObject({ expected: 623_457, difference: 0 });
  });

  it('says beside the cash what else happened', async () => {
    const desk = await openShiftDesk();
    await openWith(desk);
    await sell(desk, 'INV-1');
    desk.devices.setDrawer('open');
    await desk.run(500);
    desk.devices.setDrawer('closed');
    await desk.clock.leap(20_000);
    desk.devices.setDrawer('open');
    await desk.run(500);
    const redemption = await desk.begin(50_000);
    await desk.call(
      desk.till.invoke('redemption.submitCode', { redemptionId: redemption.id, code: '482913' }),
    );
    await desk.run(500);
    await desk.till.invoke('redemption.reprint', { redemptionId: redemption.id });
    const { report } = await desk.till.invoke('cashShift.report', {});
    expect(report).toMatchObject({
      redemptions: { deposit: { count: 1, sum: 50_000 }, points: { count: 0, sum: 0 } },
      openings: { cashSale: 1, unexplained: 1 },
      ...{ reprints: 1, slipsFailed: 0 },
    });
  });

  it('takes its pieces only where they are notes of the store and come to the sum', async () => {
    const desk = await openShiftDesk({ count: 'denominations' });
    const open = (total: number, pieces: { value: number; count: number }[] | null) =>
      desk.till.invoke('cashShift.open', { count: { sum: total, pieces } });
    const malformed = refusal('cash_count_malformed');
    await expect(open(500_000, null)).rejects.toEqual(malformed);
    await expect(open(500_000, [{ value: 100_000, count: 4 }])).rejects.toEqual(malformed);
    await expect(open(30_000, [{ value: 30_000, count: 1 }])).rejects.toEqual(malformed);
    const twice = [
      { value: 50_000, count: 1 },
      { value: 50_000, count: 1 },
    ];
    await expect(open(100_000, twice)).rejects.toEqual(malformed);
    await open(500_000, [{ value: 100_000, count: 5 }]);
    expect(shiftOf(desk).open?.float).toBe(500_000);
    const sums = await openShiftDesk({ count: 'sum' });
    const pieces = [{ value: 100_000, count: 5 }];
    await expect(sums.till.invoke('cashShift.open', { count: { sum: 500_000, pieces } })).rejects.toEqual(
      malformed,
    );
  });
});

describe('a difference', () => {
  it('beyond the first limit needs a reason', async () => {
    const desk = await openShiftDesk({ reasonAbove: 1_000, approvalAbove: 50_000 });
    await openWith(desk);
    await countAs(desk, 499_000);
    expect(shiftOf(desk).open?.counted).toMatchObject({ difference: -1_000, needsReason: false });
    await countAs(desk, 498_999);
    await expect(closeWith(desk)).rejects.toEqual(refusal('cash_reason_needed'));
    expect(await closeWith(desk, 0, 'kembalian salah')).toMatchObject({
      ...{ difference: -1_001, allowed: 'reason', reason: 'kembalian salah' },
    });
  });

  it('beyond the second needs a supervisor, whose yes holds for that difference alone', async () => {
    const desk = await openShiftDesk({ approvalAbove: 50_000, recounts: 5 });
    await openWith(desk);
    await countAs(desk, 400_000);
    await expect(closeWith(desk, 0, 'hilang')).rejects.toEqual(refusal('cash_approval_needed'));
    const { approvalId } = await desk.call(desk.till.invoke('cashShift.askDifference', { reason: 'hilang' }));
    expect(shiftOf(desk).open?.counted?.approval).toBe('asked');
    const asked = desk.gateway.approvals.only();
    expect(asked).toMatchObject({ kind: 'cash_difference', amount: 100_000, reason: 'hilang' });
    desk.gateway.approvals.decide(asked.id, 'quorum');
    await desk.run(500);
    expect(approvalOf(desk, approvalId).stage).toBe('approved');
    expect(shiftOf(desk).open?.counted?.approval).toBe('approved');
    // Another count is another difference.
    await countAs(desk, 350_000);
    await expect(closeWith(desk, 0, 'hilang')).rejects.toEqual(refusal('cash_approval_needed'));
    await countAs(desk, 400_000);
    expect(await closeWith(desk, 0, 'hilang')).toMatchObject({ allowed: 'approved', difference: -100_000 });
    await desk.run(500);
    const told = desk.gateway.shift.entries.find(({ kind }) => kind === 'difference_approved');
    expect(told).toMatchObject({ difference: -100_000, approvalId: asked.id });
  });

  it('that was rejected does not pass; a supervisor may count and close it', async () => {
    const desk = await openShiftDesk({ approvalAbove: 50_000 });
    await openWith(desk);
    await countAs(desk, 400_000);
    await desk.call(desk.till.invoke('cashShift.askDifference', { reason: 'hilang' }));
    desk.gateway.approvals.decide(desk.gateway.approvals.only().id, 'reject');
    await desk.run(500);
    expect(shiftOf(desk).open?.counted?.approval).toBe('rejected');
    await expect(closeWith(desk, 0, 'hilang')).rejects.toEqual(refusal('cash_approval_needed'));
    await switchTo(desk, SUPERVISOR_ID);
    expect(await closeWith(desk, 0, 'sudah dicari')).toMatchObject({ allowed: 'attended', cashier: 'Dewi' });
  });

  it('that nobody can be asked about, for the line is down, closes and says so', async () => {
    const desk = await openShiftDesk({ approvalAbove: 50_000 });
    await openWith(desk);
    await cutLine(desk);
    await countAs(desk, 400_000);
    expect(await closeWith(desk, 0, 'hilang')).toMatchObject({ zNo: 1, allowed: 'offline' });
    await openWith(desk, 0);
    await countAs(desk, 0);
    expect(await closeWith(desk)).toMatchObject({ zNo: 2, allowed: 'within' });
    expect(desk.gateway.shift.entries.map(({ kind }) => kind)).toEqual(['opened']);
    await mendCashLine(desk);
    await desk.run(2_000);
    expect(kindsTold(desk)).toEqual(['opened', 'counted', 'closed', 'opened', 'counted', 'closed']);
  });
});

describe('counts', () => {
  it('may be repeated so often, and each is kept', async () => {
    const desk = await openShiftDesk({ recounts: 2 });
    await expect(closeWith(await openOpened(desk))).rejects.toEqual(refusal('cash_count_needed'));
    for (const amount of [490_000, 495_000, 500_000]) await countAs(desk, amount);
    expect(shiftOf(desk).open?.counted?.recountsLeft).toBe(0);
    await expect(countAs(desk, 500_000)).rejects.toEqual(refusal('cash_recounts_exhausted'));
    const { counts } = await closeWith(desk);
    expect(counts.map(({ counted }) => counted)).toEqual([490_000, 495_000, 500_000]);
  });

  it('stand until cash moves; then it is counted again', async () => {
    const desk = await openShiftDesk({ recounts: 0 });
    await openOpened(desk);
    await countAs(desk, 500_000);
    await sell(desk, 'INV-1', 25_000);
    expect(shiftOf(desk).open?.counted?.stale).toBe(true);
    await expect(closeWith(desk)).rejects.toEqual(refusal('cash_count_stale'));
    await countAs(desk, 525_000);
    await expect(closeWith(desk, 525_001)).rejects.toEqual(refusal('cash_left_too_much', { most: 525_000 }));
    expect(await closeWith(desk, 525_000)).toMatchObject({ expected: 525_000, difference: 0 });
  });

  it('do not hide a float that is changed after them', async () => {
    const desk = await openShiftDesk({ approvalAbove: 1_000_000 });
    await openOpened(desk);
    await countAs(desk, 450_000);
    await moved(desk, 'float_change', 450_000);
    expect(shiftOf(desk).open).toMatchObject({
      float: 450_000,
      floatAfterCount: true,
      counted: { difference: 0 },
    });
    const report = await closeWith(desk);
    expect(report).toMatchObject({ floatAfterCount: true, floatChanges: 1, expected: 450_000 });
    await desk.run(500);
    expect(desk.devices.slips.at(-1)).toContain('Modal diubah setelah dihitung');
    expect(desk.gateway.shift.entries.find(({ kind }) => kind === 'float_changed')).toMatchObject({
      ...{ before: 500_000, float: 450_000, afterCount: true },
    });
  });
});

describe('people', () => {
  it('another cashier takes it over before they do anything with it, with a count where policy asks', async () => {
    const desk = await openShiftDesk({ ownCashier: true, takeoverCount: true });
    const { staff } = desk.gateway;
    const other = { ...staff[0], id: MANAGER_ID, name: 'Rina', role: 'cashier' as const };
    staff.splice(2, 1, other as (typeof staff)[number]);
    desk.gateway.push({ type: 'till.changed' });
    await desk.run(500);
    await openOpened(desk);
    await switchTo(desk, MANAGER_ID);
    expect(shiftOf(desk).open).toMatchObject({ mine: false, may: false, cashier: 'Dewi' });
    const others = refusal('cash_shift_other', { name: 'Dewi' });
    await expect(sell(desk, 'INV-1')).rejects.toEqual(others);
    await expect(countAs(desk, 1)).rejects.toEqual(others);
    await expect(desk.till.invoke('cashShift.report', {})).rejects.toEqual(others);
    await expect(desk.till.invoke('cashShift.takeOver', { count: null })).rejects.toEqual(
      refusal('cash_count_needed'),
    );
    await desk.till.invoke('cashShift.takeOver', { count: sum(480_000) });
    expect((await sell(desk, 'INV-1', 20_000)).drawer).toBe('opened');
    await desk.run(500);
    expect(desk.gateway.shift.entries.at(-1)).toMatchObject({
      ...{
        kind: 'taken_over',
        staffId: MANAGER_ID,
        from: CASHIER_ID,
        expected: 500_000,
        count: { sum: 480_000 },
      },
    });
    await countAs(desk, 520_000);
    expect(await closeWith(desk)).toMatchObject({ cashier: 'Rina', takenOver: 1 });
  });

  it('cash in and out below what policy lets go needs nobody and no line, and opens nothing', async () => {
    const desk = await openShiftDesk({ freeBelow: { in: 50_000, out: 10_000 } });
    await openOpened(desk);
    await cutLine(desk);
    const pay = (way: 'in' | 'out', amount: number) =>
      desk.till.invoke('cashShift.pay', { way, amount: amountSchema.parse(amount), reason: 'parkir' });
    await pay('in', 49_999);
    await pay('out', 9_999);
    await expect(pay('out', 10_000)).rejects.toEqual(refusal('cash_move_asks'));
    expect(desk.devices.pulses).toBe(0);
    await countAs(desk, 540_000);
    expect(await closeWith(desk)).toMatchObject({
      expected: 540_000,
      moves: [{ kind: null }, { kind: null }],
    });
  });

  it('one left open over the night is shown as such', async () => {
    const desk = await openShiftDesk({ leftOpenMinute: 240 });
    await openOpened(desk);
    expect(shiftOf(desk).open?.leftOpen).toBe(false);
    await desk.clock.leap(24 * HOUR_MS);
    expect(shiftOf(desk).open?.leftOpen).toBe(true);
  });

  it('the list of shifts is for managers', async () => {
    const desk = await openShiftDesk();
    await expect(desk.till.invoke('cashShift.list', {})).rejects.toEqual(refusal('role_not_allowed'));
  });
});

describe('a terminal', () => {
  it('opens and closes it under its keys, and reads X and Z', async () => {
    const desk = await openShiftDesk();
    const { pos } = desk.till;
    expect(pos.shift()).toEqual({ open: null, last: null });
    expect(() => pos.zReport()).toThrow(expect.objectContaining({ code: 'cash_shift_none' }));
    const opened = await pos.openShift('key-of-open-1', { count: sum(500_000) });
    expect(opened.open).toMatchObject({ cashier: 'Dewi', float: 500_000, counted: null });
    expect(await pos.openShift('key-of-open-1', { count: sum(500_000) })).toEqual(opened);
    await expect(pos.openShift('key-of-open-1', { count: sum(1) })).rejects.toEqual(
      refusal('idempotency_key_reused'),
    );
    await sell(desk, 'INV-1', 25_000);
    expect(pos.xReport()).toMatchObject({ kind: 'x', expected: null, sales: { count: 1, sum: null } });
    const close = { count: sum(520_000), left: null, reason: null };
    await expect(pos.closeShift('key-of-close-1', close)).rejects.toEqual(refusal('cash_reason_needed'));
    const said = { ...close, reason: 'kurang' };
    // The count that stands is not one more.
    const z = await pos.closeShift('key-of-close-2', said);
    expect(z).toMatchObject({ zNo: 1, difference: -5_000, counts: [{ counted: 520_000 }], left: 520_000 });
    expect(await pos.closeShift('key-of-close-2', said)).toEqual(z);
    expect(pos.zReport()).toEqual(z);
    expect(pos.shift()).toMatchObject({ open: null, last: { zNo: 1, left: 520_000 } });
  });
});

async function openOpened(desk: Desk): Promise<Desk> {
  await openWith(desk);
  return desk;
}

/** The folder as it lies at one step of one act, as a crash there would leave it, under a new till. */
async function diesAt(
  step: CashShiftStep,
  before: (desk: Desk) => Promise<void>,
  act: (desk: Desk) => Promise<unknown>,
) {
  let copy: string | null = null;
  let armed = false;
  const onStep = (now: TillStep) => {
    if (!armed || now !== step || copy !== null) return;
    copy = `${desk.dataDir}-crashed-${step}`;
    cpSync(desk.dataDir, copy, { recursive: true });
  };
  const desk = await openShiftDesk({}, { onStep });
  await before(desk);
  // What the dead till would have told is not told.
  desk.gateway.trouble.set('/v1/outbox', 'down');
  armed = true;
  await act(desk);
  await desk.call(desk.till.stop());
  desk.gateway.trouble.clear();
  if (copy === null) throw new Error(`${step} was never reached`);
  const { clock, gateway, devices } = desk;
  devices.slips.length = 0;
  const again = await openDesk({ clock, gateway, devices, dataDir: copy });
  await mendCashLine(again);
  await again.signIn();
  await again.run(500);
  return again;
}

describe('after a crash', () => {
  const nothing = async () => {};
  const opened = async (desk: Desk) => void (await openWith(desk));
  const counted = async (desk: Desk) => {
    await openWith(desk);
    await countAs(desk, 500_000);
  };

  it('before the commit there is nothing, and it may be done again: once in all', async () => {
    const opening = await diesAt('cash_entry_saved', nothing, openWith);
    expect(shiftOf(opening).open).toBeNull();
    await openWith(opening);

    const counting = await diesAt('cash_entry_saved', opened, (desk) => countAs(desk, 500_000));
    expect(shiftOf(counting).open?.counted).toBeNull();
    await countAs(counting, 500_000);

    const closing = await diesAt('cash_entry_saved', counted, closeWith);
    expect(shiftOf(closing)).toMatchObject({ open: { float: 500_000 }, last: null });
    expect(closing.devices.slips).toEqual([]);
    expect((await closeWith(closing)).zNo).toBe(1);
    await closing.run(1_000);
    expect(kindsTold(closing)).toEqual(['opened', 'counted', 'closed']);
  });

  it('after it all stands, is told once, and the Z is printed under its one number', async () => {
    const opening = await diesAt('cash_entry_kept', nothing, openWith);
    expect(shiftOf(opening).open?.float).toBe(500_000);
    await expect(openWith(opening)).rejects.toEqual(refusal('cash_shift_open'));
    expect(kindsTold(opening)).toEqual(['opened']);

    const counting = await diesAt('cash_entry_kept', opened, (desk) => countAs(desk, 500_000));
    expect(shiftOf(counting).open?.counted).toMatchObject({ counted: 500_000, recountsLeft: 2 });

    const closing = await diesAt('cash_entry_kept', counted, closeWith);
    await closing.run(1_000);
    expect(shiftOf(closing)).toMatchObject({ open: null, last: { zNo: 1, slip: { state: 'printed' } } });
    expect(closing.devices.slips.filter((slip) => slip.includes('LAPORAN Z 1'))).toHaveLength(1);
    expect(kindsTold(closing)).toEqual(['opened', 'counted', 'closed']);
    await openWith(closing);
    await countAs(closing, 500_000);
    expect((await closeWith(closing)).zNo).toBe(2);
  });

  it("a till whose disk is new goes on from the gateway's number", async () => {
    const clocked = await openShiftDesk();
    clocked.gateway.lastZ = 41;
    clocked.gateway.push({ type: 'till.changed' });
    await clocked.run(500);
    await openWith(clocked);
    await countAs(clocked, 500_000);
    expect((await closeWith(clocked)).zNo).toBe(42);
  });
});
