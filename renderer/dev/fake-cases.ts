import type { BridgeInput, BridgeMethod, BridgeOutput } from '../../shared/bridge.ts';
import type { CaseDetail, CaseEntry, CaseSummary } from '../../shared/cases.ts';
import { SaksiError } from '../../shared/errors.ts';
import { STAFF, uuid } from './base-fixtures.ts';
import { eventsOf, FINDINGS, now } from './signal-fixtures.ts';
import type { DevState } from './state-kit.ts';

const HOUR_MS = 3_600_000;
const HENDRA = { id: STAFF[3]?.id ?? '', name: 'Hendra' };

function summary(number: number, change: Partial<CaseSummary> = {}): CaseSummary {
  const at = now - (40 - number) * 26 * HOUR_MS;
  return {
    ...{ id: uuid(9_500 + number), number, title: 'Pembatalan setelah pelanggan pergi', status: 'open' },
    ...{ outcome: null, assignee: HENDRA, openedBy: 'Hendra', openedAt: at, changedAt: at + 3 * HOUR_MS },
    ...change,
  };
}
const entry = (no: number, at: number, change: Partial<CaseEntry>): CaseEntry => ({
  ...{ id: uuid(9_700 + no), no, kind: 'noted', at, staffName: 'Hendra', text: '', findings: 0, events: 0 },
  ...{ status: null, outcome: null, assigneeName: null },
  ...change,
});

/** The first is open and full; the others are as cases go. */
const CASES: readonly CaseSummary[] = [
  summary(13),
  summary(12, { title: 'Laci kasir 2', status: 'watching', assignee: null }),
  summary(11, {
    title: 'Diskon teman, Raden Ayu Kusumaningtyas Wirjodiningrat',
    status: 'closed',
    outcome: 'fraud',
  }),
];

type CasesMethod = Extract<BridgeMethod, `cases.${string}`>;
type Handlers = { [M in CasesMethod]: (input: BridgeInput<M>) => BridgeOutput<M> };

export function fakeCases(state: DevState): Handlers {
  const details = new Map<string, CaseDetail>(
    (state.noCases ? [] : CASES).map((one) => [one.id, detailOf(one, one.number === 13)]),
  );
  const find = (id: string) => {
    const found = details.get(id);
    if (found === undefined) throw new SaksiError('not_found');
    return found;
  };
  const put = (detail: CaseDetail) => {
    details.set(detail.case.id, detail);
    return detail;
  };
  return {
    'cases.list': ({ status }) => {
      if (state.casesError) throw new SaksiError(state.casesError);
      const cases = [...details.values()].map((detail) => detail.case);
      return {
        cases: cases
          .filter((one) => (status ?? one.status) === one.status)
          .sort((one, other) => other.number - one.number),
        next: null,
      };
    },
    'cases.get': ({ id }) => find(id),
    'cases.open': ({ id, title, findingIds = [] }) => {
      const findings = FINDINGS.filter((one) => findingIds.includes(one.id));
      const one = summary(14, { id, title, assignee: null, openedAt: now, changedAt: now });
      return put({ ...detailOf(one, false), findings, events: caseEventsOf(findings[0]?.eventIds ?? []) });
    },
    'cases.step': ({ id, step }) => {
      const { kind } = step;
      const before = find(id);
      const next = entry(before.entries.length + 1, now, {
        ...{
          id: step.id,
          kind: kind === 'closed' ? 'moved' : kind,
          text: 'text' in step ? (step.text ?? '') : '',
        },
        ...(kind === 'assigned' ? { assigneeName: step.assigneeId === null ? null : 'Hendra' } : {}),
        ...(kind === 'moved' ? { status: step.status } : {}),
        ...(kind === 'closed' ? { status: kind, outcome: step.outcome } : {}),
      });
      const change: Partial<CaseSummary> = {
        ...(kind === 'assigned' ? { assignee: step.assigneeId === null ? null : HENDRA } : {}),
        ...(kind === 'moved' ? { status: step.status, outcome: null } : {}),
        ...(kind === 'closed' ? { status: kind, outcome: step.outcome } : {}),
      };
      return put({ ...before, case: { ...before.case, ...change }, entries: [...before.entries, next] });
    },
    // Documents that say nothing: what is in them, the gateway and the till make and test.
    'cases.export': () => ({ evidence: '{"saksiEvidence":1}\n', pdf: btoa('%PDF-1.7') }),
  };
}

function caseEventsOf(ids: readonly number[]): CaseDetail['events'] {
  return eventsOf(ids).map((event) => ({ ...event, chain: `store/${uuid(900)}`, hash: 'a'.repeat(64) }));
}

function detailOf(one: CaseSummary, isFull: boolean): CaseDetail {
  const at = one.openedAt;
  const findings = isFull ? FINDINGS.slice(0, 2) : [];
  return {
    case: one,
    entries: [
      entry(1, at, { kind: 'opened', text: one.title, findings: findings.length }),
      ...(isFull
        ? [
            entry(2, at + HOUR_MS, { text: 'Rekaman kamera hari Selasa diminta dari pengelola gedung.' }),
            entry(3, at + 3 * HOUR_MS, { kind: 'assigned', assigneeName: 'Hendra' }),
          ]
        : []),
    ],
    findings,
    events: isFull ? caseEventsOf(FINDINGS[0]?.eventIds ?? []) : [],
    staff: [HENDRA],
  };
}
