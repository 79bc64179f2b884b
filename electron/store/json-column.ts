import type { z } from 'zod';
import { SaksiError } from '../../shared/errors.ts';

/** Reads a JSON column through its schema: what is on the disk is as foreign as what is on the wire. */
export function readJson<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SaksiError('store_failed', { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new SaksiError('store_failed', { cause: parsed.error });
  return parsed.data;
}

export function readJsonOrNull<T extends z.ZodType>(schema: T, text: string | null): z.output<T> | null {
  return text === null ? null : readJson(schema, text);
}

export function writeJson(value: unknown): string {
  return JSON.stringify(value);
}

export function writeJsonOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
