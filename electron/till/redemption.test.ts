import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CUSTOMER_ID, RIGHT_CODE, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { REDEMPTION_STEPS } from './steps.ts';

afterAll(removeTempFolders);

const wish = { customerId: CUSTOMER_ID, asset: 'deposit', amount: 50_000, drawer: true } as const;

async function signedIn(reuse: Parameters<typeof openDesk>[0] = {}) {
  const desk = await openDesk(reuse);
  await desk.signIn();
  return desk;
}

describe('a redemption', () => {
  it('calls every step once, in order', async () => {
    const steps: string[] = [];
    const desk = await signedIn({ onStep: (step) => steps.push(step) });
    const { id } = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await desk.run();
    expect(steps).toEqual(REDEMPTION_STEPS);
    expect(desk.shown()).toMatchObject({
      stage: 'done',
      settlement: 'confirmed',
      drawer: { state: 'opened' },
      slip: { state: 'printed', copiesLeft: 3 },
    });
    expect(desk.gateway.redemptions.captured).toHaveLength(1);
    expect([desk.devices.pulses, desk.devices.slips.length]).toEqual([1, 1]);
  });

  it('shows the countdown, the tries and the delivery as events tell them', async () => {
    const desk = await signedIn();
    await desk.begin();
    expect(desk.shown()).toMatchObject({ stage: 'awaiting_code', availableAfter: 450_000 });
    const { code } = desk.gateway.only();
    if (code === null) throw new Error('no code');
    await desk.run(10_000);
    expect(desk.shown().code?.expiresInMs).toBeLessThanOrEqual(290_000);
    const delivery = { channel: 'whatsapp', state: 'delivered', reason: null } as const;
    const redemption = { ...desk.gateway.only(), code: { ...code, delivery, expiresInMs: 300_000 } };
    desk.gateway.push({ type: 'redemption.changed', redemption });
    await desk.run();
    expect(desk.shown().code?.delivery.state).toBe('delivered');
    // An event that lay about does not give time back.
    expect(desk.shown().code?.expiresInMs).toBeLessThanOrEqual(290_000);
  });

  it('shows how far the message with the newest code came, and nothing of another', async () => {
    const desk = await signedIn();
    await desk.begin();
    const { id, code } = desk.gateway.only();
    const tell = async (redemptionId: string, sends: number, state: 'sent' | 'read' | 'failed') => {
      const delivery = {
        channel: 'whatsapp',
        state,
        reason: state === 'failed' ? 'wrong_number' : null,
      } as const;
      desk.gateway.push({ type: 'code.delivery', redemptionId, sends, delivery });
      await desk.run();
      return desk.shown().code?.delivery;
    };
    expect(code?.sends).toBe(1);
    expect(await tell(id, 1, 'sent')).toMatchObject({ state: 'sent' });
    expect(await tell(CUSTOMER_ID, 1, 'read')).toMatchObject({ state: 'sent' });
    expect(await tell(id, 2, 'read')).toMatchObject({ state: 'sent' });
    expect(await tell(id, 1, 'failed')).toMatchObject({ state: 'failed', reason: 'wrong_number' });
    expect(desk.shown().code).toMatchObject({ triesLeft: code?.triesLeft, sends: 1 });
  });

  it('counts wrong codes and ends with the last', async () => {
    const desk = await signedIn();
    desk.gateway.redemptions.triesLeft = 2;
    const { id } = await desk.begin();
    const submit = (code: string) =>
      desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code }));
    await expect(submit('000000')).rejects.toMatchObject({ code: 'code_wrong', params: { triesLeft: 1 } });
    expect(desk.shown()).toMatchObject({
      stage: 'awaiting_code',
      code: { triesLeft: 1 },
      error: { code: 'code_wrong' },
    });
    await expect(submit('000001')).rejects.toMatchObject({ code: 'code_tries_exhausted' });
    expect(desk.shown()).toMatchObject({ stage: 'failed', error: { code: 'code_tries_exhausted' } });
    await expect(submit(RIGHT_CODE)).rejects.toMatchObject({ code: 'redemption_state' });
    expect([desk.devices.pulses, desk.gateway.redemptions.captured.length]).toEqual([0, 0]);
  });

  it('ends when the gateway says that it lapsed', async () => {
    const desk = await signedIn();
    await desk.begin();
    desk.gateway.change(desk.gateway.only().id, 'lapse');
    await desk.run();
    expect(desk.shown()).toMatchObject({ stage: 'expired', error: { code: 'code_expired' }, code: null });
  });

  it('needs no code where the gateway asks for none', async () => {
    const desk = await signedIn();
    desk.gateway.redemptions.askFrom = 100_000;
    await desk.begin(50_000, false);
    await desk.run();
    expect(desk.shown()).toMatchObject({ stage: 'done', drawer: { state: 'not_needed' } });
    expect(desk.devices.pulses).toBe(0);
  });

  it('takes one at a time, and the next after the last is finished', async () => {
    const desk = await signedIn();
    const { id } = await desk.begin();
    await expect(desk.till.invoke('redemption.start', wish)).rejects.toMatchObject({ code: 'till_busy' });
    await expect(desk.till.invoke('redemption.dismiss', { redemptionId: id })).rejects.toMatchObject({
      code: 'redemption_state',
    });
    await desk.till.invoke('redemption.cancel', { redemptionId: id });
    const next = await desk.begin();
    expect(next.id).not.toBe(id);
    expect(desk.till.view().recent.map((one) => one.id)).toEqual([id]);
  });

  it.each([0, -1, 1.5, 2 ** 53, Number.NaN])('refuses the amount %s', async (amount) => {
    const desk = await signedIn();
    await expect(desk.till.invoke('redemption.start', { ...wish, amount })).rejects.toMatchObject({
      code: 'amount_invalid',
    });
    expect(desk.gateway.redemptions.held.size).toBe(0);
  });

  it('passes a refusal on and leaves nothing on the screen', async () => {
    const desk = await signedIn();
    const refusal = new SaksiError('amount_above_balance', { params: { available: 10 } });
    desk.gateway.refuse.set('/redemptions', refusal);
    await expect(desk.call(desk.till.invoke('redemption.start', wish))).rejects.toMatchObject({
      code: 'amount_above_balance',
      params: { available: 10 },
    });
    expect(desk.till.view()).toMatchObject({ redemption: null, recent: [] });
    desk.gateway.refuse.clear();
    expect((await desk.begin()).stage).toBe('awaiting_code');
  });

  it('keeps the idempotency key over the tries of one wish', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/redemptions', 'lose_answer');
    const started = desk.till.invoke('redemption.start', wish);
    await desk.run(1);
    desk.gateway.trouble.clear();
    await desk.call(started);
    const keys = desk.gateway.requests.filter((one) => one.path === '/v1/redemptions').map(({ key }) => key);
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys).size).toBe(1);
    expect(desk.gateway.redemptions.held.size).toBe(1);
  });

  it('gives back what a lost answer left at the gateway', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/redemptions', 'lose_answer');
    await expect(desk.call(desk.till.invoke('redemption.start', wish))).rejects.toMatchObject({
      code: 'gateway_unreachable',
    });
    desk.gateway.trouble.clear();
    await desk.run(20_000);
    expect(desk.gateway.only().status).toBe('released');
    expect(desk.till.view().status.outbox).toMatchObject({ pending: 0, attention: 0 });
  });

  it('is made once where two of the till’s errands come upon one wish, and stays the customer’s', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/redemptions', 'hang');
    const first = desk.till.invoke('redemption.start', wish);
    first.catch(() => undefined);
    await desk.run(0);
    await desk.till.invoke('redemption.cancel', { redemptionId: desk.shown().id });
    // The line breaks and comes back: reconciling waits for its turn, and behind it the next wish does.
    desk.gateway.cut();
    await desk.run(2_000);
    expect(desk.till.view().status.gateway.state).not.toBe('offline');
    desk.gateway.trouble.clear();
    const second = desk.till.invoke('redemption.start', { ...wish, amount: 7_000 });
    await expect(desk.call(first)).rejects.toMatchObject({ code: 'redemption_state' });
    const { redemptionId } = await desk.call(second);
    expect(desk.shown()).toMatchObject({ id: redemptionId, stage: 'awaiting_code', amount: 7_000 });
    await desk.run(20_000);
    expect(
      [...desk.gateway.redemptions.held.values()].map(({ redemption: { amount, status } }) => [
        amount,
        status,
      ]),
    ).toEqual([
      [50_000, 'released'],
      [7_000, 'awaiting_code'],
    ]);
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId, code: RIGHT_CODE }));
    await desk.run();
    expect(desk.shown()).toMatchObject({ stage: 'done', settlement: 'confirmed' });
  });

  it('refuses to start while the line is down and no sealed codes are held', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('*', 'down');
    desk.gateway.cut();
    await desk.run(100);
    expect(desk.till.view().status.gateway).toMatchObject({
      state: 'offline',
      error: { code: 'gateway_unreachable' },
    });
    await expect(desk.till.invoke('redemption.start', wish)).rejects.toMatchObject({
      code: 'offline_not_allowed',
    });
  });

  it('takes the grant when the answer to the code was lost', async () => {
    const desk = await signedIn();
    const { id } = await desk.begin();
    desk.gateway.trouble.set('/verify', 'lose_answer');
    const submitted = desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE });
    await expect(desk.call(submitted)).rejects.toMatchObject({ code: expect.any(String) });
    desk.gateway.trouble.clear();
    await desk.run(5_000);
    expect(desk.shown()).toMatchObject({ stage: 'done', settlement: 'confirmed' });
    expect(desk.devices.pulses).toBe(1);
  });
});

