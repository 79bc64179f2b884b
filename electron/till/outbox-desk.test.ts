import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { OFFLINE_PATHS, type OutboxMessage, outboxBatchSchema } from '../../shared/offline.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import {
  CASHIER_ID,
  CUSTOMER_ID,
  FakeGateway,
  MANAGER_ID,
  PIN,
  pinHash,
  RIGHT_CODE,
  SUPERVISOR_ID,
} from '../../test/fixtures/fake-gateway.ts';
import { beginOffline, mendLine, openOfflineDesk, SEALED, say } from '../../test/fixtures/offline-desk.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

type Desk = Awaited<ReturnType<typeof openDesk>>;

/** A desk with one capture that the gateway refused. */
async function refused(staffId?: string, prepare: (gateway: FakeGateway) => void = () => {}): Promise<Desk> {
  const clock = new FakeClock();
  const gateway = new FakeGateway(clock);
  prepare(gateway);
  const desk = await openDesk({ clock, gateway });
  await desk.signIn(staffId);
  desk.gateway.refuse.set('/capture', new SaksiError('redemption_state', { params: { status: 'released' } }));
  const { id } = await desk.begin();
  await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
  await desk.run(1_000);
  return desk;
}

const list = async ({ till }: Desk) => (await till.invoke('outbox.list', {})).items;
const only = async (desk: Desk) => {
  const [item, ...rest] = await list(desk);
  if (item === undefined || rest.length > 0) throw new Error(`${rest.length + 1} items, not one`);
  return item;
};
const sent = ({ gateway }: Desk) =>
  gateway.requests
    .filter(({ path }) => path === OFFLINE_PATHS.outbox)
    .flatMap(({ body }) => outboxBatchSchema.parse(body).items);
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: SaksiError) => error.code,
  );

describe('what the gateway refused', () => {
  it('is listed with its sale, its reason and what may be done', async () => {
    const desk = await refused();
    expect(await only(desk)).toMatchObject({
      kind: 'capture',
      state: 'refused',
      customerName: 'Ayu Pratiwi',
      asset: 'deposit',
      amount: 50_000,
      attempts: 1,
      nextTryInMs: null,
      reason: { code: 'redemption_state' },
      actions: ['retry', 'handOver'],
    });
    expect(desk.till.view().status.outbox).toMatchObject({ pending: 0, attention: 1 });
  });

  it('goes again with the same key, and is confirmed', async () => {
    const desk = await refused();
    const { id } = await only(desk);
    desk.gateway.refuse.clear();
    await desk.till.invoke('outbox.retry', { itemId: id });
    await desk.run(1_000);
    expect(await list(desk)).toEqual([]);
    expect(new Set(sent(desk).map((item) => item.id)).size).toBe(1);
    expect(desk.shown()).toMatchObject({ settlement: 'confirmed', error: null });
    expect(await refusal(desk.till.invoke('outbox.retry', { itemId: id }))).toBe('outbox_item_unknown');
  });

  it('is handed over to a manager, with a PIN and a word, and kept at the gateway', async () => {
    const desk = await refused(MANAGER_ID);
    const { id } = await only(desk);
    const note = 'Paid back in cash';
    const wrong = desk.till.invoke('outbox.handOver', { itemId: id, staffId: MANAGER_ID, pin: '9999', note });
    expect(await refusal(wrong)).toBe('pin_wrong');
    expect(await list(desk)).toHaveLength(1);
    await desk.till.invoke('outbox.handOver', { itemId: id, staffId: MANAGER_ID, pin: PIN, note });
    await desk.run(1_000);
    expect(await list(desk)).toEqual([]);
    expect(desk.till.view().status.outbox).toMatchObject({ pending: 0, attention: 0 });
    const { message } = sent(desk).at(-1) ?? {};
    const kept = message as Extract<OutboxMessage, { kind: 'handed_over' }>;
    expect(kept).toMatchObject({
      kind: 'handed_over',
      about: id,
      note,
      staffId: MANAGER_ID,
      reason: 'redemption_state',
    });
    expect(JSON.parse(kept.item)).toMatchObject({ message: { kind: 'capture' }, sale: { amount: 50_000 } });
  });

  it('is handed over to a manager who comes to the till while a cashier is signed in', async () => {
    const desk = await refused(CASHIER_ID);
    const { id } = await only(desk);
    const word = { itemId: id, pin: PIN, note: 'Called the customer' };
    for (const staffId of [CASHIER_ID, SUPERVISOR_ID]) {
      expect(await refusal(desk.till.invoke('outbox.handOver', { ...word, staffId }))).toBe(
        'role_not_allowed',
      );
    }
    const nobody = '019b0000-0000-7000-8000-00000000dead';
    expect(await refusal(desk.till.invoke('outbox.handOver', { ...word, staffId: nobody }))).toBe(
      'staff_unknown',
    );
    expect(await list(desk)).toHaveLength(1);
    await desk.till.invoke('outbox.handOver', { ...word, staffId: MANAGER_ID });
    await desk.run(1_000);
    expect(await list(desk)).toEqual([]);
    expect(sent(desk).at(-1)?.message).toMatchObject({ kind: 'handed_over', staffId: MANAGER_ID });
    expect(desk.till.view().session?.staffId).toBe(CASHIER_ID);
  });

  it('of two managers with the same PIN it is the one named; wrong PINs lock out that one alone', async () => {
    const otherId = '019b0000-0000-7000-8000-000000000014';
    const desk = await refused(CASHIER_ID, ({ staff }) => {
      staff.push({ id: otherId, name: 'Rina', role: 'manager', pin: pinHash(PIN) });
    });
    const { id } = await only(desk);
    const handOver = (staffId: string, pin: string) =>
      refusal(desk.till.invoke('outbox.handOver', { itemId: id, staffId, pin, note: 'As agreed' }));
    const { tries } = desk.gateway.policy.pin;
    for (let left = tries - 1; left > 0; left -= 1)
      expect(await handOver(MANAGER_ID, '9999')).toBe('pin_wrong');
    expect(await handOver(MANAGER_ID, '9999')).toBe('pin_locked');
    expect(await handOver(MANAGER_ID, PIN)).toBe('pin_locked');
    await desk.run();
    const lockedOut = desk.till.view().staff.filter(({ lockedForMs }) => lockedForMs !== null);
    expect(lockedOut.map((member) => member.id)).toEqual([MANAGER_ID]);
    expect(await list(desk)).toHaveLength(1);

    expect(await handOver(otherId, PIN)).toBeNull();
    await desk.run(1_000);
    expect(sent(desk).at(-1)?.message).toMatchObject({ kind: 'handed_over', staffId: otherId });
  });
});

