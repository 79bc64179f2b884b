import { z } from 'zod';
import { languageSchema } from './gateway-api.ts';
import { slipDesignSchema } from './slip-design.ts';
import { SLIP_KINDS } from './slip-layouts.ts';

/** Columns of font A by the width of the paper. */
export const PAPER_COLUMNS = { 58: 32, 80: 48 } as const;
export type PaperWidth = keyof typeof PAPER_COLUMNS;
/** Dots of a column. */
export const COLUMN_DOTS = 12;

/** Which slip a manager wants to see, and how: the design may be one that is not saved yet. */
export const slipPreviewWishSchema = z.strictObject({
  kind: z.enum(SLIP_KINDS),
  paper: z.union([z.literal(58), z.literal(80)]),
  design: slipDesignSchema,
  /** Which language the customer of the example speaks. */
  customerLanguage: languageSchema,
  /** As it looks when it is printed again. */
  copy: z.boolean(),
});

/** A slip line by line as the printer gets it: characters that it has, or dots where it is sent dots. */
export const previewLineSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('line'),
    /** Blank columns before it. */
    indent: z.number().int().nonnegative(),
    text: z.string(),
    bold: z.boolean(),
    invert: z.boolean(),
    size: z.union([z.literal(1), z.literal(2)]),
  }),
  z.strictObject({
    kind: z.literal('dots'),
    what: z.enum(['text', 'logo', 'qr', 'barcode']),
    /** What it says, for who cannot see it; empty for a logo. */
    text: z.string(),
    /** In dots; `left`: the white before it. */
    left: z.number().int().nonnegative(),
    width: z.number().int().positive(),
    height: z.number().int().positive(),
    /** A bit for each dot, rows of whole bytes, base64. */
    data: z.base64(),
  }),
  z.strictObject({ kind: z.literal('feed'), lines: z.number().int() }),
  z.strictObject({ kind: z.literal('cut') }),
]);
export type PreviewLine = z.infer<typeof previewLineSchema>;

export const slipPreviewSchema = z.strictObject({
  columns: z.number().int(),
  lines: z.array(previewLineSchema).max(200),
});
export type SlipPreview = z.infer<typeof slipPreviewSchema>;
export type SlipPreviewWish = z.output<typeof slipPreviewWishSchema>;
