import fc from 'fast-check';
import type { PluginTransformResultArgs } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { createMigratedDatabase } from '../../test/fixtures/postgres.ts';
import {
  openTapGateway,
  TAP_KEYS,
  type TapGateway,
  type TapShop,
  tapShop,
} from '../../test/fixtures/tap-shop.ts';
import type { Engine } from '../db/engine.ts';
import type { KeptEvent } from '../events/append.ts';
import { loadReplies } from '../whatsapp/replies.ts';
import type { MessageEvent } from '../whatsapp/webhook.ts';
import { createDirectTap } from './direct-tap.ts';
import { createSeenRequests } from './seen-requests.ts';
import { contactKeys } from './windows.ts';

const RUNS = 25;
const TIMEOUT_MS = 120_000;
const REFUSED_ASKS: ReadonlySet<string> = new Set(['staff_unknown', 'approval_nobody']);

describe.each(['PGlite', 'PostgreSQL'] as const)('an Approve tap, decided at once, on %s', (kind) => {
  let gateway: TapGateway;
  let url: string | null = null;
  let drop = async () => {};
  beforeAll(async () => {
    if (kind === 'PostgreSQL') ({ url, drop } = await createMigratedDatabase());
    gateway = await openTapGateway(url);
  });
  afterAll(async () => {
    expect(gateway.errors).toEqual([]);
    await gateway.services.close();
    await drop();
  });

  const receive = (event: MessageEvent) => receiveAt(gateway, event);
  /** The usual way: kept, then handled. */
  async function keepAndHandle(event: MessageEvent): Promise<void> {
    await gateway.services.inbound.keep([event]);
    await gateway.services.inbound.handle();
  }
  const statusOf = async (shop: TapShop, request: number) =>
    (await gateway.services.approvals.get(shop.till, shop.requests[request] ?? '')).approval.status;

  /** A gateway that stops for `meddle` after its first statement, or its second: the reading, the writing. */
  function halted(meddle: () => Promise<unknown>, after: 'reading' | 'writing' = 'reading') {
    const { engine, effects, approvals, messages } = gateway.services;
    let statements = 0;
    const kysely = engine.kysely.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }: PluginTransformResultArgs) {
        statements += 1;
        if (statements === (after === 'reading' ? 1 : 2)) await meddle();
        return result;
      },
    });
    const halting: Engine = { ...engine, kysely };
    const told: KeptEvent[] = [];
    const requests = createSeenRequests(kysely);
    const take = createDirectTap({
      requests,
      ...{ effects, engine: halting, answers: approvals, store: messages, replies: loadReplies() },
      ...{ buttonKey: TAP_KEYS.buttonKey, contactKey: contactKeys(TAP_KEYS.contactKey) },
      committed: (event) => void told.push(event),
    });
    return { take, told, requests, statements: () => statements };
  }

  async function asked(supervisors = 2, needed = 1) {
    const shop = await tapShop(gateway, { needed, supervisors });
    const request = await shop.ask();
    const tap = async (person: number, at = request) => {
      const event = await shop.tapped(at, person);
      if (event === null) throw new Error('was not asked');
      return event;
    };
    return { shop, request, tap };
  }

  it('is committed whole before the webhook is answered, and told from memory as it is kept', async () => {
    const { shop, tap } = await asked();
    const { take, told } = halted(async () => {});
    expect(await take(await tap(1))).toBe(true);
    expect(await statusOf(shop, 0)).toBe('approved');
    const kept = await shop.kysely
      .selectFrom('till_events')
      .select(['seq', 'data'])
      .where('till_id', '=', shop.till.tillId)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow();
    expect(told).toHaveLength(1);
    expect([told[0]?.seq, told[0]?.event]).toEqual([kept.seq, kept.data]);
  });

  it('needs one statement for the answer that was expected, and forgets the request with it', async () => {
    const { shop, tap } = await asked(3, 2);
    const { take, requests, statements } = halted(async () => {});
    const refs = await shop.kysely.selectFrom('approval_recipients').select('ref').execute();
    for (const { ref } of refs) await requests.expect(ref);
    const before = statements();
    expect(await take(await tap(1))).toBe(true);
    expect(statements() - before).toBe(1);
    // The other's request is remembered as it was before that yes: read again.
    expect(await take(await tap(2))).toBe(true);
    expect(statements() - before).toBe(4);
    expect(await statusOf(shop, 0)).toBe('approved');
  });

  it('shows deliveries as they are, not as they were read', async () => {
    const { shop, tap } = await asked(1);
    const { take, told } = halted(async () => {
      const read = shop.kysely.updateTable('messages').set({ state: 'read' });
      await read.where('till_id', '=', shop.till.tillId).execute();
    });
    expect(await take(await tap(1))).toBe(true);
    const event = told[0]?.event;
    if (event?.type !== 'approval.changed') throw new Error('another event');
    expect(event.approval.asked.map(({ delivery }) => delivery.state)).toEqual(['read']);
  });

  it('leaves what is not an Approve of whoever was asked', async () => {
    const { shop, tap } = await asked();
    const { take } = halted(async () => {});
    const before = await shop.left();
    const reject = await shop.tapped(0, 1, 'reject');
    const others = await shop.tapped(0, 1, 'approve', 2);
    const { from: _, userId: __, ...nobody } = await tap(1);
    const conflict = await shop.tapped(0, 1, 'approve', 1, { userId: shop.person(2).userId });
    const unsigned = shop.written(1, { kind: 'button', payload: 's1.x', text: '' });
    const text = shop.written(1, { kind: 'text', text: 'ya' });
    for (const event of [reject, others, nobody, conflict, unsigned, text]) {
      expect(await take(event as MessageEvent)).toBe(false);
    }
    expect(await shop.left()).toEqual(before);
  });

  const meanwhile: [string, (shop: TapShop) => Promise<unknown>][] = [
    ['somebody else said yes', async (shop) => keepAndHandle((await shop.tapped(0, 2)) as MessageEvent)],
    ['it was cancelled', (shop) => gateway.services.approvals.cancel(shop.till, shop.requests[0] ?? '', 'k')],
    ['they left the shop', (shop) => shop.world.setActive(shop.person(1).id, false)],
    ['the policy changed', (shop) => shop.setPolicy((policy) => void policy.approvals.kinds.splice(0))],
    [
      'they became a cashier',
      ({ kysely, person }) =>
        kysely.updateTable('staff').set({ role: 'cashier' }).where('id', '=', person(1).id).execute(),
    ],
    [
      'their number became the cashier’s too',
      ({ kysely, person }) =>
        kysely
          .updateTable('staff')
          .set({ phone_e164: `+${person(1).number}` })
          .where('id', '=', person(0).id)
          .execute(),
    ],
    [
      'the cashier was enrolled with their account',
      ({ kysely, person }) =>
        kysely
          .updateTable('staff_identities')
          .set({ user_id: person(1).userId })
          .where('staff_id', '=', person(0).id)
          .execute(),
    ],
    [
      'they were enrolled anew',
      ({ kysely, person }) =>
        kysely
          .updateTable('staff_identities')
          .set({ user_id: 'ID.new' })
          .where('staff_id', '=', person(1).id)
          .execute(),
    ],
    [
      'more people were asked',
      async (shop) => {
        const row = { step: 1, ref: 'r'.repeat(20) + String(Math.random()).slice(2, 4), asked_at: 0 };
        const manager = shop.people.at(-1)?.id ?? '';
        await shop.kysely
          .insertInto('approval_recipients')
          .values({
            ...row,
            approval_id: shop.requests[0] ?? '',
            staff_id: manager,
            code_nonce: null,
            code_hash: null,
          })
          .execute();
      },
    ],
    [
      'they wrote before, and that waits',
      (shop) => gateway.services.inbound.keep([shop.written(1, { kind: 'text', text: 'tunggu' })]),
    ],
  ];
  it.each(meanwhile)('changes nothing when, since it was read, %s', async (_, change) => {
    const { shop, tap } = await asked();
    let before: unknown = null;
    const { take, told } = halted(async () => {
      await change(shop);
      before = await shop.left();
    });
    expect(await take(await tap(1))).toBe(false);
    expect([await shop.left(), told]).toEqual([before, []]);
    await gateway.services.inbound.handle();
  });

  it('is applied once however often its webhook comes', async () => {
    const { shop, request, tap } = await asked(3, 2);
    const event = await tap(1);
    const waiting = await Promise.all(Array.from({ length: 6 }, () => receive(event)));
    await gateway.services.inbound.handle();
    expect(waiting.every((count) => count === 0)).toBe(true);
    const once = await shop.left();
    expect(await receive(event)).toBe(0);
    await gateway.services.inbound.handle();
    expect(await shop.left()).toEqual(once);
    expect(await shop.world.refusals(shop.requests[request] ?? '')).toEqual([]);
    await receive(await tap(2));
    expect(await statusOf(shop, request)).toBe('approved');
  });

  it('stays refused when its webhook comes again, though by now it would count', async () => {
    const { shop, request, tap } = await asked();
    const event = await tap(1);
    await shop.world.setActive(shop.person(1).id, false);
    expect(await receive(event)).toBe(1);
    await gateway.services.inbound.handle();
    await shop.world.setActive(shop.person(1).id, true);
    expect(await receive(event)).toBe(0);
    expect(await statusOf(shop, request)).toBe('pending');
    await receive(await tap(1));
    expect(await statusOf(shop, request)).toBe('approved');
  });

  it('is as if it had not come when the process dies before the writing, and is told later when it dies after', async () => {
    const { shop, request, tap } = await asked(3, 2);
    const dies = () => Promise.reject(new Error('power cut'));
    const before = await shop.left();
    const first = await tap(1);
    await expect(halted(dies).take(first)).rejects.toThrow('power cut');
    expect(await shop.left()).toEqual(before);
    expect(await receive(first)).toBe(0);
    const second = await tap(2);
    const { take, told } = halted(dies, 'writing');
    await expect(take(second)).rejects.toThrow('power cut');
    // Decided, its event and its messages kept; only nobody was woken.
    expect([await statusOf(shop, request), told]).toEqual(['approved', []]);
    const after = await shop.left();
    expect(await receive(second)).toBe(0);
    expect(await shop.left()).toEqual(after);
  });

  it('is decided and not answered after 20 replies in 10 minutes, as always', async () => {
    const { shop } = await asked(1);
    let request = 0;
    for (let count = 0; count < 22; count += 1) {
      const event = (await shop.tapped(request, 1)) as MessageEvent;
      if (count < 10) expect(await receive(event)).toBe(0);
      else if (count < 20) await keepAndHandle(event);
      else expect(await receive(event)).toBe(0);
      expect(await statusOf(shop, request)).toBe('approved');
      gateway.clock.advance(1000);
      request = await shop.ask();
    }
    const notes = shop.kysely.selectFrom('messages').select('id').where('kind', '=', 'note');
    expect(await notes.where('till_id', '=', shop.till.tillId).execute()).toHaveLength(20);
  });

  it(
    'leaves the same rows, events and messages as the usual way',
    async () => {
      let direct = 0;
      let taps = 0;
      const property = fc.asyncProperty(scenario, async ({ options, steps }) => {
        const shops = [await tapShop(gateway, options), await tapShop(gateway, options)] as const;
        for (const one of shops) await one.ask();
        for (const step of steps) {
          gateway.clock.advance(1000);
          for (const shop of shops) {
            const event = await perform(shop, step);
            if (event === null) continue;
            if (shop === shops[0]) {
              taps += 1;
              if ((await receive(event)) === 0) direct += 1;
              await gateway.services.inbound.handle();
            } else await keepAndHandle(event);
          }
          expect(await shops[0].left()).toEqual(await shops[1].left());
        }
      });
      await fc.assert(property, { numRuns: RUNS });
      // Otherwise it has compared nothing.
      expect(direct).toBeGreaterThan(0);
      expect(taps).toBeGreaterThan(direct);
    },
    TIMEOUT_MS,
  );

  /** @returns the webhook that comes of it, or null */
  async function perform(shop: TapShop, step: Step): Promise<MessageEvent | null> {
    if (step.do === 'ask') {
      // Somebody who has left asks for nothing, and nobody asks when too few are there to decide,
      // whichever way taps take.
      await shop.ask().catch((error: unknown) => {
        const refused = error instanceof SaksiError && REFUSED_ASKS.has(error.code);
        if (!refused) throw error;
      });
    } else if (step.do === 'text')
      return shop.written(1 + (step.person % (shop.people.length - 1)), { kind: 'text', text: 'ya?' });
    else if (step.do === 'policy') {
      await shop.setPolicy((policy) => {
        for (const { tiers } of policy.approvals.kinds) for (const tier of tiers) tier.needed = step.needed;
      });
    } else if (step.do === 'active') {
      await shop.world.setActive(shop.person(step.person % shop.people.length).id, step.active);
    } else if (step.do === 'tap') {
      const index = 1 + (step.person % (shop.people.length - 1));
      const phone = step.forwarded ? 0 : index;
      const more =
        step.hides === 'number' ? { from: undefined } : step.hides === 'user' ? { userId: undefined } : {};
      const event = await shop.tapped(step.request % shop.requests.length, index, step.decision, phone);
      return event === null ? null : (JSON.parse(JSON.stringify({ ...event, ...more })) as MessageEvent);
    }
    return null;
  }
});

