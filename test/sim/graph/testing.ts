/** What the simulator's own tests share. */

import { manualClock } from './clock.ts';
import { createGraphSim, type GraphSim, type GraphSimOptions, SIM_DEFAULTS } from './sim.ts';

export const BUDI = '6281234567890';
export const SITI = '6281298765432';

export type SentWebhook = { body: Buffer; headers: Record<string, string>; atMs: number };

/** A simulator on a clock that stands still, whose webhooks are caught instead of sent. */
export function caughtSim(options: GraphSimOptions & { answer?: (attempt: number) => number } = {}): {
  sim: GraphSim;
  clock: ReturnType<typeof manualClock>;
  caught: SentWebhook[];
  statuses: () => string[];
  run: (ms: number) => Promise<void>;
} {
  const clock = manualClock();
  const caught: SentWebhook[] = [];
  const sim = createGraphSim({
    clock,
    phones: [
      { number: BUDI, name: 'Budi' },
      { number: SITI, name: 'Siti' },
    ],
    post: async (_url, body, headers) => {
      caught.push({ body, headers, atMs: clock.now() });
      return options.answer?.(caught.length) ?? 200;
    },
    ...options,
  });
  sim.setWebhook('http://127.0.0.1:1/webhooks/whatsapp');
  const statuses = (): string[] =>
    caught.flatMap((it) =>
      JSON.parse(it.body.toString()).entry[0].changes[0].value.statuses.map(
        (s: { status: string }) => s.status,
      ),
    );
  /** Moves the clock in small steps, and lets what became due finish in between. */
  async function run(ms: number): Promise<void> {
    const stepMs = Math.max(1, Math.floor(ms / 100));
    for (let gone = 0; gone < ms; gone += stepMs) {
      clock.advance(Math.min(stepMs, ms - gone));
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
  }
  return { sim, clock, caught, statuses, run };
}

export function codeBody(fields: { to?: string; code?: string; name?: string; language?: string } = {}) {
  const { to = BUDI, code = '482913', name = 'saksi_redemption_code', language = 'id' } = fields;
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    to,
    type: 'template',
    template: {
      name,
      language: { code: language },
      components: [
        { type: 'body', parameters: [{ type: 'text', text: code }] },
        { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: code }] },
      ],
    },
  };
}

export const messagesPath = `/${SIM_DEFAULTS.version}/${SIM_DEFAULTS.phoneNumberId}/messages`;
export const templatesPath = `/${SIM_DEFAULTS.version}/${SIM_DEFAULTS.wabaId}/message_templates`;

/** @returns status and parsed body of one call */
export async function call(
  sim: GraphSim,
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${SIM_DEFAULTS.accessToken}` },
  // biome-ignore lint/suspicious/noExplicitAny: the answers of a foreign API, looked into by assertions only
): Promise<{ status: number; json: any }> {
  const answer = await sim.app.inject({
    method,
    url,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: answer.statusCode, json: answer.json() };
}
