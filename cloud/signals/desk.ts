/** What a manager does with findings: reads them, with the events behind them, and says what they make of them. */

import type { Effects } from '../../shared/effects.ts';
import {
  FINDINGS_PAGE,
  type FindingDetail,
  type FindingFilter,
  type FindingPage,
  type FindingSaid,
} from '../../shared/findings-api.ts';
import type { ManagerScope } from '../audit/access.ts';
import type { Timeline } from '../audit/timeline.ts';
import type { Engine } from '../db/engine.ts';
import { acknowledge, findFinding, listFindings, summariseFindings, wordsOf } from './findings.ts';

export interface FindingDesk {
  page(scope: ManagerScope, filter: FindingFilter, after?: number): Promise<FindingPage>;
  /** Throws `not_found`. */
  get(scope: ManagerScope, id: number): Promise<FindingDetail>;
  /** Throws `not_found`. */
  say(scope: ManagerScope, id: number, said: FindingSaid): Promise<FindingDetail>;
}

export interface FindingDeskOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly timeline: Pick<Timeline, 'byIds'>;
}

export function createFindingDesk({ engine, effects, timeline }: FindingDeskOptions): FindingDesk {
  const db = engine.kysely;

  async function get(scope: ManagerScope, id: number): Promise<FindingDetail> {
    const finding = await findFinding(db, scope.storeId, id);
    const events = await timeline.byIds(scope, finding.eventIds);
    return { finding, events, words: await wordsOf(db, finding) };
  }

  return {
    get,
    async page(scope, filter, after) {
      const { storeId } = scope;
      const limit = FINDINGS_PAGE + 1;
      const found = await listFindings(db, {
        ...{ ...filter, storeId, limit },
        ...(after === undefined ? {} : { before: after }),
      });
      const findings = found.slice(0, FINDINGS_PAGE);
      return {
        findings,
        next: found.length > FINDINGS_PAGE ? (findings.at(-1)?.id ?? null) : null,
        summary: after === undefined ? await summariseFindings(db, storeId) : null,
      };
    },
    async say(scope, id, { state, note }) {
      const { storeId, staffId } = scope;
      const { id: findingId } = await findFinding(db, storeId, id);
      await acknowledge(db, { storeId, findingId, staffId, state, note }, effects.clock.now());
      return get(scope, findingId);
    },
  };
}