describe('cancelling', () => {
  it('before the code gives the money back through the outbox', async () => {
    const desk = await signedIn();
    const { id } = await desk.begin();
    await desk.till.invoke('redemption.cancel', { redemptionId: id });
    expect(desk.shown()).toMatchObject({ stage: 'cancelled', settlement: 'queued' });
    await desk.run();
    expect(desk.shown()).toMatchObject({ stage: 'cancelled', settlement: 'confirmed' });
    expect(desk.gateway.redemptions.released).toHaveLength(1);
  });

  it('while the gateway is being asked gives back what it made', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/redemptions', 'lose_answer');
    const started = desk.till.invoke('redemption.start', wish);
    started.catch(() => undefined);
    await desk.run(0);
    desk.gateway.trouble.clear();
    const { id } = desk.shown();
    await desk.till.invoke('redemption.cancel', { redemptionId: id });
    await expect(desk.call(started)).rejects.toMatchObject({ code: 'redemption_state' });
    await desk.run(1_000);
    expect(desk.gateway.only().status).toBe('released');
  });

  it('finds it lapsed already and is content', async () => {
    const desk = await signedIn();
    const { id } = await desk.begin();
    desk.gateway.change(desk.gateway.only().id, 'lapse', false);
    await desk.till.invoke('redemption.cancel', { redemptionId: id });
    await desk.run();
    expect(desk.shown()).toMatchObject({ settlement: 'confirmed', error: null });
  });

  it('after the code is refused', async () => {
    const desk = await signedIn();
    const { id } = await desk.begin();
    desk.devices.printing = new Promise(() => {});
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    expect(desk.shown().stage).toBe('acting');
    await expect(desk.till.invoke('redemption.cancel', { redemptionId: id })).rejects.toMatchObject({
      code: 'redemption_state',
      params: { status: 'acting' },
    });
  });
});

