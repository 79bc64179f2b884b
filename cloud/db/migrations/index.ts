import type { Kysely } from 'kysely';
import * as core from './0001_core.ts';
import * as shell from './0002_shell.ts';
import * as redemptions from './0003_redemptions.ts';
import * as messageQueue from './0004_message_queue.ts';
import * as approvals from './0010_approvals.ts';
import * as conversations from './0011_conversations.ts';
import * as offline from './0012_offline.ts';
import * as outbox from './0013_outbox.ts';
import * as drawer from './0014_drawer.ts';
import * as shiftGrants from './0015_shift_grants.ts';
import * as messageLog from './0016_message_log.ts';
import * as offlineMany from './0017_offline_many.ts';
import * as captureMany from './0018_capture_many.ts';
import * as webhookIngest from './0030_webhook_ingest.ts';
import * as templates from './0031_templates.ts';
import * as messageCredit from './0032_message_credit.ts';
import * as sendLimits from './0033_send_limits.ts';
import * as recording from './0034_recording.ts';
import * as web from './0040_web.ts';
import * as channels from './0050_channels.ts';
import * as fewerDues from './0060_fewer_dues.ts';
import * as lockByKey from './0061_lock_by_key.ts';
import * as webRetention from './0062_web_retention.ts';
import * as logins from './0065_logins.ts';
import * as privacy from './0066_privacy.ts';
import * as unrequestedCodes from './0067_unrequested_codes.ts';
import * as auditEvents from './0070_audit_events.ts';
import * as auditSources from './0071_audit_sources.ts';
import * as auditViews from './0072_audit_views.ts';
import * as auditMoreSources from './0073_audit_more_sources.ts';
import * as signals from './0075_signals.ts';
import * as cases from './0076_cases.ts';
import * as alerts from './0077_alerts.ts';
import * as cashShifts from './0080_cash_shifts.ts';
import * as fewerStatements from './0083_fewer_statements.ts';
import * as consentKinds from './0085_consent_kinds.ts';
import * as cheaperNotes from './0086_cheaper_notes.ts';
import * as webSignIn from './0087_web_sign_in.ts';
import * as fourEyes from './0088_four_eyes.ts';
import * as accounts from './0089_accounts.ts';
import * as worseFindings from './0090_worse_findings.ts';
import * as absorb from './0091_absorb.ts';
import * as takeJobs from './0092_take_jobs.ts';
import * as accepted from './0093_accepted.ts';
import * as chargedOnce from './0094_charged_once.ts';
import * as batches from './0095_batches.ts';
import * as oneReading from './0096_one_reading.ts';

export interface ForwardMigration {
  up(db: Kysely<never>): Promise<void>;
}

/**
 * Every migration by its name, applied in the order of the names, each once and never undone: forward only. A
 * released one is never edited; a change is a new one with the next number.
 */
export const MIGRATIONS: Readonly<Record<string, ForwardMigration>> = {
  '0001_core': core,
  '0002_shell': shell,
  '0003_redemptions': redemptions,
  '0004_message_queue': messageQueue,
  '0010_approvals': approvals,
  '0011_conversations': conversations,
  '0012_offline': offline,
  '0013_outbox': outbox,
  '0014_drawer': drawer,
  '0015_shift_grants': shiftGrants,
  '0016_message_log': messageLog,
  '0017_offline_many': offlineMany,
  '0018_capture_many': captureMany,
  '0030_webhook_ingest': webhookIngest,
  '0031_templates': templates,
  '0032_message_credit': messageCredit,
  '0033_send_limits': sendLimits,
  '0034_recording': recording,
  '0040_web': web,
  '0050_channels': channels,
  '0060_fewer_dues': fewerDues,
  '0061_lock_by_key': lockByKey,
  '0062_web_retention': webRetention,
  '0065_logins': logins,
  '0066_privacy': privacy,
  '0067_unrequested_codes': unrequestedCodes,
  '0070_audit_events': auditEvents,
  '0071_audit_sources': auditSources,
  '0072_audit_views': auditViews,
  '0073_audit_more_sources': auditMoreSources,
  '0075_signals': signals,
  '0076_cases': cases,
  '0077_alerts': alerts,
  '0080_cash_shifts': cashShifts,
  '0083_fewer_statements': fewerStatements,
  '0085_consent_kinds': consentKinds,
  '0086_cheaper_notes': cheaperNotes,
  '0087_web_sign_in': webSignIn,
  '0088_four_eyes': fourEyes,
  '0089_accounts': accounts,
  '0090_worse_findings': worseFindings,
  '0091_absorb': absorb,
  '0092_take_jobs': takeJobs,
  '0093_accepted': accepted,
  '0094_charged_once': chargedOnce,
  '0095_batches': batches,
  '0096_one_reading': oneReading,
};
