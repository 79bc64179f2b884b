/** A template's row follows what Meta's webhooks say of it. */
import { sql } from 'kysely';
import type { TemplateStatus } from '../db/template-tables.ts';
import type { Trx } from '../redemptions/ports.ts';
import type { AccountEvent } from '../whatsapp/webhook.ts';

/**
 * Meta's words for how a template stands; those not named here say nothing about whether it may be sent. FLAGGED is a
 * warning: it may still be sent.
 */
const STATUSES: Readonly<Record<string, TemplateStatus>> = {
  APPROVED: 'approved',
  FLAGGED: 'approved',
  REINSTATED: 'approved',
  UNPAUSED: 'approved',
  PENDING: 'pending',
  PENDING_REVIEW: 'pending',
  REJECTED: 'rejected',
  PAUSED: 'paused',
  DISABLED: 'disabled',
  LOCKED: 'disabled',
  ARCHIVED: 'disabled',
  LIMIT_EXCEEDED: 'disabled',
  PENDING_DELETION: 'disabled',
  IN_APPEAL: 'in_appeal',
  DELETED: 'draft',
};

/** Meta's times are whole seconds: what happened within the same one is told in the order in which it came. */
const SECOND_MS = 1000;

/** Null: not a status that we know. */
export function readStatus(text: string): TemplateStatus | null {
  const word = text.toUpperCase();
  return Object.hasOwn(STATUSES, word) ? (STATUSES[word] ?? null) : null;
}

/** Meta writes NONE where there is nothing to say. */
export function readReason(text: string | null | undefined): string | null {
  return text == null || text === '' || text.toUpperCase() === 'NONE' ? null : text;
}

/**
 * @param at epoch ms by Meta's clock: a status that is older than the one known changes nothing
 * @returns whether a row changed
 */
export async function followTemplate(trx: Trx, event: AccountEvent, at: number): Promise<boolean> {
  switch (event.field) {
    case 'message_template_status_update': {
      const { event: said, reason } = event.facts;
      const status = readStatus(said);
      if (status === null) return false;
      return changed(
        sql`status = ${status}, reason = ${readReason(reason)}, status_at = ${at}::bigint`,
        true,
      );
    }
    case 'message_template_quality_update':
      return changed(sql`quality = ${event.facts.new_quality_score}`, false);
    case 'template_category_update':
      return changed(sql`category = ${event.facts.new_category.toLowerCase()}`, false);
    default:
      return false;
  }

  async function changed(set: ReturnType<typeof sql>, isStatus: boolean): Promise<boolean> {
    if (!('message_template_name' in event.facts)) return false;
    const { message_template_name: name, message_template_language: language } = event.facts;
    const { numAffectedRows = 0n } = await sql`update message_templates set ${set}
      where waba_id = ${event.wabaId ?? ''} and name = ${name} and language = ${language}
        and (not ${isStatus}::boolean or status_at < ${at + SECOND_MS}::bigint)`.execute(trx);
    return numAffectedRows > 0n;
  }
}
