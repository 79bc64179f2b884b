import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  type Answer,
  call,
  describeGateway,
  eventually,
  sign,
  type TestGateway,
  wish,
} from '../../test/fixtures/gateway.ts';
import { SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';
import { WEBHOOK_BYTES_MAX } from './routes-webhook.ts';

const PATH = '/webhooks/whatsapp';

interface Status {
  wamid: string;
  status: string;
  correlationId?: string;
  error?: number;
}

function bodyOf(statuses: Status[], padding = ''): string {
  const items = statuses.map(({ wamid, status, correlationId, error }) => ({
    id: wamid,
    status,
    timestamp: '1790000000',
    recipient_id: '6281234567801',
    ...(correlationId === undefined ? {} : { biz_opaque_callback_data: correlationId }),
    ...(error === undefined ? {} : { errors: [{ code: error, title: 'x' }] }),
  }));
  const value = { messaging_product: 'whatsapp', metadata: {}, statuses: items };
  const entry = [{ id: '1', changes: [{ field: 'messages', value }] }];
  return JSON.stringify({ object: 'whatsapp_business_account', entry, ...(padding && { padding }) });
}

function deliver(gateway: TestGateway, body: string | Uint8Array, signature?: string): Promise<Answer> {
  const headers = { 'x-hub-signature-256': signature ?? sign(body) };
  return call(gateway.url, 'POST', PATH, { raw: body, headers });
}

describeGateway('the WhatsApp webhook', (gw) => {
  /** A redemption whose message WhatsApp accepted, with all its webhooks held back. */
  async function sent(index: number) {
    gw().graph.webhooks.knobs.hold = true;
    const till = await gw().pair();
    const created = await till.post('/v1/redemptions', wish(gw(), index));
    const { id } = created.body.redemption;
    const { kysely } = gw().gateway.services.engine;
    const message = await eventually(
      () =>
        kysely
          .selectFrom('messages')
          .selectAll()
          .where('redemption_id', '=', id)
          .where('wamid', 'is not', null)
          .executeTakeFirst(),
      'the accepted message',
    );
    const delivery = async () => (await till.get(`/v1/redemptions/${id}`)).body.redemption.code.delivery;
    const eventCount = async () =>
      (await kysely.selectFrom('till_events').select('seq').where('till_id', '=', till.tillId).execute())
        .length;
    return { till, id, message, wamid: message.wamid ?? '', delivery, eventCount };
  }

  const reaches = (look: () => Promise<{ state: string }>, state: string) =>
    eventually(async () => (await look()).state === state, state);

  it('echoes the challenge of whoever knows the verify token, and of nobody else', async () => {
    expect(await gw().graph.verifyWebhook()).toBe(true);
    const query = `hub.mode=subscribe&hub.challenge=42&hub.verify_token=`;
    const right = await call(gw().url, 'GET', `${PATH}?${query}${SIM_DEFAULTS.verifyToken}`);
    expect([right.status, right.body]).toEqual([200, '42']);
    expect(right.headers.get('content-type')).toContain('text/plain');
    for (const wrong of [`${query}other`, `hub.mode=subscribe&hub.challenge=42`, '']) {
      const refused = await call(gw().url, 'GET', `${PATH}?${wrong}`);
      expect([refused.status, refused.body.error.code]).toEqual([403, 'webhook_challenge_refused']);
    }
  });

  it.each([
    ['no signature', ''],
    ['another secret', sign(bodyOf([]), 'other-secret')],
    ['the signature of another body', sign('{}')],
    ['SHA-1', 'sha1=aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d'],
    ['upper-case hex', sign(bodyOf([])).toUpperCase()],
  ])('refuses %s before it reads the body', async (_, signature) => {
    const refused = await deliver(gw(), bodyOf([]), signature);
    expect([refused.status, refused.body.error.code]).toEqual([401, 'webhook_signature_invalid']);
    // Not even that it is no JSON is told to whoever did not sign.
    const rubbish = await deliver(gw(), '{"', signature);
    expect(rubbish.body.error.code).toBe('webhook_signature_invalid');
  });

  it('checks the bytes as they came, not as we would write them', async () => {
    const spaced = bodyOf([]).replace(/,/g, ' ,\n').replace('whatsapp_business', 'whatsapp\\u005fbusiness');
    expect((await deliver(gw(), spaced)).status).toBe(200);
    expect((await deliver(gw(), spaced, sign(JSON.stringify(JSON.parse(spaced))))).status).toBe(401);
  });

  it('refuses signed rubbish, and takes what it does not know', async () => {
    expect((await deliver(gw(), '{"')).body.error.code).toBe('bad_request');
    expect((await deliver(gw(), Buffer.from([0xff, 0xfe]))).body.error.code).toBe('bad_request');
    expect((await deliver(gw(), '{}')).status).toBe(200);
    expect((await deliver(gw(), '[1,2]')).status).toBe(200);
    const foreign = await deliver(gw(), bodyOf([{ wamid: `wamid.${randomUUID()}`, status: 'delivered' }]));
    expect(foreign.status).toBe(200);
  });

  it('takes exactly 3 MB, refuses one byte more', async () => {
    const { wamid, delivery } = await sent(0);
    const status = [{ wamid, status: 'delivered' }];
    const room = WEBHOOK_BYTES_MAX - bodyOf(status, ' ').length + 1;
    const full = bodyOf(status, 'x'.repeat(room));
    expect(Buffer.byteLength(full)).toBe(3 * 1024 * 1024);
    const large = await deliver(gw(), bodyOf(status, 'x'.repeat(room + 1)));
    expect([large.status, large.body.error.code]).toEqual([413, 'body_too_large']);
    expect((await delivery()).state).toBe('accepted');
    expect((await deliver(gw(), full)).status).toBe(200);
    await reaches(delivery, 'delivered');
  });

  it('applies a status once, however often it comes', async () => {
    const { wamid, delivery, eventCount } = await sent(1);
    const before = await eventCount();
    const body = bodyOf([{ wamid, status: 'sent' }]);
    await Promise.all(Array.from({ length: 8 }, () => deliver(gw(), body)));
    await reaches(delivery, 'sent');
    await deliver(gw(), body);
    await gw().gateway.services.statuses.apply();
    expect(await eventCount()).toBe(before + 1);
    const rows = await gw()
      .gateway.services.engine.kysely.selectFrom('message_events')
      .selectAll()
      .where('wamid', '=', wamid)
      .execute();
    expect(rows).toMatchObject([{ status: 'sent', applied_at: expect.any(Number) }]);
  });

  it('never goes back, in whatever order they come', async () => {
    const { wamid, delivery, eventCount } = await sent(2);
    const apply = () => gw().gateway.services.statuses.apply();
    await deliver(gw(), bodyOf([{ wamid, status: 'read' }]));
    await reaches(delivery, 'read');
    const before = await eventCount();
    for (const status of ['delivered', 'sent', 'failed']) {
      await deliver(gw(), bodyOf([{ wamid, status, error: 131026 }]));
      await apply();
    }
    expect(await delivery()).toMatchObject({ state: 'read', reason: null });
    expect(await eventCount()).toBe(before);
  });

  it('takes several statuses of one body together, as one event', async () => {
    const { wamid, delivery, eventCount } = await sent(3);
    const before = await eventCount();
    const statuses = ['delivered', 'sent', 'delivered'].map((status) => ({ wamid, status }));
    expect((await deliver(gw(), bodyOf(statuses))).status).toBe(200);
    await reaches(delivery, 'delivered');
    expect(await eventCount()).toBe(before + 1);
  });

  it('tells why a message failed, in words that the till knows', async () => {
    const { wamid, delivery } = await sent(4);
    await deliver(gw(), bodyOf([{ wamid, status: 'failed', error: 131026 }]));
    await reaches(delivery, 'failed');
    expect(await delivery()).toEqual({ channel: 'whatsapp', state: 'failed', reason: 'not_on_whatsapp' });
  });

  it('keeps a status that comes before its message is noted', async () => {
    const { message, wamid, delivery } = await sent(5);
    const { kysely } = gw().gateway.services.engine;
    // As it stands between WhatsApp's answer and our commit.
    await kysely
      .updateTable('messages')
      .set({ wamid: null, state: 'queued' })
      .where('id', '=', message.id)
      .execute();
    expect((await deliver(gw(), bodyOf([{ wamid, status: 'delivered' }]))).status).toBe(200);
    await gw().gateway.services.statuses.apply();
    expect((await delivery()).state).toBe('queued');
    await gw().gateway.services.messages.record(message.id, {
      ...{ state: 'accepted', reason: null, wamid },
    });
    await reaches(delivery, 'delivered');
  });

  it('knows a message by our own id when the note of it was lost, and does not send it again', async () => {
    const { message, delivery } = await sent(5);
    const { kysely } = gw().gateway.services.engine;
    await kysely
      .updateTable('messages')
      .set({ wamid: null, state: 'queued' })
      .where('id', '=', message.id)
      .execute();
    const status = { wamid: `wamid.${randomUUID()}`, status: 'sent', correlationId: message.id };
    await deliver(gw(), bodyOf([status]));
    await reaches(delivery, 'sent');
    // The answer to the send comes last: it is old news by now.
    const accepted = { state: 'accepted', reason: null, wamid: status.wamid } as const;
    expect(await gw().gateway.services.messages.record(message.id, accepted)).toBeNull();
    expect((await delivery()).state).toBe('sent');
    const requests = gw().graph.requests.length;
    await gw().gateway.services.sendMessage(message.id);
    expect(gw().graph.requests.length).toBe(requests);
  });

  it('survives duplicates, disorder and loss on the way', async () => {
    Object.assign(gw().graph.webhooks.knobs, { hold: false, duplicates: 0.7, spreadMs: 300, dropNext: 1 });
    const till = await gw().pair();
    const created = await till.post('/v1/redemptions', wish(gw(), 0));
    const path = `/v1/redemptions/${created.body.redemption.id}`;
    const delivery = async () => (await till.get(path)).body.redemption.code.delivery;
    await reaches(delivery, 'read');
    await gw().graph.settled();
    expect((await delivery()).state).toBe('read');
  });
});
