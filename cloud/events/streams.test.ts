import { beforeAll, describe, expect, it } from 'vitest';
import type { TillEvent } from '../../shared/gateway-api.ts';
import {
  call,
  describeGateway,
  eventually,
  type ReadEvent,
  startTestGateway,
  type TestGateway,
  tillClient,
  wish,
} from '../../test/fixtures/gateway.ts';

const CHANGED: TillEvent = { type: 'till.changed' };

async function append(gateway: TestGateway, tillId: string): Promise<void> {
  const { engine, events } = gateway.gateway.services;
  await engine.kysely.transaction().execute((trx) => events.append(trx, tillId, CHANGED));
  events.committed([tillId]);
}

const numbered = (seen: readonly ReadEvent[]) =>
  seen.filter((event) => event.type !== 'ping').map((event) => Number(event.id));
const upTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, index) => from + index);

describeGateway('the event stream', (gw, database) => {
  it('begins with a ping and goes on from now', async () => {
    const till = await gw().pair();
    await append(gw(), till.tillId);
    const reader = await till.events();
    await eventually(() => reader.seen.length > 0, 'the ping');
    expect(reader.seen[0]).toMatchObject({
      id: undefined,
      type: 'ping',
      data: { type: 'ping', time: expect.any(Number), messageQueue: { waiting: expect.any(Number) } },
    });
    await append(gw(), till.tillId);
    await eventually(() => numbered(reader.seen).length > 0, 'an event');
    expect(numbered(reader.seen)).toEqual([2]);
    reader.close();
  });

  it('resumes without a gap and without a repeat, again and again, while events are being appended', async () => {
    const till = await gw().pair();
    const total = 120;
    const writers = Array.from({ length: 4 }, async () => {
      for (let count = 0; count < total / 4; count += 1) await append(gw(), till.tillId);
    });
    const got: number[] = [];
    while (got.length < total) {
      const reader = await till.events(String(got.at(-1) ?? 0));
      const want = Math.min(total - got.length, 7);
      await eventually(() => numbered(reader.seen).length >= want, 'more events');
      // Cut in the middle of the flow, wherever that happens to be.
      reader.close();
      await reader.ended;
      got.push(...numbered(reader.seen));
    }
    await Promise.all(writers);
    expect(got).toEqual(upTo(total));
  });

  it('reads all that a till missed, more than one read holds', async () => {
    const till = await gw().pair();
    for (let count = 0; count < 250; count += 1) await append(gw(), till.tillId);
    const reader = await till.events('0');
    await eventually(() => numbered(reader.seen).length >= 250, 'all events');
    expect(numbered(reader.seen)).toEqual(upTo(250));
    reader.close();
  });

  it('finds what nobody told it of', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    const { engine, events } = gw().gateway.services;
    await engine.kysely.transaction().execute((trx) => events.append(trx, till.tillId, CHANGED));
    await eventually(() => numbered(reader.seen).length > 0, 'the event, by looking');
    reader.close();
  });

  it('starts anew for a till that is ahead of us', async () => {
    const till = await gw().pair();
    await append(gw(), till.tillId);
    const reader = await till.events('900');
    await append(gw(), till.tillId);
    await eventually(() => numbered(reader.seen).length > 0, 'an event');
    expect(numbered(reader.seen)).toEqual([2]);
    reader.close();
  });

  it.each(['x', '-1', '1.5', '99999999999999999'])('refuses the id %j', async (id) => {
    const till = await gw().pair();
    const headers = { authorization: `Bearer ${till.key}`, 'last-event-id': id };
    const refused = await call(gw().url, 'GET', '/v1/events', { headers });
    expect([refused.status, refused.body.error.code]).toEqual([400, 'bad_request']);
  });

  it('counts down on the way: a replayed event says what is left now', async () => {
    const till = await gw().pair();
    await till.post('/v1/redemptions', wish(gw(), 0));
    gw().shiftClock(20_000);
    const reader = await till.events('0');
    await eventually(() => numbered(reader.seen).length > 0, 'the event');
    const { code } = reader.seen.find((event) => event.id === '1')?.data.redemption ?? {};
    expect(code.expiresInMs).toBeGreaterThan(270_000);
    expect(code.expiresInMs).toBeLessThanOrEqual(280_000);
    expect(code.resendInMs).toBeLessThanOrEqual(40_000);
    gw().shiftClock(-20_000);
    reader.close();
  });

  it('keeps two streams of a till, and ends the oldest for a third', async () => {
    const till = await gw().pair();
    const readers = [await till.events(), await till.events(), await till.events()];
    await readers[0]?.ended;
    await append(gw(), till.tillId);
    for (const reader of readers.slice(1)) {
      await eventually(() => numbered(reader.seen).length === 1, 'the event');
      reader.close();
    }
    expect(numbered(readers[0]?.seen ?? [])).toEqual([]);
  });

  it('is cut when the till was paired anew', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    const { engine } = gw().gateway.services;
    await engine.kysely
      .updateTable('tills')
      .set({ key_hash: `other-${till.tillId}` })
      .where('id', '=', till.tillId)
      .execute();
    await reader.ended;
    expect((await till.get('/v1/till')).status).toBe(401);
  });

  it('hears within a moment of what another gateway on the same database did', async () => {
    const location = database();
    if (location.kind !== 'postgres') return;
    const { masterKey } = gw().config;
    const other = await startTestGateway({ database: location, config: { masterKey } });
    const till = await gw().pair();
    const reader = await tillClient(other.url, till.tillId, till.key).events();
    const before = Date.now();
    await append(gw(), till.tillId);
    await eventually(() => numbered(reader.seen).length > 0, 'the event');
    // Well before the look that the stream takes by itself every 4 s.
    expect(Date.now() - before).toBeLessThan(1500);
    await other.close();
    await reader.ended;
  });
});

describe('a gateway that stops', () => {
  let gw: TestGateway;
  beforeAll(async () => {
    gw = await startTestGateway();
  });

  it('ends its streams, soon', async () => {
    const till = await gw.pair();
    const reader = await till.events();
    const before = Date.now();
    await gw.close();
    await reader.ended;
    expect(Date.now() - before).toBeLessThan(3000);
  });
});
