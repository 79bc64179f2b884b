/**
 * Anything that could come to the webhook's address, through the whole HTTP application: bodies of Meta's shape with a few
 * places spoilt, signed well or badly. Nothing may be answered with a 5xx, nothing in the background may fail, and nothing
 * that was not signed may leave a trace. `SAKSI_WEBHOOK_FUZZ` sets how many.
 */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestGateway, type TestGateway } from '../../test/fixtures/gateway.ts';
import { bodyText, spoilt, webhook } from '../../test/fixtures/odd-webhooks.ts';
import { SIM_DEFAULTS } from '../../test/sim/graph/sim.ts';

const COUNT = Number(process.env.SAKSI_WEBHOOK_FUZZ ?? 2_000);
const AT_ONCE = 200;
const PATH = '/webhooks/whatsapp';
const TIMEOUT_MS = Math.max(600_000, COUNT * 60);

const SIGNATURES = {
  right: (body: Buffer) => hmac(body, SIM_DEFAULTS.appSecret),
  none: () => undefined,
  other_secret: (body: Buffer) => hmac(body, 'other'),
  other_body: (body: Buffer) => hmac(Buffer.concat([body, Buffer.from(' ')]), SIM_DEFAULTS.appSecret),
  upper_case: (body: Buffer) => hmac(body, SIM_DEFAULTS.appSecret).toUpperCase(),
  cut_off: (body: Buffer) => hmac(body, SIM_DEFAULTS.appSecret).slice(0, -1),
  sha1: (body: Buffer) => `sha1=${createHmac('sha1', SIM_DEFAULTS.appSecret).update(body).digest('hex')}`,
} satisfies Record<string, (body: Buffer) => string | undefined>;
type Signature = keyof typeof SIGNATURES;

function hmac(body: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** No spoilt place of a signed body turns the one into the other, or into it by chance. */
const MARKS = { signed: 'signed-', unsigned: 'unsigned-' };
/** Where a trace could be left, by who sent it. */
const TRACES = sql<{ mark: string; count: number }>`
  select mark, count(*)::integer as count from (
    select substring(id from '^(signed-|unsigned-)') as mark from (
      select wamid as id from message_events union all select wamid from inbound_messages
      union all select waba_id from account_events) as kept) as t where mark is not null group by mark`;

let gw: TestGateway;
beforeAll(async () => {
  gw = await startTestGateway();
});
afterAll(() => gw?.close());

const signature = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Signature>('right') },
  { weight: 4, arbitrary: fc.constantFrom(...(Object.keys(SIGNATURES) as Signature[])) },
);

const sent = fc.record({
  signature,
  make: webhook,
  spoil: spoilt,
});

it(
  `takes ${COUNT} odd webhooks: no 5xx, no failure behind it, no trace of what was not signed`,
  async () => {
    let serial = 0;
    const statuses = new Map<string, number>();
    let signed = 0;

    await fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: AT_ONCE, maxLength: AT_ONCE, size: 'max' }),
        async (many) => {
          await Promise.all(
            many.map(async ({ signature: how, make, spoil }) => {
              serial += 1;
              const mark = how === 'right' ? MARKS.signed : MARKS.unsigned;
              const body = bodyText(make(`${mark}${serial}`), spoil);
              const header = SIGNATURES[how](body);
              const answer = await gw.gateway.app.inject({
                method: 'POST',
                url: PATH,
                payload: body,
                headers: {
                  'content-type': 'application/json',
                  ...(header === undefined ? {} : { 'x-hub-signature-256': header }),
                },
              });
              const key = `${how === 'right' ? 'signed' : 'unsigned'} ${answer.statusCode}`;
              statuses.set(key, (statuses.get(key) ?? 0) + 1);
              if (how === 'right') signed += 1;
            }),
          );
        },
      ),
      { numRuns: Math.ceil(COUNT / AT_ONCE), endOnFailure: true },
    );

    await gw.gateway.services.inbound.handle();
    const traces = await TRACES.execute(gw.gateway.services.engine.kysely);
    const failures = gw.log.filter((line) => /"level":(?:50|60)/.test(line));
    expect(failures.slice(0, 3)).toEqual([]);
    const marks = new Map(traces.rows.map(({ mark, count }) => [mark, count]));
    expect(marks.has(MARKS.unsigned)).toBe(false);
    expect([...statuses.keys()].sort()).toEqual(['signed 200', 'signed 400', 'unsigned 401']);
    // Some of it is whole, or nothing was tested.
    expect(marks.get(MARKS.signed) ?? 0).toBeGreaterThan(signed / 4);
  },
  TIMEOUT_MS,
);
