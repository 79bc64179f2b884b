import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  startTestGateway,
  type TestGateway,
  type TillClient,
  tillClient,
} from '../../test/fixtures/gateway.ts';
import { createMigratedDatabase } from '../../test/fixtures/postgres.ts';

const ROUNDS = 5;

describe('approvals with two gateways on one PostgreSQL', () => {
  const masterKey = new Uint8Array(32).fill(11);
  let url: string;
  let drop: () => Promise<void>;
  let one: TestGateway;
  let two: TestGateway;
  let atOne: TillClient;
  let atTwo: TillClient;
  const start = () => startTestGateway({ database: { kind: 'postgres', url }, config: { masterKey } });

  beforeAll(async () => {
    ({ url, drop } = await createMigratedDatabase());
    one = await start();
    two = await start();
    atOne = await one.pair();
    atTwo = tillClient(two.url, atOne.tillId, atOne.key);
  });
  afterAll(async () => {
    await Promise.all([one.close(), two.close()]);
    await drop();
  });

  async function ask(till: TillClient): Promise<string> {
    const staffId = one.demo.staff.find(({ role }) => role === 'cashier')?.id;
    const reason = { key: 'count_cash', text: null };
    const nothing = { amount: null, basisPoints: null, note: '', saleRef: null };
    const answer = await till.post('/v1/approvals', { kind: 'no_sale', reason, staffId, ...nothing });
    expect(answer.status).toBe(200);
    return answer.body.approval.id;
  }

  async function inputFor({ gateway }: TestGateway, id: string, index = 0) {
    const rows = await gateway.services.engine.kysely
      .selectFrom('approval_recipients')
      .select(['staff_id', 'ref'])
      .where('approval_id', '=', id)
      .orderBy('staff_id')
      .execute();
    const row = rows[index % rows.length];
    if (row === undefined) throw new Error('nobody was asked');
    return { target: { ref: row.ref }, staffId: row.staff_id, decision: 'approve', via: 'tap' } as const;
  }

  type Reader = Awaited<ReturnType<TillClient['events']>>;
  const decisions = (reader: Reader, id: string) =>
    reader.seen.filter(({ data }) => data.approval?.id === id && data.approval.status === 'approved');
  /** Later news, of messages that arrive, carries the grant again: with the one id that a till uses once. */
  const grantIds = (reader: Reader, id: string) =>
    new Set(decisions(reader, id).map(({ data }) => jtiOf(data.grant)));

  it('brings a decision taken at one to the till that hangs on the other', async () => {
    const reader = await atTwo.events();
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await ask(round % 2 === 0 ? atOne : atTwo);
      await one.gateway.services.approvals.decide(await inputFor(one, id));
      await eventually(() => decisions(reader, id).length > 0, 'the decision');
      expect([...grantIds(reader, id)]).toEqual([expect.any(String)]);
    }
    reader.close();
  });

  it('takes one decision when both hear a tap', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await ask(atOne);
      const inputs = [await inputFor(one, id), await inputFor(two, id, 1)];
      const outcomes = await Promise.all([
        one.gateway.services.approvals.decide(inputs[0] as (typeof inputs)[number]),
        two.gateway.services.approvals.decide(inputs[1] as (typeof inputs)[number]),
      ]);
      const names = outcomes.map(({ outcome }) => outcome).sort();
      expect(names).toContain('decided');
      expect(names.filter((name) => name === 'decided')).toHaveLength(1);
    }
  });

  it('loses nothing when the one that decides dies before it has told the other', async () => {
    const reader = await atTwo.events();
    const id = await ask(atOne);
    const { approvals, engine } = one.gateway.services;
    const input = await inputFor(one, id);
    // Committed, and gone before the wake-up: the other finds the event by looking.
    await engine.kysely.transaction().execute(async (trx) => void (await approvals.decideIn(trx, input)));
    await eventually(() => decisions(reader, id).length > 0, 'the decision, by looking');
    expect([...grantIds(reader, id)]).toEqual([expect.any(String)]);
    reader.close();
  });

  it('has decided nothing when it dies before the commit, and takes the tap when it comes again', async () => {
    const id = await ask(atOne);
    const { approvals, engine } = one.gateway.services;
    const input = await inputFor(one, id);
    const dying = engine.kysely.transaction().execute(async (trx) => {
      await approvals.decideIn(trx, input);
      throw new Error('dies');
    });
    await expect(dying).rejects.toThrow('dies');
    expect((await atTwo.get(`/v1/approvals/${id}`)).body).toMatchObject({
      grant: null,
      approval: { status: 'pending' },
    });
    expect(await two.gateway.services.approvals.decide(input)).toMatchObject({ outcome: 'decided' });
    expect((await atOne.get(`/v1/approvals/${id}`)).body.grant).toEqual(expect.any(String));
  });

  it('lets the till go on where it was when the one it hangs on dies', async () => {
    const third = await start();
    const atThird = tillClient(third.url, atOne.tillId, atOne.key);
    const reader = await atThird.events();
    const id = await ask(atThird);
    const asked = await eventually(
      () => reader.seen.find(({ data }) => data.approval?.id === id),
      'the request',
    );
    await third.close();
    await reader.ended;
    await one.gateway.services.approvals.decide(await inputFor(one, id));
    const again = await atTwo.events(asked.id);
    await eventually(() => decisions(again, id).length > 0, 'the decision, afterwards');
    expect([...grantIds(again, id)]).toEqual([expect.any(String)]);
    again.close();
  });
});

function jtiOf(grant: string | null): string | null {
  if (grant === null) return null;
  return JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()).jti;
}
