import { z } from 'zod';

/** What no database column of text takes: U+0000, and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** Text from outside that can be kept as it is. */
export function plainText(max: number) {
  return z
    .string()
    .max(max)
    .refine((text) => !UNSTORABLE.test(text), 'holds what cannot be kept');
}
