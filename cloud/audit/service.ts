import type { AuditCharts, ChartsWish } from '../../shared/audit/charts.ts';
import type { EntriesAnswer, SentEntries } from '../../shared/audit/entries.ts';
import type { AuditAbout } from '../../shared/audit/timeline.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { aboutList } from './about.ts';
import { createManagerAccess, type ManagerAccess, type ManagerScope } from './access.ts';
import { readCharts } from './charts.ts';
import { type CheckReport, checkChains } from './check.ts';
import type { AuditContext } from './context.ts';
import { type Evidence, type EvidenceWish, makeEvidence } from './evidence.ts';
import { takeEntries } from './ingest.ts';
import { linkStaged, signHeads } from './sequencer.ts';
import { type AuditTails, createAuditTails } from './tail.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { type AuditViews, createAuditViews } from './views.ts';

/** The audit list: chains of tills and gateway, and how managers read them. */
export interface AuditService {
  /** Links what was staged; to be called every second or so. @returns how many events */
  link(): Promise<number>;
  /** Signs the heads of the gateway's own chains; to be called every minute or so. */
  sign(): Promise<number>;
  /** `audit_head_forked`, `bad_request`. */
  take(till: TillIdentity, sent: SentEntries): Promise<EntriesAnswer>;
  /** Reads all chains from their beginning. */
  check(): Promise<CheckReport>;
  /** The lines of an evidence file, each with its line end. Throws `not_found` for an unknown store. */
  evidence(wish: EvidenceWish): Evidence;
  about(scope: ManagerScope): Promise<AuditAbout>;
  charts(scope: ManagerScope, span: ChartsWish): Promise<AuditCharts>;
  readonly access: ManagerAccess;
  readonly timeline: Timeline;
  readonly views: AuditViews;
  readonly tails: AuditTails;
}

export function createAuditService(
  context: AuditContext,
  { managerKey, onError }: { managerKey: Uint8Array; onError: (error: unknown) => void },
): AuditService {
  const timeline = createTimeline(context.engine.kysely);
  return {
    link: () => linkStaged(context),
    sign: () => signHeads(context),
    take: (till, sent) => takeEntries(context, till, sent),
    check: () => checkChains(context.engine.kysely, context.identity),
    evidence: (wish) => makeEvidence(context, wish),
    about: (scope) => aboutList(context, scope),
    charts: (scope, span) => readCharts(context.engine.kysely, scope, span),
    access: createManagerAccess(context, managerKey),
    timeline,
    views: createAuditViews(context),
    tails: createAuditTails(context, timeline, onError),
  };
}
