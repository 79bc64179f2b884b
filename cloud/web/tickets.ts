/** What holds one step of signing in to the next. The browser has the secret, the database its hash. */
import type { Kysely, Selectable } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Database } from '../db/schema.ts';
import type { WebTicketsTable } from '../db/web-tables.ts';
import { hashOfToken, newToken } from './tokens.ts';

/** Whoever waits for a code may ask for another one or two. */
const CODE_TTL_MS = 15 * 60_000;
const PASSKEY_TTL_MS = 5 * 60_000;

export type TicketRow = Selectable<WebTicketsTable>;
type Kind = WebTicketsTable['kind'];
type Wish = Partial<Pick<WebTicketsTable, 'account_id' | 'credential_id' | 'challenge' | 'login_id'>>;

export interface Tickets {
  make(db: Kysely<Database>, kind: Kind, wish: Wish): Promise<string>;
  /** @throws SaksiError web_ticket_ended */
  find(db: Kysely<Database>, kind: Kind, ticket: string): Promise<TicketRow>;
  /** Of two that come at once only one takes it. @throws SaksiError web_ticket_ended */
  take(db: Kysely<Database>, kind: Kind, ticket: string): Promise<TicketRow>;
}

export function createTickets({ clock, random }: Effects): Tickets {
  return {
    async make(db, kind, wish) {
      const ticket = newToken(random);
      const now = clock.now();
      await db
        .insertInto('web_tickets')
        .values({
          ...{ account_id: null, credential_id: null, challenge: null, login_id: null, ...wish },
          ...{ kind, token_hash: hashOfToken(ticket), created_at: now, used_at: null },
          expires_at: now + (kind === 'code' ? CODE_TTL_MS : PASSKEY_TTL_MS),
        })
        .execute();
      return ticket;
    },

    async find(db, kind, ticket) {
      const row = await db
        .selectFrom('web_tickets')
        .selectAll()
        .where('token_hash', '=', hashOfToken(ticket))
        .where('kind', '=', kind)
        .where('used_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .executeTakeFirst();
      if (row === undefined) throw new SaksiError('web_ticket_ended');
      return row;
    },

    async take(db, kind, ticket) {
      const row = await db
        .updateTable('web_tickets')
        .set({ used_at: clock.now() })
        .where('token_hash', '=', hashOfToken(ticket))
        .where('kind', '=', kind)
        .where('used_at', 'is', null)
        .where('expires_at', '>', clock.now())
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new SaksiError('web_ticket_ended');
      return row;
    },
  };
}
