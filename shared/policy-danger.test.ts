import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from './policy.ts';
import { DANGERS, type Danger, dangersOf } from './policy-danger.ts';

const changed = (edit: (policy: Policy) => void): Policy => {
  const policy = structuredClone(DEFAULT_POLICY);
  edit(policy);
  return policy;
};
const ofKind = (key: string, edit: (kind: Policy['approvals']['kinds'][number]) => void) =>
  changed((policy) => {
    const kind = policy.approvals.kinds.find((one) => one.key === key);
    if (kind === undefined) throw new Error(`no kind ${key}`);
    edit(kind);
  });

const WEAKER: readonly [Danger, string, Policy][] = [
  [
    'codes',
    'no code below an amount',
    changed((p) => {
      p.codes.askFrom.deposit = 50_000;
    }),
  ],
  [
    'codes',
    'shorter codes',
    changed((p) => {
      p.codes.digits = 4;
    }),
  ],
  [
    'codes',
    'more tries',
    changed((p) => {
      p.codes.tries += 1;
    }),
  ],
  [
    'codes',
    'another limit',
    changed((p) => {
      p.codes.limits.phone.count = 7;
    }),
  ],
  [
    'redemption',
    'a drawer that always opens',
    changed((p) => {
      p.redemption.drawer = 'always';
    }),
  ],
  [
    'pin',
    'a shorter lock',
    changed((p) => {
      p.pin.lockSeconds = 30;
    }),
  ],
  [
    'slips',
    'more copies',
    changed((p) => {
      p.slips.copiesMax += 1;
    }),
  ],
  [
    'approvals',
    'no approval below an amount',
    ofKind('void', (kind) => {
      kind.freeBelowAmount = 10_000;
    }),
  ],
  [
    'approvals',
    'a kind switched off',
    ofKind('void', (kind) => {
      kind.enabled = false;
    }),
  ],
  [
    'approvals',
    'a kind taken away',
    changed((p) => {
      p.approvals.kinds.pop();
    }),
  ],
  [
    'approvals',
    'other hours',
    changed((p) => {
      p.approvals.hours.outside = 'refuse';
    }),
  ],
  [
    'offline',
    'more offline',
    changed((p) => {
      p.offline.limits.perCode.deposit += 1;
    }),
  ],
  [
    'drawer',
    'no alert',
    changed((p) => {
      p.drawer.alertManagers = !p.drawer.alertManagers;
    }),
  ],
  [
    'login',
    'a code for nobody',
    changed((p) => {
      p.login.rememberDays += 1;
    }),
  ],
  [
    'retention',
    'kept for less long',
    changed((p) => {
      p.retention.messageDays -= 1;
    }),
  ],
  [
    'signals',
    'a signal switched off',
    changed((p) => {
      p.signals.void_rate.on = false;
    }),
  ],
  [
    'cashShift',
    'no count',
    changed((p) => {
      p.cashShift.recounts += 1;
    }),
  ],
  [
    'alerts',
    'other alerts',
    changed((p) => {
      p.alerts.digest.on = !p.alerts.digest.on;
    }),
  ],
  [
    'fourEyes',
    'one person alone',
    changed((p) => {
      p.fourEyes = false;
    }),
  ],
];

describe('what a second person agrees to', () => {
  it.each(WEAKER)('%s: %s', (danger, _, after) => {
    expect(dangersOf(DEFAULT_POLICY, after)).toEqual([danger]);
  });

  it('names every danger in a case above', () => {
    expect(new Set(WEAKER.map(([danger]) => danger))).toEqual(new Set(DANGERS));
  });

  it.each([
    ['stricter codes', changed((p) => Object.assign(p.codes, { digits: 8, tries: 3, ttlSeconds: 60 }))],
    [
      'a longer lock',
      changed((p) => {
        p.pin.lockSeconds = 86_400;
      }),
    ],
    [
      'what a slip looks like',
      changed((p) => {
        p.slipDesign.logo = null;
      }),
    ],
    [
      'a reason more',
      ofKind('void', (kind) => {
        kind.freeReason = !kind.freeReason;
      }),
    ],
    [
      'the channels of messages',
      changed((p) => {
        p.channels = structuredClone(p.channels);
      }),
    ],
    [
      'kinds in another order',
      changed((p) => {
        p.approvals.kinds.reverse();
      }),
    ],
    ['four eyes from now on', changed(() => {})],
  ])('not %s', (_, after) => {
    expect(dangersOf({ ...DEFAULT_POLICY, fourEyes: false }, { ...after, fourEyes: true })).toEqual([]);
  });
});
