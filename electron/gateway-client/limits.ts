import type { z } from 'zod';
import type { CallSpec } from './call.ts';

/** A person waits at the counter: longer than this is an answer too. */
const CALL_TIMEOUT_MS = 6_000;
/** Nobody waits for the outbox. */
const SETTLE_TIMEOUT_MS = 15_000;
const RETRIES = 2;

export type Limits = Pick<CallSpec<z.ZodType>, 'timeoutMs' | 'retries'>;
export const PATIENT: Limits = { timeoutMs: CALL_TIMEOUT_MS, retries: RETRIES };
export const UNHURRIED: Limits = { timeoutMs: SETTLE_TIMEOUT_MS, retries: 0 };

/** As in a URL: lists with commas; what is not set is left out. */
export function textOf(fields: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

export const pathOf = (path: string, id: string | number): string =>
  path.replace(':id', encodeURIComponent(String(id)));
