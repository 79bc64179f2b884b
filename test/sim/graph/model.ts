/** The things of the simulated world. */
import type { Person, Pricing } from './payloads.ts';
import type { Rendered } from './template-message.ts';

export type Phone = Person & {
  /** false: the number exists, WhatsApp on it does not. */
  onWhatsApp: boolean;
  /** The person has blocked the business. */
  blocked: boolean;
  /** false: messages stop at `sent` until the phone is back, or their time to live is over. */
  online: boolean;
  readReceipts: boolean;
};

export type SimMessage = {
  wamid: string;
  direction: 'to_phone' | 'from_phone';
  /** The person's number, whichever way the message goes. */
  number: string;
  atMs: number;
  state: 'accepted' | 'sent' | 'delivered' | 'read' | 'failed' | 'expired';
  /** When it reached the screen of the phone. */
  shownAtMs: number | undefined;
  language: string | undefined;
  templateName: string | undefined;
  category: string | undefined;
  expiresAtMs: number | undefined;
  /** What is billed for it, as statuses tell it; undefined of what people write. */
  pricing: Pricing | undefined;
  bizOpaque: string | undefined;
  rendered: Rendered;
};

/** An error that the simulator is told to give: in the answer, or by webhook after the message was accepted. */
export type PlannedFailure = {
  code: number;
  at: 'answer' | 'webhook';
  /** Only messages to this number; else to anybody. */
  to?: string | undefined;
  times: number;
};

export type Pace = { sentMs: number; deliveredMs: number; readMs: number; autoRead: boolean };
export const DEFAULT_PACE: Pace = { sentMs: 30, deliveredMs: 120, readMs: 900, autoRead: true };
