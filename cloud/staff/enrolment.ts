/**
 * The exchange that ties a person's number and WhatsApp account to a name on the staff list: the operator gets a word, gives
 * it to the person face to face, and the person sends it from their own WhatsApp.
 */
import { createHmac } from 'node:crypto';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Store } from '../../shared/gateway-api.ts';
import type { Db, Trx } from '../approvals/ports.ts';
import type { Sender } from '../conversations/windows.ts';

export const WORD_TTL_MS = 24 * 3_600_000;
/** Crockford's base 32 without the look-alikes; 6 characters are 30 bits. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const WORD_LENGTH = 6;
const PREFIX = 'SAKSI';
const WORD = new RegExp(`^\\s*${PREFIX}[\\s:-]+([0-9A-Z]{${WORD_LENGTH}})[\\s.!]*$`, 'i');

export interface Enrolment {
  /** A fresh word for this person; older ones stop working. @throws SaksiError staff_unknown */
  createWord(staffId: string): Promise<{ word: string; expiresAt: number }>;
  /** Ties who sent the word, in the caller's transaction. */
  redeem(trx: Trx, word: string, sender: Sender & { readonly username?: string }): Promise<EnrolmentOutcome>;
  /** The operator vouches for the number on the staff list. @throws SaksiError staff_unknown, phone_malformed (none on file) */
  vouch(staffId: string): Promise<{ phone: string }>;
}

export type EnrolmentOutcome =
  | {
      readonly outcome: 'enrolled';
      readonly staffId: string;
      readonly storeId: string;
      readonly name: string;
      readonly store: string;
      readonly language: Store['language'];
    }
  /** The word stays good: only who sent it is wrong. */
  | { readonly outcome: 'number_differs'; readonly language: Store['language'] }
  | { readonly outcome: 'word_unknown' };

/** The word in a text, without its prefix; null when the text is none. */
export function findWord(text: string): string | null {
  const found = WORD.exec(text)?.[1]?.toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
  return found !== undefined && [...found].every((char) => ALPHABET.includes(char)) ? found : null;
}

export function createEnrolment(options: { db: Db; effects: Effects; wordKey: Uint8Array }): Enrolment {
  const { db, effects, wordKey } = options;
  const { clock, random } = effects;
  const hashOf = (word: string) => createHmac('sha256', wordKey).update(`word\n${word}`).digest('hex');

  async function createWord(staffId: string) {
    // 256 is a multiple of 32, so the lowest five bits of a byte are as likely as any others.
    const word = [...random.bytes(WORD_LENGTH)].map((byte) => ALPHABET[byte & 31]).join('');
    const createdAt = clock.now();
    const expiresAt = createdAt + WORD_TTL_MS;
    await db.transaction().execute(async (trx) => {
      await activeStaff(trx, staffId);
      await trx.deleteFrom('enrolment_words').where('staff_id', '=', staffId).execute();
      await trx
        .insertInto('enrolment_words')
        .values({
          word_hash: hashOf(word),
          staff_id: staffId,
          created_at: createdAt,
          expires_at: expiresAt,
          used_at: null,
        })
        .execute();
    });
    return { word: `${PREFIX} ${word}`, expiresAt };
  }

  async function redeem(trx: Trx, word: string, sender: Sender & { readonly username?: string }) {
    const now = clock.now();
    const found = await trx
      .selectFrom('enrolment_words as w')
      .innerJoin('staff as s', 's.id', 'w.staff_id')
      .innerJoin('stores as t', 't.id', 's.store_id')
      .select(['w.word_hash', 's.id', 's.name', 's.phone_e164', 't.id as store_id', 't.name as store'])
      .select('t.language')
      .where('w.word_hash', '=', hashOf(word))
      .where('w.used_at', 'is', null)
      .where('w.expires_at', '>', now)
      .where('s.active', '=', true)
      .forUpdate('w')
      .executeTakeFirst();
    if (found === undefined) return { outcome: 'word_unknown' } as const;
    const { language } = found;
    const number = sender.from === undefined ? null : `+${sender.from}`;
    if (number !== null && found.phone_e164 !== null && number !== found.phone_e164) {
      return { outcome: 'number_differs', language } as const;
    }
    await trx
      .updateTable('enrolment_words')
      .set({ used_at: now })
      .where('word_hash', '=', found.word_hash)
      .execute();
    await tie(trx, found.id, { number, userId: sender.userId ?? null, username: sender.username ?? null });
    const { id: staffId, store_id: storeId, name, store } = found;
    return { outcome: 'enrolled', staffId, storeId, name, store, language } as const;
  }

  /** A number that the exchange did not show keeps what was verified before; the account is always the one that wrote. */
  async function tie(
    trx: Trx,
    staffId: string,
    { number, userId, username }: { number: string | null; userId: string | null; username: string | null },
  ): Promise<void> {
    const verified = { user_id: userId, username, verified_at: clock.now(), how: 'exchange' as const };
    await trx
      .insertInto('staff_identities')
      .values({ staff_id: staffId, phone_e164: number, ...verified })
      .onConflict((conflict) =>
        conflict
          .column('staff_id')
          .doUpdateSet({ ...verified, ...(number === null ? {} : { phone_e164: number }) }),
      )
      .execute();
  }

  async function vouch(staffId: string): Promise<{ phone: string }> {
    const { phone_e164: phone } = await activeStaff(db, staffId);
    if (phone === null) throw new SaksiError('phone_malformed');
    await db.transaction().execute(async (trx) => {
      // An account that wrote from another number says nothing about this one.
      await trx
        .deleteFrom('staff_identities')
        .where('staff_id', '=', staffId)
        .where('phone_e164', '!=', phone)
        .execute();
      const row = { staff_id: staffId, phone_e164: phone, user_id: null, username: null };
      await trx
        .insertInto('staff_identities')
        .values({ ...row, verified_at: clock.now(), how: 'admin' })
        .onConflict((conflict) => conflict.column('staff_id').doUpdateSet({ phone_e164: phone }))
        .execute();
    });
    return { phone };
  }

  return { createWord, redeem, vouch };
}

async function activeStaff(db: Db, staffId: string) {
  const row = await db
    .selectFrom('staff')
    .select(['id', 'phone_e164'])
    .where('id', '=', staffId)
    .where('active', '=', true)
    .executeTakeFirst();
  if (row === undefined) throw new SaksiError('staff_unknown');
  return row;
}