type Step =
  | { do: 'ask' }
  | { do: 'text'; person: number }
  | { do: 'policy'; needed: number }
  | { do: 'active'; person: number; active: boolean }
  | {
      do: 'tap';
      request: number;
      person: number;
      decision: 'approve' | 'reject';
      forwarded: boolean;
      hides: 'nothing' | 'number' | 'user';
    };

const person = fc.nat({ max: 5 });
const tap: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('tap' as const),
  request: fc.nat({ max: 1 }),
  person,
  decision: fc.constantFrom('approve' as const, 'approve' as const, 'approve' as const, 'reject' as const),
  forwarded: fc.nat({ max: 4 }).map((one) => one === 0),
  hides: fc.constantFrom('nothing' as const, 'number' as const, 'user' as const),
});
const scenario = fc.record({
  options: fc.record({
    needed: fc.integer({ min: 1, max: 3 }),
    supervisors: fc.integer({ min: 3, max: 4 }),
    shared: fc.boolean(),
  }),
  steps: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: tap },
      { weight: 1, arbitrary: fc.constant<Step>({ do: 'ask' }) },
      { weight: 1, arbitrary: person.map((index): Step => ({ do: 'text', person: index })) },
      {
        weight: 1,
        arbitrary: fc.integer({ min: 1, max: 2 }).map((needed): Step => ({ do: 'policy', needed })),
      },
      {
        weight: 1,
        arbitrary: fc
          .record({ person, active: fc.boolean() })
          .map((change): Step => ({ do: 'active', ...change })),
      },
    ),
    { minLength: 3, maxLength: 9 },
  ),
});

