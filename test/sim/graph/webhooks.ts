/**
 * Sends signed webhooks as Meta does, at its worst if asked to: late, twice, in another order, not at all at
 * first. A receiver that does not answer 200 gets the same bytes again, after growing pauses.
 */
import { createHmac } from 'node:crypto';
import type { Jobs } from './clock.ts';

export type WebhookKnobs = {
  /** Nothing leaves; `release` lets it go. */
  hold: boolean;
  delayMs: number;
  /** Each webhook is late by up to this much more, by chance: they overtake each other. */
  spreadMs: number;
  /** 0 to 1: the chance that a webhook is sent twice. */
  duplicates: number;
  /** So many attempts are lost on the way and come again after the first pause. */
  dropNext: number;
};

export const QUIET: WebhookKnobs = { hold: false, delayMs: 0, spreadMs: 0, duplicates: 0, dropNext: 0 };

/** Meta: growing pauses for up to 7 days. */
export const RETRY_PAUSES_MS: readonly number[] = [
  1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 14_400_000, 43_200_000, 86_400_000, 172_800_000,
  259_200_000,
];

const LOG_LENGTH_MAX = 1_000;
const ANSWER_TIMEOUT_MS = 10_000;

export type Target = { url: string; appSecret: string };
/** @returns the HTTP status, 0 when there was no answer */
export type Post = (url: string, body: Buffer, headers: Record<string, string>) => Promise<number>;
export type WebhookAttempt = { atMs: number; attempt: number; status: number; body: string };

export const postByFetch: Post = async (url, body, headers) => {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body: new Uint8Array(body),
      headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    // No answer is an answer here: it is logged as status 0 and tried again, as Meta does.
    return 0;
  }
};

export class WebhookSender {
  knobs: WebhookKnobs = { ...QUIET };
  target: Target | undefined;
  readonly log: WebhookAttempt[] = [];
  readonly #jobs: Jobs;
  readonly #random: () => number;
  readonly #post: Post;
  readonly #nowMs: () => number;
  #held: Buffer[] = [];
  /** Keeps the order while nothing asks for disorder. */
  #tail: Promise<void> = Promise.resolve();

  constructor(parts: { jobs: Jobs; random: () => number; post: Post; nowMs: () => number }) {
    this.#jobs = parts.jobs;
    this.#random = parts.random;
    this.#post = parts.post;
    this.#nowMs = parts.nowMs;
  }

  /** @param payload the whole body, `{object, entry}` */
  send(payload: object): void {
    if (this.target === undefined) return;
    const body = Buffer.from(JSON.stringify(payload), 'utf8');
    if (this.knobs.hold) this.#held.push(body);
    else this.#dispatch(body);
  }

  /** Sends what was held back, and stops holding. */
  release(): void {
    this.knobs.hold = false;
    for (const body of this.#held.splice(0)) this.#dispatch(body);
  }

  /** What was held back, for whoever brings it themselves. */
  takeHeld(): string[] {
    return this.#held.splice(0).map((body) => body.toString('utf8'));
  }

  get heldCount(): number {
    return this.#held.length;
  }

  clear(): void {
    this.#held = [];
    this.log.length = 0;
    this.knobs = { ...QUIET };
  }

  #dispatch(body: Buffer): void {
    const copies = this.#random() < this.knobs.duplicates ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const late = this.knobs.delayMs + this.#random() * this.knobs.spreadMs;
      this.#jobs.after(late, () => this.#inTurn(() => this.#attempt(body, 1)));
    }
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    if (this.knobs.spreadMs > 0) return run();
    this.#tail = this.#tail.then(run);
    return this.#tail;
  }

  async #attempt(body: Buffer, attempt: number): Promise<void> {
    const status = await this.#tryOnce(body);
    this.log.push({ atMs: this.#nowMs(), attempt, status, body: body.toString('utf8') });
    if (this.log.length > LOG_LENGTH_MAX) this.log.shift();
    const pauseMs = RETRY_PAUSES_MS[attempt - 1];
    if (status === 200 || pauseMs === undefined) return;
    this.#jobs.after(pauseMs, () => this.#attempt(body, attempt + 1));
  }

  async #tryOnce(body: Buffer): Promise<number> {
    if (this.knobs.dropNext > 0) {
      this.knobs.dropNext -= 1;
      return 0;
    }
    const { target } = this;
    if (target === undefined) return 0;
    const signature = createHmac('sha256', target.appSecret).update(body).digest('hex');
    return this.#post(target.url, body, {
      'content-type': 'application/json',
      'user-agent': 'facebookexternalua',
      'x-hub-signature-256': `sha256=${signature}`,
    });
  }
}
