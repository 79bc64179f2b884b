import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import { DEFAULT_ACCOUNT } from '../../shared/setup-api.ts';
import type { Engine } from '../db/engine.ts';
import type { MessagesTable } from '../db/shell-tables.ts';

const FIELDS = [
  ...([
    'id',
    'kind',
    'redemption_id',
    'serial',
    'state',
    'attempts',
    'language',
    'channel',
    'expires_at',
  ] as const),
  ...(['recipient_sealed', 'approval_id', 'approval_ref', 'content', 'login_id', 'template_only'] as const),
] as const;
const COLUMNS = sql.join(FIELDS.map((name) => sql.ref(`m.${name}`)));

/** A queued message as the sender needs it. */
export type Job = Pick<Selectable<MessagesTable>, (typeof FIELDS)[number]> & {
  readonly store_language: string | null;
  /** The WhatsApp account that it goes by. */
  readonly account: string;
};

/** One list of ids, not a parameter for each: a statement of a hundred parameters is put together and planned anew each time. */
export async function readJobs(engine: Engine, messageIds: readonly string[]): Promise<Job[]> {
  const { rows } = await sql<Job>`
    select ${COLUMNS}, s.language as store_language,
      coalesce(m.whatsapp_account, s.whatsapp_account, ${DEFAULT_ACCOUNT}::text) as account
    from messages m left join stores s on s.id = m.store_id
    where m.id = any(${[...messageIds]}::uuid[])`.execute(engine.kysely);
  return rows;
}
