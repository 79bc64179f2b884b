import { z } from 'zod';
import { uuidSchema } from '../ids.ts';
import type { AuditEvent, AuditOutcome } from './event.ts';

/** What of a till's entry is kept beside its text, so that it can be filtered. */
export type EntryColumns = Pick<
  AuditEvent,
  'staffId' | 'approverId' | 'customerId' | 'saleRef' | 'subjectId' | 'asset' | 'amount' | 'outcome'
>;

/** What an entry's kind ends with, where that alone says how it went. */
const OUTCOME_BY_ENDING: Readonly<Record<string, AuditOutcome>> = {
  refused: 'refused',
  rejected: 'refused',
  wrong: 'refused',
  pin_wrong: 'refused',
  untrusted: 'refused',
  expired: 'lapsed',
  failed: 'failed',
  used: 'ok',
  printed: 'ok',
  confirmed: 'ok',
};

/** How a drawer's pulse ended: `CashDrawerOutcome` and `DrawerOutcome` of the till. */
const OUTCOME_BY_STATE: Readonly<Record<string, AuditOutcome>> = {
  opened: 'ok',
  unconfirmed: 'failed',
  failed: 'failed',
};

const uuid = uuidSchema.nullable().catch(null);
const bodySchema = z.looseObject({
  id: uuid,
  subject: uuid,
  item: uuid,
  gatewayId: uuid,
  staffId: uuid,
  supervisorId: uuid,
  customerId: uuid,
  deciders: z.array(uuidSchema).catch([]),
  saleRef: z.string().max(64).nullable().catch(null),
  asset: z.enum(['deposit', 'points', 'cash']).nullable().catch(null),
  amount: z.number().int().nullable().catch(null),
  state: z.string().nullable().catch(null),
});

/**
 * The columns of a till's entry, read from its body by the names that tills use. Never throws: what a body lacks or holds in
 * another shape is null, and the body itself stays as it is.
 */
export function entryColumns(kind: string, body: unknown): EntryColumns {
  const read = bodySchema.safeParse(body).data ?? bodySchema.parse({});
  return {
    staffId: read.staffId,
    approverId: read.supervisorId ?? read.deciders.at(-1) ?? null,
    customerId: read.customerId,
    saleRef: read.saleRef,
    subjectId: read.subject ?? read.id ?? read.gatewayId ?? read.item,
    // An opening for a cash sale names no asset: it is cash, as is all of a cashier's shift.
    asset: read.asset ?? (kind === 'shift.used' || kind.startsWith('cash.') ? 'cash' : null),
    amount: read.amount,
    outcome: outcomeOf(kind, read.state),
  };
}

function outcomeOf(kind: string, state: string | null): AuditOutcome | null {
  if (kind === 'drawer.outcome') return OUTCOME_BY_STATE[state ?? ''] ?? null;
  return OUTCOME_BY_ENDING[kind.slice(kind.indexOf('.') + 1)] ?? null;
}

/**
 * Ids that mean the same thing as another: `[id, subject]` says that events of `id` belong to `subject`. A till names its
 * redemptions and approvals by ids of its own, and openings by the grant that they were explained by.
 */
export function entryLink(kind: string, body: unknown): readonly [string, string] | null {
  const read = linkSchema.safeParse(body);
  if (!read.success) return null;
  const { id, gatewayId, jti } = read.data;
  if ((kind === 'redemption.created' || kind === 'approval.created') && gatewayId !== undefined) {
    return [id, gatewayId];
  }
  if ((kind === 'grant.used' || kind === 'sealed.used') && jti !== undefined) return [jti, id];
  if (kind === 'drawer.opened' && jti !== undefined) return [id, jti];
  return null;
}
const linkSchema = z.looseObject({
  id: uuidSchema,
  gatewayId: uuidSchema.optional(),
  jti: uuidSchema.optional(),
});
