import { beforeEach, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { FakeTill, MemoryLog } from '../../test/fixtures/fake-till.ts';
import { handleBridgeCall } from './bridge-calls.ts';

const ID = '0193f0a0-0000-7000-8000-000000000001';

let till: FakeTill;
let log: MemoryLog;
beforeEach(() => {
  till = new FakeTill();
  log = new MemoryLog();
});

const call = (method: unknown, input: unknown) => handleBridgeCall(till, method, input, log);

describe('a bridge call', () => {
  it('reaches the till with its checked input', async () => {
    till.answer = async () => ({ redemptionId: ID });
    const input = { customerId: ID, asset: 'points', amount: 5, drawer: false, saleRef: ' INV 1 ' };
    expect(await call('redemption.start', input)).toEqual({ ok: true, value: { redemptionId: ID } });
    expect(till.calls).toEqual([{ method: 'redemption.start', input: { ...input, saleRef: 'INV 1' } }]);
  });

  it.each(['constructor', '__proto__', 'toString', 'session.signin', '', null, 7, ['session.signOut']])(
    'of an unknown method is refused: %j',
    async (method) => {
      expect(await call(method, {})).toMatchObject({ ok: false, error: { code: 'bad_request' } });
      expect(till.calls).toEqual([]);
    },
  );

  it.each([
    ['session.signOut', undefined],
    ['session.signOut', { extra: 1 }],
    ['session.signIn', { staffId: ID, pin: '12a4' }],
    ['session.signIn', { staffId: 'x', pin: '1234' }],
    ['redemption.submitCode', { redemptionId: ID, code: 123456 }],
    ['customers.search', { q: 'x'.repeat(65) }],
    ['pairing.pair', { gatewayUrl: 'not an address', pairingCode: 'A' }],
  ])('outside its schema is refused: %s %j', async (method, input) => {
    expect(await call(method, input)).toMatchObject({ ok: false, error: { code: 'bad_request' } });
    expect(till.calls).toEqual([]);
  });

  it.each([0, -5, 0.5, 2 ** 53, Number.NaN, '5'])('with an amount of %s says so', async (amount) => {
    const input = { customerId: ID, asset: 'points', amount, drawer: false };
    expect(await call('redemption.start', input)).toMatchObject({ error: { code: 'amount_invalid' } });
  });

  it('gives refusals as values, with their parameters', async () => {
    till.answer = () => Promise.reject(new SaksiError('code_wrong', { params: { triesLeft: 4 } }));
    expect(await call('session.signOut', {})).toEqual({
      ok: false,
      error: {
        code: 'code_wrong',
        message: expect.any(String),
        params: { triesLeft: 4 },
        retry: expect.any(Boolean),
      },
    });
    expect(log.levels()).toEqual(['info']);
  });

  it('tells the screen nothing of an unexpected error, and logs it', async () => {
    const error = new Error('SQLITE_IOERR at /data/till.db');
    till.answer = () => Promise.reject(error);
    const answer = await call('session.signOut', {});
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal' } });
    expect(JSON.stringify(answer)).not.toContain('till.db');
    expect(log.lines).toMatchObject([{ level: 'error', details: { err: error } }]);
  });

  it('answers only what the schema names', async () => {
    till.answer = async () => ({ customers: [], ageMs: null, tillKey: 'secret' });
    expect(await call('customers.search', { q: 'budi' })).toEqual({
      ok: true,
      value: { customers: [], ageMs: null },
    });
    till.answer = async () => ({ redemptionId: 'no uuid' });
    const input = { customerId: ID, asset: 'points', amount: 5, drawer: false };
    expect(await call('redemption.start', input)).toMatchObject({ error: { code: 'internal' } });
  });

  it('never logs what was typed', async () => {
    await call('session.signIn', { staffId: 'x', pin: '481516' });
    till.answer = () => Promise.reject(new Error('broken'));
    await call('redemption.submitCode', { redemptionId: ID, code: '234200' });
    const text = JSON.stringify(log.lines, (_key, value: unknown) =>
      value instanceof Error ? `${value.message} ${String(value.cause)}` : value,
    );
    for (const secret of ['481516', '234200']) expect(text).not.toContain(secret);
  });
});
