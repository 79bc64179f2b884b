import { expect, it } from 'vitest';
import { systemRandom } from '../../shared/effects.ts';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { standingClock } from '../../test/fixtures/redemption-world.ts';
import { createAccountBook } from './account-book.ts';

describeOnBothEngines('the WhatsApp accounts of two gateways on one database', (getEngine) => {
  const clock = standingClock();
  const open = (fixed = {}) =>
    createAccountBook({
      engine: getEngine(),
      effects: { clock, random: systemRandom },
      secretsKey: new Uint8Array(32).fill(7),
      graphUrl: 'http://127.0.0.1:9',
      graphVersion: 'v25.0',
      fixed,
    });
  let serial = 0;
  const newNumber = () => {
    serial += 1;
    return `10000000000${serial}`;
  };

  it('know a number a moment after the other one was told it', async () => {
    const [here, there] = [
      open({ phoneNumberId: '1', wabaId: '2' }),
      open({ phoneNumberId: '1', wabaId: '2' }),
    ];
    const number = newNumber();
    expect(await there.ownerOfNumber(number)).toBeUndefined();
    const id = await here.add('Kopi');
    await here.of(id).set({ phoneNumberId: number, wabaId: '22', accessToken: 'token' });
    expect(await here.ownerOfNumber(number)).toBe(id);
    clock.advance(1_500);
    expect(await there.ownerOfNumber(number)).toBe(id);
    expect(await there.ownersOfWaba('22')).toEqual([id]);
    expect(await there.ownerOfNumber('1')).toBe(DEFAULT_ACCOUNT);
    expect(await there.ownerOfNumber('3')).toBeUndefined();
  });

  it('take what nobody’s number gets for the first account’s while that knows none', async () => {
    const book = open();
    expect(await book.ownerOfNumber('9')).toBe(DEFAULT_ACCOUNT);
    expect(await book.ownersOfWaba('9')).toEqual([DEFAULT_ACCOUNT]);
  });

  it('keep the app’s secrets once, and give them to every account', async () => {
    const book = open();
    const id = await book.add('Lain');
    await book.of(id).set({ appSecret: 'of the app', accessToken: 'of the account' });
    expect(await book.of(id).settings()).toMatchObject({
      ...{ appSecret: 'of the app', accessToken: 'of the account' },
    });
    expect(await book.of(DEFAULT_ACCOUNT).settings()).toMatchObject({ appSecret: 'of the app' });
    expect((await book.of(DEFAULT_ACCOUNT).settings()).accessToken).toBeUndefined();
    const row = await getEngine()
      .kysely.selectFrom('whatsapp_accounts')
      .select(['app_secret_sealed', 'access_token_sealed'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    expect(row.app_secret_sealed).toBeNull();
    expect(row.access_token_sealed).not.toContain('of the account');
  });
});
