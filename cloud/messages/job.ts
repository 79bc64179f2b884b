import { sql } from 'kysely';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { Engine } from '../db/engine.ts';

/** A queued message as the sender needs it. */
export type Job = Awaited<ReturnType<typeof readJobs>>[number];

export function readJobs(engine: Engine, messageIds: readonly string[]) {
  return (
    engine.kysely
      .selectFrom('messages as m')
      .leftJoin('stores as s', 's.id', 'm.store_id')
      .select(['m.id', 'm.kind', 'm.redemption_id', 'm.serial', 'm.state', 'm.attempts', 'm.language'])
      .select('m.channel')
      .select(['m.expires_at', 'm.recipient_sealed', 'm.approval_id', 'm.approval_ref', 'm.content'])
      .select('m.login_id')
      .select(['m.template_only', 's.language as store_language'])
      .select(
        sql<string>`coalesce(m.whatsapp_account, s.whatsapp_account, ${DEFAULT_ACCOUNT}::text)`.as('account'),
      )
      // One list, not a parameter for each: a statement of a hundred of them is put together and planned anew each time.
      .where(sql<boolean>`m.id = any(${[...messageIds]}::uuid[])`)
      .execute()
  );
}
