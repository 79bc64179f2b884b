import { sql } from 'kysely';
import { beforeAll, expect, it } from 'vitest';
import { redemptionAnswerSchema } from '../../shared/gateway-api.ts';
import { grantClaimsSchema } from '../../shared/grants.ts';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import {
  createBody,
  policyWith,
  type RedemptionWorld,
  redemptionWorld,
  standingClock,
  wrongCode,
} from '../../test/fixtures/redemption-world.ts';
import { checkLedger } from '../ledger/check.ts';
import { balancesOf } from '../ledger/ledger.ts';
import type { TillIdentity } from './context.ts';

/** What a refusal is known by. */
const refusal = (code: string, params: Record<string, number | string> = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });

describeOnBothEngines('redemptions', (getEngine) => {
  const clock = standingClock();
  let world: RedemptionWorld;
  let storeId: string;
  let till: TillIdentity;
  beforeAll(async () => {
    world = redemptionWorld(getEngine(), clock);
    storeId = await world.addStore();
    till = await world.addTill(storeId);
  });

  const deposit = async (customerId: string) => (await balancesOf(getEngine().kysely, customerId))[0];
  async function start(amount = 50_000, wallet = 120_000, at = till) {
    const customer = await world.addCustomer(at.storeId, { deposit: wallet });
    const { redemption } = await world.service.create(at, world.newKey(), createBody(customer.id, amount));
    return { id: redemption.id, customer, redemption };
  }
  const verify = (id: string, code: string, key = world.newKey()) =>
    world.service.verify(till, id, key, code);
  const capture = (id: string, key = world.newKey()) =>
    world.service.capture(till, id, key, { settledAt: clock.now(), slip: 'printed' });
  const cancel = (id: string, key = world.newKey()) =>
    world.service.cancel(till, id, key, { reason: 'cashier' });

  it('a design of slips, however large, is not read for a redemption, and all else of the policy is', async () => {
    const { id } = await start();
    const logo = 'A'.repeat(20_000);
    const { kysely } = getEngine();
    await sql`update stores set policy = jsonb_set(policy, '{slipDesign}', ${JSON.stringify({ logo })}::jsonb)
      where id = ${storeId}`.execute(kysely);
    const { rows } = await sql<{ prepared: object; read: object }>`select
      redemption_prepare(${storeId}, ${till.tillId}, 'x', null, null, null) -> 'policy' as prepared,
      redemption_read(${id}, ${till.tillId}, null, false) -> 'policy' as read`.execute(kysely);
    const { approvals: _a, slipDesign: _s, ...rest } = DEFAULT_POLICY;
    for (const policy of [rows[0]?.prepared, rows[0]?.read]) {
      expect(Object.keys(policy ?? {}).toSorted()).toEqual(Object.keys(rest).toSorted());
    }
  });

  it('goes from a code to a grant to a captured amount', async () => {
    const customer = await world.addCustomer(storeId, { deposit: 120_000 });
    const body = createBody(customer.id, 50_000, { drawer: true });
    const created = await world.service.create(till, world.newKey(), body);
    expect(redemptionAnswerSchema.parse(created)).toMatchObject({
      grant: null,
      redemption: {
        status: 'awaiting_code',
        availableAfter: 70_000,
        customer: { phoneMasked: expect.stringMatching(/^\+62•+\d{4}$/) },
        code: { digits: 6, expiresInMs: 300_000, triesLeft: 5, sends: 1, sendsLeft: 2, resendInMs: 60_000 },
      },
    });
    expect(world.ports.messages.at(-1)).toMatchObject({
      phoneE164: customer.phone,
      amount: 50_000,
      serial: 1,
    });
    expect(await deposit(customer.id)).toEqual({ asset: 'deposit', available: 70_000, reserved: 50_000 });

    const { id } = created.redemption;
    const verified = await verify(id, await world.codeOf(id));
    expect(verified.redemption.status).toBe('authorised');
    const claims = grantClaimsSchema.parse(JSON.parse(verified.grant ?? 'null'));
    expect(claims).toMatchObject({
      aud: till.tillId,
      amount: 50_000,
      actions: ['drawer.open', 'slip.print'],
    });
    expect(claims.exp - claims.iat).toBe(600);
    expect(claims.jti).not.toBe(id);
    clock.advance(30_000);
    const again = JSON.parse((await world.service.get(till, id)).grant ?? 'null');
    expect(again).toMatchObject({ jti: claims.jti, iat: claims.iat + 30 });

    const captured = await capture(id);
    expect(captured).toMatchObject({
      grant: null,
      redemption: { status: 'captured', availableAfter: 70_000 },
    });
    expect(await deposit(customer.id)).toEqual({ asset: 'deposit', available: 70_000, reserved: 0 });
    expect((await world.events(till.tillId)).slice(-3)).toMatchObject([
      { type: 'redemption.changed', redemption: { id, status: 'awaiting_code' } },
      { type: 'redemption.changed', redemption: { id, status: 'authorised' } },
      { type: 'redemption.changed', redemption: { id, status: 'captured' } },
    ]);
  });

  it('tells how many tries are left, and gives the money back after the last', async () => {
    const { id, customer } = await start();
    const code = await world.codeOf(id);
    for (const triesLeft of [4, 3, 2, 1]) {
      await expect(verify(id, wrongCode(code, triesLeft))).rejects.toEqual(
        refusal('code_wrong', { triesLeft }),
      );
    }
    expect((await world.service.get(till, id)).redemption.code?.triesLeft).toBe(1);
    await expect(verify(id, wrongCode(code))).rejects.toEqual(refusal('code_tries_exhausted'));
    expect(await deposit(customer.id)).toMatchObject({ available: 120_000, reserved: 0 });
    // The sixth try: even the right code is worth nothing now.
    await expect(verify(id, code)).rejects.toEqual(refusal('code_tries_exhausted'));
    expect((await world.events(till.tillId)).at(-1)).toMatchObject({ redemption: { id, status: 'failed' } });
    expect(await world.readCode(id)).toBeNull();
  });

  it('refuses an expired code, also before the lapse has been written down', async () => {
    const { id, customer } = await start();
    const code = await world.codeOf(id);
    clock.advance(300_000);
    expect(await world.readCode(id)).toBeNull();
    await expect(verify(id, code)).rejects.toEqual(refusal('code_expired'));
    expect((await world.service.get(till, id)).redemption).toMatchObject({ status: 'expired' });
    expect(await deposit(customer.id)).toMatchObject({ available: 120_000, reserved: 0 });
    await expect(verify(id, code)).rejects.toEqual(refusal('code_expired'));
  });

  it('lapses what nobody verified, and never what was verified', async () => {
    await world.service.lapseDue();
    const waiting = await start();
    const verified = await start();
    await verify(verified.id, await world.codeOf(verified.id));
    clock.advance(299_999);
    expect(await world.service.lapseDue()).toEqual([]);
    clock.advance(1);
    expect(await world.service.lapseDue()).toEqual([till.tillId]);
    expect(await world.service.lapseDue()).toEqual([]);
    expect(await deposit(waiting.customer.id)).toMatchObject({ available: 120_000, reserved: 0 });
    expect(await deposit(verified.customer.id)).toMatchObject({ available: 70_000, reserved: 50_000 });
    const last = (await world.events(till.tillId)).at(-1);
    expect(last).toMatchObject({
      redemption: { id: waiting.id, status: 'expired', availableAfter: 120_000 },
    });
    await capture(verified.id);
  });

  it('refuses a code that was used', async () => {
    const { id } = await start();
    const code = await world.codeOf(id);
    const { grant } = await verify(id, code);
    // No money goes back here, so the drawer stays shut.
    expect(JSON.parse(grant ?? 'null')).toMatchObject({ redemptionId: id, actions: ['slip.print'] });
    await expect(verify(id, code)).rejects.toEqual(refusal('code_used'));
    await capture(id);
    await expect(verify(id, code)).rejects.toEqual(refusal('code_used'));
  });

  it('refuses the code of another redemption', async () => {
    const mine = await start();
    const other = await start();
    const foreign = await world.codeOf(other.id);
    await expect(verify(mine.id, foreign)).rejects.toEqual(refusal('code_wrong', { triesLeft: 4 }));
    await verify(other.id, foreign);
  });

  it('shows a till its own redemptions only', async () => {
    const { id } = await start();
    const elsewhere = await world.addTill(storeId);
    const code = await world.codeOf(id);
    const unknown = refusal('redemption_unknown');
    await expect(world.service.verify(elsewhere, id, world.newKey(), code)).rejects.toEqual(unknown);
    await expect(world.service.get(elsewhere, id)).rejects.toEqual(unknown);
    await expect(world.service.cancel(elsewhere, id, world.newKey(), { reason: 'cashier' })).rejects.toEqual(
      unknown,
    );
    await expect(world.service.resend(elsewhere, id, world.newKey())).rejects.toEqual(unknown);
    await expect(world.service.get(till, 'no-uuid')).rejects.toEqual(unknown);
    expect(await world.service.listOpen(elsewhere)).toEqual([]);
    expect((await world.service.listOpen(till)).map((open) => open.redemption.id)).toContain(id);
    expect((await world.service.get(till, id)).redemption.code?.triesLeft).toBe(5);
  });

  it('refuses a code of the wrong shape without counting it', async () => {
    const { id } = await start();
    for (const code of ['12345', '1234567', '12345a', '']) {
      await expect(verify(id, code)).rejects.toEqual(refusal('code_malformed', { digits: 6 }));
    }
    expect((await world.service.get(till, id)).redemption.code?.triesLeft).toBe(5);
  });

  it('resends after the cooldown, then knows the older code for what it is', async () => {
    const { id } = await start();
    const first = await world.codeOf(id);
    await expect(world.service.resend(till, id, world.newKey())).rejects.toEqual(
      refusal('code_resend_too_early', { seconds: 60 }),
    );
    clock.advance(59_999);
    await expect(world.service.resend(till, id, world.newKey())).rejects.toEqual(
      refusal('code_resend_too_early', { seconds: 1 }),
    );
    clock.advance(1);
    const { redemption } = await world.service.resend(till, id, world.newKey());
    expect(redemption.code).toMatchObject({
      sends: 2,
      sendsLeft: 1,
      resendInMs: 60_000,
      expiresInMs: 300_000,
    });
    expect(world.ports.messages.at(-1)).toMatchObject({ redemptionId: id, serial: 2 });
    const second = await world.codeOf(id, 2);
    expect(await world.readCode(id, 1)).toBeNull();
    if (first !== second) await expect(verify(id, first)).rejects.toEqual(refusal('code_superseded'));
    expect((await world.service.get(till, id)).redemption.code?.triesLeft).toBe(5);
    clock.advance(60_000);
    await world.service.resend(till, id, world.newKey());
    clock.advance(60_000);
    await expect(world.service.resend(till, id, world.newKey())).rejects.toEqual(
      refusal('code_sends_exhausted'),
    );
    const third = await world.codeOf(id, 3);
    expect((await verify(id, third)).redemption.status).toBe('authorised');
    await expect(world.service.resend(till, id, world.newKey())).rejects.toEqual(
      refusal('redemption_state', { status: 'authorised' }),
    );
  });

  it('keeps tries over a resend', async () => {
    const { id } = await start();
    const code = await world.codeOf(id);
    await expect(verify(id, wrongCode(code))).rejects.toEqual(refusal('code_wrong', { triesLeft: 4 }));
    clock.advance(60_000);
    const { redemption } = await world.service.resend(till, id, world.newKey());
    expect(redemption.code?.triesLeft).toBe(4);
  });

  it('refuses amounts that are none, or beyond the balance, and reserves nothing', async () => {
    const customer = await world.addCustomer(storeId, { deposit: 1_000 });
    const create = (amount: number) =>
      world.service.create(till, world.newKey(), createBody(customer.id, amount));
    for (const amount of [0, -1, 10.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(create(amount), String(amount)).rejects.toEqual(refusal('amount_invalid'));
    }
    await expect(create(1_001)).rejects.toEqual(refusal('amount_above_balance', { available: 1_000 }));
    await expect(create(2 ** 53 - 1)).rejects.toEqual(refusal('amount_above_balance', { available: 1_000 }));
    expect(await deposit(customer.id)).toMatchObject({ available: 1_000, reserved: 0 });
    expect((await create(1_000)).redemption.availableAfter).toBe(0);
  });

  it('keeps the assets apart', async () => {
    const customer = await world.addCustomer(storeId, { deposit: 1_000, points: 70 });
    const points = createBody(customer.id, 70, { asset: 'points' });
    const { redemption } = await world.service.create(till, world.newKey(), points);
    expect(redemption).toMatchObject({ asset: 'points', availableAfter: 0 });
    expect(await deposit(customer.id)).toMatchObject({ available: 1_000, reserved: 0 });
  });

  it('refuses unknown customers, staff and phone numbers', async () => {
    const customer = await world.addCustomer(storeId, { deposit: 1_000 });
    const elsewhere = await world.addCustomer(await world.addStore(), { deposit: 1_000 });
    const without = await world.addCustomer(storeId, { deposit: 1_000 }, false);
    const create = (body: Partial<ReturnType<typeof createBody>>) =>
      world.service.create(till, world.newKey(), createBody(customer.id, 10, body));
    const stranger = '0190a6e0-0000-7000-8000-00000000dead';
    await expect(create({ customer: { id: stranger } })).rejects.toEqual(refusal('customer_unknown'));
    await expect(create({ customer: { id: elsewhere.id } })).rejects.toEqual(refusal('customer_unknown'));
    await expect(create({ customer: { memberNo: 'none' } })).rejects.toEqual(refusal('customer_unknown'));
    await expect(create({ customer: { phone: '+62811199999' } })).rejects.toEqual(
      refusal('customer_unknown'),
    );
    await expect(create({ customer: { phone: '12' } })).rejects.toEqual(refusal('phone_malformed'));
    await expect(create({ customer: { phone: 'drop table' } })).rejects.toEqual(refusal('phone_malformed'));
    await expect(create({ customer: { id: without.id } })).rejects.toEqual(refusal('customer_without_phone'));
    await expect(create({ staffId: stranger })).rejects.toEqual(refusal('staff_unknown'));
    const national = (customer.phone ?? '').replace('+62', '0');
    expect((await create({ customer: { phone: national } })).redemption.customer.id).toBe(customer.id);
    expect((await create({ customer: { memberNo: customer.memberNo } })).redemption.customer.id).toBe(
      customer.id,
    );
  });

  it('cancels before and after the code, and not after the capture', async () => {
    const waiting = await start();
    const answer = await cancel(waiting.id);
    expect(answer.redemption).toMatchObject({ status: 'released', availableAfter: 120_000 });
    expect((await cancel(waiting.id)).redemption.status).toBe('released');
    const stateOf = (status: string) => refusal('redemption_state', { status });
    await expect(capture(waiting.id)).rejects.toEqual(stateOf('released'));
    await expect(verify(waiting.id, '000000')).rejects.toEqual(stateOf('released'));

    const verified = await start();
    await expect(capture(verified.id)).rejects.toEqual(stateOf('awaiting_code'));
    await verify(verified.id, await world.codeOf(verified.id));
    await cancel(verified.id);
    expect(await deposit(verified.customer.id)).toMatchObject({ available: 120_000, reserved: 0 });
    await expect(capture(verified.id)).rejects.toEqual(stateOf('released'));

    const captured = await start();
    await verify(captured.id, await world.codeOf(captured.id));
    await capture(captured.id);
    expect((await capture(captured.id)).redemption.status).toBe('captured');
    await expect(cancel(captured.id)).rejects.toEqual(stateOf('captured'));
    expect(await deposit(captured.customer.id)).toMatchObject({ available: 70_000, reserved: 0 });
  });

  it('gives a repeated request its first outcome and does nothing twice', async () => {
    const customer = await world.addCustomer(storeId, { deposit: 120_000 });
    const body = createBody(customer.id, 50_000);
    const key = world.newKey();
    const first = await world.service.create(till, key, body);
    const { id } = first.redemption;
    clock.advance(1_000);
    const repeated = await world.service.create(till, key, body);
    expect(repeated.redemption).toMatchObject({ id, code: { expiresInMs: 299_000 } });
    expect(await deposit(customer.id)).toMatchObject({ available: 70_000, reserved: 50_000 });
    expect(world.ports.messages.filter((message) => message.redemptionId === id)).toHaveLength(1);

    const code = await world.codeOf(id);
    const wrong = world.newKey();
    const wrongOnce = refusal('code_wrong', { triesLeft: 4 });
    await expect(verify(id, wrongCode(code), wrong)).rejects.toEqual(wrongOnce);
    await expect(verify(id, wrongCode(code, 2))).rejects.toEqual(refusal('code_wrong', { triesLeft: 3 }));
    await expect(verify(id, wrongCode(code), wrong)).rejects.toEqual(wrongOnce);
    expect((await world.service.get(till, id)).redemption.code?.triesLeft).toBe(3);

    const right = world.newKey();
    const granted = await verify(id, code, right);
    expect(JSON.parse((await verify(id, code, right)).grant ?? 'null').jti).toBe(
      JSON.parse(granted.grant ?? 'null').jti,
    );
    const captureKey = world.newKey();
    const settled = { settledAt: clock.now(), slip: 'printed' } as const;
    await world.service.capture(till, id, captureKey, settled);
    const events = (await world.events(till.tillId)).length;
    expect((await world.service.capture(till, id, captureKey, settled)).redemption.status).toBe('captured');
    expect(await world.events(till.tillId)).toHaveLength(events);
    expect(await deposit(customer.id)).toMatchObject({ available: 70_000, reserved: 0 });
  });

  it('refuses a key that was used with other contents', async () => {
    const customer = await world.addCustomer(storeId, { deposit: 120_000 });
    const key = world.newKey();
    const { redemption } = await world.service.create(till, key, createBody(customer.id, 50_000));
    const reused = refusal('idempotency_key_reused');
    await expect(world.service.create(till, key, createBody(customer.id, 50_001))).rejects.toEqual(reused);
    await expect(cancel(redemption.id, key)).rejects.toEqual(reused);
    const code = await world.codeOf(redemption.id);
    const verifyKey = world.newKey();
    await verify(redemption.id, code, verifyKey);
    await expect(verify(redemption.id, wrongCode(code), verifyKey)).rejects.toEqual(reused);
    expect((await world.service.get(till, redemption.id)).redemption.status).toBe('authorised');
    // Another till may well choose the same key.
    const other = await world.addTill(storeId);
    const theirs = await world.service.create(other, key, createBody(customer.id, 1_000));
    expect(theirs.redemption.tillId).toBe(other.tillId);
  });

  it('asks no code below the amount that policy names', async () => {
    const policy = policyWith(({ codes, redemption }) => {
      codes.askFrom = { deposit: 20_000, points: 0 };
      redemption.drawer = 'always';
    });
    const freeTill = await world.addTill(await world.addStore(policy));
    const customer = await world.addCustomer(freeTill.storeId, { deposit: 50_000 }, false);
    const messages = world.ports.messages.length;
    const small = createBody(customer.id, 19_999);
    const { redemption, grant } = await world.service.create(freeTill, world.newKey(), small);
    expect(redemption).toMatchObject({
      status: 'authorised',
      code: null,
      drawer: true,
      availableAfter: 30_001,
    });
    expect(JSON.parse(grant ?? 'null').actions).toEqual(['drawer.open', 'slip.print']);
    expect(world.ports.messages).toHaveLength(messages);
    await expect(world.service.verify(freeTill, redemption.id, world.newKey(), '123456')).rejects.toEqual(
      refusal('redemption_state'),
    );
    const large = createBody(customer.id, 20_000);
    await expect(world.service.create(freeTill, world.newKey(), large)).rejects.toEqual(
      refusal('customer_without_phone'),
    );
  });

  it('never opens the drawer where policy says never', async () => {
    const policy = policyWith(({ redemption }) => {
      redemption.drawer = 'never';
    });
    const strictTill = await world.addTill(await world.addStore(policy));
    const customer = await world.addCustomer(strictTill.storeId, { deposit: 50_000 });
    const body = createBody(customer.id, 1, { drawer: true });
    expect((await world.service.create(strictTill, world.newKey(), body)).redemption.drawer).toBe(false);
  });

  it.each([
    ['phone', 'code_limit_phone'],
    ['till', 'code_limit_till'],
    ['store', 'code_limit_store'],
  ] as const)('holds the limit per %s over a sliding window', async (scope, code) => {
    const policy = policyWith(({ codes }) => {
      codes.limits[scope] = { count: 2, windowSeconds: 600 };
    });
    const limited = await world.addTill(await world.addStore(policy));
    const customer = await world.addCustomer(limited.storeId, { deposit: 50_000 });
    const create = () => world.service.create(limited, world.newKey(), createBody(customer.id, 10));
    await create();
    clock.advance(400_000);
    const { redemption } = await create();
    clock.advance(100_000);
    await expect(create()).rejects.toEqual(refusal(code, { seconds: 100 }));
    // A resend counts as a code issued.
    await expect(world.service.resend(limited, redemption.id, world.newKey())).rejects.toEqual(
      refusal(code, { seconds: 100 }),
    );
    clock.advance(100_000);
    await world.service.resend(limited, redemption.id, world.newKey());
    await expect(create()).rejects.toEqual(refusal(code, { seconds: 400 }));
    expect(await deposit(customer.id)).toMatchObject({ available: 49_980, reserved: 20 });
  });

  it('forgets requests after their retention, not before', async () => {
    clock.advance(31 * 86_400_000);
    await world.service.pruneRequests();
    const { id } = await start();
    await cancel(id);
    clock.advance(30 * 86_400_000);
    expect(await world.service.pruneRequests()).toBe(0);
    clock.advance(1);
    expect(await world.service.pruneRequests()).toBe(2);
  });

  it('announces a redemption as it stands, in the caller’s transaction', async () => {
    const { id } = await start();
    await getEngine()
      .kysely.transaction()
      .execute((trx) => world.service.announce(trx, [id]));
    expect((await world.events(till.tillId)).at(-1)).toMatchObject({
      redemption: { id, status: 'awaiting_code' },
    });
  });

  it('stores no code in any column, and leaves a clean ledger', async () => {
    const { id } = await start();
    const code = await world.codeOf(id);
    await expect(verify(id, wrongCode(code))).rejects.toEqual(refusal('code_wrong'));
    await verify(id, code);
    const { kysely } = getEngine();
    for (const table of ['redemptions', 'codes', 'till_requests', 'till_events', 'transfers'] as const) {
      const rows = await kysely.selectFrom(table).selectAll().execute();
      const text = JSON.stringify(rows, (_, value) => (value instanceof Uint8Array ? 'bytes' : value));
      expect(text.match(new RegExp(`(?<![0-9a-f-])${code}(?![0-9a-f-])`))).toBeNull();
    }
    expect(await checkLedger(kysely)).toMatchObject({ ok: true, sum: 0 });
  });
});
