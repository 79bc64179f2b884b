import { describe, expect, it } from 'vitest';
import { BRIDGE } from './bridge.ts';
import { systemEffects } from './effects.ts';
import { customerRefSchema, redemptionCreateSchema } from './gateway-api.ts';
import { createUuid, idempotencyKeySchema, saleRefSchema } from './ids.ts';
import { DEFAULT_POLICY, policySchema, RESEND_SECONDS_MIN } from './policy.ts';

describe('ids', () => {
  it('are version 7 and sort by their time', () => {
    const at = (now: number) =>
      createUuid({ ...systemEffects, clock: { ...systemEffects.clock, now: () => now } });
    const [early, late] = [at(1_000_000), at(1_000_001)];
    expect(early).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(early < late).toBe(true);
  });

  it.each(['short', 'x'.repeat(129), 'has space', 'ünïcode-key', ''])(
    'idempotency key %j is refused',
    (key) => {
      expect(idempotencyKeySchema.safeParse(key).success).toBe(false);
    },
  );

  it('sale references hold no control characters or markup', () => {
    expect(saleRefSchema.safeParse('INV/2026-11/0042 #3').success).toBe(true);
    for (const bad of ['', '   ', 'a\u001b[', '<b>', 'x'.repeat(65)]) {
      expect(saleRefSchema.safeParse(bad).success, bad).toBe(false);
    }
  });
});

describe('policy', () => {
  it('default is legal', () => {
    expect(policySchema.parse(DEFAULT_POLICY)).toEqual(DEFAULT_POLICY);
  });

  it("cannot go below WhatsApp's pause between two messages to one person", () => {
    const codes = { ...DEFAULT_POLICY.codes, resendAfterSeconds: RESEND_SECONDS_MIN - 1 };
    expect(policySchema.safeParse({ ...DEFAULT_POLICY, codes }).success).toBe(false);
  });
});

describe('requests', () => {
  const create = {
    customer: { phone: '081234567890' },
    asset: 'deposit',
    amount: 50_000,
    saleRef: 'S-1',
    drawer: false,
    staffId: null,
  };

  it.each([0, -5, 0.5, 2 ** 53, '5'])('a redemption of %s is refused', (amount) => {
    expect(redemptionCreateSchema.safeParse({ ...create, amount }).success).toBe(false);
    expect(redemptionCreateSchema.safeParse(create).success).toBe(true);
  });

  it('name their customer in exactly one way', () => {
    expect(customerRefSchema.safeParse({ phone: '0812', memberNo: '7' }).success).toBe(false);
    expect(customerRefSchema.safeParse({}).success).toBe(false);
  });

  it('from the screen refuse what they do not know', () => {
    const id = createUuid(systemEffects);
    expect(
      BRIDGE['redemption.submitCode'].input.safeParse({ redemptionId: id, code: '123456', grant: 'x' })
        .success,
    ).toBe(false);
    expect(
      BRIDGE['redemption.submitCode'].input.safeParse({ redemptionId: id, code: '12345a' }).success,
    ).toBe(false);
  });
});
