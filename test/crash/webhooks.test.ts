/**
 * A gateway killed by SIGKILL with Meta's webhooks in hand: before its commit nothing was answered and nothing is there; after
 * it everything is there, though nobody was told. Meta sends the same again either way, to the gateway that lives, and every status has
 * been taken over exactly once.
 */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, openEngine } from '../../cloud/db/engine.ts';
import { systemEffects } from '../../shared/effects.ts';
import { sign } from '../fixtures/gateway.ts';
import { createMigratedDatabase } from '../fixtures/postgres.ts';
import { redemptionWorld } from '../fixtures/redemption-world.ts';
import { addSentMessages, messageIdOf, wamidOf } from '../fixtures/sent-messages.ts';
import { removeTempFolders, tempFolder } from '../fixtures/temp-folder.ts';
import { createGates, type Gates } from './gates.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';

const MESSAGES = 12;
const TEST_MS = 120_000;

describe('a gateway that is killed with webhooks in hand', () => {
  let engine: Engine;
  let gates: Gates;
  let other: GatewayProcess;
  let start: () => Promise<GatewayProcess>;
  let close: () => Promise<void>;

  beforeAll(async () => {
    const database = await createMigratedDatabase();
    engine = await openEngine({ databaseUrl: database.url });
    const settings = {
      ...{ databaseUrl: database.url, masterKey: new Uint8Array(randomBytes(32)) },
      ...{ graphUrl: 'http://127.0.0.1:9', folder: tempFolder() },
    };
    start = () => startGatewayProcess(settings);
    // It makes the tables of its queue, where gates stand too.
    other = await start();
    gates = await createGates(database.url);
    const world = redemptionWorld(engine, systemEffects.clock);
    const storeId = await world.addStore();
    const tillIds = [(await world.addTill(storeId)).tillId, (await world.addTill(storeId)).tillId];
    const customerIds = [(await world.addCustomer(storeId)).id];
    const now = Date.now();
    await addSentMessages(engine, { storeId, tillIds, customerIds, from: 0, count: 2 * MESSAGES, now });
    close = async () => {
      await other.kill();
      await gates.end();
      await engine.close();
      await database.drop();
      removeTempFolders();
    };
  }, TEST_MS);
  afterAll(() => close?.());

  function webhook(n: number): string {
    const status = {
      ...{ id: wamidOf(n), status: 'delivered', timestamp: '1790000000', recipient_id: '6281234567890' },
      biz_opaque_callback_data: messageIdOf(n),
    };
    const changes = [{ field: 'messages', value: { messaging_product: 'whatsapp', statuses: [status] } }];
    return JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes }] });
  }

  /** @returns the HTTP status, 0 when there was no answer */
  async function deliver({ url }: GatewayProcess, body: string): Promise<number> {
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(body) };
    try {
      return (await fetch(`${url}/webhooks/whatsapp`, { method: 'POST', body, headers })).status;
    } catch {
      // Meta hears nothing, and sends it again.
      return 0;
    }
  }

  async function taken(numbers: readonly number[]) {
    const { rows } = await sql<{ state: string; statuses: number; events: number }>`
      select m.state, (select count(*)::integer from message_events e where e.wamid = m.wamid) as statuses,
        (select count(*)::integer from till_events t
          where t.till_id = m.till_id and t.data ->> 'redemptionId' = m.redemption_id::text) as events
      from messages m where m.wamid = any(${numbers.map(wamidOf)}::text[])`.execute(engine.kysely);
    return rows;
  }

  const nothing = { state: 'accepted', statuses: 0, events: 0 };
  const once = { state: 'delivered', statuses: 1, events: 1 };

  it.each([
    ['before its commit', 'aborted', 0],
    ['after its commit, before its answer', 'committed', MESSAGES],
  ] as const)(
    '%s',
    async (_, end, from) => {
      const victim = await start();
      const numbers = Array.from({ length: MESSAGES }, (_unused, index) => from + index);
      const [first = 0, ...rest] = numbers;
      await gates.close('absorbing_commit', victim.name);
      const answers = [deliver(victim, webhook(first))];
      await gates.reached(victim.name);
      // These wait for the next commit.
      answers.push(...rest.map((n) => deliver(victim, webhook(n))));
      await victim.kill();
      expect(await Promise.all(answers)).toEqual(numbers.map(() => 0));
      await gates.open('absorbing_commit', victim.name, end);
      expect(await taken([first])).toEqual([end === 'committed' ? once : nothing]);
      expect(await taken(rest)).toEqual(rest.map(() => nothing));
      for (const n of [...numbers, first]) expect(await deliver(other, webhook(n))).toBe(200);
      expect(await taken(numbers)).toEqual(numbers.map(() => once));
    },
    TEST_MS,
  );
});
