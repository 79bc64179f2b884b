import { z } from 'zod';
import { partsOf, SLIP_KINDS, SLIP_LAYOUTS, type SlipKind } from './slip-layouts.ts';

/** Dots: as wide as 58 mm paper prints, so that it fits on both. */
export const LOGO_WIDTH_MAX = 384;
export const LOGO_HEIGHT_MAX = 200;
export const LOGO_BYTES_MAX = 16 * 1024;
export const SLIP_LINES_MAX = 6;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Width and height in dots of a PNG in base64, or null where it is none or broken: wrong signature, chunks that do not add
 * up, a wrong check sum, no picture data, interlaced.
 */
export function pngSize(base64: string): { width: number; height: number } | null {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
  if (bytes.length < 33 || SIGNATURE.some((byte, index) => bytes[index] !== byte)) return null;
  const view = new DataView(bytes.buffer);
  const names: string[] = [];
  let at = SIGNATURE.length;
  while (at + 12 <= bytes.length) {
    names.push(String.fromCharCode(...bytes.subarray(at + 4, at + 8)));
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return null;
    at = end + 4;
  }
  const whole = at === bytes.length && names[0] === 'IHDR' && names.at(-1) === 'IEND';
  if (!whole || !names.includes('IDAT') || bytes[28] !== 0) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Of a PNG's chunks (ISO 3309). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

/** One line in the store's own words. Nothing in it can be a command of a printer. */
const lineSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u);
const linesSchema = z.array(lineSchema).max(SLIP_LINES_MAX);

const logoSchema = z
  .base64()
  .max(Math.ceil(LOGO_BYTES_MAX / 3) * 4)
  .check((context) => {
    const fault = (message: string) =>
      context.issues.push({ code: 'custom', message, input: context.value, path: [] });
    const size = pngSize(context.value);
    if (size === null) return void fault('no picture');
    if (size.width < 1 || size.width > LOGO_WIDTH_MAX) fault('picture too wide');
    if (size.height < 1 || size.height > LOGO_HEIGHT_MAX) fault('picture too high');
  });

const arrangementSchema = z.strictObject({
  order: z.array(z.string().max(32)).max(40),
  hidden: z.array(z.string().max(32)).max(40),
});

/** How a store's slips look. Part of its signed policy, so it has its versions and comes to the tills with it. */
export const slipDesignSchema = z
  .strictObject({
    /** PNG as base64; null: none. */
    logo: logoSchema.nullable(),
    /** Below the store's name; none: its address. */
    header: linesSchema,
    /** At the end; none: the store's closing words, or thanks. */
    footer: linesSchema,
    /** `customer`: where there is no customer, the store's. `both`: the store's first, the customer's behind it. */
    language: z.enum(['store', 'customer', 'both']),
    kinds: z.partialRecord(z.enum(SLIP_KINDS), arrangementSchema),
  })
  .check((context) => {
    for (const kind of SLIP_KINDS) {
      for (const { list, index, message } of arrangementFaults(kind, context.value.kinds[kind])) {
        const path = ['kinds', kind, list, index];
        context.issues.push({ code: 'custom', message, path, input: context.value.kinds[kind] });
      }
    }
  });
export type SlipDesign = z.infer<typeof slipDesignSchema>;

interface Fault {
  readonly list: 'order' | 'hidden';
  readonly index: number;
  readonly message: string;
}

function arrangementFaults(kind: SlipKind, wish: z.infer<typeof arrangementSchema> | undefined): Fault[] {
  if (wish === undefined) return [];
  const parts = partsOf(SLIP_LAYOUTS[kind]);
  const find = (name: string) => parts.find(({ part }) => part === name);
  const faults: Fault[] = [];
  let section = 0;
  for (const [index, name] of wish.order.entries()) {
    const part = find(name);
    const add = (message: string) => faults.push({ list: 'order', index, message });
    if (part === undefined) add('no such part');
    else if (part.section < section) add('part leaves its section');
    else if (wish.order.indexOf(name) !== index) add('part named twice');
    section = Math.max(section, part?.section ?? 0);
  }
  for (const [index, name] of wish.hidden.entries()) {
    const part = find(name);
    if (part === undefined) faults.push({ list: 'hidden', index, message: 'no such part' });
    else if (!part.optional) faults.push({ list: 'hidden', index, message: 'part is needed' });
  }
  return faults;
}

export const DEFAULT_SLIP_DESIGN: SlipDesign = {
  logo: null,
  header: [],
  footer: [],
  language: 'customer',
  kinds: {},
};
