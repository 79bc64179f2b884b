import type { BridgeInput, BridgeMethod, BridgeOutput } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import { FINDINGS, now } from './signal-fixtures.ts';
import type { DevState } from './state-kit.ts';

const DAY_MS = 86_400_000;
const YESTERDAY = Math.floor(now / DAY_MS) - 1;

type DigestMethod = Extract<BridgeMethod, `alerts.${string}` | 'digest.get'>;
type Handlers = { [M in DigestMethod]: (input: BridgeInput<M>) => BridgeOutput<M> };

export function fakeDigest(state: DevState): Handlers {
  let alerts: BridgeOutput<'alerts.list'>['alerts'] = state.alerts
    ? FINDINGS.slice(0, 2).map((finding) => ({ id: finding.id, at: finding.foundAt, sentAt: null, finding }))
    : [];
  const figure = (count: number, amount: number | null = null, points: number | null = null) => ({
    ...{ count, amount, points },
  });
  return {
    'alerts.waiting': () => ({ count: alerts.length }),
    'alerts.list': () => ({ alerts }),
    'alerts.acknowledge': ({ ids }) => {
      alerts = alerts.filter(({ id }) => !ids.includes(id));
      return { alerts };
    },
    'digest.get': ({ day }) => {
      if (state.digestError) throw new SaksiError(state.digestError);
      const shown = day ?? YESTERDAY;
      return {
        ...{ day: shown, from: shown * DAY_MS, to: (shown + 1) * DAY_MS, currency: 'IDR' },
        figures: {
          redemptions: figure(41, 2_480_000, 300),
          voids: figure(5, 340_000),
          discounts: figure(12, 96_000),
          openings: figure(187),
          unexplained: figure(0),
          offline: figure(3, 120_000, 0),
          findings: figure(2),
          messages: figure(64, 23_488),
        },
      };
    },
  };
}
