/** Makes the message that a queued row stands for, at the moment of sending. */
import type { DeliveryReason } from '../../shared/delivery.ts';
import type { Effects } from '../../shared/effects.ts';
import { codeForRecipient } from '../approvals/codes.ts';
import { createBatcher } from '../batcher.ts';
import { type CodeRequest, codeOf, codesForMessages, type SendableCode } from '../codes/code-for-message.ts';
import type { CodeKeys } from '../codes/codes.ts';
import { signPayload } from '../conversations/button-payload.ts';
import { type ContactKey, openWindows } from '../conversations/windows.ts';
import type { Engine } from '../db/engine.ts';
import { codeForLogin } from '../logins/codes.ts';
import { type Address, type AnyMessage, interactiveMessage, textMessage } from '../whatsapp/outgoing.ts';
import { codeMessage, findTemplate, type Templates } from '../whatsapp/templates.ts';
import {
  buttonTexts,
  renderUtility,
  type UtilityTemplate,
  utilityMessage,
} from '../whatsapp/utility-templates.ts';
import type { Job } from './job.ts';
import { type SealedCodeMessages, sealedWords } from './sealed-codes.ts';
import type { SendingAccount } from './sending-accounts.ts';

export const TEMPLATE_NAMES = {
  code: 'saksi_redemption_code',
  loginCode: 'saksi_login_code',
  approvalCode: 'saksi_approval_code',
  request: 'saksi_approval_request',
  requestWithCode: 'saksi_approval_request_code',
  sealedCodes: 'saksi_sealed_codes',
  offlineSpent: 'saksi_offline_spent',
  offlineLoss: 'saksi_offline_loss',
  drawerUnexplained: 'saksi_drawer_unexplained',
  drawerOpenLong: 'saksi_drawer_open_long',
  shiftLeftOpen: 'saksi_shift_left_open',
  lowCredit: 'saksi_low_credit',
  noticeRedemption: 'saksi_notice_redemption',
  noticeTopup: 'saksi_notice_topup',
  findings: 'saksi_findings',
  digest: 'saksi_digest',
  largeRedemption: 'saksi_large_redemption',
} as const;
const FALLBACK_LANGUAGE = 'en';
const MINUTE_MS = 60_000;
/** What messages in hand at the same time ask for is one statement. */
const LOOK_UP = { max: 100, lanes: 2 };

export type Composed =
  /** `label`: what is noted with the message: `name/language` of its template, or `interactive`, `text`. */
  { readonly message: AnyMessage; readonly label: string } | { readonly failed: DeliveryReason };

export interface ComposeOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly templates: Templates;
  /** Whose templates they are. */
  readonly accounts: { of(id: string): Pick<SendingAccount, 'book'> };
  readonly keys: CodeKeys & { readonly buttonKey: Uint8Array };
  readonly contactKey: ContactKey;
  readonly sealedCodes: Pick<SealedCodeMessages, 'take'>;
}

const LAPSED: Composed = { failed: 'lapsed' };

/** @param fresh the job was read just now: its code is as it says */
export type Compose = (job: Job, address: Address, fresh: boolean) => Promise<Composed>;

