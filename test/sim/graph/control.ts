/** What tests and the page use: phones, behaviour, knobs and logs under `/_sim/`. Not a part of Meta's API. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../../shared/effects.ts';
import { GraphError } from './graph-error.ts';
import type { Phone, SimMessage } from './model.ts';
import type { GraphSim, PhoneInput } from './sim.ts';

const WAIT_MS_MAX = 30_000;
const HEARTBEAT_MS = 15_000;

const number = z.string().regex(/^\+?[1-9]\d{6,14}$/);
const behaviour = z
  .strictObject({
    name: z.string().min(1).max(60),
    username: z.string().min(1).max(35),
    userId: z.string().regex(/^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/),
    hidesNumber: z.boolean(),
    onWhatsApp: z.boolean(),
    blocked: z.boolean(),
    online: z.boolean(),
    readReceipts: z.boolean(),
  })
  .partial();
const newPhone = behaviour.extend({ number });
const reply = z.union([
  z.strictObject({ text: z.string().min(1).max(4096) }),
  z.strictObject({ button: z.int().min(0).max(9), wamid: z.string().optional() }),
  z.strictObject({ payload: z.string().min(1).max(256), wamid: z.string().optional() }),
]);
const webhook = z.strictObject({
  url: z.url(),
  appSecret: z.string().min(1).optional(),
  verify: z.boolean().default(true),
});
const chance = z.number().min(0).max(1);
const delay = z.int().min(0).max(86_400_000);
const webhookKnobs = z
  .strictObject({
    hold: z.boolean(),
    delayMs: delay,
    spreadMs: delay,
    duplicates: chance,
    dropNext: z.int().min(0),
  })
  .partial();
const limits = z
  .strictObject({
    on: z.boolean(),
    throughputPerSecond: z.int().min(1).max(1000),
    pairPeriodMs: z.int().min(1),
    pairBurst: z.int().min(1),
    dailyPeople: z.int().min(1).nullable(),
  })
  .partial();
const pace = z
  .strictObject({ sentMs: delay, deliveredMs: delay, readMs: delay, autoRead: z.boolean() })
  .partial();
const failure = z.strictObject({
  code: z.int(),
  at: z.enum(['answer', 'webhook']),
  to: number.optional(),
  times: z.int().min(1).max(10_000).default(1),
});
const allowList = z.strictObject({ numbers: z.array(number).max(5).nullable() });
const news = z.strictObject({ field: z.string().min(1), value: z.looseObject({}) });
const numberState = z
  .strictObject({
    verifiedName: z.string(),
    nameStatus: z.string(),
    qualityRating: z.enum(['GREEN', 'YELLOW', 'RED', 'UNKNOWN']),
    messagingLimit: z.string().regex(/^TIER_/),
    registered: z.boolean(),
    pin: z
      .string()
      .regex(/^\d{6}$/)
      .nullable(),
  })
  .partial();
const review = z.strictObject({ status: z.enum(['APPROVED', 'PENDING', 'REJECTED', 'PAUSED', 'DISABLED']) });

type ByNumber = { Params: { number: string } };

export function registerControl(app: FastifyInstance, sim: GraphSim, clock: Clock): void {
  const { world, webhooks } = sim;

  app.get('/_sim/health', () => ({ ok: true }));
  app.post('/_sim/reset', () => {
    world.reset();
    webhooks.clear();
    (sim.requests as unknown[]).length = 0;
    return { ok: true };
  });

  app.get('/_sim/state', () => ({
    business_name: world.account.businessName,
    phones: [...world.phones.values()].map(withInbox),
  }));
  app.get('/_sim/phones', () => [...world.phones.values()].map(withInbox));
  app.post('/_sim/phones', (request) => sim.addPhone(definedOnly(read(newPhone, request.body))));
  app.patch<ByNumber>('/_sim/phones/:number', (request) =>
    sim.addPhone({ ...phoneOf(request.params.number), ...definedOnly(read(behaviour, request.body)) }),
  );
  app.delete<ByNumber>('/_sim/phones/:number', (request) => {
    world.phones.delete(phoneOf(request.params.number).number);
    world.changed();
    return { ok: true };
  });
  app.post<ByNumber>('/_sim/phones/:number/reply', (request) =>
    toView(world.reply(digits(request.params.number), read(reply, request.body))),
  );
  app.get<ByNumber & { Querystring: { wait_ms?: string; after?: string } }>(
    '/_sim/phones/:number/latest-code',
    async (request, answer) => {
      const waitMs = read(z.coerce.number().int().min(0).max(WAIT_MS_MAX), request.query.wait_ms ?? '0');
      const found = await latestCode(digits(request.params.number), waitMs, request.query.after);
      if (found === undefined) return answer.code(404).send({ error: 'no_code' });
      return { code: found.code, wamid: found.wamid, shown_at_ms: found.shownAtMs };
    },
  );
  app.get<{ Querystring: { to?: string } }>('/_sim/messages', (request) => {
    const to = request.query.to === undefined ? undefined : digits(request.query.to);
    return world.messages.filter((it) => to === undefined || it.number === to).map(toView);
  });

  app.get('/_sim/requests', () => sim.requests);
  app.get('/_sim/webhooks', () => ({ knobs: webhooks.knobs, held: webhooks.heldCount, log: webhooks.log }));
  app.put('/_sim/webhook', async (request, answer) => {
    const wanted = read(webhook, request.body);
    sim.setWebhook(wanted.url, wanted.appSecret);
    if (!wanted.verify || (await sim.verifyWebhook())) return { ok: true };
    webhooks.target = undefined;
    return answer.code(400).send({ error: 'webhook_not_verified' });
  });
  app.patch('/_sim/webhooks', (request) => {
    Object.assign(webhooks.knobs, read(webhookKnobs, request.body));
    if (!webhooks.knobs.hold) webhooks.release();
    return webhooks.knobs;
  });
  app.patch('/_sim/limits', (request) => {
    const { dailyPeople, ...others } = read(limits, request.body);
    if (dailyPeople !== undefined) world.setDailyPeople(dailyPeople);
    return Object.assign(world.rateLimits.limits, others);
  });
  app.get('/_sim/bill', () => world.billed().map(toView));
  app.patch('/_sim/pace', (request) => Object.assign(world.pace, read(pace, request.body)));
  app.post('/_sim/failures', (request) => {
    const wanted = read(failure, request.body);
    world.failures.push({ ...wanted, to: wanted.to && digits(wanted.to) });
    return { ok: true };
  });
  app.put('/_sim/allow-list', (request) => {
    const { numbers } = read(allowList, request.body);
    world.allowList = numbers === null ? undefined : new Set(numbers.map(digits));
    return { ok: true };
  });
  app.patch<{ Params: { name: string; language: string } }>('/_sim/templates/:name/:language', (request) => {
    const template = world.templates.get(`${request.params.name}/${request.params.language}`);
    if (template === undefined) throw new GraphError(100, { message: 'no such template', httpStatus: 404 });
    world.setTemplateStatus(template, read(review, request.body).status);
    return { ok: true };
  });

  app.post('/_sim/account-news', (request) => {
    const { field, value } = read(news, request.body);
    world.tell(field, value);
    return { ok: true };
  });
  app.patch('/_sim/number', (request) => Object.assign(sim.number, read(numberState, request.body)));

  /** Says `changed` whenever anything did; the page then reads again. */
  app.get('/_sim/events', (request, answer) => {
    answer.hijack();
    answer.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const say = (): boolean => answer.raw.write('event: changed\ndata: {}\n\n');
    const stop = world.watch(say);
    const beat = setInterval(() => answer.raw.write(': still here\n\n'), HEARTBEAT_MS);
    request.raw.on('close', () => {
      clearInterval(beat);
      stop();
    });
    say();
  });

  function phoneOf(given: string): Phone {
    const phone = world.phones.get(digits(given));
    if (phone === undefined) throw new GraphError(100, { message: 'no such phone', httpStatus: 404 });
    return phone;
  }

  function withInbox(phone: Phone): object {
    const of = world.messages.filter((it) => it.number === phone.number);
    return {
      ...phone,
      messages: of.filter((it) => it.shownAtMs !== undefined).map(toView),
      waiting: phone.online ? 0 : of.filter((it) => it.state === 'sent').length,
    };
  }

  /** @param after a wamid: only a newer code than that message's counts */
  async function latestCode(
    of: string,
    waitMs: number,
    after: string | undefined,
  ): Promise<ReturnType<typeof world.latestCode>> {
    const look = (): ReturnType<typeof world.latestCode> => {
      const found = world.latestCode(of);
      return found?.wamid === after ? undefined : found;
    };
    const now = look();
    if (now !== undefined || waitMs === 0) return now;
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        stop();
        resolve(look());
      };
      const cancel = clock.schedule(waitMs, finish);
      const stop = world.watch(() => {
        if (look() !== undefined) finish();
      });
    });
  }
}

/** @throws GraphError 100 with what is wrong */
function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GraphError(100, { message: z.prettifyError(parsed.error) });
}

const digits = (text: string): string => text.replace(/\D/g, '');

function definedOnly<T extends object>(fields: T): T & PhoneInput {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T &
    PhoneInput;
}

function toView(it: SimMessage): object {
  return {
    wamid: it.wamid,
    direction: it.direction,
    number: it.number,
    at_ms: it.atMs,
    shown_at_ms: it.shownAtMs ?? null,
    state: it.state,
    template: it.templateName ?? null,
    language: it.language ?? null,
    biz_opaque_callback_data: it.bizOpaque ?? null,
    ...it.rendered,
  };
}
