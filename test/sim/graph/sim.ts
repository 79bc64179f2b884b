/**
 * A strict look-alike of Meta's Graph API for WhatsApp, with phones that can be read and answered.
 * Everything in memory, everything that varies passed in: the same seed and clock give the same run.
 */
import { readdirSync, readFileSync } from 'node:fs';
import Fastify, { type FastifyInstance } from 'fastify';
import { type Clock, systemClock } from '../../../shared/effects.ts';
import { type BusinessNumber, newNumber, registerAdmin } from './admin-routes.ts';
import { Jobs, seededRandom } from './clock.ts';
import { registerControl } from './control.ts';
import { type RequestLogEntry, registerGraph } from './graph-routes.ts';
import type { Phone } from './model.ts';
import { registerPage } from './page.ts';
import type { Account } from './payloads.ts';
import { type Limits, META_LIMITS } from './rate-limits.ts';
import { registerSignup } from './signup.ts';
import { readTemplate } from './templates.ts';
import { type Post, postByFetch, WebhookSender } from './webhooks.ts';
import { World } from './world.ts';

/** What a shop's gateway must be set up with to talk to a simulator started without options. */
export const SIM_DEFAULTS = {
  version: 'v25.0',
  wabaId: '200000000000001',
  phoneNumberId: '100000000000001',
  displayPhoneNumber: '622150000001',
  businessName: 'Toko Saksi',
  accessToken: 'sim-access-token',
  appSecret: 'sim-app-secret',
  verifyToken: 'sim-verify-token',
  appId: '300000000000001',
  /** What a browser would get from Embedded Signup. */
  signupCode: 'sim-signup-code',
} as const;

export type GraphSimOptions = {
  account?: Partial<Account>;
  accessToken?: string;
  appSecret?: string;
  verifyToken?: string;
  /** As with Meta's app setting: calls without a proof are refused. */
  requireProof?: boolean;
  clock?: Clock;
  seed?: number;
  limits?: Partial<Limits>;
  /** Bodies of `POST /{waba-id}/message_templates`, taken as approved. Default: all of resources/templates. */
  templates?: readonly unknown[];
  phones?: readonly PhoneInput[];
  /** How webhooks leave; by default over HTTP. */
  post?: Post;
};

export type PhoneInput = Pick<Phone, 'number'> & Partial<Phone>;

export type GraphSim = {
  app: FastifyInstance;
  world: World;
  webhooks: WebhookSender;
  requests: readonly RequestLogEntry[];
  /** What the Graph API says of the business's number. */
  number: BusinessNumber;
  /** Same as `POST /_sim/phones`. */
  addPhone(input: PhoneInput): Phone;
  /** Where webhooks go from now on. Does not verify the endpoint; `verifyWebhook` does. */
  setWebhook(url: string, appSecret?: string): void;
  /** Meta's GET with a challenge. @returns whether the endpoint echoed it */
  verifyWebhook(): Promise<boolean>;
  /** @returns the base URL. Port 0 takes a free one. */
  listen(port?: number, host?: string): Promise<string>;
  /** Resolves once no delivery, webhook or retry is under way. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export function createGraphSim(options: GraphSimOptions = {}): GraphSim {
  const clock = options.clock ?? systemClock;
  const random = seededRandom(options.seed ?? 1);
  const jobs = new Jobs(clock);
  const webhooks = new WebhookSender({
    jobs,
    random,
    post: options.post ?? postByFetch,
    nowMs: () => clock.now(),
  });
  const { wabaId, phoneNumberId, displayPhoneNumber, businessName } = SIM_DEFAULTS;
  const account = { wabaId, phoneNumberId, displayPhoneNumber, businessName, ...options.account };
  const limits = { ...META_LIMITS, ...options.limits };
  const world = new World({ account, clock, jobs, random, webhooks, limits });
  const appSecret = options.appSecret ?? SIM_DEFAULTS.appSecret;
  const verifyToken = options.verifyToken ?? SIM_DEFAULTS.verifyToken;
  const requests: RequestLogEntry[] = [];
  const number = newNumber(businessName);

  (options.templates ?? bundledTemplates()).forEach((json, index) => {
    const template = readTemplate(json, String(700_000_000_000_001 + index), 'APPROVED');
    world.templates.set(`${template.name}/${template.language}`, template);
  });

  function addPhone(input: PhoneInput): Phone {
    const number = input.number.replace(/\D/g, '');
    if (!/^[1-9]\d{6,14}$/.test(number)) throw new RangeError('a phone needs a number in international form');
    const before = world.phones.get(number);
    const phone: Phone = { ...(before ?? newPhone(number)), ...input, number };
    world.putPhone(phone);
    return phone;
  }

  function setWebhook(url: string, secret = appSecret): void {
    webhooks.target = { url, appSecret: secret };
  }

  async function verifyWebhook(): Promise<boolean> {
    return webhooks.target !== undefined && echoes(webhooks.target.url, verifyToken);
  }

  async function echoes(address: string, token: string): Promise<boolean> {
    const challenge = String(Math.floor(random() * 1e9));
    const url = new URL(address);
    url.searchParams.set('hub.mode', 'subscribe');
    url.searchParams.set('hub.verify_token', token);
    url.searchParams.set('hub.challenge', challenge);
    const answer = await fetch(url, { redirect: 'manual' });
    return answer.status === 200 && (await answer.text()) === challenge;
  }

  async function connect(url: string, token: string): Promise<boolean> {
    const echoed = await echoes(url, token).catch(() => false);
    if (echoed) setWebhook(url);
    return echoed;
  }

  const app = Fastify({ logger: false, forceCloseConnections: true, bodyLimit: 1_048_576 });
  const sim: GraphSim = {
    app,
    world,
    webhooks,
    requests,
    number,
    addPhone,
    setWebhook,
    verifyWebhook,
    listen: (port = 0, host = '127.0.0.1') => app.listen({ port, host }),
    settled: () => jobs.settled(),
    close: async () => {
      jobs.close();
      await app.close();
    },
  };
  const access = {
    accessToken: options.accessToken ?? SIM_DEFAULTS.accessToken,
    appId: SIM_DEFAULTS.appId,
    appSecret,
    requireProof: options.requireProof ?? false,
  };
  registerGraph(app, {
    world,
    clock,
    requests,
    access,
  });
  registerAdmin(app, { world, clock, number, access, signupCode: SIM_DEFAULTS.signupCode, connect });
  registerSignup(app, { account, signupCode: SIM_DEFAULTS.signupCode });
  registerControl(app, sim, clock);
  registerPage(app);
  for (const phone of options.phones ?? []) addPhone(phone);
  return sim;
}

function newPhone(number: string): Phone {
  return {
    number,
    name: `+${number}`,
    // Opaque to the business; the country first, as Meta's are.
    userId: `ID.${BigInt(number) * 7919n + 104729n}`,
    hidesNumber: false,
    onWhatsApp: true,
    blocked: false,
    online: true,
    readReceipts: true,
  };
}

function bundledTemplates(): unknown[] {
  const folder = new URL('../../../resources/templates/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
}
