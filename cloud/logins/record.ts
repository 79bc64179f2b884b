import type { Kysely, Selectable } from 'kysely';
import type { LoginAnswer } from '../../shared/login.ts';
import type { LoginsTable } from '../db/login-tables.ts';
import type { Database } from '../db/schema.ts';
import type { GatewayIdentity } from '../keys/signing.ts';
import { deliveryView } from '../messages/delivery-view.ts';

export type LoginRow = Selectable<LoginsTable>;

/** As its till sees it at `now` (epoch ms): remaining times count from the answer. */
export async function loginAnswer(
  db: Kysely<Database>,
  identity: Pick<GatewayIdentity, 'gatewayId' | 'signRemembered'>,
  row: LoginRow,
  now: number,
): Promise<LoginAnswer> {
  const message = await db
    .selectFrom('messages')
    .select(['channel', 'state', 'reason', 'retry_at'])
    .where('login_id', '=', row.id)
    .where('serial', '=', row.serial)
    .executeTakeFirst();
  const status = row.status === 'awaiting_code' && row.expires_at <= now ? 'expired' : row.status;
  return {
    login: {
      id: row.id,
      staffId: row.staff_id,
      status,
      phoneMasked: row.phone_masked,
      code: {
        digits: row.code_digits,
        expiresInMs: row.expires_at - now,
        triesLeft: row.tries_left,
        sends: row.serial,
        sendsLeft: Math.max(0, row.sends_max - row.serial),
        resendInMs: row.resend_at - now,
        delivery:
          message === undefined
            ? { channel: 'whatsapp', state: 'queued', reason: null }
            : deliveryView(message),
      },
    },
    remembered: rememberedWord(identity, row),
  };
}

/** Made from the row alone, so that it is the same each time. */
function rememberedWord(
  identity: Pick<GatewayIdentity, 'gatewayId' | 'signRemembered'>,
  row: LoginRow,
): string | null {
  // No page is ever remembered: its session is what lasts.
  if (
    row.status !== 'passed' ||
    row.ended_at === null ||
    row.remembered_until === null ||
    row.till_id === null
  )
    return null;
  const seconds = (ms: number) => Math.floor(ms / 1000);
  return identity.signRemembered({
    ...{ iss: identity.gatewayId, aud: row.till_id, jti: row.id, staffId: row.staff_id },
    ...{ iat: seconds(row.ended_at), exp: seconds(row.remembered_until) },
  });
}
