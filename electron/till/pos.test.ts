import { afterAll, describe, expect, it } from 'vitest';
import { amountSchema } from '../../shared/money.ts';
import type { PosRedemption, PosRedemptionCreate } from '../../shared/pos-link-api.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { RIGHT_CODE, SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

const wish = (changes: Partial<PosRedemptionCreate> = {}): PosRedemptionCreate => ({
  customer: { memberNo: 'M-1001' },
  asset: 'deposit',
  amount: amountSchema.parse(50_000),
  saleRef: 'INV/42',
  drawer: true,
  capture: 'auto',
  ...changes,
});
const KEY = 'terminal-key-1';

type Desk = Awaited<ReturnType<typeof openDesk>>;

async function started(desk: Desk, changes: Partial<PosRedemptionCreate> = {}): Promise<PosRedemption> {
  return desk.call(desk.till.pos.start(KEY, wish(changes)));
}

const submit = (desk: Desk, { id }: PosRedemption) =>
  desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));

describe('a redemption that the terminal starts', () => {
  it('is followed from the code to the capture, with nobody signed in', async () => {
    const desk = await openDesk();
    expect(desk.till.pos.status()).toEqual({
      till: { name: 'Kasir 1', store: 'Toko Saksi' },
      gateway: 'online',
      busy: false,
    });
    const redemption = await started(desk);
    expect(redemption).toMatchObject({
      status: 'awaiting_code',
      saleRef: 'INV/42',
      triesLeft: 5,
      drawer: 'not_needed',
    });
    expect(desk.till.pos.status().busy).toBe(true);
    const seen: string[] = [];
    const stop = desk.till.pos.follow(redemption.id, ({ status }) => seen.push(status));
    await submit(desk, redemption);
    await desk.run();
    stop();
    expect(seen.at(-1)).toBe('captured');
    expect(desk.gateway.redemptions.captured).toHaveLength(1);
  });

  it('gives the same answer for the same key, and refuses another body', async () => {
    const desk = await openDesk();
    const first = await started(desk);
    expect((await started(desk)).id).toBe(first.id);
    expect(desk.gateway.redemptions.held.size).toBe(1);
    await expect(started(desk, { saleRef: 'INV/43' })).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
    await expect(desk.till.pos.cancel(first.id, KEY)).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  it('takes the same wish up again after a try without an answer', async () => {
    const desk = await openDesk();
    desk.gateway.trouble.set('/redemptions', 'down');
    await expect(started(desk)).rejects.toMatchObject({ code: 'gateway_unreachable' });
    desk.gateway.trouble.clear();
    expect(await started(desk)).toMatchObject({ status: 'awaiting_code' });
    expect(desk.gateway.redemptions.held.size).toBe(1);
  });

  it('keeps no full phone number once the gateway answered', async () => {
    const desk = await openDesk();
    await started(desk, { customer: { phone: '081234567801' } });
    const { readdirSync, readFileSync } = await import('node:fs');
    await desk.call(desk.till.stop());
    for (const file of readdirSync(desk.dataDir)) {
      expect(readFileSync(`${desk.dataDir}/${file}`).includes('081234567801'), file).toBe(false);
    }
  });

  it.each([0, -5, 2.5, 2 ** 53])('refuses the amount %s', async (amount) => {
    const desk = await openDesk();
    await expect(started(desk, { amount: amount as PosRedemptionCreate['amount'] })).rejects.toMatchObject({
      code: 'amount_invalid',
    });
  });

  it('shows it nothing that a cashier started', async () => {
    const desk = await openDesk();
    await desk.signIn();
    const { id } = await desk.begin();
    expect(() => desk.till.pos.get(id)).toThrow(expect.objectContaining({ code: 'redemption_unknown' }));
    await expect(desk.till.pos.cancel(id, KEY)).rejects.toMatchObject({ code: 'redemption_unknown' });
  });
});

describe('manual capture', () => {
  async function verified(): Promise<{ desk: Desk; id: string }> {
    const desk = await openDesk();
    const redemption = await started(desk, { capture: 'manual' });
    await submit(desk, redemption);
    await desk.run();
    expect(desk.till.pos.get(redemption.id)).toMatchObject({ status: 'authorised', slip: 'printed' });
    expect(desk.gateway.redemptions.captured).toEqual([]);
    return { desk, id: redemption.id };
  }

  it('waits for the terminal, over a restart too', async () => {
    const { desk: before, id } = await verified();
    const desk = await before.restart();
    await desk.run(1_000);
    await desk.till.pos.capture(id, 'capture-key-1');
    await desk.run();
    await desk.till.pos.capture(id, 'capture-key-1');
    expect(desk.till.pos.get(id).status).toBe('captured');
    expect(desk.gateway.redemptions.captured).toHaveLength(1);
  });

  it('or is cancelled by it, through the outbox', async () => {
    const { desk, id } = await verified();
    desk.gateway.trouble.set('/cancel', 'down');
    expect(await desk.till.pos.cancel(id, 'cancel-key-1')).toMatchObject({ status: 'cancelling' });
    desk.gateway.trouble.clear();
    await desk.run(5_000);
    expect(desk.till.pos.get(id).status).toBe('cancelled');
    await expect(desk.till.pos.capture(id, 'capture-key-1')).rejects.toMatchObject({
      code: 'redemption_state',
    });
    expect([desk.gateway.redemptions.captured.length, desk.gateway.redemptions.released.length]).toEqual([
      0, 1,
    ]);
  });

  it('said while the devices are at work is kept until they are done', async () => {
    const desk = await openDesk();
    let printed = (_: { ok: true }) => {};
    desk.devices.printing = new Promise((resolve) => {
      printed = resolve;
    });
    const redemption = await started(desk, { capture: 'manual' });
    await submit(desk, redemption);
    await desk.till.pos.capture(redemption.id, 'capture-key-1');
    expect(desk.gateway.redemptions.captured).toEqual([]);
    printed({ ok: true });
    await desk.run();
    expect(desk.till.pos.get(redemption.id).status).toBe('captured');
  });

  it('is not for a cashier to cancel at the screen, but for a supervisor', async () => {
    const { desk, id } = await verified();
    await desk.signIn();
    await expect(desk.till.invoke('redemption.cancel', { redemptionId: id })).rejects.toMatchObject({
      code: 'role_not_allowed',
    });
    await desk.signIn(SUPERVISOR_ID);
    await desk.till.invoke('redemption.cancel', { redemptionId: id });
    await desk.run();
    expect(desk.gateway.redemptions.released).toHaveLength(1);
  });
});
