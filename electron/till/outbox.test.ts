import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { OFFLINE_PATHS, outboxBatchSchema } from '../../shared/offline.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { RIGHT_CODE, TILL_KEY_VALUE } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

type Desk = Awaited<ReturnType<typeof openDesk>>;

async function redeemed(desk: Desk): Promise<string> {
  const { id } = await desk.begin();
  await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
  await desk.run(5);
  return id;
}

async function signedIn(): Promise<Desk> {
  const desk = await openDesk();
  await desk.signIn();
  return desk;
}

/** Every item that was sent, with repeats. */
const sent = ({ gateway }: Desk) =>
  gateway.requests
    .filter(({ path }) => path === OFFLINE_PATHS.outbox)
    .flatMap(({ body }) => outboxBatchSchema.parse(body).items);
const outboxOf = (desk: Desk) => {
  const { pending, attention } = desk.till.view().status.outbox;
  return { pending, attention };
};

describe('the outbox', () => {
  it('tries again with the same key until the gateway took it, with pauses that grow', async () => {
    const desk = await signedIn();
    desk.gateway.refuse.set('/capture', new SaksiError('internal'));
    await redeemed(desk);
    await desk.run(600_000);
    const tries = sent(desk).length;
    expect(tries).toBeGreaterThan(20);
    expect(tries).toBeLessThan(200);
    expect(new Set(sent(desk).map(({ id }) => id)).size).toBe(1);
    // A person sees that it is stuck.
    expect(outboxOf(desk)).toEqual({ pending: 1, attention: 1 });
    desk.gateway.refuse.clear();
    await desk.run(60_000);
    expect(outboxOf(desk)).toEqual({ pending: 0, attention: 0 });
    expect(desk.shown()).toMatchObject({ settlement: 'confirmed', error: null });
  });

  it('keeps what was refused for a person, with the reason, and goes on with the rest', async () => {
    const desk = await signedIn();
    desk.gateway.refuse.set(
      '/capture',
      new SaksiError('redemption_state', { params: { status: 'released' } }),
    );
    await redeemed(desk);
    await desk.run();
    expect(desk.shown()).toMatchObject({
      stage: 'done',
      settlement: 'refused',
      error: { code: 'redemption_state', params: { status: 'released' } },
    });
    desk.gateway.refuse.clear();
    await redeemed(desk);
    await desk.run();
    expect(desk.shown().settlement).toBe('confirmed');
    expect(outboxOf(desk)).toEqual({ pending: 0, attention: 1 });
    expect(desk.gateway.redemptions.captured).toHaveLength(1);
  });

  it('keeps the order of one customer', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/outbox', 'down');
    await redeemed(desk);
    await redeemed(desk);
    await redeemed(desk);
    const asked = [...desk.gateway.redemptions.held.keys()];
    await desk.run(3_000);
    expect(desk.till.view().status.outbox.pending).toBe(3);
    desk.gateway.trouble.clear();
    await desk.run(40_000);
    expect(desk.gateway.redemptions.captured).toEqual(asked);
  });

  it('is drained at once when the line comes back', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/outbox', 'down');
    await redeemed(desk);
    desk.gateway.trouble.set('*', 'down');
    desk.gateway.cut();
    await desk.run(900_000);
    expect(desk.till.view().status).toMatchObject({
      gateway: { state: 'offline' },
      outbox: { pending: 1, attention: 0 },
    });
    desk.gateway.trouble.clear();
    await desk.run(8_100);
    expect(desk.till.view().status).toMatchObject({ gateway: { state: 'online' }, outbox: { pending: 0 } });
  });

  it('waits as long as the gateway says that it sends too much, and no item bears it', async () => {
    const desk = await signedIn();
    desk.gateway.refuse.set('/outbox', new SaksiError('too_many_requests', { params: { seconds: 40 } }));
    await redeemed(desk);
    await redeemed(desk);
    desk.gateway.refuse.clear();
    await desk.run(38_000);
    expect(sent(desk)).toHaveLength(1);
    const { items } = await desk.till.invoke('outbox.list', {});
    expect(items.map(({ attempts }) => attempts)).toEqual([0, 0]);
    await desk.run(4_000);
    expect(outboxOf(desk)).toEqual({ pending: 0, attention: 0 });
    expect(desk.gateway.redemptions.captured).toHaveLength(2);
  });

  it('keeps everything while the gateway refuses this till', async () => {
    const desk = await signedIn();
    desk.gateway.trouble.set('/outbox', 'down');
    await redeemed(desk);
    desk.gateway.trouble.clear();
    desk.gateway.refuse.set('*', new SaksiError('till_revoked'));
    await desk.run(30_000);
    expect(desk.till.view().status).toMatchObject({
      gateway: { state: 'refused', error: { code: 'till_revoked' } },
      outbox: { pending: 1, attention: 0 },
    });
    expect(JSON.stringify(desk.log)).not.toContain(TILL_KEY_VALUE);
  });
});