export function createComposer(options: ComposeOptions): Compose {
  const { engine, effects, templates, accounts, keys, contactKey, sealedCodes } = options;
  const db = engine.kysely;
  const codeFor = createBatcher({
    run: (requests: readonly CodeRequest[]) => codesForMessages(db, keys, requests, effects.clock.now()),
    ...LOOK_UP,
  });
  const isOpen = createBatcher({
    async run(contacts: readonly string[]) {
      const open = await openWindows(db, contacts, effects.clock.now());
      return contacts.map((contact) => open.has(contact));
    },
    ...LOOK_UP,
  });

  return (job, address, fresh) => {
    if (job.kind === 'code') return composeCode(job, address, fresh);
    if (job.kind === 'login_code') return composeLoginCode(job, address);
    if (job.kind === 'approval_code') return composeApprovalCode(job, address);
    if (job.kind === 'note') return composeNote(job, address);
    return job.kind === 'approval_request' ? composeRequest(job, address) : composeUtility(job, address);
  };

  async function composeCode(job: Job, address: Address, fresh: boolean): Promise<Composed> {
    const { redemption_id: redemptionId, serial } = job;
    if (redemptionId === null) return LAPSED;
    const sendable = fresh ? codeReadWith(job, redemptionId) : await codeFor({ redemptionId, serial });
    // Nobody waits for it any more: it expired, a newer one took its place, or the redemption ended.
    if (sendable === null) return LAPSED;
    return code(job, TEMPLATE_NAMES.code, address, sendable.code);
  }

  function codeReadWith(job: Job, redemptionId: string): SendableCode | null {
    const { serial, code_nonce: nonce, code_digits: digits, code_expires_at: expiresAt } = job;
    if (nonce === null || expiresAt === null || expiresAt <= effects.clock.now()) return null;
    return codeOf(keys, { redemptionId, serial, nonce, digits }, expiresAt);
  }

  async function composeLoginCode(job: Job, address: Address): Promise<Composed> {
    const { login_id: loginId, serial } = job;
    if (loginId === null) return LAPSED;
    const sendable = await codeForLogin(db, keys, { loginId, serial, now: effects.clock.now() });
    if (sendable === null) return LAPSED;
    return code(job, TEMPLATE_NAMES.loginCode, address, sendable.code);
  }

  async function composeApprovalCode(job: Job, address: Address): Promise<Composed> {
    const now = effects.clock.now();
    const sendable = await codeForRecipient(db, keys, { ref: job.approval_ref ?? '', now });
    if (sendable === null) return LAPSED;
    return code(job, TEMPLATE_NAMES.approvalCode, address, sendable.code);
  }

  async function code(job: Job, name: string, address: Address, digits: string): Promise<Composed> {
    // Meta takes codes to phone numbers only.
    if (!('phone' in address)) return { failed: 'other_channel' };
    const chosen = await accounts
      .of(job.account)
      .book.choose(candidates(templates.authentication, name, job));
    if ('failed' in chosen) return chosen;
    const { template } = chosen;
    return {
      message: codeMessage({ template, to: address.phone, code: digits, correlationId: job.id }),
      label: labelOf(template),
    };
  }

  /** Free-form while the person's window is open, which costs nothing; else the template. The words are the same. */
  async function composeRequest(job: Job, address: Address): Promise<Composed> {
    const { content } = job;
    const now = effects.clock.now();
    if (content?.kind !== 'request' || !(await isPending(job.approval_id, now))) return LAPSED;
    const name = content.answer === 'tap' ? TEMPLATE_NAMES.request : TEMPLATE_NAMES.requestWithCode;
    const wanted = candidates(templates.utility, name, job);
    const minutes = Math.max(1, Math.floor((job.expires_at - now) / MINUTE_MS));
    const words = [...content.words, String(minutes)];
    const payloads = content.answer === 'tap' ? payloadsOf(job.approval_ref ?? '') : [];
    const fields = { address, correlationId: job.id };
    return send(job, wanted, { fields, words, payloads });
  }

  /** Free-form needs no approval of Meta's; a template does. */
  async function send(
    job: Job,
    wanted: readonly UtilityTemplate[],
    content: {
      readonly fields: { readonly address: Address; readonly correlationId: string };
      readonly words: readonly string[];
      readonly payloads: readonly string[];
    },
  ): Promise<Composed> {
    const { fields, words, payloads } = content;
    const [first] = wanted;
    if (first === undefined) return { failed: 'template_missing' };
    if (job.template_only !== true && (await hasWindow(job, fields.address))) {
      return freeForm(fields, first, words, payloads);
    }
    const chosen = await accounts.of(job.account).book.choose(wanted);
    if ('failed' in chosen) return chosen;
    const { template } = chosen;
    return { message: utilityMessage({ ...fields, template, words, payloads }), label: labelOf(template) };
  }

  async function composeUtility(job: Job, address: Address): Promise<Composed> {
    const now = effects.clock.now();
    const said = now >= job.expires_at ? null : await wordsOf(job);
    if (said === null) return LAPSED;
    const wanted = candidates(templates.utility, said.template, job);
    const fields = { address, correlationId: job.id };
    return send(job, wanted, { fields, words: said.words, payloads: [] });
  }

  async function wordsOf(job: Job): Promise<{ template: string; words: readonly string[] } | null> {
    if (job.kind === 'sealed_codes') {
      const content = await sealedCodes.take(db, job.id);
      if (content === null) return null;
      return { template: TEMPLATE_NAMES.sealedCodes, words: sealedWords(content, job.language) };
    }
    const { content } = job;
    return content?.kind === 'utility' ? content : null;
  }

  function payloadsOf(ref: string): string[] {
    return (['approve', 'reject'] as const).map((decision) => signPayload(keys.buttonKey, { ref, decision }));
  }

  async function composeNote(job: Job, address: Address): Promise<Composed> {
    const { content } = job;
    const now = effects.clock.now();
    if (content?.kind !== 'text' || now >= job.expires_at) return LAPSED;
    // Outside the window there is no note: it is not worth a paid message.
    if (!(await hasWindow(job, address))) return LAPSED;
    return { message: textMessage({ address, text: content.text, correlationId: job.id }), label: 'text' };
  }

  function hasWindow({ account }: Job, address: Address): Promise<boolean> {
    return isOpen(contactKey(address, account));
  }

  async function isPending(approvalId: string | null, now: number): Promise<boolean> {
    const row = await db
      .selectFrom('approvals')
      .select('id')
      .where('id', '=', approvalId)
      .where('status', '=', 'pending')
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return row !== undefined;
  }
}

function freeForm(
  fields: { address: Address; correlationId: string },
  template: UtilityTemplate,
  words: readonly string[],
  payloads: readonly string[],
): Composed {
  const text = renderUtility(template, words);
  if (payloads.length === 0) return { message: textMessage({ ...fields, text }), label: 'text' };
  const buttons = buttonTexts(template).map((title, index) => ({ id: payloads[index] ?? '', title }));
  return { message: interactiveMessage({ ...fields, text, buttons }), label: 'interactive' };
}

function labelOf(template: { readonly name: string; readonly language: string }): string {
  return `${template.name}/${template.language}`;
}

/** In the person's language, else the store's, else the one that everybody is given. */
function candidates<T extends { readonly name: string; readonly language: string }>(
  templates: readonly T[],
  name: string,
  job: Job,
): T[] {
  const languages = new Set([job.language, job.store_language ?? job.language, FALLBACK_LANGUAGE]);
  return [...languages].flatMap((language) => findTemplate(templates, name, language) ?? []);
}
