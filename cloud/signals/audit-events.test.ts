import { expect, it } from 'vitest';
import { type AuditEvent, auditEventSchema } from '../../shared/audit/event.ts';
import { systemRandom } from '../../shared/effects.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { createBody, redemptionWorld, standingClock } from '../../test/fixtures/redemption-world.ts';
import { linkStaged } from '../audit/sequencer.ts';
import { loadIdentity } from '../keys/signing.ts';
import { createAuditReader } from './audit-events.ts';

describeOnBothEngines('the audit list as signals read it', (getEngine) => {
  it('gives a store’s events of a time, each once and in order, whatever its pages', async () => {
    const engine = getEngine();
    const clock = standingClock();
    const effects = { clock, random: systemRandom };
    const identity = await loadIdentity(engine, effects, new Uint8Array(32).fill(4));
    const shop = redemptionWorld(engine, clock);
    const [till, elsewhere] = [
      await shop.addTill(await shop.addStore()),
      await shop.addTill(await shop.addStore()),
    ];
    const from = clock.now();
    for (const at of [till, elsewhere, till, till]) {
      const { id } = await shop.addCustomer(at.storeId, { deposit: 100_000 });
      await shop.service.create(at, shop.newKey(), createBody(id, 60_000));
      clock.advance(1_000);
    }
    while ((await linkStaged({ engine, effects, identity })) > 0);

    const readAll = async (page: number, to: number) => {
      const events: AuditEvent[] = [];
      for await (const event of createAuditReader(engine.kysely, page)(from, to, till.storeId))
        events.push(event);
      return events;
    };
    const all = await readAll(1_000, from + 4_000);
    expect(all.filter(({ kind }) => kind === 'redemption.requested')).toHaveLength(3);
    expect(all.every(({ storeId }) => storeId === till.storeId)).toBe(true);
    for (const event of all) expect(auditEventSchema.parse(event)).toEqual(event);
    expect(all).toEqual(all.toSorted((one, other) => one.at - other.at || one.id - other.id));
    const tags = all.filter(({ kind }) => kind === 'code.sent').map(({ detail }) => detail.phoneTag);
    expect(tags).toHaveLength(3);
    for (const tag of tags) expect(tag).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(tags).size).toBe(3);
    // Several of one moment: a page may end between them.
    for (const page of [1, 2, 3]) expect(await readAll(page, from + 4_000)).toEqual(all);
    expect(await readAll(2, from + 2_000)).toEqual(all.filter(({ at }) => at < from + 2_000));
  });
});
