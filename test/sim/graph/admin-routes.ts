/**
 * The calls with which an account is set up and watched. Source: Meta, "Phone number", "Registration", "Subscribed apps",
 * "Debug token", "Embedded Signup"; docs/whatsapp.md says what of it was confirmed.
 */
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/effects.ts';
import { type Access, authorize, authorizeApp, checkVersion, isSame } from './access.ts';
import { GraphError, missingParameter, unknownObject } from './graph-error.ts';
import { tierOf } from './payloads.ts';
import type { World } from './world.ts';

export type BusinessNumber = {
  verifiedName: string;
  nameStatus: string;
  qualityRating: 'GREEN' | 'YELLOW' | 'RED' | 'UNKNOWN';
  /** Null: as the limits in force say. */
  messagingLimit: string | null;
  registered: boolean;
  /** Two-step verification; null: none was set. */
  pin: string | null;
  /** Whether our app gets the account's webhooks. */
  subscribed: boolean;
  /** SANDBOX: a test number. */
  accountMode: 'LIVE' | 'SANDBOX';
  /** Whose credit line pays; null: the business itself. */
  creditLine: string | null;
};

export const newNumber = (verifiedName: string): BusinessNumber => ({
  verifiedName,
  nameStatus: 'APPROVED',
  qualityRating: 'GREEN',
  messagingLimit: null,
  registered: true,
  pin: null,
  subscribed: true,
  accountMode: 'LIVE',
  creditLine: null,
});

type Parts = {
  world: World;
  clock: Clock;
  number: BusinessNumber;
  access: Access;
  signupCode: string;
  /** Asks an address with a challenge, as before it gets webhooks. @returns whether it echoed that; then they go there */
  connect: (url: string, verifyToken: string) => Promise<boolean>;
};
type Params = { version: string; id: string };
type ById = { Params: Params };

const SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'];

