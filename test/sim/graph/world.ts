/**
 * The simulated WhatsApp: phones, messages and what becomes of them. Knows nothing of HTTP.
 */
import type { Clock } from '../../../shared/effects.ts';
import type { Jobs } from './clock.ts';
import { Delivery } from './delivery.ts';
import { GraphError } from './graph-error.ts';
import { DEFAULT_PACE, type Pace, type Phone, type PlannedFailure, type SimMessage } from './model.ts';
import {
  type Account,
  accountPayload,
  capabilityOf,
  messagePayload,
  pricingOf,
  templateStatusPayload,
} from './payloads.ts';
import { type Limits, RateLimits } from './rate-limits.ts';
import { readPhoneNumber, type SendRequest } from './send-request.ts';
import { findSendable, type RenderedButton, renderTemplate } from './template-message.ts';
import type { SimTemplate, TemplateStatus } from './templates.ts';
import type { WebhookSender } from './webhooks.ts';

const WINDOW_MS = 24 * 3_600_000;
/** Twice as many may be there; then the older half goes. */
const MESSAGES_MAX = 20_000;

export type PhoneReply =
  | { text: string }
  /** A button of a message on that phone; by default the newest with buttons. */
  | { button: number; wamid?: string | undefined }
  /** A tap that no app of WhatsApp's would make: a payload of another message, or a made-up one. */
  | { payload: string; wamid?: string | undefined };

export type WorldParts = {
  account: Account;
  clock: Clock;
  jobs: Jobs;
  random: () => number;
  webhooks: WebhookSender;
  limits: Limits;
};

export class World {
  readonly account: Account;
  readonly phones = new Map<string, Phone>();
  readonly templates = new Map<string, SimTemplate>();
  readonly messages: SimMessage[] = [];
  readonly failures: PlannedFailure[] = [];
  readonly rateLimits: RateLimits;
  readonly pace: Pace = { ...DEFAULT_PACE };
  /** As with Meta's test numbers: only these may be written to. undefined: everybody. */
  allowList: Set<string> | undefined;
  readonly #parts: WorldParts;
  readonly #delivery: Delivery;
  readonly #windowOpenUntilMs = new Map<string, number>();
  readonly #watchers = new Set<() => void>();
  #count = 0;

