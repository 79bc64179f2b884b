import { createHash } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld } from '../../test/fixtures/offline-world.ts';
import type { TillIdentity } from '../redemptions/context.ts';

/** The chain of a till; `branch` another one that parts from it. */
const hashAt = (seq: number, branch = '') => createHash('sha256').update(`${branch}/${seq}`).digest('hex');

describeOnBothEngines('heads of audit chains', (getEngine) => {
  let world: OfflineWorld;
  let till: TillIdentity;
  beforeEach(async () => {
    world = offlineWorld(getEngine());
    till = await world.shop.addTill(await world.shop.addStore());
  });
  const ask = (seq: number, prefix: number | null, branch = '', prefixBranch = branch) => {
    const at = prefix === null ? null : { seq: prefix, hash: hashAt(prefix, prefixBranch) };
    return world.service
      .countersign(till, { seq, hash: hashAt(seq, branch), prefix: at })
      .then(world.headOf, (error: { code: string }) => error.code);
  };
  const refusals = () =>
    getEngine()
      .kysely.selectFrom('audit_head_refusals')
      .select(['refused', 'newest_seq', 'times'])
      .where('till_id', '=', till.tillId)
      .orderBy('id')
      .execute();

  it('are signed as they grow, and the newest again when it is said again', async () => {
    const first = await ask(10, null);
    expect(first).toMatchObject({ aud: till.tillId, seq: 10, hash: hashAt(10) });
    expect(await ask(20, 10)).toMatchObject({ seq: 20 });
    world.clock.advance(5000);
    const again = await ask(20, 10);
    expect(again).toMatchObject({ seq: 20, iat: Math.floor((world.clock.now() - 5000) / 1000) });
    expect(await refusals()).toEqual([]);
  });

  it('of an old copy of the disk are refused, and managers can see it', async () => {
    await ask(10, null);
    await ask(20, 10);
    expect(await ask(10, null)).toBe('audit_head_behind');
    expect(await ask(12, 10)).toBe('audit_head_behind');
    expect(await refusals()).toEqual([{ refused: 'audit_head_behind', newest_seq: 20, times: 2 }]);
    // The true till goes on.
    expect(await ask(21, 20)).toMatchObject({ seq: 21 });
  });

  it('of an altered record are refused', async () => {
    await ask(10, null);
    expect(await ask(10, null, 'edited')).toBe('audit_head_forked');
    expect(await ask(20, 10, 'edited')).toBe('audit_head_forked');
    expect(await ask(20, 10)).toMatchObject({ seq: 20 });
    expect(await ask(30, 10, 'edited')).toBe('audit_head_forked');
    expect((await refusals()).map(({ refused, times }) => [refused, times])).toEqual([
      ['audit_head_forked', 2],
      ['audit_head_forked', 1],
    ]);
  });

  it('of an old copy that grew past the newest are not signed: it is shown the newest, which is not in it', async () => {
    await ask(10, null);
    await ask(20, 10);
    // Restored from what it was at 10, and used without a line up to 30.
    expect(await ask(30, 10, '')).toMatchObject({ seq: 20, hash: hashAt(20) });
    expect(await ask(30, null)).toMatchObject({ seq: 20 });
    // Its own hash at 20 is another one.
    expect(await ask(30, 20, 'restored')).toBe('audit_head_forked');
  });

  it('whose countersignature got lost go on after one more question', async () => {
    await ask(10, null);
    await ask(20, 10);
    expect(await ask(25, 10)).toMatchObject({ seq: 20 });
    expect(await ask(25, 20)).toMatchObject({ seq: 25 });
    expect(await refusals()).toEqual([]);
  });

  it('begin anew for a till that the operator paired anew', async () => {
    await ask(10, null);
    const paired = { paired_at: world.clock.now() };
    await getEngine().kysely.updateTable('tills').set(paired).where('id', '=', till.tillId).execute();
    expect(await ask(1, null, 'new')).toMatchObject({ seq: 1, hash: hashAt(1, 'new') });
  });

  it('are looked at one after the other', async () => {
    await ask(1, null);
    const answers = await Promise.all([ask(5, 1), ask(5, 1, 'other', ''), ask(6, 1)]);
    const signed = answers.filter((answer) => typeof answer !== 'string');
    const rows = await getEngine()
      .kysely.selectFrom('audit_heads')
      .select(['seq', 'hash'])
      .where('till_id', '=', till.tillId)
      .orderBy('seq')
      .execute();
    for (const { seq, hash } of signed) expect(rows).toContainEqual({ seq, hash });
    expect(new Set(rows.map(({ seq }) => seq)).size).toBe(rows.length);
  });

  it('of a day that ended a month ago are forgotten but for the last of each chain', async () => {
    const [hour, day] = [3_600_000, 86_400_000];
    const kept = async () => {
      await world.service.prune();
      const rows = await getEngine()
        .kysely.selectFrom('audit_heads')
        .select('seq')
        .where('till_id', '=', till.tillId)
        .orderBy('seq')
        .execute();
      return rows.map(({ seq }) => seq);
    };
    world.clock.advance(day - (world.clock.now() % day));
    for (const [seq, before] of [
      [1, null],
      [2, 1],
      [3, 2],
    ] as const) {
      await ask(seq, before);
      world.clock.advance(hour);
    }
    world.clock.advance(day);
    await ask(4, 3);
    await ask(5, 4);
    world.clock.advance(29 * day);
    expect(await kept()).toEqual([1, 2, 3, 4, 5]);
    world.clock.advance(day);
    expect(await kept()).toEqual([3, 4, 5]);
    world.clock.advance(day);
    expect(await kept()).toEqual([3, 5]);
    // The chain goes on from the newest, and is still held to it.
    expect(await ask(6, 5, 'edited')).toBe('audit_head_forked');
    expect(await ask(6, 5)).toMatchObject({ seq: 6 });
  });
});
