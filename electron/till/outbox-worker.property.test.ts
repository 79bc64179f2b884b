import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { OutboxBatch, OutboxResult } from '../../shared/offline.ts';
import { FakeClock, seededRandom, settle } from '../../test/fixtures/fake-clock.ts';
import { removeTempFolders, tempFolder } from '../../test/fixtures/temp-folder.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Core } from './core.ts';
import { createJobs } from './jobs.ts';
import { createOutboxWorker } from './outbox-worker.ts';

afterAll(removeTempFolders);

/** What befalls one request. */
const fate = fc.constantFrom(
  'ok',
  'never_arrives',
  'answer_lost',
  'arrives_twice',
  'answer_reordered',
  'answer_cut_short',
  'gateway_fails',
  'no_answer_in_time',
  'till_dies',
);
/** What the gateway makes of one item, whenever it comes. */
const nature = fc.oneof(
  { weight: 8, arbitrary: fc.constant('good' as const) },
  { weight: 1, arbitrary: fc.constant('refused' as const) },
  { weight: 1, arbitrary: fc.constant('poison' as const) },
  { weight: 1, arbitrary: fc.constant('spoils_its_batch' as const) },
);
const history = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  fates: fc.array(fate, { maxLength: 25 }),
  items: fc.array(fc.record({ customer: fc.integer({ min: 0, max: 4 }), nature }), {
    minLength: 1,
    maxLength: 30,
  }),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

type Item = OutboxBatch['items'][number];
const subject = ({ message }: Item) => ('gatewayId' in message ? message.gatewayId : '');

/** Knows each key once, as the real one does by its unique indexes. */
class Gateway {
  readonly taken = new Map<string, number>();
  /** In the order in which they were booked. */
  readonly booked: { stream: string; subject: string }[] = [];
  readonly #natures: Map<string, string>;

  constructor(natures: Map<string, string>) {
    this.#natures = natures;
  }

  apply(items: readonly Item[]): OutboxResult[] {
    if (items.some((item) => this.#natures.get(subject(item)) === 'spoils_its_batch')) {
      throw new SaksiError('internal');
    }
    const held = new Set<string>();
    return items.map((item): OutboxResult => {
      const { id, stream } = item;
      if (held.has(stream)) return { id, outcome: 'later', error: null };
      const is = this.#natures.get(subject(item));
      if (is === 'poison') {
        held.add(stream);
        return { id, outcome: 'later', error: new SaksiError('internal').toWire() };
      }
      if (is === 'refused') {
        return { id, outcome: 'refused', error: new SaksiError('redemption_unknown').toWire() };
      }
      if (!this.taken.has(id)) this.booked.push({ stream, subject: subject(item) });
      this.taken.set(id, (this.taken.get(id) ?? 0) + 1);
      return { id, outcome: 'done' };
    });
  }
}

/** A till's outbox and worker over a real store, and a line that does what the history says. */
class World {
  readonly clock = new FakeClock();
  readonly gateway: Gateway;
  readonly errors: unknown[] = [];
  readonly #dir = tempFolder();
  readonly #fates: string[];
  readonly #effects: { clock: FakeClock; random: ReturnType<typeof seededRandom> };
  store: Store;
  worker: ReturnType<typeof createOutboxWorker>;
  #dead = false;

