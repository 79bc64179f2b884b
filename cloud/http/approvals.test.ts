import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { approvalAnswerSchema } from '../../shared/approvals.ts';
import { type Policy, signedPolicySchema } from '../../shared/policy.ts';
import {
  call,
  describeGateway,
  eventually,
  type TestGateway,
  type TillClient,
} from '../../test/fixtures/gateway.ts';

function staffOf({ demo }: TestGateway, role: string, index = 0): string {
  const found = demo.staff.filter((person) => person.role === role)[index];
  if (found === undefined) throw new Error(`no ${role} in the demo shop`);
  return found.id;
}

const wish = (gateway: TestGateway, fields: Record<string, unknown> = {}) => ({
  ...{ kind: 'void', amount: 50_000, basisPoints: null, reason: { key: 'wrong_item', text: null }, note: '' },
  ...{ saleRef: 'INV-7', staffId: staffOf(gateway, 'cashier'), ...fields },
});

async function ask(gateway: TestGateway, till: TillClient, fields: Record<string, unknown> = {}) {
  const answer = await till.post('/v1/approvals', wish(gateway, fields));
  expect(answer.status).toBe(200);
  return approvalAnswerSchema.parse(answer.body).approval;
}

/** What a supervisor's tap comes to, without the phone. */
async function decide(
  { gateway }: TestGateway,
  approvalId: string,
  decision: 'approve' | 'reject' = 'approve',
) {
  const { approvals, engine } = gateway.services;
  const { staff_id: staffId, ref } = await engine.kysely
    .selectFrom('approval_recipients')
    .select(['staff_id', 'ref'])
    .where('approval_id', '=', approvalId)
    .limit(1)
    .executeTakeFirstOrThrow();
  return approvals.decide({ target: { ref }, staffId, decision, via: 'tap' });
}

const put = (gateway: TestGateway, till: TillClient, body: unknown, key: string | null = randomUUID()) =>
  call(gateway.url, 'PUT', '/v1/policy', {
    body,
    headers: { authorization: `Bearer ${till.key}`, ...(key === null ? {} : { 'idempotency-key': key }) },
  });

