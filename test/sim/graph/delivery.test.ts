import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseWebhook, verifySignature } from '../../../cloud/whatsapp/webhook.ts';
import { SIM_DEFAULTS } from './sim.ts';
import { BUDI, call, caughtSim, codeBody, messagesPath, SITI } from './testing.ts';

const send = async (sim: ReturnType<typeof caughtSim>['sim'], fields: Parameters<typeof codeBody>[0] = {}) =>
  (await call(sim, 'POST', messagesPath, { ...codeBody(fields), biz_opaque_callback_data: 'msg-1' })).json;

test('sent, delivered, read: signed, in order, with everything that Meta puts in', async () => {
  const { sim, caught, run } = caughtSim();
  const wamid = (await send(sim)).messages[0].id;
  await run(2_000);
  for (const { body, headers } of caught) {
    expect(verifySignature(body, headers['x-hub-signature-256'], SIM_DEFAULTS.appSecret)).toBe(true);
  }
  const events = caught.flatMap((it) => parseWebhook(JSON.parse(it.body.toString())).events);
  const { userId } = sim.world.phones.get(BUDI)!;
  const expected = { type: 'status', wamid, recipientId: BUDI, userId, bizOpaque: 'msg-1', errors: [] };
  expect(events).toMatchObject([
    { ...expected, status: 'sent' },
    { ...expected, status: 'delivered' },
    { ...expected, status: 'read', pricing: { billable: true, category: 'authentication', model: 'PMP' } },
  ]);
});

test('the signature is over the exact bytes', async () => {
  const { sim, caught, run } = caughtSim({ phones: [{ number: BUDI, name: 'Ayşe 🙂' }] });
  await send(sim);
  await run(2_000);
  const { body, headers } = caught[0]!;
  const hex = createHmac('sha256', 'sim-app-secret').update(body).digest('hex');
  expect(headers['x-hub-signature-256']).toBe(`sha256=${hex}`);
  expect(body.toString('utf8')).toContain('Ayşe 🙂');
});

test('a number without WhatsApp, one that blocked the shop, and one nobody knows: accepted, then 131026', async () => {
  const { sim, caught, run } = caughtSim();
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { onWhatsApp: false });
  await call(sim, 'PATCH', `/_sim/phones/${SITI}`, { blocked: true });
  for (const to of [BUDI, SITI, '6285555555555']) expect((await send(sim, { to })).messages).toHaveLength(1);
  await run(2_000);
  const values = caught.map((it) => JSON.parse(it.body.toString()).entry[0].changes[0].value);
  expect(values.map((it) => it.statuses[0].status)).toEqual(['failed', 'failed', 'failed']);
  expect(values.map((it) => it.statuses[0].errors[0].code)).toEqual([131026, 131026, 131026]);
  // A failed status carries no contact and no user id.
  for (const value of values) {
    expect(value).not.toHaveProperty('contacts');
    expect(value.statuses[0]).not.toHaveProperty('recipient_user_id');
  }
  expect(sim.world.latestCode(BUDI)).toBeUndefined();
});

test('a phone that is off gets the message when it is back, and its code is not known before', async () => {
  const { sim, statuses, run } = caughtSim();
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { online: false });
  await send(sim);
  await run(60_000);
  expect(statuses()).toEqual(['sent']);
  expect((await call(sim, 'GET', `/_sim/phones/${BUDI}/latest-code`)).status).toBe(404);
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { online: true });
  await run(2_000);
  expect(statuses()).toEqual(['sent', 'delivered', 'read']);
  expect((await call(sim, 'GET', `/_sim/phones/${BUDI}/latest-code`)).json.code).toBe('482913');
});

test('a message whose time to live is over is dropped without a word', async () => {
  const { sim, statuses, run } = caughtSim();
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { online: false });
  await send(sim);
  await run(301_000);
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { online: true });
  await run(2_000);
  expect(statuses()).toEqual(['sent']);
  expect(sim.world.messages[0]!.state).toBe('expired');
});

test('without read receipts nothing says read', async () => {
  const { sim, statuses, run } = caughtSim();
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { readReceipts: false });
  await send(sim);
  await run(10_000);
  expect(statuses()).toEqual(['sent', 'delivered']);
});

test('planned failures: in the answer or by webhook, so many times, to that number only', async () => {
  const { sim, statuses, run } = caughtSim();
  await call(sim, 'POST', '/_sim/failures', { code: 131016, at: 'answer', to: SITI });
  expect((await send(sim)).error).toBeUndefined();
  expect((await send(sim, { to: SITI })).error.code).toBe(131016);
  expect((await send(sim, { to: SITI })).error).toBeUndefined();
  await run(2_000);
  const before = statuses().length;
  await call(sim, 'POST', '/_sim/failures', { code: 131049, at: 'webhook' });
  await send(sim);
  await run(2_000);
  expect(statuses().slice(before)).toEqual(['failed']);
});