describe('a backlog', () => {
  it('outlives a restart in order, and a clock set back makes no pause longer (odoo#125037: paid order lost on power cut)', async () => {
    const desk = await openDesk();
    await desk.signIn();
    desk.gateway.refuse.set('/capture', new SaksiError('internal'));
    const { id } = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await desk.run(120_000);
    const before = sent(desk).length;
    desk.clock.setWall(desk.clock.now() - 30 * 86_400_000);
    const after = await desk.restart();
    after.gateway.refuse.clear();
    await after.run(35_000);
    expect(sent(after).length).toBeGreaterThan(before);
    expect(after.gateway.redemptions.captured).toHaveLength(1);
    expect(after.till.view().status.outbox).toMatchObject({ pending: 0, attention: 0 });
  });
});

describe('what was spent for a customer that the gateway does not know', () => {
  it('goes again for another one, with a key of its own', async () => {
    const desk = await openOfflineDesk();
    const begun = await beginOffline(desk);
    await say(desk, SEALED[0]);
    desk.gateway.offline.refuseRedemption = new SaksiError('customer_unknown');
    await mendLine(desk);
    const item = await only(desk);
    expect(item).toMatchObject({
      kind: 'offline_redemption',
      state: 'refused',
      reason: { code: 'customer_unknown' },
      actions: ['retry', 'editCustomer', 'handOver'],
    });
    const edit = (customerId: string) =>
      desk.till.invoke('outbox.editCustomer', { itemId: item.id, customerId });
    expect(await refusal(edit('0197a000-0000-7000-8000-00000000dead'))).toBe('customer_unknown');
    expect(await list(desk)).toHaveLength(1);

    desk.gateway.offline.refuseRedemption = null;
    await edit(CUSTOMER_ID);
    await desk.run(2_000);
    expect(await list(desk)).toEqual([]);
    const tries = sent(desk).filter(({ message }) => message.kind === 'offline_redemption');
    expect(new Set(tries.map(({ id }) => id)).size).toBe(2);
    expect(tries.at(-1)).toMatchObject({
      stream: `customer:${CUSTOMER_ID}`,
      message: { redemption: { id: begun.id, customerId: CUSTOMER_ID, amount: 50_000 } },
    });
    expect(desk.shown()).toMatchObject({ settlement: 'confirmed', error: null });
    expect(await refusal(edit(CUSTOMER_ID))).toBe('outbox_item_unknown');
  });

  it('is not offered for a refusal of another kind', async () => {
    const desk = await refused();
    const { id } = await only(desk);
    const edited = desk.till.invoke('outbox.editCustomer', { itemId: id, customerId: CUSTOMER_ID });
    expect(await refusal(edited)).toBe('outbox_item_unknown');
  });
});
