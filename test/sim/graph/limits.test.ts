import { expect, test } from 'vitest';
import { BUDI, call, caughtSim, codeBody, messagesPath, SITI } from './testing.ts';

const note = (to: string) => ({
  ...{ messaging_product: 'whatsapp', to, type: 'text' },
  text: { body: 'Terima kasih' },
});
const alert = (to: string) => ({
  ...{ messaging_product: 'whatsapp', to, type: 'template' },
  template: {
    name: 'saksi_low_credit',
    language: { code: 'id' },
    components: [
      { type: 'body', parameters: ['Toko Saksi', 'Rp 100', '1'].map((text) => ({ type: 'text', text })) },
    ],
  },
});

type Shop = ReturnType<typeof caughtSim>;
const send = (shop: Shop, body: object) => call(shop.sim, 'POST', messagesPath, body);
const pricings = (shop: Shop): unknown[] =>
  shop.caught.flatMap((it) =>
    (JSON.parse(it.body.toString()).entry[0].changes[0].value.statuses ?? []).map(
      (status: { status: string; pricing?: unknown }) => [status.status, status.pricing],
    ),
  );

test('statuses tell what is billed: templates by category, nothing for free-form or utility in the window', async () => {
  const shop = caughtSim();
  const regular = { billable: true, pricing_model: 'PMP', type: 'regular' };
  const free = { billable: false, pricing_model: 'PMP', type: 'free_customer_service' };
  await send(shop, codeBody());
  await shop.run(100);
  await send(shop, alert(SITI));
  await shop.run(100);
  shop.sim.world.reply(BUDI, { text: 'halo' });
  await shop.run(100);
  const before = pricings(shop).length;
  expect(pricings(shop).filter((it) => (it as string[])[0] === 'sent')).toEqual([
    ['sent', { ...regular, category: 'authentication' }],
    ['sent', { ...regular, category: 'utility' }],
  ]);
  await send(shop, alert(BUDI));
  await shop.run(100);
  await send(shop, note(BUDI));
  await shop.run(100);
  await send(shop, codeBody());
  await shop.run(100);
  const inWindow = pricings(shop).slice(before);
  expect(inWindow.filter((it) => (it as string[])[0] === 'sent')).toEqual([
    ['sent', { ...free, category: 'utility' }],
    ['sent', { ...free, category: 'service' }],
    ['sent', { ...regular, category: 'authentication' }],
  ]);
  await shop.run(2000);
  expect(shop.sim.world.billed().map(({ category }) => category)).toEqual([
    'authentication',
    'utility',
    'authentication',
  ]);
});

test('a failed status bills nothing', async () => {
  const shop = caughtSim();
  shop.sim.addPhone({ number: BUDI, blocked: true });
  await send(shop, codeBody());
  await shop.run(1000);
  expect(pricings(shop)).toEqual([['failed', undefined]]);
  expect(shop.sim.world.billed()).toEqual([]);
});

test('so many people a day outside their windows, and the same people again', async () => {
  const shop = caughtSim({ limits: { dailyPeople: 2 } });
  const code = (to: string) => send(shop, codeBody({ to }));
  expect([(await code(BUDI)).status, (await code(SITI)).status, (await code(BUDI)).status]).toEqual([
    200, 200, 200,
  ]);
  const refused = await code('6281200000003');
  expect(refused).toMatchObject({ status: 400, json: { error: { code: 131048 } } });
  // In the window nobody is counted.
  shop.sim.addPhone({ number: '6281200000004' });
  shop.sim.world.reply('6281200000004', { text: 'halo' });
  expect((await code('6281200000004')).status).toBe(200);
  shop.clock.advance(24 * 3_600_000 + 1);
  expect((await code('6281200000003')).status).toBe(200);
});

test('a change of it is told by webhook, and stands in the number’s fields', async () => {
  const shop = caughtSim();
  await call(shop.sim, 'PATCH', '/_sim/limits', { dailyPeople: 2000 });
  await shop.run(100);
  expect(JSON.parse(shop.caught[0]?.body.toString() ?? '').entry[0].changes[0]).toEqual({
    field: 'business_capability_update',
    value: { max_daily_conversations_per_business: 'TIER_2K', max_phone_numbers_per_business: 2 },
  });
  const path = messagesPath.replace(
    '/messages',
    '?fields=whatsapp_business_manager_messaging_limit,quality_rating',
  );
  expect((await call(shop.sim, 'GET', path)).json).toEqual({
    quality_rating: 'GREEN',
    whatsapp_business_manager_messaging_limit: 'TIER_2K',
    id: '100000000000001',
  });
});

test.each(['PENDING', 'REJECTED'] as const)('a template that is %s is as good as none', async (status) => {
  const shop = caughtSim();
  await call(shop.sim, 'PATCH', '/_sim/templates/saksi_redemption_code/id', { status });
  expect((await send(shop, codeBody())).json.error.code).toBe(132001);
});
