import { beforeEach, expect, it } from 'vitest';
import type { ErrorCode } from '../../shared/errors.ts';
import {
  type ApprovalWorld,
  approvalWorld,
  claimsOf,
  voidBody,
  withKind,
} from '../../test/fixtures/approval-world.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { policyWith, standingClock, TEST_KEYS, wrongCode } from '../../test/fixtures/redemption-world.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { codeForRecipient, issueRecipientCode } from './codes.ts';

const refusal = (code: ErrorCode, params = {}) =>
  expect.objectContaining({ code, params: expect.objectContaining(params) });

describeOnBothEngines('approvals by code', (getEngine) => {
  let clock: ReturnType<typeof standingClock>;
  let world: ApprovalWorld;
  let till: TillIdentity;
  let storeId: string;
  let cashier: string;
  let supervisors: string[];

  beforeEach(async () => {
    clock = standingClock();
    world = approvalWorld(getEngine(), clock);
    storeId = await world.addStore(policy());
    till = await world.addTill(storeId);
    cashier = await world.addStaff(storeId, 'cashier');
    supervisors = [await world.addStaff(storeId, 'supervisor'), await world.addStaff(storeId, 'supervisor')];
  });

  const policy = (needed = 1) =>
    policyWith((edited) => {
      edited.approvals.answer = 'code';
      edited.approvals.code = { digits: 4, tries: 3 };
      const tiers = [{ fromAmount: 0, fromBasisPoints: null, roles: ['supervisor' as const], needed }];
      withKind(edited, 'void', { tiers });
    });
  const start = async () => (await world.service.create(till, world.newKey(), voidBody(cashier))).approval.id;
  const say = (id: string, code: string, key = world.newKey()) =>
    world.service.submitCode(till, id, key, code);
  const person = (index: number) => supervisors[index] ?? '';

  it('approves for whom the code says', async () => {
    const id = await start();
    expect((await world.service.get(till, id)).approval.code).toEqual({ digits: 4, triesLeft: 3 });
    const code = await world.codeOf(id, person(1));
    const key = world.newKey();
    const answer = await say(id, code, key);
    expect(answer.approval).toMatchObject({
      status: 'approved',
      asked: [{ decision: null }, { decision: 'approve' }],
    });
    expect(claimsOf(answer).deciders).toEqual([person(1)]);
    expect((await say(id, code, key)).grant).toBe(answer.grant);
    await expect(say(id, code)).rejects.toEqual(refusal('approval_state', { status: 'approved' }));
    const { kysely } = getEngine();
    const ref = await world.refOf(id, person(0));
    expect(await codeForRecipient(kysely, TEST_KEYS, { ref, now: clock.now() })).toBeNull();
  });

  it('counts wrong codes, once for each time they were said, and takes none after the last', async () => {
    const id = await start();
    const codes = [await world.codeOf(id, person(0)), await world.codeOf(id, person(1))];
    const wrong = [1, 2, 3, 4]
      .map((offset) => wrongCode(codes[0] ?? '', offset))
      .filter((code) => !codes.includes(code));
    const key = world.newKey();
    await expect(say(id, '12345')).rejects.toEqual(refusal('code_malformed', { digits: 4 }));
    await expect(say(id, 'abcd')).rejects.toEqual(refusal('code_malformed'));
    await expect(say(id, wrong[0] ?? '', key)).rejects.toEqual(
      refusal('approval_code_wrong', { triesLeft: 2 }),
    );
    await expect(say(id, wrong[0] ?? '', key)).rejects.toEqual(
      refusal('approval_code_wrong', { triesLeft: 2 }),
    );
    await expect(say(id, wrong[1] ?? '', key)).rejects.toEqual(refusal('idempotency_key_reused'));
    await expect(say(id, wrong[1] ?? '')).rejects.toEqual(refusal('approval_code_wrong', { triesLeft: 1 }));
    await expect(say(id, wrong[2] ?? '')).rejects.toEqual(refusal('approval_code_wrong', { triesLeft: 0 }));
    await expect(say(id, codes[0] ?? '')).rejects.toEqual(refusal('approval_code_wrong', { triesLeft: 0 }));
    expect((await world.service.get(till, id)).approval).toMatchObject({
      status: 'pending',
      code: { triesLeft: 0 },
    });
    expect(await world.refusals(id)).toEqual(['code_wrong', 'code_wrong', 'code_wrong']);
  });

  it('needs different people’s codes where policy asks for several', async () => {
    await world.setPolicy(storeId, policy(2));
    const id = await start();
    const codes = [await world.codeOf(id, person(0)), await world.codeOf(id, person(1))];
    expect((await say(id, codes[0] ?? '')).approval.status).toBe('pending');
    await expect(say(id, codes[0] ?? '')).rejects.toEqual(refusal('code_used'));
    const answer = await say(id, codes[1] ?? '');
    expect(claimsOf(answer).deciders).toEqual(expect.arrayContaining(supervisors));
    expect((await world.service.get(till, id)).approval.code?.triesLeft).toBe(3);
  });

  it('takes no code of somebody who may no longer decide, none after the time, none where people tap', async () => {
    const id = await start();
    const code = await world.codeOf(id, person(0));
    await world.setActive(person(0), false);
    await expect(say(id, code)).rejects.toEqual(refusal('role_not_allowed'));
    clock.advance(600_000);
    const key = world.newKey();
    await expect(say(id, code, key)).rejects.toEqual(refusal('approval_state', { status: 'expired' }));
    expect((await world.service.get(till, id)).approval.status).toBe('expired');
    await expect(say(id, code, key)).rejects.toEqual(refusal('approval_state', { status: 'expired' }));
    await world.setPolicy(
      storeId,
      policyWith(() => {}),
    );
    const tapped = await start();
    await expect(say(tapped, code)).rejects.toEqual(refusal('approval_code_not_expected'));
  });

  it('stores no code in any column', async () => {
    const id = await start();
    const codes = [await world.codeOf(id, person(0)), await world.codeOf(id, person(1))];
    await say(id, codes[0] ?? '');
    const { kysely } = getEngine();
    for (const table of [
      'approvals',
      'approval_recipients',
      'approval_votes',
      'approval_taps',
      'till_requests',
      'till_events',
    ] as const) {
      const rows = await kysely.selectFrom(table).selectAll().execute();
      const text = JSON.stringify(rows, (_, value) => (value instanceof Uint8Array ? 'bytes' : value));
      for (const code of codes) expect(text).not.toContain(`"${code}"`);
    }
  });

  it('gives no two people of one request the same code', () => {
    let draws = 0;
    const random = { bytes: (count: number) => new Uint8Array(count).fill(draws++ % 256), jitter: () => 0 };
    const wish = { approvalId: 'a', staffId: 's', digits: 4 };
    const first = issueRecipientCode(TEST_KEYS, random, wish, new Set());
    draws = 0;
    const second = issueRecipientCode(TEST_KEYS, random, wish, new Set([first.code]));
    expect(second.code).not.toBe(first.code);
  });
});
