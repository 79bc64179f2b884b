/** Shifts that stand open over the end of their day: managers are told, once each. */
import { type Kysely, sql } from 'kysely';
import { isLeftOpen } from '../../shared/cash-shift-rules.ts';
import type { Effects } from '../../shared/effects.ts';
import { policySchema } from '../../shared/policy.ts';
import type { Database } from '../db/schema.ts';
import { TEMPLATE_NAMES } from '../messages/compose.ts';
import { dateText } from '../messages/sealed-codes.ts';
import type { MessageStore, StaffMessage } from '../messages/store.ts';
import { managerAddresses } from '../staff/identities.ts';
import { parameterText } from '../whatsapp/utility-templates.ts';
import '../db/cash-shift-tables.ts';

/** As long as the template lets Meta try. */
const TTL_MS = 12 * 3_600_000;
/** Looked at in one turn. */
const BATCH = 200;
const WORD_LENGTH_MAX = { store: 80, till: 60, name: 80 };

export interface LeftOpenParts {
  readonly db: Kysely<Database>;
  readonly effects: Effects;
  readonly messages: Pick<MessageStore, 'addForStaff'>;
  /** After a commit that queued messages. */
  readonly queued: () => void;
}

/** Looks through open shifts. The answer: of how many managers were told now. */
export async function lookForLeftOpen({ db, effects, messages, queued }: LeftOpenParts): Promise<number> {
  const now = effects.clock.now();
  const due = (await openShifts(db)).filter(({ opened_at, timezone, policy }) => {
    const parsed = policySchema.shape.cashShift.safeParse((policy as { cashShift?: unknown }).cashShift);
    return parsed.success && isLeftOpen(opened_at, now, timezone, parsed.data.leftOpenMinute);
  });
  for (const shift of due) {
    await db.transaction().execute(async (trx) => {
      const first = await trx
        .insertInto('cash_shift_alerts')
        .values({ shift_id: shift.id, kept_at: now })
        .onConflict((conflict) => conflict.column('shift_id').doNothing())
        .returning('shift_id')
        .executeTakeFirst();
      if (first !== undefined) await messages.addForStaff(trx, await toManagers(trx, shift, now));
    });
  }
  if (due.length > 0) queued();
  return due.length;
}

async function openShifts(db: Kysely<Database>) {
  const { rows } = await sql<{
    id: string;
    store_id: string;
    till_id: string;
    opened_at: number;
    store: string;
    language: string;
    timezone: string;
    till: string;
    cashier: string | null;
    policy: object;
  }>`
    select s.id, s.store_id, s.till_id, s.opened_at, st.name as store, st.language, st.timezone, st.policy,
      t.name as till, f.name as cashier
    from cash_shifts s join stores st on st.id = s.store_id join tills t on t.id = s.till_id
      left join staff f on f.id = s.opened_by and f.store_id = s.store_id
    where t.revoked_at is null
      and not exists (select 1 from cash_closings c where c.shift_id = s.id)
      and not exists (select 1 from cash_shift_alerts a where a.shift_id = s.id)
    order by s.opened_at limit ${BATCH}`.execute(db);
  return rows;
}
type LeftOpen = Awaited<ReturnType<typeof openShifts>>[number];

async function toManagers(trx: Kysely<Database>, shift: LeftOpen, now: number): Promise<StaffMessage[]> {
  const { store_id: storeId, till_id: tillId, language } = shift;
  const managers = await managerAddresses(trx, storeId);
  const words = [
    parameterText(shift.store, WORD_LENGTH_MAX.store),
    parameterText(shift.till, WORD_LENGTH_MAX.till),
    dateText(shift.opened_at, language, shift.timezone),
    parameterText(shift.cashier ?? '', WORD_LENGTH_MAX.name),
  ];
  const content = { kind: 'utility', template: TEMPLATE_NAMES.shiftLeftOpen, words } as const;
  return managers.map((address): StaffMessage => {
    // One of the messages about a till's drawer: what is open is the count of its cash.
    const common = { kind: 'drawer_alert', storeId, tillId, question: null, language } as const;
    return { ...common, address, content, expiresAt: now + TTL_MS };
  });
}
