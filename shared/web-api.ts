import { z } from 'zod';
import { redemptionSchema } from './gateway-api.ts';
import { uuidSchema } from './ids.ts';

/**
 * Managers on the gateway's own pages, without a till: how they sign in (a password or a passkey, and a code on WhatsApp), which
 * outlets they may read, and what they are signed in with. The session is a cookie that no script reads; whatever changes
 * something is a POST of JSON from a page of the gateway itself.
 */
export const WEB_PATHS = {
  /** The pages; the view is in the fragment. */
  page: '/web/',
  /** GET `webSessionSchema`; `web_session_ended`. */
  session: '/web/api/session',
  /** POST `webLinkSchema`: the link that an operator made on the server, which works once. Answers `webSessionSchema`. */
  link: '/web/api/sign-in/link',
  /** POST `webPasswordSignInSchema`: answers `webChallengeSchema`. Wrong name and wrong password are one refusal. */
  password: '/web/api/sign-in/password',
  /** POST `{}`: answers `passkeyOptionsSchema`, for whoever has a passkey here (discoverable: no name is asked for). */
  passkeyOptions: '/web/api/sign-in/passkey/options',
  /** POST `passkeyAnswerSchema`: answers `webChallengeSchema`. */
  passkey: '/web/api/sign-in/passkey',
  /** POST `webCodeSchema`: answers `webSessionSchema`, and sets the cookie. */
  code: '/web/api/sign-in/code',
  /** POST `webResendSchema`: answers `webChallengeSchema`. */
  resend: '/web/api/sign-in/resend',
  /** POST `{}`. */
  signOut: '/web/api/sign-out',
  /** GET `webAccountSchema`: credentials and sessions of whoever is signed in. */
  account: '/web/api/account',
  /** POST `webPasswordSetSchema`: answers `webAccountSchema`. */
  setPassword: '/web/api/account/password',
  /** POST `{}`: answers `passkeyOptionsSchema`. */
  newPasskeyOptions: '/web/api/account/passkey/options',
  /** POST `newPasskeySchema`: answers `webAccountSchema`. */
  newPasskey: '/web/api/account/passkey',
  /** POST `webRevokeSchema` (a password or a passkey of one's own): answers `webAccountSchema`. */
  removeCredential: '/web/api/account/remove',
  /** POST `webRevokeSchema` (a session of one's own; also the present one): answers `webAccountSchema`. */
  endSession: '/web/api/account/end-session',
  /** POST `{}`: every session but the present one. Answers `webAccountSchema`. */
  endOthers: '/web/api/account/end-others',
} as const;

/**
 * Before the paths of `AUDIT_PATHS`, `FINDINGS_PATHS`, `CASES_PATHS` and `ALERT_PATHS`: the same questions and answers as from a
 * till, with the session in the place of the till's key and the manager's proof. `role_not_allowed` for an outlet that is not theirs.
 */
export const webStorePath = (storeId: string, path: string): string => `/web/api/stores/${storeId}${path}`;

const epochMs = z.number().int().nonnegative();

/** `supervisor`: reads the list and the pictures; `manager`: also signals and cases, and decides about them. */
export const webRoleSchema = z.enum(['supervisor', 'manager']);
export type WebRole = z.infer<typeof webRoleSchema>;

export const webSessionSchema = z.object({
  id: uuidSchema,
  name: z.string(),
  language: z.enum(['id', 'en', 'tr']),
  expiresAt: epochMs,
  /** Where they are on the staff list as a manager or a supervisor now, by name; at least one. */
  stores: z.array(z.object({ id: uuidSchema, name: z.string(), role: webRoleSchema })).min(1),
  /** Signed in by a link, with neither a password nor a passkey yet: the page asks for one. */
  needsCredential: z.boolean(),
});
export type WebSessionView = z.infer<typeof webSessionSchema>;

export const webLinkSchema = z.strictObject({ token: z.string().regex(/^[\w-]{43}$/) });

/** What somebody signs in under: an e-mail address or a name of their own choice, without case. */
export const webLoginNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._%+@-]{2,63}$/);
/** NIST SP 800-63B-4, section 3.1.1.2: at least 15 characters where it is the only secret, 8 beside a second one; no rules of composition. */
export const PASSWORD_MIN = 12;
export const webPasswordSchema = z.string().min(PASSWORD_MIN).max(256);

export const webPasswordSignInSchema = z.strictObject({
  name: webLoginNameSchema,
  password: z.string().min(1).max(256),
});

/** The code is on its way; `code` is as at a till's sign-in. */
export const webChallengeSchema = z.object({
  challengeId: uuidSchema,
  phoneMasked: z.string().nullable(),
  code: redemptionSchema.shape.code.unwrap(),
});
export type WebChallenge = z.infer<typeof webChallengeSchema>;

export const webCodeSchema = z.strictObject({ challengeId: uuidSchema, code: z.string().regex(/^\d{4,8}$/) });
export const webResendSchema = z.strictObject({ challengeId: uuidSchema });

/** WebAuthn level 3, sections 5.4 and 5.5, in its JSON form: checked by the library on both sides, not here. */
const webAuthnJson = z.record(z.string(), z.unknown());
export const passkeyOptionsSchema = z.object({ requestId: uuidSchema, options: webAuthnJson });
export type PasskeyOptions = z.infer<typeof passkeyOptionsSchema>;
export const passkeyAnswerSchema = z.strictObject({ requestId: uuidSchema, answer: webAuthnJson });

/** `current`: needed where there is a password already. */
export const webPasswordSetSchema = z.strictObject({
  name: webLoginNameSchema,
  password: webPasswordSchema,
  current: z.string().min(1).max(256).nullable(),
});
export const newPasskeySchema = z.strictObject({
  requestId: uuidSchema,
  answer: webAuthnJson,
  /** What its owner calls it: 'HP Sari'. */
  label: z.string().trim().min(1).max(40),
});
export const webRevokeSchema = z.strictObject({ id: uuidSchema });

export const webAccountSchema = z.object({
  /** Null: no password. */
  login: z.object({ id: uuidSchema, name: z.string(), since: epochMs }).nullable(),
  passkeys: z.array(
    z.object({ id: uuidSchema, label: z.string(), since: epochMs, usedAt: epochMs.nullable() }),
  ),
  sessions: z.array(
    z.object({
      id: uuidSchema,
      current: z.boolean(),
      /** How it was begun. */
      by: z.enum(['link', 'password', 'passkey']),
      /** What the browser says of itself, in a word or two ('Chrome, Android'); null: nothing that is known. */
      browser: z.string().max(60).nullable(),
      since: epochMs,
      seenAt: epochMs,
      expiresAt: epochMs,
    }),
  ),
});
export type WebAccountView = z.infer<typeof webAccountSchema>;