  constructor(parts: WorldParts) {
    this.#parts = parts;
    this.account = parts.account;
    this.rateLimits = new RateLimits(parts.clock, parts.limits);
    this.#delivery = new Delivery({
      ...parts,
      phones: this.phones,
      pace: this.pace,
      changed: () => this.changed(),
    });
  }

  /** @returns a function that stops watching */
  watch(onChange: () => void): () => void {
    this.#watchers.add(onChange);
    return () => this.#watchers.delete(onChange);
  }

  changed(): void {
    for (const onChange of this.#watchers) onChange();
  }

  putPhone(phone: Phone): void {
    const before = this.phones.get(phone.number);
    this.phones.set(phone.number, phone);
    if (before !== undefined && !before.online && phone.online) {
      const parked = this.messages.filter((it) => it.number === phone.number && it.state === 'sent');
      for (const message of parked) this.#delivery.arrive(message);
    }
    this.changed();
  }

  setTemplateStatus(template: SimTemplate, status: TemplateStatus): void {
    template.status = status;
    this.#parts.webhooks.send(templateStatusPayload(this.account, template, this.#parts.clock.now()));
    this.changed();
  }

  /** Meta tells something about the account. */
  tell(field: string, value: object): void {
    this.#parts.webhooks.send(accountPayload(this.account, field, value, this.#parts.clock.now()));
    this.changed();
  }

  /** Meta raises or lowers what the business may send, and tells by webhook. */
  setDailyPeople(people: number | null): void {
    this.rateLimits.limits.dailyPeople = people;
    this.tell('business_capability_update', capabilityOf(people));
  }

  /** Messages that are billed: those that arrived, and are not free. */
  billed(): SimMessage[] {
    return this.messages.filter(
      (it) => it.pricing?.billable === true && (it.state === 'delivered' || it.state === 'read'),
    );
  }

  /**
   * Takes a message as Meta does: what Meta only finds out later (nobody there, window closed) is accepted here
   * and fails by webhook.
   * @throws GraphError
   */
  accept(request: SendRequest): { message: SimMessage; answer: object } {
    const { number, contact } = this.#resolveRecipient(request);
    if (number === this.account.displayPhoneNumber) throw new GraphError(131021);
    const content = this.#render(request);
    if (this.allowList !== undefined && !this.allowList.has(number)) {
      throw new GraphError(131030, {
        details:
          'Recipient phone number not in allowed list: Add recipient phone number to recipient list and try again.',
      });
    }
    this.rateLimits.takePair(this.account.phoneNumberId, number);
    const planned = this.#takeFailure('answer', number);
    if (planned !== undefined) throw new GraphError(planned, { details: 'Planned by the simulator.' });
    const windowOpen = this.#windowOpen(number);
    if (request.type === 'template' && !windowOpen) this.rateLimits.takePerson(number);

    const message = this.#store({
      ...content,
      direction: 'to_phone',
      number,
      state: 'accepted',
      pricing: pricingOf(content.category, windowOpen),
      bizOpaque: request.biz_opaque_callback_data,
    });
    this.#parts.jobs.after(this.pace.sentMs, () => this.#leave(message, request.type === 'template'));
    const status = request.type === 'template' ? { message_status: 'accepted' } : {};
    const answer = {
      messaging_product: 'whatsapp',
      contacts: [contact],
      messages: [{ id: message.wamid, ...status }],
    };
    return { message, answer };
  }

  /**
   * The person answers: taps a button of a message, or writes.
   * @throws GraphError when there is no such phone, message or button
   */
  reply(number: string, answer: PhoneReply): SimMessage {
    const phone = this.phones.get(number);
    if (phone === undefined || !phone.onWhatsApp) throw new GraphError(131026);
    const { body, content, replyTo } = this.#read(number, answer);
    const message = this.#store({
      direction: 'from_phone',
      number,
      state: 'delivered',
      bizOpaque: undefined,
      language: undefined,
      templateName: undefined,
      category: undefined,
      expiresAtMs: undefined,
      pricing: undefined,
      rendered: { body, buttons: [] },
    });
    message.shownAtMs = message.atMs;
    this.#windowOpenUntilMs.set(number, message.atMs + WINDOW_MS);
    this.#parts.webhooks.send(
      messagePayload(this.account, {
        wamid: message.wamid,
        atMs: message.atMs,
        person: phone,
        replyTo,
        content,
      }),
    );
    this.changed();
    return message;
  }

  #read(number: string, answer: PhoneReply): { body: string; content: object; replyTo: string | undefined } {
    if ('text' in answer) {
      const body = answer.text;
      return { body, content: { type: 'text', text: { body } }, replyTo: undefined };
    }
    if ('payload' in answer) {
      const button: RenderedButton = { kind: 'quick_reply', label: 'OK', payload: answer.payload };
      return { body: button.label, content: tapContent(button), replyTo: answer.wamid };
    }
    const { message, button } = this.#findButton(number, answer.button, answer.wamid);
    return { body: button.label, content: tapContent(button), replyTo: message.wamid };
  }

  /** The newest code on the screen of that phone: what a person would read out. */
  latestCode(number: string): { code: string; wamid: string; shownAtMs: number } | undefined {
    const found = this.messages.findLast(
      (it) => it.number === number && it.rendered.code !== undefined && it.shownAtMs !== undefined,
    );
    if (found?.rendered.code === undefined || found.shownAtMs === undefined) return undefined;
    return { code: found.rendered.code, wamid: found.wamid, shownAtMs: found.shownAtMs };
  }

  /** Messages, failures and limits go; phones and templates stay. */
  reset(): void {
    this.messages.length = 0;
    this.failures.length = 0;
    Object.assign(this.pace, DEFAULT_PACE);
    this.#windowOpenUntilMs.clear();
    this.rateLimits.clear();
    this.changed();
  }

  #resolveRecipient(request: SendRequest): { number: string; contact: object } {
    if (request.to !== undefined) {
      const number = readPhoneNumber(request.to);
      return { number, contact: { input: request.to, wa_id: number } };
    }
    const userId = request.recipient ?? '';
    const isCode = request.type === 'template' && this.#category(request.template) === 'AUTHENTICATION';
    if (isCode) {
      throw new GraphError(131062, {
        details: 'Business-scoped User ID recipients are not supported for this message.',
      });
    }
    const phone = [...this.phones.values()].find((it) => it.userId === userId);
    if (phone === undefined)
      throw new GraphError(131009, { details: "Parameter value is not valid: 'recipient'." });
    return { number: phone.number, contact: { input: userId, user_id: userId } };
  }

  #category(sent: { name: string; language: { code: string } }): string | undefined {
    return this.templates.get(`${sent.name}/${sent.language.code}`)?.category;
  }

  #render(
    request: SendRequest,
  ): Pick<SimMessage, 'rendered' | 'language' | 'templateName' | 'category' | 'expiresAtMs'> {
    if (request.type === 'template') {
      const { template: sent } = request;
      const template = findSendable(this.templates.values(), sent.name, sent.language.code);
      return {
        rendered: renderTemplate(template, sent),
        language: template.language,
        templateName: template.name,
        category: template.category.toLowerCase(),
        expiresAtMs: this.#parts.clock.now() + template.ttlSeconds * 1000,
      };
    }
    const none = {
      language: undefined,
      templateName: undefined,
      category: undefined,
      expiresAtMs: undefined,
    };
    if (request.type === 'text') return { ...none, rendered: { body: request.text.body, buttons: [] } };
    const buttons = request.interactive.action.buttons.map(
      (it): RenderedButton => ({ kind: 'reply', label: it.reply.title, id: it.reply.id }),
    );
    const footer = request.interactive.footer?.text;
    return { ...none, rendered: { body: request.interactive.body.text, buttons, ...(footer && { footer }) } };
  }

  #store(fields: Omit<SimMessage, 'wamid' | 'atMs' | 'shownAtMs'>): SimMessage {
    this.#count += 1;
    const unique = Math.floor(this.#parts.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    const wamid = `wamid.${Buffer.from(`sim:${this.#count}:${unique}`).toString('base64')}`;
    const message: SimMessage = { ...fields, wamid, atMs: this.#parts.clock.now(), shownAtMs: undefined };
    this.messages.push(message);
    if (this.messages.length > 2 * MESSAGES_MAX) this.messages.splice(0, MESSAGES_MAX);
    this.changed();
    return message;
  }

  #leave(message: SimMessage, isTemplate: boolean): void {
    const closed = !isTemplate && !this.#windowOpen(message.number, message.atMs);
    this.#delivery.leave(message, this.#takeFailure('webhook', message.number), closed);
  }

  #windowOpen(number: string, atMs = this.#parts.clock.now()): boolean {
    return (this.#windowOpenUntilMs.get(number) ?? 0) >= atMs;
  }

  #takeFailure(at: PlannedFailure['at'], number: string): number | undefined {
    const found = this.failures.find((it) => it.at === at && it.times > 0 && (it.to ?? number) === number);
    if (found === undefined) return undefined;
    found.times -= 1;
    return found.code;
  }

  #findButton(
    number: string,
    index: number,
    wamid: string | undefined,
  ): { message: SimMessage; button: RenderedButton } {
    const message = this.messages.findLast(
      (it) =>
        it.number === number &&
        it.shownAtMs !== undefined &&
        (wamid === undefined ? it.rendered.buttons.length > 0 : it.wamid === wamid),
    );
    const button = message?.rendered.buttons[index];
    if (message === undefined || button === undefined || button.kind === 'copy_code') {
      throw new GraphError(131009, { details: 'That phone shows no such button.' });
    }
    return { message, button };
  }
}

function tapContent(button: RenderedButton): object {
  if (button.kind === 'reply') {
    return {
      type: 'interactive',
      interactive: { type: 'button_reply', button_reply: { id: button.id, title: button.label } },
    };
  }
  const payload = button.kind === 'quick_reply' ? button.payload : '';
  return { type: 'button', button: { payload, text: button.label } };
}
