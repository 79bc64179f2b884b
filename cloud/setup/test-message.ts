/** A code that is bound to nothing, sent to a number that the operator types, and followed until it is delivered. */
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { type HomeCountry, maskPhone, parsePhone } from '../../shared/phone.ts';
import type { SetupState } from '../../shared/setup-api.ts';
import type { Engine } from '../db/engine.ts';
import type { WhatsAppAccount } from '../messages/accounts.ts';
import type { TemplateBook } from '../templates/book.ts';
import { applyStatus } from '../whatsapp/delivery-state.ts';
import { classifyError, WhatsAppError, WhatsAppNetworkError } from '../whatsapp/errors.ts';
import { codeMessage, type Templates } from '../whatsapp/templates.ts';

/** The template of a redemption's code: what a customer will get is what is tried. */
export const CODE_TEMPLATE = 'saksi_redemption_code';
const CODE_DIGITS = 6;
const DEFAULT_COUNTRY: HomeCountry = 'ID';

export interface TestMessages {
  /** @throws SaksiError phone_malformed */
  send(to: string, language: string): Promise<void>;
  /** How far the newest came. */
  newest(): Promise<SetupState['message']>;
}

export function createTestMessages(options: {
  engine: Engine;
  effects: Effects;
  accountId: string;
  account: WhatsAppAccount;
  templates: Templates;
  book: TemplateBook;
}): TestMessages {
  const { effects, accountId, account, templates, book } = options;
  const db = options.engine.kysely;

  async function send(typed: string, language: string): Promise<void> {
    const to = parsePhone(typed, await homeCountry());
    if (to === null) throw new SaksiError('phone_malformed');
    const id = createUuid(effects);
    const outcome = await attempt(id, to, language);
    await db
      .insertInto('setup_messages')
      .values({
        ...{ id, account_id: accountId, to_masked: maskPhone(to), wamid: null, reason: null },
        ...outcome,
        created_at: effects.clock.now(),
      })
      .execute();
  }

  async function attempt(
    id: string,
    to: string,
    language: string,
  ): Promise<{ wamid: string } | { reason: DeliveryReason }> {
    const ours = templates.authentication.filter(({ name }) => name === CODE_TEMPLATE);
    const first = ours.filter((template) => template.language === language);
    const chosen = await book.choose([...first, ...ours.filter((template) => !first.includes(template))]);
    if ('failed' in chosen) return { reason: chosen.failed };
    const client = await account.client();
    if (client === null) return { reason: 'not_connected' };
    try {
      const { wamid } = await client.send(
        codeMessage({ template: chosen.template, to, code: madeUpCode(), correlationId: id }),
      );
      return { wamid };
    } catch (error) {
      if (!(error instanceof WhatsAppError || error instanceof WhatsAppNetworkError)) throw error;
      return { reason: error.rule.reason };
    }
  }

  function madeUpCode(): string {
    return [...effects.random.bytes(CODE_DIGITS)].map((byte) => String(byte % 10)).join('');
  }

  /** Numbers are typed as at home. */
  async function homeCountry(): Promise<HomeCountry> {
    const store = await db
      .selectFrom('stores')
      .select('country')
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst();
    return store?.country ?? DEFAULT_COUNTRY;
  }

  async function newest(): Promise<SetupState['message']> {
    const row = await db
      .selectFrom('setup_messages')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (row === undefined) return null;
    const shown = { id: row.id, to: row.to_masked, at: row.created_at };
    if (row.wamid === null) return { ...shown, state: 'failed', reason: row.reason ?? 'unknown' };
    const statuses = await db
      .selectFrom('message_events')
      .select(['status', 'error_code'])
      .where('wamid', '=', row.wamid)
      .execute();
    const state = statuses.reduce<DeliveryState>((far, { status }) => applyStatus(far, status), 'accepted');
    if (state !== 'failed') return { ...shown, state, reason: null };
    const code = statuses.find(({ status }) => status === 'failed')?.error_code ?? null;
    return { ...shown, state, reason: code === null ? 'unknown' : classifyError({ code }).reason };
  }

  return { send, newest };
}
