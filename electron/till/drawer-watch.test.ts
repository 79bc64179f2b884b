import { afterAll, expect, test } from 'vitest';
import { asked } from '../../test/fixtures/approval-desk.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { seededRandom } from '../../test/fixtures/fake-clock.ts';
import { CASHIER_ID, PIN } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { openStore } from '../store/store.ts';
import { BOUNCE_MS } from './drawer-rules.ts';

afterAll(removeTempFolders);

/** The chain's events of the drawer, once the till is stopped. */
async function chainOf(desk: Desk): Promise<[string, Record<string, unknown>][]> {
  await desk.call(desk.till.stop());
  const store = openStore(desk.dataDir, { clock: desk.clock, random: seededRandom(3) });
  try {
    expect(store.audit.verifyChain()).toMatchObject({ ok: true });
    return store.audit
      .entries()
      .filter(({ kind }) => kind.startsWith('drawer.'))
      .map(({ kind, body }) => [kind, JSON.parse(body)]);
  } finally {
    store.close();
  }
}
const waiting = ({ till }: Desk) => till.view().drawerWatch.unexplained;

test('a drawer that opened without a grant is on the chain, on the screen and on its way to the managers', async () => {
  const desk = await openDesk();
  await desk.signIn();
  desk.gateway.trouble.set('/v1/outbox', 'down');
  desk.devices.setDrawer('open');
  expect(waiting(desk)).toMatchObject([{ seen: 'watched', openMs: null }]);
  expect(desk.till.view().status.outbox.pending).toBe(1);
  await desk.run(4_000);
  desk.devices.setDrawer('closed');
  await desk.run(BOUNCE_MS);
  expect(waiting(desk)).toMatchObject([{ openMs: 4_000 }]);
  const again = await desk.restart();
  expect(waiting(again)).toHaveLength(1);
  expect((await chainOf(again)).map(([kind, body]) => [kind, body.staffId ?? body.openMs])).toEqual([
    ['drawer.unexplained_opening', CASHIER_ID],
    ['drawer.closed', 4_000],
  ]);
});

test('an approved opening is explained by its grant; the next one, by hand, is not', async () => {
  const { desk, gatewayId } = await asked();
  const { approvals } = desk.gateway;
  const held = approvals.decide(gatewayId, 'quorum');
  expect(held.approval.status).toBe('approved');
  await desk.run();
  expect(desk.devices.pulses).toBe(1);
  desk.devices.setDrawer('open');
  await desk.run(1_000);
  desk.devices.setDrawer('closed');
  await desk.run(1_000);
  expect(waiting(desk)).toEqual([]);
  desk.devices.setDrawer('open');
  expect(waiting(desk)).toHaveLength(1);
  const kinds = (await chainOf(desk)).map(([kind]) => kind);
  expect(kinds.filter((kind) => kind !== 'drawer.outcome')).toEqual([
    'drawer.opened',
    'drawer.closed',
    'drawer.unexplained_opening',
  ]);
});

test('a till that starts while the drawer is open says so once, over restarts', async () => {
  const desk = await openDesk();
  await desk.call(desk.till.stop());
  desk.devices.setDrawer('open');
  const first = await desk.restart();
  expect(waiting(first)).toMatchObject([{ seen: 'at_start' }]);
  const second = await first.restart();
  expect(waiting(second)).toHaveLength(1);
  second.devices.setDrawer('closed');
  await second.run(BOUNCE_MS);
  expect((await chainOf(second)).map(([kind]) => kind)).toEqual([
    'drawer.unexplained_opening',
    'drawer.closed',
  ]);
});

test('only a manager acknowledges, once, with a reason that stays on the chain', async () => {
  const desk = await openDesk();
  await desk.signIn();
  desk.devices.setDrawer('open');
  const manager = desk.till.view().staff.find(({ role }) => role === 'manager');
  const openingId = waiting(desk)[0]?.id ?? '';
  const word = { openingId, staffId: manager?.id ?? '', pin: PIN, reason: 'key used: the printer was off' };
  const say = (change: Partial<typeof word>) =>
    desk.till.invoke('drawer.acknowledge', { ...word, ...change });
  await expect(say({ staffId: CASHIER_ID })).rejects.toMatchObject({ code: 'role_not_allowed' });
  await expect(say({ pin: '0000' })).rejects.toMatchObject({ code: 'pin_wrong' });
  await expect(say({ reason: ' ' })).rejects.toMatchObject({ code: 'bad_request' });
  expect(waiting(desk)).toHaveLength(1);
  await say({});
  expect(waiting(desk)).toEqual([]);
  await expect(say({})).rejects.toMatchObject({ code: 'drawer_opening_unknown' });
  expect((await chainOf(desk)).at(-1)).toEqual([
    'drawer.acknowledged',
    { id: openingId, staffId: word.staffId, reason: word.reason },
  ]);
});

test('a drawer left open is on the screen until it is shut', async () => {
  const desk = await openDesk();
  desk.devices.setDrawer('open');
  await desk.run(59_000);
  expect(desk.till.view().drawerWatch.openLong).toBe(false);
  await desk.run(1_000);
  expect(desk.till.view().drawerWatch.openLong).toBe(true);
  desk.devices.setDrawer('closed');
  await desk.run(BOUNCE_MS);
  expect(desk.till.view().drawerWatch.openLong).toBe(false);
  expect((await chainOf(desk)).map(([kind]) => kind)).toEqual([
    'drawer.unexplained_opening',
    'drawer.open_long',
    'drawer.closed',
  ]);
});
