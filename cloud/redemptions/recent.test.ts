import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import {
  createBody,
  policyWith,
  redemptionWorld,
  standingClock,
  wrongCode,
} from '../../test/fixtures/redemption-world.ts';

/** Two gateway processes on one database: what one remembers, the other changes. */
describeOnBothEngines('what a gateway remembers of redemptions', (getEngine) => {
  const scene = async () => {
    const clock = standingClock();
    const here = redemptionWorld(getEngine(), clock);
    const there = redemptionWorld(getEngine(), clock);
    const storeId = await here.addStore();
    const till = await here.addTill(storeId);
    const customer = await here.addCustomer(storeId, { deposit: 10_000 });
    const create = (amount = 100) =>
      here.service.create(till, here.newKey(), createBody(customer.id, amount));
    return { here, there, storeId, till, customer, create };
  };
  const kysely = () => getEngine().kysely;

  it('goes by the policy as it is now', async () => {
    const { storeId, create } = await scene();
    expect((await create()).redemption.status).toBe('awaiting_code');
    const version = DEFAULT_POLICY.version + 1;
    const policy = policyWith((edit) =>
      Object.assign(edit, { version, codes: { ...edit.codes, digits: 8 } }),
    );
    await kysely()
      .updateTable('stores')
      .set({ policy: JSON.stringify(policy), policy_version: version })
      .where('id', '=', storeId)
      .execute();
    expect((await create()).redemption.code?.digits).toBe(8);
  });

  it('sends the code to the phone that the customer has now', async () => {
    const { here, customer, create } = await scene();
    await create();
    const phone = '+6281299990001';
    await kysely()
      .updateTable('customers')
      .set({ phone_e164: phone })
      .where('id', '=', customer.id)
      .execute();
    await create();
    // The attempt on what was remembered made a message too; it was kept with nothing.
    expect(here.ports.messages.at(-1)?.phoneE164).toBe(phone);
    await kysely().updateTable('customers').set({ phone_e164: null }).where('id', '=', customer.id).execute();
    await expect(create()).rejects.toMatchObject({ code: 'customer_without_phone' });
  });

  it('counts the tries that another process counted', async () => {
    const { here, there, till, create } = await scene();
    const { redemption } = await create();
    const code = await here.codeOf(redemption.id);
    const guess = (world: typeof here) =>
      world.service.verify(till, redemption.id, world.newKey(), wrongCode(code));
    await expect(guess(here)).rejects.toMatchObject({ code: 'code_wrong', params: { triesLeft: 4 } });
    await expect(guess(there)).rejects.toMatchObject({ code: 'code_wrong', params: { triesLeft: 3 } });
    await expect(guess(here)).rejects.toMatchObject({ code: 'code_wrong', params: { triesLeft: 2 } });
  });

  it('authorises nothing that another process ended', async () => {
    const { here, there, till, create } = await scene();
    const { redemption } = await create();
    const code = await here.codeOf(redemption.id);
    await there.service.cancel(till, redemption.id, there.newKey(), { reason: 'customer' });
    await expect(here.service.verify(till, redemption.id, here.newKey(), code)).rejects.toMatchObject({
      code: 'redemption_state',
    });
  });

  it('shows what is available after spending that another process saw', async () => {
    const { here, there, till, customer, create } = await scene();
    const { redemption } = await create(1_000);
    await there.service.create(till, there.newKey(), createBody(customer.id, 2_000));
    const code = await here.codeOf(redemption.id);
    const answer = await here.service.verify(till, redemption.id, here.newKey(), code);
    expect(answer.redemption.availableAfter).toBe(7_000);
  });

  it('answers a repeated request as before, though it would be refused by now', async () => {
    const { here, till, customer, create } = await scene();
    const { redemption } = await create();
    const code = await here.codeOf(redemption.id);
    const key = here.newKey();
    const first = await here.service.verify(till, redemption.id, key, code);
    expect((await here.service.verify(till, redemption.id, key, code)).redemption).toEqual(first.redemption);
    await expect(here.service.verify(till, redemption.id, here.newKey(), code)).rejects.toMatchObject({
      code: 'code_used',
    });
    const createKey = here.newKey();
    const body = createBody(customer.id, 9_900);
    const made = await here.service.create(till, createKey, body);
    // The whole balance is reserved by now.
    expect((await here.service.create(till, createKey, body)).redemption.id).toBe(made.redemption.id);
  });

  it('is for the till whose redemption it is', async () => {
    const { here, storeId, create } = await scene();
    const { redemption } = await create();
    const other = await here.addTill(storeId);
    const code = await here.codeOf(redemption.id);
    await expect(here.service.verify(other, redemption.id, here.newKey(), code)).rejects.toMatchObject({
      code: 'redemption_unknown',
    });
  });
});
