/** The gateway's configuration, from the environment. Names and meanings: `.env.example`. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

export const MASTER_KEY_BYTES = 32;
const DEFAULT_PORT = 8787;
const DEFAULT_GRAPH_URL = 'https://graph.facebook.com';
const DEFAULT_GRAPH_VERSION = 'v25.0';

export type DatabaseLocation =
  | { readonly kind: 'postgres'; readonly url: string }
  /** PGlite, in this folder; one process at a time. */
  | { readonly kind: 'folder'; readonly folder: string }
  /** PGlite without a folder: gone at the end. For tests. */
  /** `image`: a file to begin with, as PGlite's `dumpDataDir` writes it. */
  | { readonly kind: 'memory'; readonly image?: string };

/** What WhatsApp is reached with. A field left out is looked up in the database (`admin whatsapp set`). */
export interface WhatsAppSettings {
  readonly phoneNumberId?: string;
  readonly wabaId?: string;
  readonly accessToken?: string;
  readonly appSecret?: string;
  readonly verifyToken?: string;
}

export interface GatewayConfig {
  readonly database: DatabaseLocation;
  /** For the embedded database, its lock, and the master key when it is not in the environment. */
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Whether `X-Forwarded-For` of a reverse proxy in front is believed, for limits by address. */
  readonly trustProxy: boolean;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
  readonly masterKey: Uint8Array;
  readonly graphUrl: string;
  readonly graphVersion: string;
  /** Under which Meta and people reach the gateway, `https://saksi.example.id`; else it is asked for on the set-up pages. */
  readonly publicUrl?: string;
  readonly whatsapp: WhatsAppSettings;
}

/** An empty variable counts as none: that is what `NAME=` in an env file means. */
const optionalText = z
  .string()
  .trim()
  .transform((text) => (text === '' ? undefined : text))
  .optional();

const masterKeySchema = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be 32 bytes in base64')
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')));

const portSchema = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.number().max(65_535));

const environmentSchema = z.object({
  DATABASE_URL: optionalText.pipe(z.url({ protocol: /^postgres(ql)?$/ }).optional()),
  SAKSI_DATA_DIR: optionalText,
  HOST: optionalText,
  PORT: optionalText.pipe(portSchema.optional()),
  SAKSI_TRUST_PROXY: optionalText.pipe(z.enum(['true', 'false']).optional()),
  SAKSI_LOG_LEVEL: optionalText.pipe(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).optional(),
  ),
  SAKSI_MASTER_KEY: optionalText.pipe(masterKeySchema.optional()),
  SAKSI_PUBLIC_URL: optionalText.pipe(
    z
      .url({ protocol: /^https?$/ })
      .transform((text) => new URL(text).origin)
      .optional(),
  ),
  WHATSAPP_GRAPH_URL: optionalText.pipe(z.url({ protocol: /^https?$/ }).optional()),
  WHATSAPP_GRAPH_VERSION: optionalText.pipe(
    z
      .string()
      .regex(/^v\d{1,3}\.\d{1,2}$/)
      .optional(),
  ),
  WHATSAPP_PHONE_NUMBER_ID: optionalText,
  WHATSAPP_BUSINESS_ACCOUNT_ID: optionalText,
  WHATSAPP_ACCESS_TOKEN: optionalText,
  WHATSAPP_APP_SECRET: optionalText,
  WHATSAPP_VERIFY_TOKEN: optionalText,
});

/** A fault of the configuration. Its message names variables and rules, never a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError naming each variable that is wrong */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`configuration: ${faults.join('; ')}`);
  }
  const env = parsed.data;
  const dataDir = env.SAKSI_DATA_DIR ?? join(homedir(), '.saksi');
  return {
    database:
      env.DATABASE_URL === undefined
        ? { kind: 'folder', folder: join(dataDir, 'gateway') }
        : { kind: 'postgres', url: env.DATABASE_URL },
    dataDir,
    host: env.HOST ?? '127.0.0.1',
    port: env.PORT ?? DEFAULT_PORT,
    trustProxy: env.SAKSI_TRUST_PROXY === 'true',
    logLevel: env.SAKSI_LOG_LEVEL ?? 'info',
    masterKey: env.SAKSI_MASTER_KEY ?? masterKeyFromFile(dataDir),
    graphUrl: env.WHATSAPP_GRAPH_URL ?? DEFAULT_GRAPH_URL,
    graphVersion: env.WHATSAPP_GRAPH_VERSION ?? DEFAULT_GRAPH_VERSION,
    ...(env.SAKSI_PUBLIC_URL && { publicUrl: env.SAKSI_PUBLIC_URL }),
    whatsapp: {
      ...(env.WHATSAPP_PHONE_NUMBER_ID && { phoneNumberId: env.WHATSAPP_PHONE_NUMBER_ID }),
      ...(env.WHATSAPP_BUSINESS_ACCOUNT_ID && { wabaId: env.WHATSAPP_BUSINESS_ACCOUNT_ID }),
      ...(env.WHATSAPP_ACCESS_TOKEN && { accessToken: env.WHATSAPP_ACCESS_TOKEN }),
      ...(env.WHATSAPP_APP_SECRET && { appSecret: env.WHATSAPP_APP_SECRET }),
      ...(env.WHATSAPP_VERIFY_TOKEN && { verifyToken: env.WHATSAPP_VERIFY_TOKEN }),
    },
  };
}

/** Reads `master.key`, or makes it with mode 0600. Two processes starting at once end up with the same key. */
export function masterKeyFromFile(dataDir: string): Uint8Array {
  const file = join(dataDir, 'master.key');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    const fresh = randomBytes(MASTER_KEY_BYTES);
    writeFileSync(file, `${fresh.toString('base64')}\n`, { flag: 'wx', mode: 0o600, flush: true });
    return new Uint8Array(fresh);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const parsed = masterKeySchema.safeParse(readFileSync(file, 'utf8'));
  if (!parsed.success) throw new ConfigError(`configuration: ${file} does not hold 32 bytes in base64`);
  return parsed.data;
}
