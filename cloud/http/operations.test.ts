import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GATEWAY_PATHS } from '../../shared/gateway-api.ts';
import { call, startTestGateway, type TestGateway, wish } from '../../test/fixtures/gateway.ts';

describe('operation', () => {
  let gw: TestGateway;
  beforeAll(async () => {
    gw = await startTestGateway();
  });
  afterAll(() => gw.close());
  const get = (path: string) => call(gw.url, 'GET', path);

  it('is alive and ready', async () => {
    expect((await get('/healthz')).body).toEqual({ status: 'ok' });
    expect((await get('/readyz')).body).toEqual({ status: 'ready' });
  });

  it('answers what it does not know in the same shape as everything', async () => {
    for (const path of ['/', '/v1/nothing', '/../etc/passwd']) {
      const answer = await get(path);
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 404, 'not_found']);
      expect(answer.headers.get('saksi-time')).toMatch(/^\d{13}$/);
    }
  });

  it('describes every path in OpenAPI 3.1', async () => {
    const { body } = await get('/openapi.json');
    expect(body.openapi).toBe('3.1.0');
    expect(body.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const paths = Object.keys(body.paths);
    for (const path of Object.values(GATEWAY_PATHS)) {
      expect(paths).toContain(path.replace(/:(\w+)/g, '{$1}'));
    }
    const create = body.paths['/v1/redemptions'].post;
    const wanted = create.requestBody.content['application/json'].schema;
    expect(wanted.properties.amount).toMatchObject({ type: 'integer', minimum: 1, maximum: 2 ** 53 - 1 });
    expect(wanted.required).toEqual(expect.arrayContaining(['customer', 'asset', 'amount', 'saleRef']));
    const answer = create.responses['200'].content['application/json'].schema;
    // Transforms leave no hole in the description.
    expect(answer.properties.redemption.properties.amount).toMatchObject({ type: 'integer', minimum: 1 });
    expect(create.parameters).toContainEqual(
      expect.objectContaining({ in: 'header', name: 'idempotency-key', required: true }),
    );
    expect(create.security).toEqual([{ till: [] }]);
    expect(Object.keys(body.paths['/v1/events'].get.responses['200'].content)).toEqual(['text/event-stream']);
    for (const [path, operations] of Object.entries<Record<string, object>>(body.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        expect(operation, `${method} ${path}`).toMatchObject({
          summary: expect.any(String),
          responses: expect.objectContaining({ 200: expect.any(Object) }),
        });
      }
    }
    expect(JSON.stringify(body)).not.toContain('"$schema"');
  });

  it('counts what happens', async () => {
    const till = await gw.pair();
    const reader = await till.events();
    const created = await till.post('/v1/redemptions', wish(gw));
    const path = `/v1/redemptions/${created.body.redemption.id}`;
    const { code } = await gw.codeOf(gw.demo.customers[0]?.phone ?? '');
    await till.post(`${path}/verify`, { code: code === '000000' ? '000001' : '000000' });
    await till.post(`${path}/verify`, { code });
    const { body, headers } = await get('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain; version=/);
    for (const line of [
      'saksi_redemptions_total{outcome="awaiting_code"} 1',
      'saksi_redemptions_total{outcome="authorised"} 1',
      'saksi_codes_total{outcome="issued"} 1',
      'saksi_codes_total{outcome="code_wrong"} 1',
      'saksi_codes_total{outcome="accepted"} 1',
      'saksi_messages_total{state="accepted",reason=""} 1',
      'saksi_message_queue_depth 0',
      'saksi_event_clients 1',
    ]) {
      expect(body).toContain(`${line}\n`);
    }
    expect(body).toContain('route="/v1/redemptions/:id/verify",status="403"');
    // By route, never by address: an id in a label would make a series of each redemption.
    expect(body).not.toContain(created.body.redemption.id);
    reader.close();
  });

  it('logs no query, key or body', async () => {
    const till = await gw.pair();
    await till.get('/v1/customers?q=081234567801');
    const log = gw.log.join('');
    expect(log).toContain('"path":"/v1/customers"');
    expect(log).not.toContain('081234567801');
    expect(log).not.toContain(till.key);
  });
});

describe('a gateway whose database is gone', () => {
  let other: TestGateway;
  beforeAll(async () => {
    other = await startTestGateway();
  });

  it('is not ready, and says so', async () => {
    const till = await other.pair();
    await other.gateway.services.engine.close();
    const answer = await call(other.url, 'GET', '/readyz');
    expect([answer.status, answer.body.error.code, answer.body.error.retry]).toEqual([
      503,
      'not_ready',
      true,
    ]);
    const refused = await till.get('/v1/till');
    expect(refused.status).toBeGreaterThanOrEqual(500);
    expect(Object.keys(refused.body)).toEqual(['error']);
    await other.graph.close();
    await other.gateway.stop().catch(() => undefined);
  });
});
