import type { BridgeInput, BridgeMethod, BridgeOutput } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { FindingState, ShownFinding } from '../../shared/findings-api.ts';
import { eventsOf, FINDINGS, now, wordsOf, YESTERDAYS_VOIDS } from './signal-fixtures.ts';
import { type DevState, managing, OFFLINE } from './state-kit.ts';

/** What looks like fraud: for managers. */
export const SIGNAL_STATES = {
  signals: managing({ page: 'signals' }),
  signals_none: managing({ page: 'signals', noFindings: true }),
  signals_loading: managing({ page: 'signals', waits: 'findings.list' }),
  signals_error: managing({ page: 'signals', findingsError: 'internal' }),
  signals_locked: managing({ page: 'signals', findingsError: 'manager_proof_missing' }),
  signals_offline: {
    ...managing({ page: 'signals', findingsError: 'gateway_unreachable' }),
    view: (base) => ({
      ...(managing().view?.(base) ?? base),
      status: { ...base.status, ...OFFLINE },
    }),
  },
  cases: managing({ page: 'cases' }),
  cases_none: managing({ page: 'cases', noCases: true }),
  cases_loading: managing({ page: 'cases', waits: 'cases.list' }),
  cases_error: managing({ page: 'cases', casesError: 'gateway_unreachable' }),
  digest: managing({ page: 'digest', alerts: true, audit: { events: YESTERDAYS_VOIDS } }),
  digest_loading: managing({ page: 'digest', waits: 'digest.get' }),
  digest_error: managing({ page: 'digest', digestError: 'gateway_unreachable' }),
  digest_locked: managing({ page: 'digest', digestError: 'manager_proof_missing' }),
  rules_alerts: managing({ rulesSection: 'alerts' }),
  alerts_waiting: managing({ page: 'redeem', alerts: true, audit: { events: YESTERDAYS_VOIDS } }),
  cases_locked: managing({ page: 'cases', casesError: 'manager_proof_missing' }),
} as const satisfies Record<string, DevState>;

type FindingsMethod = Extract<BridgeMethod, `findings.${string}`>;
type Handlers = { [M in FindingsMethod]: (input: BridgeInput<M>) => BridgeOutput<M> };
const STATE_OF: Readonly<Record<'seen' | 'innocent' | 'open', FindingState>> = {
  ...{ seen: 'seen', innocent: 'dismissed', open: 'new' },
};

export function fakeSignals(state: DevState): Handlers {
  let findings: readonly ShownFinding[] = state.noFindings ? [] : FINDINGS;
  const find = (id: number) => {
    const found = findings.find((one) => one.id === id);
    if (found === undefined) throw new SaksiError('not_found');
    return found;
  };
  const detail = (id: number): BridgeOutput<'findings.get'> => {
    const finding = find(id);
    return { finding, events: eventsOf(finding.eventIds), words: wordsOf(finding) };
  };
  return {
    'findings.list': ({ filter }) => {
      if (state.findingsError) throw new SaksiError(state.findingsError);
      const shown = findings.filter(
        (one) =>
          (filter.state ?? one.state) === one.state &&
          (filter.signal ?? one.signal) === one.signal &&
          (filter.personId ?? one.person.id) === one.person.id,
      );
      const counts = (mine: (one: ShownFinding) => boolean) => ({
        fresh: findings.filter((one) => mine(one) && one.state === 'new').length,
        all: findings.filter(mine).length,
      });
      const signals = [...new Set(findings.map(({ signal }) => signal))];
      const people = [...new Map(findings.map((one) => [one.person.id, one])).values()];
      return {
        findings: shown,
        next: null,
        summary: {
          signals: signals.map((signal) => ({ signal, ...counts((one) => one.signal === signal) })),
          people: people.map(({ person, personName: name }) => ({
            ...{ person, name, ...counts((one) => one.person.id === person.id) },
          })),
        },
      };
    },
    'findings.get': ({ id }) => detail(id),
    'findings.say': ({ id, said }) => {
      const acknowledged =
        said.state === 'open' ? null : { ...said, note: said.note ?? '', at: now, staffId: find(id).storeId };
      findings = findings.map((one) =>
        one.id === id ? { ...one, state: STATE_OF[said.state], acknowledged } : one,
      );
      return detail(id);
    },
  };
}