export function registerAdmin(
  app: FastifyInstance,
  { world, clock, number, access, signupCode, connect }: Parts,
): void {
  const codesUsed = new Set<string>();

  app.get<ById & { Querystring: { fields?: string } }>('/:version/:id', async (request) => {
    authorize(request, access);
    if (request.params.id !== world.account.phoneNumberId) throw unknownObject(request.params.id, 'get');
    const { dailyPeople, throughputPerSecond } = world.rateLimits.limits;
    const all: Record<string, unknown> = {
      display_phone_number: `+${world.account.displayPhoneNumber}`,
      verified_name: number.verifiedName,
      name_status: number.nameStatus,
      code_verification_status: 'VERIFIED',
      quality_rating: number.qualityRating,
      throughput: { level: throughputPerSecond >= 1000 ? 'HIGH' : 'STANDARD' },
      whatsapp_business_manager_messaging_limit: number.messagingLimit ?? tierOf(dailyPeople),
      platform_type: number.registered ? 'CLOUD_API' : 'NOT_APPLICABLE',
      account_mode: number.accountMode,
    };
    const wanted = request.query.fields?.split(',') ?? ['verified_name', 'quality_rating'];
    const unknown = wanted.find((field) => !(field in all) && field !== 'id');
    if (unknown !== undefined) {
      throw new GraphError(100, { message: `(#100) Tried accessing nonexisting field (${unknown})` });
    }
    const found = wanted.flatMap((field) => (field in all ? [[field, all[field]] as const] : []));
    return { ...Object.fromEntries(found), id: request.params.id };
  });

  app.post<ById>('/:version/:id/register', async (request) => {
    authorize(request, access);
    ourNumber(request.params.id);
    const { messaging_product: product, pin } = (request.body ?? {}) as Record<string, unknown>;
    if (product !== 'whatsapp') throw missingParameter('messaging_product');
    if (typeof pin !== 'string' || !/^\d{6}$/.test(pin)) throw missingParameter('pin');
    if (number.pin !== null && !isSame(pin, number.pin)) {
      throw new GraphError(133005, { details: 'Two step verification PIN mismatch.' });
    }
    number.pin = pin;
    number.registered = true;
    return { success: true };
  });

  app.post<ById>('/:version/:id/deregister', async (request) => {
    authorize(request, access);
    ourNumber(request.params.id);
    if (!number.registered) throw new GraphError(133010, { details: 'Phone number is not registered.' });
    number.registered = false;
    return { success: true };
  });

  app.get<ById>('/:version/:id/phone_numbers', async (request) => {
    authorize(request, access);
    ourAccount(request.params.id, 'get');
    const { phoneNumberId, displayPhoneNumber } = world.account;
    return { data: [{ id: phoneNumberId, display_phone_number: `+${displayPhoneNumber}` }] };
  });

  app.post<ById>('/:version/:id/subscriptions', async (request) => {
    authorizeApp(request, access);
    if (request.params.id !== access.appId) throw unknownObject(request.params.id, 'post');
    const {
      object,
      callback_url: url,
      verify_token: token,
    } = (request.body ?? {}) as Record<string, unknown>;
    if (object !== 'whatsapp_business_account') throw missingParameter('object');
    if (typeof url !== 'string') throw missingParameter('callback_url');
    if (typeof token !== 'string') throw missingParameter('verify_token');
    if (!(await connect(url, token))) {
      throw new GraphError(2200, { message: '(#2200) Callback verification failed.', httpStatus: 400 });
    }
    return { success: true };
  });

  app.post<ById & { Querystring: { waba_id?: string; waba_currency?: string } }>(
    '/:version/:id/whatsapp_credit_sharing_and_attach',
    async (request) => {
      authorize(request, access);
      const { waba_id: wabaId, waba_currency: currency } = request.query;
      if (wabaId !== world.account.wabaId) throw unknownObject(wabaId ?? '', 'post');
      if (currency === undefined || !/^[A-Z]{3}$/.test(currency)) throw missingParameter('waba_currency');
      number.creditLine = request.params.id;
      return { allocation_config_id: '500000000000001', waba_id: wabaId };
    },
  );

  app.get<ById>('/:version/:id/subscribed_apps', async (request) => {
    authorize(request, access);
    ourAccount(request.params.id, 'get');
    const app = { link: 'https://example.com/', name: 'Saksi', id: access.appId };
    return { data: number.subscribed ? [{ whatsapp_business_api_data: app }] : [] };
  });
  app.post<ById>('/:version/:id/subscribed_apps', async (request) => {
    authorize(request, access);
    ourAccount(request.params.id, 'post');
    number.subscribed = true;
    return { success: true };
  });
  app.delete<ById>('/:version/:id/subscribed_apps', async (request) => {
    authorize(request, access);
    ourAccount(request.params.id, 'delete');
    number.subscribed = false;
    return { success: true };
  });

  app.get<{ Querystring: { input_token?: string } }>('/:version/debug_token', async (request) => {
    authorizeApp(request, access);
    const { input_token: token } = request.query;
    if (token === undefined) throw missingParameter('input_token');
    if (!isSame(token, access.accessToken)) {
      const error = { code: 190, message: 'The access token could not be decrypted', subcode: 463 };
      return { data: { is_valid: false, scopes: [], error } };
    }
    const issued_at = Math.floor(clock.now() / 1000);
    return {
      data: {
        ...{ app_id: access.appId, type: 'SYSTEM_USER', application: 'Saksi', is_valid: true },
        ...{ issued_at, expires_at: 0, scopes: SCOPES },
      },
    };
  });

  app.get<{ Querystring: Record<string, string | undefined> }>(
    '/:version/oauth/access_token',
    async (request) => {
      checkVersion(request);
      const { client_id: id = '', client_secret: secret = '', code } = request.query;
      if (id !== access.appId) {
        throw new GraphError(101, { message: 'Error validating application. Invalid application ID.' });
      }
      if (!isSame(secret, access.appSecret)) {
        throw new GraphError(1, { message: 'Error validating client secret.', httpStatus: 400 });
      }
      if (code === undefined) throw missingParameter('code');
      // Each run of the dialogue gives another code; here they differ by what follows a dash.
      if (!isSame(code.replace(/-\d+$/, ''), signupCode)) {
        throw new GraphError(100, { message: 'Invalid verification code format.', httpStatus: 400 });
      }
      if (codesUsed.has(code)) {
        throw new GraphError(100, {
          message: 'This authorization code has been used.',
          subcode: 36009,
          httpStatus: 400,
        });
      }
      codesUsed.add(code);
      return { access_token: access.accessToken, token_type: 'bearer' };
    },
  );

  function ourNumber(id: string): void {
    if (id !== world.account.phoneNumberId) throw unknownObject(id, 'post');
  }

  function ourAccount(id: string, verb: 'get' | 'post' | 'delete'): void {
    if (id !== world.account.wabaId) throw unknownObject(id, verb);
  }
}
