import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { EVENT_PING_MS } from '../../shared/gateway-api.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CUSTOMER_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

describe('the line', () => {
  it('that says nothing for two and a half pings is dead, and is taken up again after the last event', async () => {
    const desk = await openDesk();
    desk.gateway.push({ type: 'till.changed' });
    for (let turn = 0; turn < 6; turn += 1) {
      await desk.run(EVENT_PING_MS);
      desk.gateway.ping(3);
    }
    await desk.run();
    expect(desk.gateway.lastEventIds).toEqual([null]);
    expect(desk.till.view().status).toMatchObject({ gateway: { state: 'online' }, messages: { waiting: 3 } });
    await desk.run(2.5 * EVENT_PING_MS + 10_000);
    expect(desk.gateway.lastEventIds.slice(0, 2)).toEqual([null, '1']);
  });

  it('goes on after the last event over a restart', async () => {
    const desk = await openDesk();
    desk.gateway.push({ type: 'till.changed' });
    await desk.run();
    const again = await desk.restart();
    expect(again.gateway.lastEventIds.at(-1)).toBe('1');
  });

  it('that flaps does not storm the gateway', async () => {
    const desk = await openDesk();
    desk.gateway.trouble.set('*', 'down');
    desk.gateway.cut();
    desk.gateway.requests.length = 0;
    await desk.run(600_000);
    const probes = desk.gateway.requests.filter(({ path }) => path === '/healthz').length;
    // Full jitter under 1.2 s: a thousand of the smallest request there is, in ten minutes on average.
    expect(probes).toBeLessThan(1_300);
    expect(desk.gateway.requests.length - probes).toBeLessThan(250);
  });

  it('with an event that nobody understands is read afresh', async () => {
    const desk = await openDesk();
    const contexts = () => desk.gateway.requests.filter(({ path }) => path === '/v1/till').length;
    const before = contexts();
    desk.gateway.write('id: 9\nevent: store.moved\ndata: {"type":"store.moved"}\n\n');
    await desk.run();
    expect(contexts()).toBe(before + 1);
    desk.gateway.write('id: 10\nevent: till.changed\ndata: {broken\n\n');
    await desk.run();
    expect(contexts()).toBe(before + 2);
  });

  it('that revokes the till says so', async () => {
    const desk = await openDesk();
    desk.gateway.refuse.set('*', new SaksiError('till_revoked'));
    desk.gateway.push({ type: 'till.revoked' });
    await desk.run();
    expect(desk.till.view().status.gateway).toMatchObject({
      state: 'refused',
      error: { code: 'till_revoked' },
    });
  });
});

describe('looking for customers', () => {
  it('is answered from the cache, with its age, while the line is down', async () => {
    const desk = await openDesk();
    await desk.signIn();
    const search = (q: string) => desk.call(desk.till.invoke('customers.search', { q }));
    expect((await search('Ayu')).ageMs).toBeNull();
    desk.gateway.trouble.set('*', 'down');
    await desk.run(60_000);
    for (const q of ['ayu', 'M-1001', '0812-3456-7801', '+6281234567801']) {
      const { customers, ageMs } = await search(q);
      expect(
        customers.map(({ id }) => id),
        q,
      ).toEqual([CUSTOMER_ID]);
      expect(ageMs).toBeGreaterThanOrEqual(60_000);
    }
    for (const q of ['Budi', 'yu', '%%%', '0812-3456-7802'])
      expect((await search(q)).customers, q).toEqual([]);
  });

  it('never promises more than what is left after this till spent', async () => {
    const desk = await openDesk();
    await desk.signIn();
    await desk.call(desk.till.invoke('customers.search', { q: 'Ayu' }));
    await desk.begin(120_000);
    desk.gateway.trouble.set('*', 'down');
    const { customers } = await desk.call(desk.till.invoke('customers.search', { q: 'Ayu' }));
    expect(customers[0]?.balances[0]).toMatchObject({ asset: 'deposit', available: 380_000 });
  });
});

describe('settings', () => {
  it('last over a restart', async () => {
    let desk = await openDesk();
    expect(desk.till.view().settings).toEqual({ language: 'id', theme: 'auto' });
    await desk.till.invoke('settings.set', { language: 'tr' });
    desk = await desk.restart();
    expect(desk.till.view().settings).toEqual({ language: 'tr', theme: 'auto' });
  });
});
