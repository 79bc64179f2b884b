import { beforeEach, expect, it } from 'vitest';
import { CHAIN_START, type ChainEntry, type ChainPlace, nextEntry } from '../../shared/audit/chain.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { type OfflineWorld, offlineWorld } from '../../test/fixtures/offline-world.ts';
import { loadIdentity } from '../keys/signing.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { takeEntries } from './ingest.ts';
import { sha256 } from './sha256.ts';

const OWN_ID = '0190a6e0-0000-7000-8000-00000000000a';
const GATEWAY_ID = '0190a6e0-0000-7000-8000-00000000000b';
const OPENING_ID = '0190a6e0-0000-7000-8000-00000000000c';
const JTI = '0190a6e0-0000-7000-8000-00000000000d';

/** Entries of a till's chain; `branch` says another thing from the start on. */
function chain(length: number, branch = 0, before: ChainPlace = CHAIN_START): ChainEntry[] {
  const entries: ChainEntry[] = [];
  let last = before;
  for (let n = 0; n < length; n += 1) {
    const body = `{"amount":${1_000 + n + branch},"id":"${OWN_ID}","saleRef":"S-${n}"}`;
    last = nextEntry(sha256, last, { at: 1_000 + n, kind: 'grant.used', body });
    entries.push(last as ChainEntry);
  }
  return entries;
}
const sent = (entries: readonly ChainEntry[]) =>
  entries.map(({ at, kind, body, hash }) => ({ at, kind, body, hash }));
const after = (entries: readonly ChainEntry[], seq: number): ChainPlace => {
  const { hash } = entries[seq - 1] ?? CHAIN_START;
  return { seq, hash };
};

describeOnBothEngines("tills' audit entries", (getEngine) => {
  let world: OfflineWorld;
  let till: TillIdentity;
  beforeEach(async () => {
    world = offlineWorld(getEngine());
    till = await world.shop.addTill(await world.shop.addStore());
  });
  const take = async (place: ChainPlace, entries: readonly ChainEntry[]) => {
    const effects = { clock: world.clock, random: world.shop.effects.random };
    const identity = await loadIdentity(getEngine(), effects, new Uint8Array(32).fill(4));
    return takeEntries({ engine: getEngine(), effects, identity }, till, {
      after: place,
      entries: sent(entries),
    }).then(
      ({ newest }) => newest.seq,
      (error: { code: string }) => error.code,
    );
  };
  const kept = () =>
    getEngine()
      .kysely.selectFrom('audit_events')
      .selectAll()
      .where('till_id', '=', till.tillId)
      .where('source', '=', 'till')
      .orderBy('seq')
      .execute();

  it('are kept once however often they come, and go on where the gateway stands', async () => {
    const all = chain(12);
    expect(await take(CHAIN_START, [])).toBe(0);
    expect(await take(CHAIN_START, all.slice(0, 5))).toBe(5);
    expect(await take(CHAIN_START, all.slice(0, 5))).toBe(5);
    expect(await take(after(all, 3), all.slice(3, 8))).toBe(8);
    // Further on than the gateway stands: it says where that is.
    expect(await take(after(all, 10), all.slice(10))).toBe(8);
    expect(await take(after(all, 8), all.slice(8))).toBe(12);
    const rows = await kept();
    expect(rows.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
    expect(rows[4]).toMatchObject({ amount: 1_004, sale_ref: 'S-4', outcome: 'ok', store_id: till.storeId });
    expect(rows.map(({ hash }) => Buffer.from(hash).toString('hex'))).toEqual(all.map(({ hash }) => hash));
  });

  it('that are other ones than were sent, or than their hash says, are refused and seen by managers', async () => {
    const all = chain(6);
    await take(CHAIN_START, all);
    expect(await take(CHAIN_START, chain(8, 1))).toBe('audit_head_forked');
    expect(await take(after(chain(6, 1), 6), chain(2, 0, after(chain(6, 1), 6)))).toBe('audit_head_forked');
    const edited = chain(2, 0, after(all, 6)).map((entry) => ({ ...entry, at: entry.at + 1 }));
    expect(await take(after(all, 6), edited)).toBe('audit_head_forked');
    expect(await kept()).toHaveLength(6);
    const refusals = await getEngine()
      .kysely.selectFrom('audit_head_refusals')
      .select(['refused', 'times'])
      .where('till_id', '=', till.tillId)
      .execute();
    expect(refusals).toEqual([{ refused: 'audit_head_forked', times: 3 }]);
  });

  it('agree with the heads that were countersigned, and these with them', async () => {
    const all = chain(10);
    const head = ({ seq, hash }: ChainPlace) => world.service.countersign(till, { seq, hash, prefix: null });
    await head(after(all, 4));
    expect(await take(CHAIN_START, chain(6, 1))).toBe('audit_head_forked');
    expect(await take(CHAIN_START, all)).toBe(10);
    const prefix = after(all, 4);
    const other = { seq: 8, hash: after(chain(8, 1), 8).hash, prefix };
    await expect(world.service.countersign(till, other)).rejects.toMatchObject({ code: 'audit_head_forked' });
    expect(await world.service.countersign(till, { ...after(all, 8), prefix })).toContain('"seq":8');
  });

  it('of a till that was paired anew go on where its chain stood, or begin anew', async () => {
    const all = chain(6);
    await take(CHAIN_START, all.slice(0, 4));
    const pairAnew = async () => {
      world.clock.advance(1_000);
      const paired = { paired_at: world.clock.now() };
      await getEngine().kysely.updateTable('tills').set(paired).where('id', '=', till.tillId).execute();
    };
    await pairAnew();
    expect(await take(CHAIN_START, [])).toBe(4);
    expect(await take(after(all, 4), all.slice(4))).toBe(6);
    expect(await kept()).toHaveLength(6);
    await pairAnew();
    expect(await take(CHAIN_START, chain(2, 1))).toBe(2);
    expect(await kept()).toHaveLength(8);
  });

  it('share the subject that the gateway knows them by', async () => {
    const bodies = [
      ['redemption.created', `{"gatewayId":"${GATEWAY_ID}","id":"${OWN_ID}"}`],
      ['grant.used', `{"id":"${OWN_ID}","jti":"${JTI}"}`],
      ['drawer.opened', `{"id":"${OPENING_ID}","jti":"${JTI}"}`],
      ['drawer.closed', `{"id":"${OPENING_ID}","openMs":900}`],
    ] as const;
    const entries: ChainEntry[] = [];
    for (const [kind, body] of bodies) {
      entries.push(nextEntry(sha256, entries.at(-1) ?? CHAIN_START, { at: 1, kind, body }));
    }
    expect(await take(CHAIN_START, entries)).toBe(4);
    expect((await kept()).map(({ subject_id: id }) => id)).toEqual(bodies.map(() => GATEWAY_ID));
  });

  it('of one till are taken one after the other, whoever sends them', async () => {
    const all = chain(20);
    const halves = [all.slice(0, 10), all.slice(0, 20), all.slice(0, 15)];
    await Promise.all(halves.map((half) => take(CHAIN_START, half)));
    expect(await take(after(all, 20), [])).toBe(20);
    expect((await kept()).map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq));
  });
});
