/** All that messages of one WhatsApp account go by: its client, what its number may send, and its templates at Meta. */
import type { Effects } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import { createSendLimits, type SendLimits } from '../limits/limits.ts';
import { createTemplateBook, type TemplateBook } from '../templates/book.ts';
import { createTemplateService, type TemplateService } from '../templates/service.ts';
import type { Templates } from '../whatsapp/templates.ts';
import type { AccountBook } from './account-book.ts';
import type { WhatsAppAccount } from './accounts.ts';

export interface SendingAccount {
  readonly account: WhatsAppAccount;
  readonly limits: SendLimits;
  readonly book: TemplateBook;
  readonly templates: TemplateService;
}

export interface SendingAccounts {
  of(id: string): SendingAccount;
  /** Something changed in how templates stand. */
  forgetTemplates(): void;
  /** `TemplateService.syncDue` of each. One that cannot be read keeps no other waiting. */
  syncDue(): Promise<void>;
}

export function createSendingAccounts(options: {
  engine: Engine;
  effects: Effects;
  accounts: AccountBook;
  templates: Templates;
}): SendingAccounts {
  const { engine, effects, accounts, templates } = options;
  const { clock } = effects;
  const made = new Map<string, SendingAccount>();

  function make(id: string): SendingAccount {
    const account = accounts.of(id);
    const wabaId = async () => (await account.settings()).wabaId;
    const book = createTemplateBook({ engine, clock, wabaId });
    return {
      account,
      limits: createSendLimits({ engine, effects, accounts: account }),
      book,
      templates: createTemplateService({
        ...{ engine, clock, templates, wabaId, account: account.graph },
        onChange: forgetTemplates,
      }),
    };
  }

  function of(id: string): SendingAccount {
    const sending = made.get(id) ?? make(id);
    made.set(id, sending);
    return sending;
  }

  /** Accounts may share a business account, and then its templates. */
  function forgetTemplates(): void {
    for (const { book } of made.values()) book.forget();
  }

  async function syncDue(): Promise<void> {
    const failures: unknown[] = [];
    for (const { id } of await accounts.list()) {
      await of(id)
        .templates.syncDue()
        .catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'templates that were to be read');
  }

  return { of, forgetTemplates, syncDue };
}