test('one message in 6 s to one person, after the burst; other people are not held up', async () => {
  const { sim, clock } = caughtSim({ limits: { pairBurst: 2 } });
  const code = async (to: string) => (await send(sim, { to })).error?.code ?? 200;
  expect([await code(BUDI), await code(BUDI), await code(BUDI)]).toEqual([200, 200, 131056]);
  expect(await code(SITI)).toBe(200);
  clock.advance(5_999);
  expect(await code(BUDI)).toBe(131056);
  clock.advance(1);
  expect([await code(BUDI), await code(BUDI)]).toEqual([200, 131056]);
});

test("Meta's burst of 45 must be paid back", async () => {
  const { sim, clock } = caughtSim();
  const codes: number[] = [];
  for (let count = 0; count < 46; count += 1) codes.push((await send(sim)).error?.code ?? 200);
  expect(codes.filter((it) => it === 200)).toHaveLength(45);
  expect(codes.at(-1)).toBe(131056);
  clock.advance(6_000);
  expect((await send(sim)).error).toBeUndefined();
  expect((await send(sim)).error.code).toBe(131056);
});

test('80 messages a second for the number', async () => {
  const { sim, clock } = caughtSim();
  const codes: number[] = [];
  for (let count = 0; count < 81; count += 1) {
    codes.push((await send(sim, { to: String(6281000000000 + count) })).error?.code ?? 200);
  }
  expect(codes.filter((it) => it === 200)).toHaveLength(80);
  expect(codes.at(-1)).toBe(130429);
  clock.advance(13);
  expect((await send(sim, { to: '6281000009999' })).error).toBeUndefined();
});

test('webhooks twice', async () => {
  const { sim, caught, statuses, run } = caughtSim();
  sim.webhooks.knobs.duplicates = 1;
  await send(sim);
  await run(2_000);
  expect(statuses()).toEqual(['sent', 'sent', 'delivered', 'delivered', 'read', 'read']);
  expect(caught[0]!.body).toEqual(caught[1]!.body);
});

test('webhooks that overtake each other, the same way for the same seed', async () => {
  async function orderOf(seed: number): Promise<string> {
    const { sim, statuses, run } = caughtSim({ seed });
    sim.webhooks.knobs.spreadMs = 5_000;
    await send(sim);
    await run(10_000);
    return statuses().join(' ');
  }
  const orders = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(orderOf));
  expect(new Set(orders).size).toBeGreaterThan(1);
  expect(orders.every((it) => it.split(' ').length === 3)).toBe(true);
  expect(await orderOf(3)).toBe(orders[2]);
});

test('webhooks held back leave when let go, with the statuses unchanged', async () => {
  const { sim, statuses, run } = caughtSim();
  await call(sim, 'PATCH', '/_sim/webhooks', { hold: true });
  await send(sim);
  await run(2_000);
  expect(statuses()).toEqual([]);
  expect((await call(sim, 'GET', '/_sim/webhooks')).json.held).toBe(3);
  await call(sim, 'PATCH', '/_sim/webhooks', { hold: false });
  await run(100);
  expect(statuses()).toEqual(['sent', 'delivered', 'read']);
});

test('an endpoint that does not answer 200 gets the same bytes again, after growing pauses', async () => {
  const { sim, caught, clock, run } = caughtSim({ answer: (attempt) => (attempt < 4 ? 500 : 200) });
  sim.world.pace.autoRead = false;
  await call(sim, 'PATCH', `/_sim/phones/${BUDI}`, { online: false });
  await send(sim);
  const startMs = clock.now();
  await run(60_000);
  expect(caught).toHaveLength(4);
  for (const { body } of caught) expect(body).toEqual(caught[0]!.body);
  const afterMs = caught.map((it) => it.atMs - startMs);
  // 1, 5 and 30 s later, in steps of the clock.
  expect(afterMs[1]! - afterMs[0]!).toBeGreaterThanOrEqual(1_000);
  expect(afterMs[2]! - afterMs[1]!).toBeGreaterThanOrEqual(5_000);
  expect(afterMs[3]! - afterMs[2]!).toBeGreaterThanOrEqual(30_000);
  expect(sim.webhooks.log.map((it) => [it.attempt, it.status])).toEqual([
    [1, 500],
    [2, 500],
    [3, 500],
    [4, 200],
  ]);
});

test('webhooks lost on the way come later', async () => {
  const { sim, statuses, run } = caughtSim();
  sim.webhooks.knobs.dropNext = 1;
  await send(sim);
  await run(4_000);
  expect(statuses()).toEqual(['delivered', 'read', 'sent']);
});