describe('Approve taps at two gateways on one PostgreSQL', () => {
  it('come to exactly one decision when twenty supervisors tap at once, and each is answered', async () => {
    const { url, drop } = await createMigratedDatabase();
    const one = await openTapGateway(url);
    const two = await openTapGateway(url, one.clock);
    const shop = await tapShop(one, { needed: 1, supervisors: 20 });
    await shop.ask();
    const events = await Promise.all(Array.from({ length: 20 }, (_, index) => shop.tapped(0, index + 1)));
    const taking = events.map((event, index) =>
      receiveAt(index % 2 === 0 ? one : two, event as MessageEvent),
    );
    const waiting = (await Promise.all(taking)).reduce((sum, count) => sum + count);
    expect(waiting).toBe(19);
    await Promise.all([one.services.inbound.handle(), two.services.inbound.handle()]);
    await one.services.inbound.handle();
    expect(await shop.world.refusals(shop.requests[0] ?? '')).toEqual(Array(19).fill('late_decided'));
    const decided = (await shop.world.events(shop.till.tillId)).filter(
      (event) => event.type === 'approval.changed' && event.approval.status === 'approved',
    );
    expect(decided).toHaveLength(1);
    const notes = shop.kysely.selectFrom('messages').select('id').where('kind', '=', 'note');
    // One answer for each: whoever is too late is told so, and had no open window before.
    expect(await notes.execute()).toHaveLength(20);
    expect([...one.errors, ...two.errors]).toEqual([]);
    await one.services.close();
    await two.services.close();
    await drop();
  });
});

/** As a webhook does. @returns how many wait to be handled */
async function receiveAt({ services: { inbound } }: TapGateway, event: MessageEvent): Promise<number> {
  return (await inbound.atOnce(event)) ? 0 : inbound.keep([event]);
}
