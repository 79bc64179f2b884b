import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { policyWith, redemptionWorld, standingClock } from '../../test/fixtures/redemption-world.ts';
import { checkDoubleEntry } from './double-entry.ts';

describeOnBothEngines('the proof of double entry', (getEngine) => {
  it.each([
    ['accounts', 'transfers'],
    ['credit_accounts', 'credit_transfers'],
  ] as const)('finds a balance of %s that no transfer explains', async (accounts, transfers) => {
    const { kysely } = getEngine();
    await redemptionWorld(getEngine(), standingClock()).addStore(policyWith(() => {}));
    const before = await checkDoubleEntry(kysely, { accounts, transfers });
    expect(before).toMatchObject({ sum: 0, mismatched: [] });
    expect(before.accounts).toBeGreaterThan(0);
    const { rows } = await sql<{ id: number }>`update ${sql.table(accounts)} set balance = balance + 7
      where id = (select min(id) from ${sql.table(accounts)}) returning id`.execute(kysely);
    const after = await checkDoubleEntry(kysely, { accounts, transfers });
    expect(after.sum).toBe(7);
    expect(after.mismatched).toEqual([{ accountId: rows[0]?.id, balance: 7, fromTransfers: 0 }]);
  });
});
