import {
  AUDIT_GROUPS,
  AUDIT_PAGE,
  type AuditFilter,
  type AuditView,
  type TimelineEvent,
} from '../../shared/audit/timeline.ts';
import type { BridgeInput, BridgeMethod, BridgeOutput } from '../../shared/bridge.ts';
import type { Clock } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { ABOUT, EVENTS, madeCharts, madeEvent, NEWS, noCharts, VIEWS } from './audit-fixtures.ts';
import { uuid } from './base-fixtures.ts';
import { type DevState, managing } from './state-kit.ts';

/** What comes in, and when. */
const NEWS_AFTER_MS = 1_500;

/** The store's list, and pictures of it: for managers. */
export const AUDIT_STATES = {
  timeline: managing({ page: 'timeline' }),
  timeline_live: managing({ page: 'timeline', audit: { live: true } }),
  timeline_set: managing({
    page: 'timeline',
    auditFilter: {
      groups: ['approvals', 'drawer'],
      outcomes: ['refused'],
      amountFrom: 50_000,
      q: 'disc',
      hour: 9,
    },
  }),
  timeline_none: managing({ page: 'timeline', audit: { events: [] } }),
  timeline_locked: managing({ page: 'timeline', audit: { locked: true } }),
  timeline_loading: managing({ page: 'timeline', waits: 'audit.list' }),
  timeline_opening: managing({ page: 'timeline', waits: 'audit.about' }),
  timeline_error: managing({ page: 'timeline', audit: { error: { 'audit.list': 'internal' } } }),
  timeline_offline: managing({
    page: 'timeline',
    audit: { error: { 'audit.about': 'gateway_unreachable' } },
  }),
  pictures: managing({ page: 'pictures' }),
  pictures_none: managing({ page: 'pictures', audit: { events: [] } }),
  pictures_loading: managing({ page: 'pictures', waits: 'audit.charts' }),
  pictures_error: managing({ page: 'pictures', audit: { error: { 'audit.charts': 'gateway_unreachable' } } }),
} as const satisfies Record<string, DevState>;

type AuditMethod = Extract<BridgeMethod, `audit.${string}`>;
type Handlers = {
  [M in AuditMethod]: (input: BridgeInput<M>) => BridgeOutput<M> | Promise<BridgeOutput<M>>;
};

export function fakeAudit({ state, pin, clock }: { state: DevState; pin: string; clock: Clock }): Handlers {
  const { events: made, locked = false, live = false, error = {} } = state.audit ?? {};
  let events: readonly TimelineEvent[] = made ?? EVENTS;
  let views: readonly AuditView[] = VIEWS;
  let open = !locked;
  let told = !live;

  /** As a till that asks for the manager's PIN, or whose gateway refuses. */
  function check(method: AuditMethod): void {
    const refused = error[method];
    if (refused !== undefined) throw new SaksiError(refused);
    if (!open) throw new SaksiError('manager_proof_missing');
  }

  return {
    'audit.unlock': (input) => {
      if (input.pin !== pin) throw new SaksiError('pin_wrong', { params: { triesLeft: 4 } });
      open = true;
      return { expiresInMs: 1_800_000 };
    },
    'audit.about': () => {
      check('audit.about');
      return ABOUT;
    },
    'audit.list': ({ filter, after }) => {
      check('audit.list');
      const found = events.filter((event) => fits(event, filter));
      const from = after === null ? 0 : found.findIndex(({ at, id }) => `${at}.${id}` === after) + 1;
      const page = found.slice(from, from + AUDIT_PAGE);
      const last = page.at(-1);
      const more = last !== undefined && found.length > from + AUDIT_PAGE;
      return { events: page, next: more ? `${last.at}.${last.id}` : null };
    },
    'audit.views': () => ({ views: [...views] }),
    'audit.saveView': (view) => {
      views = [...views.filter(({ name }) => name !== view.name), { ...view, id: uuid(960 + views.length) }];
      return { views: [...views] };
    },
    'audit.removeView': ({ id }) => {
      views = views.filter((view) => view.id !== id);
      return { views: [...views] };
    },
    'audit.charts': (span) => {
      check('audit.charts');
      return made?.length === 0 ? noCharts(span) : madeCharts(span);
    },
    /** Waits, and where the state has any tells one event. */
    'audit.tail': async ({ after }) => {
      if (told) return new Promise(() => {});
      told = true;
      await new Promise<void>((resolve) => {
        clock.schedule(NEWS_AFTER_MS, resolve);
      });
      const event = madeEvent((after ?? 1_000) + 1, Date.now(), NEWS);
      events = [event, ...events];
      return { events: [event], after: event.id };
    },
  };
}

function fits(event: TimelineEvent, filter: AuditFilter): boolean {
  const { kinds, groups, outcomes, amountFrom, amountTo, from, to, q = '' } = filter;
  const inGroups = (groups ?? []).flatMap((group): readonly string[] => AUDIT_GROUPS[group]);
  const wanted = kinds === undefined && groups === undefined ? null : [...(kinds ?? []), ...inGroups];
  const text = `${event.kind} ${event.saleRef} ${event.staffName} ${event.approverName} ${JSON.stringify(event.detail)}`;
  const ids = ['tillId', 'staffId', 'approverId', 'customerId', 'subjectId'] as const;
  return (
    ids.every((id) => filter[id] === undefined || filter[id] === event[id]) &&
    (wanted === null || wanted.includes(event.kind)) &&
    (outcomes === undefined || (event.outcome !== null && outcomes.includes(event.outcome))) &&
    (amountFrom === undefined || (event.amount ?? Number.NEGATIVE_INFINITY) >= amountFrom) &&
    (amountTo === undefined || (event.amount ?? Number.POSITIVE_INFINITY) <= amountTo) &&
    (from === undefined || event.at >= from) &&
    (to === undefined || event.at < to) &&
    text.toLowerCase().includes(q.trim().toLowerCase())
  );
}
