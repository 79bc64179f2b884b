/** What Meta tells about the account: kept once each, followed by the templates, folded into how the account stands. */
import type { Clock } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { AccountEventsTable } from '../db/template-tables.ts';
import type { Trx } from '../redemptions/ports.ts';
import { followTemplate } from '../templates/follow.ts';
import type { PhoneInfo } from '../whatsapp/graph-admin.ts';
import type { AccountEvent } from '../whatsapp/webhook.ts';
import { type AccountState, foldAccount, type StateEvent } from './state.ts';

export interface AccountEvents {
  /** Keeps what was not heard before; committed when it resolves. */
  keep(events: readonly AccountEvent[]): Promise<void>;
  /** Keeps what the Graph API says now. */
  checked(wabaId: string, info: PhoneInfo): Promise<void>;
  state(wabaId: string): Promise<AccountState>;
}

export function createAccountEvents(options: {
  engine: Engine;
  clock: Clock;
  /** Called after a commit that changed how templates stand. */
  onTemplates: () => void;
}): AccountEvents {
  const { engine, clock, onTemplates } = options;
  const db = engine.kysely;

  async function keep(events: readonly AccountEvent[]): Promise<void> {
    const followed = await db.transaction().execute(async (trx) => {
      const byKey = new Map(events.map((event) => [event.key, event]));
      const fresh = await insert(trx, [...byKey.values()].map(toRow));
      const news = fresh.flatMap(({ key, occurred_at: at }) => {
        const event = byKey.get(key);
        return event === undefined ? [] : [{ event, at }];
      });
      let changed = 0;
      for (const { event, at } of news.sort((a, b) => a.at - b.at)) {
        if (await followTemplate(trx, event, at)) changed += 1;
      }
      return changed;
    });
    if (followed > 0) onTemplates();
  }

  async function insert(trx: Trx, rows: readonly Insertable[]) {
    return trx
      .insertInto('account_events')
      .values(rows)
      .onConflict((conflict) => conflict.column('key').doNothing())
      .returning(['key', 'occurred_at'])
      .execute();
  }

  function toRow(event: AccountEvent): Insertable {
    const receivedAt = clock.now();
    return {
      key: event.key,
      waba_id: event.wabaId ?? '',
      field: event.field,
      facts: JSON.stringify(event.facts),
      // Meta's clock may be ahead of ours; it is not believed beyond the present.
      occurred_at: Math.min(event.timestampMs ?? receivedAt, receivedAt),
      received_at: receivedAt,
    };
  }

  async function checked(wabaId: string, info: PhoneInfo): Promise<void> {
    const now = clock.now();
    const row = { waba_id: wabaId, field: 'checked', facts: JSON.stringify(info) };
    await db
      .insertInto('account_events')
      .values({ ...row, key: `checked/${wabaId}/${now}`, occurred_at: now, received_at: now })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  }

  async function state(wabaId: string): Promise<AccountState> {
    const rows = await db
      .selectFrom('account_events')
      .select(['field', 'facts', 'occurred_at'])
      .where('waba_id', '=', wabaId)
      .where('field', 'not in', [...TEMPLATE_FIELDS])
      .orderBy('occurred_at')
      .orderBy('received_at')
      .orderBy('key')
      .execute();
    const events = rows.map(({ field, facts, occurred_at: at }) => ({ field, facts, at }) as StateEvent);
    return foldAccount(events, clock.now());
  }

  return { keep, checked, state };
}

type Insertable = Omit<AccountEventsTable, 'facts'> & { facts: string };

const TEMPLATE_FIELDS = [
  'message_template_status_update',
  'message_template_quality_update',
  'template_category_update',
] as const satisfies readonly AccountEvent['field'][];
