import type { EntriesAnswer, SentEntries } from '../../shared/audit/entries.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { type CheckReport, checkChains } from './check.ts';
import type { AuditContext } from './context.ts';
import { takeEntries } from './ingest.ts';
import { linkStaged, signHeads } from './sequencer.ts';

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
}

export function createAuditService(context: AuditContext): AuditService {
  return {
    link: () => linkStaged(context),
    sign: () => signHeads(context),
    take: (till, sent) => takeEntries(context, till, sent),
    check: () => checkChains(context.engine.kysely, context.identity),
  };
}
