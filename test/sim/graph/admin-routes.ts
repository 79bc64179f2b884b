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
};

export const newNumber = (verifiedName: string): BusinessNumber => ({
  verifiedName,
  nameStatus: 'APPROVED',
  qualityRating: 'GREEN',
  messagingLimit: null,
  registered: true,
  pin: null,
  subscribed: true,
});

type Parts = { world: World; clock: Clock; number: BusinessNumber; access: Access; signupCode: string };
type Params = { version: string; id: string };
type ById = { Params: Params };

const SCOPES = ['whatsapp_business_management', 'whatsapp_business_messaging'];

export function registerAdmin(
  app: FastifyInstance,
  { world, clock, number, access, signupCode }: Parts,
): void {
  let codeUsed = false;

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
      if (!isSame(code, signupCode)) {
        throw new GraphError(100, { message: 'Invalid verification code format.', httpStatus: 400 });
      }
      if (codeUsed) {
        throw new GraphError(100, {
          message: 'This authorization code has been used.',
          subcode: 36009,
          httpStatus: 400,
        });
      }
      codeUsed = true;
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