describeGateway('approvals over HTTP', (gw) => {
  it('asks, follows, and gives the grant that the event has', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    const { id, asked } = await ask(gw(), till);
    expect(asked.length).toBeGreaterThan(0);
    expect((await till.get('/v1/approvals/open')).body.approvals).toMatchObject([{ approval: { id } }]);
    await decide(gw(), id);
    const event = await eventually(
      () =>
        reader.seen.find(
          ({ type, data }) => type === 'approval.changed' && data.approval.status === 'approved',
        ),
      'the decision',
    );
    const answer = (await till.get(`/v1/approvals/${id}`)).body;
    expect(answer.grant).toBe(event.data.grant);
    expect(answer.grant.split('.')).toHaveLength(3);
    reader.close();
  });

  it('tells how far the question came on the phone of who is asked', async () => {
    const till = await gw().pair();
    const reader = await till.events();
    gw().graph.webhooks.knobs.hold = true;
    const { id } = await ask(gw(), till);
    const states = () =>
      reader.seen
        .filter(({ type, data }) => type === 'approval.changed' && data.approval.id === id)
        .map(({ data }) => data.approval.asked[0].delivery.state);
    await eventually(() => states().includes('accepted'), 'the news that WhatsApp took it');
    gw().graph.webhooks.release();
    await eventually(() => states().includes('read'), 'the news that it was read');
    expect(new Set(states())).toContain('delivered');
    reader.close();
  });

  it('takes a request back, and refuses what does not fit', async () => {
    const till = await gw().pair();
    const { id } = await ask(gw(), till);
    expect((await till.post(`/v1/approvals/${id}/cancel`)).body.approval.status).toBe('cancelled');
    const refusals = [
      [await till.post('/v1/approvals', wish(gw()), null), 400, 'idempotency_key_missing'],
      [await till.post('/v1/approvals', wish(gw(), { amount: 1.5 })), 400, 'amount_invalid'],
      [await till.post('/v1/approvals', wish(gw(), { kind: 'gift' })), 404, 'approval_kind_unknown'],
      [await till.post('/v1/approvals', wish(gw(), { staffId: randomUUID() })), 404, 'staff_unknown'],
      [await till.post('/v1/approvals', { ...wish(gw()), extra: 1 }), 400, 'bad_request'],
      [await till.post(`/v1/approvals/${id}/code`, { code: '123456' }), 409, 'approval_code_not_expected'],
      [await till.post(`/v1/approvals/${id}/code`, { code: 'x' }), 400, 'code_malformed'],
      [await till.post(`/v1/approvals/${randomUUID()}/cancel`), 404, 'approval_unknown'],
      [await (await gw().pair()).get(`/v1/approvals/${id}`), 404, 'approval_unknown'],
      [await call(gw().url, 'GET', '/v1/approvals/open'), 401, 'unauthorised'],
    ] as const;
    for (const [answer, status, code] of refusals) {
      expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    }
  });

  it('counts by kind and outcome', async () => {
    const till = await gw().pair();
    const { id } = await ask(gw(), till, {
      kind: 'no_sale',
      amount: null,
      reason: { key: 'count_cash', text: null },
    });
    await decide(gw(), id, 'reject');
    const metrics = (await call(gw().url, 'GET', '/metrics')).body;
    expect(metrics).toMatch(/saksi_approvals_total\{kind="no_sale",outcome="rejected"\} 1/);
    expect(metrics).toMatch(/saksi_approval_seconds_count\{kind="no_sale",outcome="rejected"\} 1/);
  });

  it('lapses and escalates by itself', async () => {
    const till = await gw().pair();
    const { id } = await ask(gw(), till);
    gw().shiftClock(121_000);
    const status = async () => (await till.get(`/v1/approvals/${id}`)).body.approval;
    await eventually(async () => (await status()).nextStepInMs === null, 'the next step');
    gw().shiftClock(600_000);
    await eventually(async () => (await status()).status === 'expired', 'the end');
  });

  it('lets a manager change the policy, signed, and tells every till', async () => {
    const [till, other] = [await gw().pair(), await gw().pair()];
    const reader = await other.events();
    const context = (await till.get('/v1/till')).body;
    const before = (await till.get('/v1/policy')).body;
    expect(context.signedPolicy).toBe(before.signedPolicy);
    const { version, ...rest } = before.policy as Policy;
    const policy = { ...rest, slips: { copiesMax: 9 } };
    const body = { staffId: staffOf(gw(), 'manager'), pin: '4444', baseVersion: version, policy };
    const wrong = await put(gw(), till, { ...body, pin: '9999' });
    expect([wrong.status, wrong.body.error.code]).toEqual([403, 'pin_wrong']);
    const missing = await put(gw(), till, body, null);
    expect(missing.body.error.code).toBe('idempotency_key_missing');
    const approvals = { ...rest.approvals, openMax: 0 };
    const invalid = await put(gw(), till, { ...body, policy: { ...policy, approvals } });
    expect(invalid.body.error).toMatchObject({
      code: 'policy_invalid',
      params: { at: 'approvals.openMax' },
    });
    // More copies of a slip: one person alone does not do that.
    const alone = await put(gw(), till, body);
    expect([alone.status, alone.body.error.code]).toEqual([409, 'policy_needs_second']);
    const supervisor = gw().demo.staff.find(({ role }) => role === 'supervisor');
    const second = { staffId: supervisor?.id, pin: supervisor?.pin };
    const stranger = await put(gw(), till, { ...body, second: { ...second, pin: '9999' } });
    expect(stranger.body.error).toMatchObject({ code: 'pin_wrong', params: { who: 'second' } });
    const agreed = { ...body, second };
    const key = randomUUID();
    const changed = await put(gw(), till, agreed, key);
    expect(changed.body.policy).toMatchObject({ version: version + 1, slips: { copiesMax: 9 } });
    expect((await put(gw(), till, agreed, key)).body).toEqual(changed.body);
    expect((await put(gw(), till, agreed)).body.error.code).toBe('policy_conflict');
    const payload = (changed.body.signedPolicy as string).split('.')[1] ?? '';
    const signed = signedPolicySchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    expect(signed).toMatchObject({ storeId: gw().demo.storeId, policy: { version: version + 1 } });
    expect((await other.get('/v1/till')).body.signedPolicy).toBe(changed.body.signedPolicy);
    await eventually(() => reader.seen.some(({ type }) => type === 'till.changed'), 'the news');
    expect(gw().log.join('\n')).not.toContain('"9999"');
    reader.close();
  });
});
