import { z } from 'zod';
import { redemptionSchema } from './gateway-api.ts';
import { uuidSchema } from './ids.ts';

/**
 * Managers and supervisors on the gateway's own pages, without a till: how they sign in (a password or a passkey, and a code on
 * WhatsApp; or a link that an operator made), which outlets they may read, and what they are signed in with. The session is a cookie
 * that no script reads; whatever changes something is a POST of JSON from a page of the gateway itself.
 */
export const WEB_PATHS = {
  /** The pages; the view is in the fragment. */
  page: '/web/',
  /** Before the paths of `AUDIT_PATHS`, `FINDINGS_PATHS`, `CASES_PATHS` and `ALERTS_PATHS`. */
  store: '/web/api/stores/:storeId',
  /** GET `webDeskSchema`; `web_session_ended`. */
  desk: '/web/api/desk',
  /** POST `webPasswordSignInSchema`: answers `webChallengeSchema`. A wrong name and a wrong password are one refusal. */
  password: '/web/api/sign-in/password',
  /** POST `{}`: answers `passkeyOptionsSchema`, for whoever has a passkey here (discoverable: no name is asked for). */
  passkeyOptions: '/web/api/sign-in/passkey/options',
  /** POST `passkeyAnswerSchema`: answers `webChallengeSchema`. */
  passkey: '/web/api/sign-in/passkey',
  /** POST `webCodeSchema`: answers `webDeskSchema`, and sets the cookie. */
  code: '/web/api/sign-in/code',
  /** POST `webWaitingSchema`: another code. Answers `webChallengeSchema`. */
  resend: '/web/api/sign-in/resend',
  /** POST `webWaitingSchema`: how far the message has come. Answers `webChallengeSchema`. */
  look: '/web/api/sign-in/look',
  /** GET `webAccountSchema`: credentials and sessions of whoever is signed in. */
  account: '/web/api/account',
  /** POST `webPasswordSetSchema`: answers `webAccountSchema`. */
  setPassword: '/web/api/account/password',
  /** POST `{}`: answers `passkeyOptionsSchema`. */
  newPasskeyOptions: '/web/api/account/passkey/options',
  /** POST `newPasskeySchema`: answers `webAccountSchema`. */
  newPasskey: '/web/api/account/passkey',
  /** POST `webIdSchema`, a password or a passkey of one's own: answers `webAccountSchema`. Sessions begun with it end. */
  removeCredential: '/web/api/account/remove',
  /** POST `webIdSchema`, a session of one's own: answers `webAccountSchema`. */
  endSession: '/web/api/account/end-session',
  /** POST `{}`: every session but the present one. Answers `webAccountSchema`. */
  endOthers: '/web/api/account/end-others',
} as const;

/** Where a manager's path is found for a session; `role_not_allowed` for a store that is not theirs. */
export const webStorePath = (storeId: string, path: string): string =>
  `${WEB_PATHS.store.replace(':storeId', storeId)}${path}`;

const epochMs = z.number().int().nonnegative();

/** `supervisor`: reads the list and its pictures; `manager`: also figures, signals, cases and alerts, and decides about them. */
export const webRoleSchema = z.enum(['supervisor', 'manager']);
export type WebRole = z.infer<typeof webRoleSchema>;

/** What somebody is signed in to. */
export const webDeskSchema = z.object({
  name: z.string(),
  expiresAt: epochMs,
  /** Where they are on the staff list as a manager or a supervisor now, by name. */
  stores: z.array(z.object({ id: uuidSchema, name: z.string(), role: webRoleSchema })),
  /** Neither a password nor a passkey yet: the page asks for one. */
  needsCredential: z.boolean(),
});
export type WebDesk = z.infer<typeof webDeskSchema>;

/** What somebody signs in under: an e-mail address or a name of their own choice, without case. */
export const webLoginNameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._%+@-]{2,63}$/);
/** NIST SP 800-63B-4, section 3.1.1.2: 8 at least beside a second factor, 15 alone; no rules of composition. */
export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 256;
export const webPasswordSchema = z.string().min(PASSWORD_MIN).max(PASSWORD_MAX);

export const webPasswordSignInSchema = z.strictObject({
  name: z.string().max(128),
  password: z.string().min(1).max(PASSWORD_MAX),
});

/** 256 random bits, in base64url: what holds one step to the next. */
const ticketSchema = z.string().regex(/^[\w-]{43}$/);

/** The first factor was right, and the code is on its way; `code` is as at a till's sign-in. */
export const webChallengeSchema = z.object({
  ticket: ticketSchema,
  name: z.string(),
  phoneMasked: z.string().nullable(),
  ended: z.boolean(),
  code: redemptionSchema.shape.code.unwrap(),
});
export type WebChallenge = z.infer<typeof webChallengeSchema>;

export const webCodeSchema = z.strictObject({ ticket: ticketSchema, code: z.string().regex(/^\d{4,8}$/) });
export const webWaitingSchema = z.strictObject({ ticket: ticketSchema });

/** WebAuthn level 3, sections 5.4, 5.5 and 5.1.8, in its JSON form: the library on either side knows what is in it. */
const webAuthnJson = z.record(z.string(), z.unknown());
export const passkeyOptionsSchema = z.object({ ticket: ticketSchema, options: webAuthnJson });
export type PasskeyOptions = z.infer<typeof passkeyOptionsSchema>;
export const passkeyAnswerSchema = z.strictObject({ ticket: ticketSchema, answer: webAuthnJson });
export type PasskeyAnswer = z.infer<typeof passkeyAnswerSchema>;

/** `current`: needed where there is a password already. */
export const webPasswordSetSchema = z.strictObject({
  name: webLoginNameSchema,
  password: webPasswordSchema,
  current: z.string().min(1).max(PASSWORD_MAX).nullable(),
});
export type WebPasswordSet = z.infer<typeof webPasswordSetSchema>;
export const newPasskeySchema = z.strictObject({
  ...passkeyAnswerSchema.shape,
  /** What its owner calls it: 'HP Sari'. */
  label: z.string().trim().min(1).max(40),
});
export type NewPasskey = z.infer<typeof newPasskeySchema>;
export const webIdSchema = z.strictObject({ id: uuidSchema });

export const webAccountSchema = z.object({
  name: z.string(),
  /** Where codes go; null: no number of theirs is verified, and only links of the operator let them in. */
  phoneMasked: z.string().nullable(),
  login: z.object({ id: uuidSchema, name: z.string(), since: epochMs }).nullable(),
  passkeys: z.array(
    z.object({ id: uuidSchema, label: z.string(), since: epochMs, usedAt: epochMs.nullable() }),
  ),
  sessions: z.array(
    z.object({
      id: uuidSchema,
      current: z.boolean(),
      by: z.enum(['link', 'password', 'passkey']),
      /** What the browser says of itself ('Chrome, Android'); null: nothing that is known. */
      browser: z.string().max(60).nullable(),
      since: epochMs,
      seenAt: epochMs,
      expiresAt: epochMs,
    }),
  ),
});
export type WebAccount = z.infer<typeof webAccountSchema>;
