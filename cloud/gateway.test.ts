import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  startTestGateway,
  type TestGateway,
  tillClient,
  wish,
} from '../test/fixtures/gateway.ts';
import { createMigratedDatabase } from '../test/fixtures/postgres.ts';
import { SIM_DEFAULTS } from '../test/sim/graph/sim.ts';

describe('several gateways on one database', () => {
  let drop: () => Promise<void>;
  let gateways: TestGateway[];
  beforeAll(async () => {
    const database = await createMigratedDatabase();
    drop = database.drop;
    const masterKey = new Uint8Array(32).fill(5);
    const location = { kind: 'postgres', url: database.url } as const;
    // All at once, on an empty database: each wants to migrate it and to be the one who makes the key.
    gateways = await Promise.all(
      [1, 2, 3].map(() => startTestGateway({ database: location, config: { masterKey } })),
    );
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await drop();
  });

  it('are one gateway towards the tills', () => {
    const ids = gateways.map(({ gateway }) => JSON.stringify(gateway.services.identity.publicKey));
    expect(new Set(ids).size).toBe(1);
  });

  it('send each message once between them, and any of them can check its code', async () => {
    const [one, two, three] = gateways as [TestGateway, TestGateway, TestGateway];
    const till = await one.pair();
    const clients = gateways.map(({ url }) => tillClient(url, till.tillId, till.key));
    const created = await Promise.all(
      one.demo.customers.map((_, index) => clients[index % 3]?.post('/v1/redemptions', wish(one, index))),
    );
    expect(created.map((answer) => answer?.status)).toEqual(created.map(() => 200));
    const sent = () =>
      gateways.flatMap(({ graph }) => graph.requests.filter((request) => request.method === 'POST'));
    await eventually(() => sent().length >= 6, 'all messages');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const to = sent().map((request) => (request.body as { to: string }).to);
    expect([...to].sort()).toEqual(one.demo.customers.map(({ phone }) => phone.slice(1)).sort());

    const body = sent().find((request) => JSON.stringify(request.body).includes('6281234567801'))?.body;
    const code = /"text":"(\d{6})"/.exec(JSON.stringify(body))?.[1];
    const first = created[0]?.body.redemption.id;
    for (const gateway of [two, three]) {
      const client = tillClient(gateway.url, till.tillId, till.key);
      const verified = await client.post(`/v1/redemptions/${first}/verify`, { code }, 'the-same-wish-1');
      expect(verified.body.redemption.status).toBe('authorised');
    }
  });
});

describe('stopping', () => {
  it('lets the message in hand be answered, and loses nothing that waits', async () => {
    const database = await createMigratedDatabase();
    const masterKey = new Uint8Array(32).fill(6);
    const location = { kind: 'postgres', url: database.url } as const;
    const { phoneNumberId, accessToken } = SIM_DEFAULTS;
    const first = await startTestGateway({
      database: location,
      config: { masterKey, whatsapp: { phoneNumberId, accessToken } },
    });
    // WhatsApp takes its time over the first message.
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    first.graph.app.server.prependOnceListener('request', (request) => request.pause());
    first.graph.app.server.once('request', (request) => void held.then(() => request.resume()));
    const till = await first.pair();
    await till.post('/v1/redemptions', wish(first));
    const { kysely } = first.gateway.services.engine;
    const state = () => kysely.selectFrom('messages').select(['state', 'wamid']).executeTakeFirstOrThrow();
    expect((await state()).state).toBe('queued');
    const stopping = first.gateway.stop();
    setTimeout(release, 300);
    const before = Date.now();
    await stopping;
    expect(Date.now() - before).toBeLessThan(7000);
    const second = await startTestGateway({ database: location, config: { masterKey } });
    await eventually(async () => {
      const row = await second.gateway.services.engine.kysely
        .selectFrom('messages')
        .select('state')
        .executeTakeFirstOrThrow();
      return row.state !== 'queued';
    }, 'the message');
    const sends = [...first.graph.requests, ...second.graph.requests].filter((it) => it.method === 'POST');
    expect(sends).toHaveLength(1);
    await second.close();
    await first.graph.close();
    await database.drop();
  });
});
