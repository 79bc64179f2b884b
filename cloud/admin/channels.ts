/** The operator's commands about other channels, where customers are reached, and what they agreed to. */
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { consentHistory, setConsent } from '../channels/consents.ts';
import { findCustomer } from '../customers/customers.ts';
import type { AdminOptions, Parsed } from './admin.ts';

const TEST_SECONDS = 300;

export function createChannelCommands({ engine, effects, channels }: AdminOptions) {
  const db = engine.kysely;
  const { clock } = effects;

  async function consent({ storeId, customer, note }: Parsed<'consent give'>, given: boolean) {
    const { id: customerId } = await findCustomer(db, storeId, customer);
    const change = { customerId, storeId, purpose: 'notices', how: 'operator', source: note } as const;
    const changed = await db
      .transaction()
      .execute((trx) => setConsent(trx, { ...change, given, at: clock.now() }));
    return { customerId, given, changed };
  }

  return {
    async 'channels set'({ kind, settings }: Parsed<'channels set'>) {
      try {
        await channels.set(kind, settings);
      } catch (error) {
        // A form that lacks a value, or an address that is not secure.
        if (!(error instanceof TypeError)) throw error;
        throw new SaksiError('bad_request', { params: { at: 'settings' }, cause: error });
      }
      return { kind, set: true };
    },
    async 'channels remove'({ kind }: Parsed<'channels remove'>) {
      await channels.set(kind, null);
      return { kind, set: false };
    },
    /** Which there are; never what their settings are. */
    async 'channels show'() {
      const [sms, email] = [await channels.get('sms'), await channels.get('email')];
      const of = (channel: typeof sms) => (channel === null ? null : { reports: channel.reports });
      return { sms: of(sms), email: of(email) };
    },
    /** Sends a text without a code to an address of the operator's own. */
    async 'channels test'({ kind, to }: Parsed<'channels test'>) {
      const channel = await channels.get(kind);
      if (channel === null) throw new SaksiError('not_found');
      const text = { subject: 'Saksi', text: 'Saksi: test.' };
      return channel.send({ messageId: createUuid(effects), to, ...text, validSeconds: TEST_SECONDS });
    },
    async 'customer reach'({ storeId, customer, email, codeChannels }: Parsed<'customer reach'>) {
      const { id } = await findCustomer(db, storeId, customer);
      const row = await db
        .updateTable('customers')
        .set({
          ...(email === undefined ? {} : { email }),
          ...(codeChannels === undefined ? {} : { code_channels: codeChannels }),
          // Named, so that a call without changes is one too.
          id,
        })
        .where('id', '=', id)
        .returning(['email', 'code_channels'])
        .executeTakeFirstOrThrow();
      return { customerId: id, email: row.email !== null, codeChannels: row.code_channels };
    },
    async 'consent give'(input: Parsed<'consent give'>) {
      return consent(input, true);
    },
    async 'consent withdraw'(input: Parsed<'consent withdraw'>) {
      return consent(input, false);
    },
    /** What was said, newest first. */
    async 'consent show'({ storeId, customer }: Parsed<'consent show'>) {
      const { id } = await findCustomer(db, storeId, customer);
      return consentHistory(db, id, 'notices');
    },
  };
}