  constructor({ seed, fates }: History, natures: Map<string, string>) {
    this.#effects = { clock: this.clock, random: seededRandom(seed) };
    this.#fates = [...fates];
    this.gateway = new Gateway(natures);
    this.store = openStore(this.#dir, this.#effects);
    this.worker = this.#startWorker();
  }

  uuid = () => createUuid(this.#effects);

  #startWorker() {
    const log = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (details: object) => this.errors.push(details),
    };
    const core = {
      effects: this.#effects,
      store: this.store,
      log,
      jobs: createJobs(log),
      step: () => {},
      changed: () => {},
      link: {
        client: { outbox: (items: Item[]) => this.#request(items) },
        connection: { state: () => 'online', denied: () => {} },
      },
    } as unknown as Core;
    return createOutboxWorker(core);
  }

  async #request(items: Item[]): Promise<{ results: OutboxResult[] }> {
    const what = this.#fates.shift() ?? 'ok';
    await Promise.resolve();
    if (what === 'never_arrives') throw new SaksiError('gateway_unreachable');
    if (what === 'no_answer_in_time') throw new SaksiError('gateway_timeout');
    if (what === 'gateway_fails') throw new SaksiError('internal');
    const results = this.gateway.apply(items);
    if (what === 'arrives_twice') this.gateway.apply(items);
    if (what === 'answer_lost') throw new SaksiError('gateway_unreachable');
    if (what === 'answer_reordered') return { results: [...results].reverse() };
    if (what === 'answer_cut_short') return { results: results.slice(0, Math.floor(results.length / 2)) };
    if (what === 'till_dies') {
      this.#dead = true;
      return new Promise(() => {});
    }
    return { results };
  }

  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await this.clock.advance(1_000);
      await settle();
      if (this.#dead) this.#restart();
    }
  }

  /** As after a power cut: what was not committed is gone, and nobody gave a lease back. */
  #restart(): void {
    this.#dead = false;
    this.worker.stop();
    this.store.close();
    this.store = openStore(this.#dir, this.#effects);
    this.worker = this.#startWorker();
    this.worker.drain();
  }

  close(): void {
    this.worker.stop();
    this.store.close();
  }
}

describe('whatever the line and the gateway do', () => {
  it('nothing is lost, nothing is booked twice, streams keep their order and wait for no other (odoo#152259, odoo#125037, erpnext#13388, odoo#71455)', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (past) => {
        const natures = new Map<string, string>();
        const world = new World(past, natures);
        const asked = past.items.map(({ customer, nature: is }) => {
          const gatewayId = world.uuid();
          natures.set(gatewayId, is);
          return { gatewayId, stream: `customer:${customer}`, is };
        });
        for (const [index, { gatewayId }] of asked.entries()) {
          world.store.journal.orphanCancelled(gatewayId, String(past.items[index]?.customer));
          world.worker.drain();
          if (index % 5 === 4) await world.run(1_000);
        }
        await world.run(600_000);

        // Behind one that neither goes nor is refused, its own stream waits, and nothing else.
        const stuckAt = new Map<string, number>();
        asked.forEach(({ stream, is }, index) => {
          const stuck = is === 'poison' || is === 'spoils_its_batch';
          if (stuck && !stuckAt.has(stream)) stuckAt.set(stream, index);
        });
        const reached = asked.filter(({ stream }, index) => index < (stuckAt.get(stream) ?? asked.length));
        const { booked } = world.gateway;
        for (const stream of new Set(asked.map((one) => one.stream))) {
          expect(booked.filter((one) => one.stream === stream).map((one) => one.subject)).toEqual(
            reached.filter((one) => one.stream === stream && one.is === 'good').map((one) => one.gatewayId),
          );
        }
        const refused = world.store.outbox.refused(100);
        expect(refused.map(({ message }) => 'gatewayId' in message && message.gatewayId).sort()).toEqual(
          reached
            .filter(({ is }) => is === 'refused')
            .map(({ gatewayId }) => gatewayId)
            .sort(),
        );
        const waiting = asked.length - reached.length;
        expect(world.store.outbox.first(100)).toHaveLength(waiting);
        expect(world.store.outbox.counts()).toEqual({
          pending: waiting,
          attention: refused.length + stuckAt.size,
        });
        world.close();
      }),
      { numRuns: 40 },
    );
  }, 120_000);
  it('leaves the thread free where the disk says that something is due and gives nothing', async () => {
    const world = new World({ seed: 1, fates: ['gateway_fails'], items: [] }, new Map());
    const { outbox, outboxJournal } = world.store;
    let looks = 0;
    Object.assign(outbox, { nextInMs: () => 0 });
    Object.assign(outboxJournal, {
      take: () => {
        looks += 1;
        if (looks > 1_000) throw new Error('looked again and again without a pause');
        return [];
      },
    });
    world.worker.drain();
    await world.run(1_000);
    expect(looks).toBeGreaterThan(1);
    expect(looks).toBeLessThan(100);
    world.close();
  });
});