describe('devices in trouble', () => {
  const failure = (sent: 'none' | 'some') =>
    ({ ok: false, failure: 'printer_paper_out', sent, detail: '' }) as const;

  it('a printer that fails does not hold up the money; the slip prints later, as the original if nothing left', async () => {
    const desk = await signedIn();
    desk.devices.printing = failure('none');
    const { id } = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await desk.run();
    expect(desk.shown()).toMatchObject({
      stage: 'done',
      settlement: 'confirmed',
      slip: { state: 'waiting', error: { code: 'printer_paper_out' }, copiesLeft: 3, goesOn: true },
    });
    const reprint = () => desk.call(desk.till.invoke('redemption.reprint', { redemptionId: id }));
    await expect(reprint()).rejects.toMatchObject({ code: 'printer_paper_out' });
    desk.devices.printing = { ok: true };
    await reprint();
    expect(desk.shown().slip).toMatchObject({ state: 'printed', error: null, copiesLeft: 3 });
    expect(desk.devices.slips[0]).not.toContain('SALINAN');
  });

  it('marks and counts a copy as soon as an earlier slip may be out, up to the limit', async () => {
    const desk = await openDesk();
    desk.gateway.policy.slips.copiesMax = 2;
    desk.gateway.push({ type: 'till.changed' });
    await desk.run();
    await desk.signIn();
    desk.devices.printing = failure('some');
    const { id } = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    desk.devices.printing = { ok: true };
    const reprint = () => desk.call(desk.till.invoke('redemption.reprint', { redemptionId: id }));
    await reprint();
    expect(desk.devices.slips[0]).toContain('SALINAN');
    expect(desk.shown().slip.copiesLeft).toBe(1);
    await reprint();
    await expect(reprint()).rejects.toMatchObject({ code: 'copies_exhausted' });
    expect(desk.devices.slips).toHaveLength(2);
    expect(desk.devices.pulses).toBe(1);
  });

  it.each([
    ['silent', 'unconfirmed', 'drawer_not_confirmed'],
    [new SaksiError('drawer_absent'), 'failed', 'drawer_absent'],
    [new SaksiError('drawer_not_confirmed'), 'unconfirmed', 'drawer_not_confirmed'],
  ] as const)('a drawer that is %s is shown so, and the money goes on', async (drawer, state, code) => {
    const desk = await signedIn();
    desk.devices.drawer = drawer;
    const { id } = await desk.begin();
    await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
    await desk.run();
    expect(desk.shown()).toMatchObject({ stage: 'done', drawer: { state, error: { code } } });
  });
});

describe('who may do what', () => {
  it('needs somebody signed in for all that moves', async () => {
    const desk = await openDesk();
    for (const call of [
      () => desk.till.invoke('redemption.start', wish),
      () => desk.till.invoke('customers.search', { q: 'Ayu' }),
      () => desk.till.invoke('redemption.reprint', { redemptionId: CUSTOMER_ID }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'not_signed_in' });
    }
    await desk.signIn(SUPERVISOR_ID);
    const { id } = await desk.begin();
    await desk.till.invoke('session.signOut', {});
    await expect(
      desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }),
    ).rejects.toMatchObject({ code: 'not_signed_in' });
  });

  it('does nothing before it is started', async () => {
    const desk = await openDesk();
    await desk.call(desk.till.stop());
    expect(() => desk.till.view()).toThrow(expect.objectContaining({ code: 'not_ready' }));
  });
});
