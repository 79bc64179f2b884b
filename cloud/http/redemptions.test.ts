import { compactVerify, importJWK } from 'jose';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { grantClaimsSchema } from '../../shared/grants.ts';
import { call, describeGateway, eventually, tillClient, wish } from '../../test/fixtures/gateway.ts';

describeGateway('redemptions over HTTP', (gw) => {
  it('go from the wish to the charge, with a code over WhatsApp and a grant that verifies', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    const customer = gw().demo.customers[0]!;
    const found = await till.get('/v1/customers?q=0812-3456-7801');
    const before = found.body.customers[0].balances[0].available;
    const created = await till.post('/v1/redemptions', wish(gw(), 0, { amount: 50_000, drawer: true }));
    expect(created.status).toBe(200);
    expect(Math.abs(Number(created.headers.get('saksi-time')) - Date.now())).toBeLessThan(5000);
    const { id } = created.body.redemption;
    expect(created.body).toMatchObject({
      grant: null,
      redemption: {
        status: 'awaiting_code',
        availableAfter: before - 50_000,
        code: { triesLeft: 5, sends: 1, sendsLeft: 2, delivery: { state: 'queued', reason: null } },
      },
    });

    const { code } = await gw().codeOf(customer.phone);
    const verified = await till.post(`/v1/redemptions/${id}/verify`, { code });
    expect(verified.body.redemption.status).toBe('authorised');
    const context = gw().gateway.services.identity;
    const { payload } = await compactVerify(verified.body.grant, await importJWK(context.publicKey, 'EdDSA'));
    const claims = grantClaimsSchema.parse(JSON.parse(Buffer.from(payload).toString()));
    expect(claims).toMatchObject({
      iss: context.gatewayId,
      aud: till.tillId,
      redemptionId: id,
      customerId: customer.id,
      amount: 50_000,
      actions: ['drawer.open', 'slip.print'],
    });
    expect((await till.get('/v1/redemptions/open')).body.redemptions).toHaveLength(1);

    const settled = { settledAt: Date.now(), slip: 'printed' };
    const captured = await till.post(`/v1/redemptions/${id}/capture`, settled);
    expect(captured.body).toMatchObject({ grant: null, redemption: { status: 'captured' } });
    const after = await till.get(`/v1/customers?q=${customer.memberNo}`);
    expect(after.body.customers[0].balances[0]).toMatchObject({ available: before - 50_000, reserved: 0 });
    expect((await till.get(`/v1/redemptions/${id}`)).body.redemption.status).toBe('captured');

    const delivered = () => reader.seen.some((event) => event.data.delivery?.state === 'read');
    await eventually(delivered, 'the delivery to be read');
    const numbered = reader.seen.filter(({ type }) =>
      ['redemption.changed', 'code.delivery'].includes(type ?? ''),
    );
    expect(numbered.map((event) => Number(event.id))).toEqual(numbered.map((_, index) => index + 1));
    const states = numbered.map(({ data }) => (data.delivery ?? data.redemption.code.delivery).state);
    const order = ['queued', 'accepted', 'sent', 'delivered', 'read'];
    expect(states).toEqual([...states].sort((a, b) => order.indexOf(a) - order.indexOf(b)));
    expect(new Set(states)).toEqual(new Set(order));
    reader.close();
  });

  it('send a new code, after which the older one no longer counts', async () => {
    const till = await gw().pair();
    const { phone } = gw().demo.customers[1]!;
    const created = await till.post('/v1/redemptions', wish(gw(), 1));
    const { id } = created.body.redemption;
    const first = await gw().codeOf(phone);
    const early = await till.post(`/v1/redemptions/${id}/resend`);
    expect(early.body.error.code).toBe('code_resend_too_early');
    expect(early.headers.get('retry-after')).toBe(String(early.body.error.params.seconds));
    gw().shiftClock(61_000);
    const again = await till.post(`/v1/redemptions/${id}/resend`);
    expect(again.body.redemption.code).toMatchObject({ sends: 2, delivery: { state: 'queued' } });
    const second = await gw().codeOf(phone, first.wamid);
    if (first.code !== second.code) {
      const old = await till.post(`/v1/redemptions/${id}/verify`, { code: first.code });
      expect(old.body.error.code).toBe('code_superseded');
    }
    const right = await till.post(`/v1/redemptions/${id}/verify`, { code: second.code });
    expect(right.body.redemption.status).toBe('authorised');
    await till.post(`/v1/redemptions/${id}/cancel`, { reason: 'customer' });
    gw().shiftClock(-61_000);
  });

  it('lapse by themselves, and the till is told', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    await till.post('/v1/redemptions', wish(gw(), 2));
    gw().shiftClock(301_000);
    const lapsed = () => reader.seen.some((event) => event.data.redemption?.status === 'expired');
    await eventually(lapsed, 'the lapse');
    gw().shiftClock(-301_000);
    reader.close();
  });

  it('answer a repeated key as before, and refuse it with another body', async () => {
    const till = await gw().pair();
    const key = 'the-same-key-twice';
    const first = await till.post('/v1/redemptions', wish(gw(), 3), key);
    const repeat = await till.post('/v1/redemptions', wish(gw(), 3), key);
    expect(repeat.body.redemption.id).toBe(first.body.redemption.id);
    const other = await till.post('/v1/redemptions', wish(gw(), 3, { amount: 1001 }), key);
    expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_key_reused']);
    await till.post(`/v1/redemptions/${first.body.redemption.id}/cancel`, { reason: 'cashier' });
  });

  it.each([
    ['no key', null],
    ['a short key', 'short'],
    ['a key with a space', 'with a space in it'],
  ])('are refused with %s', async (_, key) => {
    const till = await gw().pair();
    const refused = await till.post('/v1/redemptions', wish(gw(), 3), key);
    expect([refused.status, refused.body.error.code]).toEqual([400, 'idempotency_key_missing']);
  });

  it.each([0, -1, 0.5, 2 ** 53, '1000', null])('refuse the amount %j', async (amount) => {
    const till = await gw().pair();
    const refused = await till.post('/v1/redemptions', wish(gw(), 3, { amount }));
    expect([refused.status, refused.body.error.code]).toEqual([400, 'amount_invalid']);
  });

  it.each([
    ['an amount above the balance', { amount: 900_000_000 }, 409, 'amount_above_balance'],
    ['an unknown customer', { customer: { memberNo: 'M-0' } }, 404, 'customer_unknown'],
    ['a malformed phone', { customer: { phone: '12' } }, 400, 'phone_malformed'],
    ['an unknown asset', { asset: 'gold' }, 400, 'bad_request'],
    ['an unknown field', { surprise: 1 }, 400, 'bad_request'],
    ['a customer named twice', { customer: { phone: '081234567801', memberNo: 'M-1' } }, 400, 'bad_request'],
    ['a sale reference with a line break', { saleRef: 'S\n1' }, 400, 'bad_request'],
  ])('refuse %s', async (_, fields, status, code) => {
    const till = await gw().pair();
    const refused = await till.post('/v1/redemptions', wish(gw(), 3, fields));
    expect([refused.status, refused.body.error.code]).toEqual([status, code]);
    expect(refused.body.error).toEqual({
      code,
      message: expect.any(String),
      params: expect.any(Object),
      retry: false,
    });
  });

  it.each([
    ['malformed JSON', '{"amount": 1', 400, 'bad_request'],
    ['an empty body', '', 400, 'bad_request'],
    ['a body that is no object', '[]', 400, 'bad_request'],
    ['a body over 64 KiB', JSON.stringify({ saleRef: 'x'.repeat(70_000) }), 413, 'body_too_large'],
  ])('refuse %s', async (_, raw, status, code) => {
    const till = await gw().pair();
    const headers = { authorization: `Bearer ${till.key}`, 'idempotency-key': 'some-key-1234' };
    const refused = await call(gw().url, 'POST', '/v1/redemptions', { raw, headers });
    expect([refused.status, refused.body.error.code]).toEqual([status, code]);
  });

  it('refuse malformed codes without counting a try', async () => {
    const till = await gw().pair();
    const created = await till.post('/v1/redemptions', wish(gw(), 4));
    const { id } = created.body.redemption;
    for (const code of ['12', 'abcdef', '1234567890', 123456, null, '12345']) {
      const refused = await till.post(`/v1/redemptions/${id}/verify`, { code });
      expect([code, refused.status, refused.body.error.code]).toEqual([code, 400, 'code_malformed']);
    }
    expect((await till.get(`/v1/redemptions/${id}`)).body.redemption.code.triesLeft).toBe(5);
    await till.post(`/v1/redemptions/${id}/cancel`, { reason: 'cashier' });
  });

  it('are seen by no other till', async () => {
    const mine = await gw().pair();
    const other = await gw().pair();
    const created = await mine.post('/v1/redemptions', wish(gw(), 4));
    const path = `/v1/redemptions/${created.body.redemption.id}`;
    const { code } = await gw().codeOf(gw().demo.customers[4]!.phone);
    for (const refused of [
      await other.get(path),
      await other.post(`${path}/verify`, { code }),
      await other.post(`${path}/cancel`, { reason: 'cashier' }),
    ]) {
      expect([refused.status, refused.body.error.code]).toEqual([404, 'redemption_unknown']);
    }
    expect((await other.get('/v1/redemptions/open')).body.redemptions).toEqual([]);
    await mine.post(`${path}/cancel`, { reason: 'cashier' });
  });

  it.each([
    ['no key', ''],
    ['a key of another shape', 'Bearer abc'],
    ['another scheme', 'Basic YTpi'],
    ['a key that no till has', `Bearer ${'A'.repeat(43)}`],
  ])('are refused with %s', async (_, authorization) => {
    const refused = await call(gw().url, 'GET', '/v1/redemptions/open', { headers: { authorization } });
    expect([refused.status, refused.body.error.code]).toEqual([401, 'unauthorised']);
  });

  it('are refused to a revoked till, whose stream ends with the news', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    await gw().gateway.services.admin.run('till revoke', { tillId: till.tillId });
    await reader.ended;
    expect(reader.seen.at(-1)).toMatchObject({ id: '1', type: 'till.revoked' });
    const refused = await till.post('/v1/redemptions', wish(gw(), 4));
    expect([refused.status, refused.body.error.code]).toEqual([403, 'till_revoked']);
    await expect(till.events()).rejects.toThrow('403');
  });

  it('leave no code in any table, event or log line', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    const codes = new Set<string>();
    const { kysely } = gw().gateway.services.engine;
    // A job that is done is gone: each is kept here as it was made.
    await gw().gateway.services.engine.script(`create table seen_jobs (row text);
      create function see_job() returns trigger language plpgsql as $$
        begin insert into seen_jobs values (to_jsonb(new)::text); return null; end $$;
      create trigger see_job after insert on pgboss.job_common for each row execute function see_job()`);
    for (const [index, customer] of gw().demo.customers.entries()) {
      const known = await call(gw().graphUrl, 'GET', `/_sim/phones/${customer.phone.slice(1)}/latest-code`);
      const created = await till.post('/v1/redemptions', wish(gw(), index));
      const { id } = created.body.redemption;
      const { code } = await gw().codeOf(customer.phone, known.body.wamid);
      codes.add(code);
      await till.post(`/v1/redemptions/${id}/verify`, { code: code === '135791' ? '135792' : '135791' });
      await till.post(`/v1/redemptions/${id}/verify`, { code });
      await till.post(`/v1/redemptions/${id}/capture`, { settledAt: 1, slip: 'pending' });
    }
    await gw().graph.settled();
    for (const request of gw().graph.requests) {
      // Every code that ever left, also those of the tests before this one.
      for (const [, code] of JSON.stringify(request).matchAll(/"text":"(\d{6})"/g)) if (code) codes.add(code);
    }
    expect(codes.size).toBeGreaterThanOrEqual(8);

    const { rows: tables } = await sql<{ name: string }>`select format('%I.%I', schemaname, tablename) as name
      from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`.execute(kysely);
    const places: [string, string][] = [
      ['log', gw().log.join('')],
      ['events', JSON.stringify(reader.seen)],
    ];
    for (const { name } of tables) {
      const { rows } = await sql`select to_jsonb(t)::text as row from ${sql.raw(name)} t`.execute(kysely);
      places.push([name, rows.map((row) => (row as { row: string }).row).join('\n')]);
    }
    expect(places.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'public.messages',
        'public.till_events',
        'public.till_requests',
        'public.codes',
      ]),
    );
    // One code in so many happens to be an amount that is booked: that one says nothing where it is found.
    const booked = await sql<{ amount: string }>`select distinct amount::text from transfers`.execute(kysely);
    for (const { amount } of booked.rows) codes.delete(amount);
    expect(codes.size).toBeGreaterThanOrEqual(7);
    const jobs = places.find(([name]) => name === 'public.seen_jobs')?.[1] ?? '';
    expect(jobs).toContain('messageId');
    for (const [name, text] of places) {
      for (const code of codes) {
        // A code's digits standing alone: inside a longer number or a hash they say nothing.
        const found = new RegExp(`(?<![0-9a-fA-F.-])${code}(?![0-9a-fA-F.-])`).exec(text);
        const around = text.slice(Math.max(0, (found?.index ?? 0) - 40), (found?.index ?? 0) + 40);
        expect(found, `${name}: …${around}…`).toBeNull();
      }
    }
    // The search does find what is there.
    const amounts = places.find(([name]) => name === 'public.redemptions')?.[1] ?? '';
    expect(/(?<![0-9a-fA-F.-])1000(?![0-9a-fA-F.-])/.test(amounts)).toBe(true);
    reader.close();
  });

  it('balance to the last unit after all of this', async () => {
    expect(await gw().gateway.services.admin.run('ledger check', {})).toMatchObject({ ok: true, sum: 0 });
  });

  it('are open to no made-up till of another gateway', async () => {
    const foreign = tillClient(gw().url, 'x', Buffer.alloc(32, 1).toString('base64url'));
    expect((await foreign.get('/v1/till')).body.error.code).toBe('unauthorised');
  });
});
