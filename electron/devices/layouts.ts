import { z } from 'zod';
import approvalFile from '../../resources/layouts/approval.json' with { type: 'json' };
import labelsFile from '../../resources/layouts/labels.json' with { type: 'json' };
import redemptionFile from '../../resources/layouts/redemption.json' with { type: 'json' };
import type { Language } from '../../shared/errors.ts';
import type { Asset } from '../../shared/money.ts';
import type { SlipDocument, SlipElement } from './slip.ts';

const styleShape = {
  bold: z.boolean().optional(),
  invert: z.boolean().optional(),
  size: z.union([z.literal(1), z.literal(2)]).optional(),
};

const controlShape = {
  /** Printed only when this value is there and neither false nor empty. */
  when: z.string().optional(),
  /** Printed once for each string of this list, as {{item}}. */
  each: z.string().optional(),
};

/** A slip's layout, as in resources/layouts/: elements with {{name}} places for values and {{label.name}} for words. */
export const slipLayoutSchema = z.object({
  name: z.string().min(1),
  elements: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('text'),
        text: z.string(),
        align: z.enum(['left', 'center', 'right']).optional(),
        ...styleShape,
        ...controlShape,
      }),
      z.strictObject({
        kind: z.literal('row'),
        left: z.string(),
        right: z.string(),
        ...styleShape,
        ...controlShape,
      }),
      z.strictObject({ kind: z.literal('rule'), ...controlShape }),
      z.strictObject({
        kind: z.literal('qr'),
        data: z.string(),
        cell: z.number().int().min(1).max(8).optional(),
        ...controlShape,
      }),
      z.strictObject({ kind: z.literal('barcode'), data: z.string(), ...controlShape }),
      z.strictObject({ kind: z.literal('feed'), lines: z.number().int().min(1).max(20), ...controlShape }),
      z.strictObject({ kind: z.literal('cut'), ...controlShape }),
    ]),
  ),
});
export type SlipLayout = z.infer<typeof slipLayoutSchema>;

export type SlipValues = Readonly<Record<string, string | boolean | readonly string[]>>;
export type SlipLabels = Readonly<Record<string, string>>;

/** Fills a layout in. Throws RangeError for a place that has no value: a slip with a hole is not printed. */
export function buildSlip(layout: SlipLayout, values: SlipValues, labels: SlipLabels): SlipDocument {
  const elements = layout.elements.flatMap((element): SlipElement[] => {
    const { when, each, ...rest } = element;
    if (when !== undefined && isBlank(values[when])) return [];
    if (each === undefined) return [fillElement(rest as SlipElement, values, labels)];
    const items = values[each];
    if (!Array.isArray(items)) throw new RangeError(`slip ${layout.name}: ${each} is no list`);
    return items.map((item: string) => fillElement(rest as SlipElement, { ...values, item }, labels));
  });
  return { elements };
}

function isBlank(value: SlipValues[string] | undefined): boolean {
  return (
    value === undefined || value === false || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

function fillElement(element: SlipElement, values: SlipValues, labels: SlipLabels): SlipElement {
  const filled = Object.entries(element).map(([key, value]) => [
    key,
    typeof value === 'string' && key !== 'kind' && key !== 'align' ? fill(value, values, labels) : value,
  ]);
  return Object.fromEntries(filled) as SlipElement;
}

function fill(text: string, values: SlipValues, labels: SlipLabels): string {
  return text.replace(/\{\{(label\.)?(\w+)\}\}/g, (_, label: string | undefined, name: string) => {
    const value = label === undefined ? values[name] : labels[name];
    if (typeof value !== 'string') throw new RangeError(`slip: no value for ${label ?? ''}${name}`);
    return value;
  });
}

export interface RedemptionSlip {
  readonly storeName: string;
  /** Address, telephone, tax number: as many lines as the store wants. */
  readonly storeLines: readonly string[];
  /** As the till shows it, in the store's time zone. */
  readonly time: string;
  readonly saleRef: string;
  /** Empty leaves the line out. */
  readonly cashier: string;
  /** Already masked (shared/phone.ts); printed as it is. */
  readonly customer: string;
  readonly asset: Asset;
  /** Formatted with unit (shared/money.ts). */
  readonly amount: string;
  readonly balanceAfter: string;
  /** Who said the code that it was spent on while the line was down; empty leaves the lines out. */
  readonly sealedBy: string;
  /** For people, and the same for machines as a QR code. */
  readonly reference: string;
  readonly qr: string;
  /** The store's own closing words; empty: thanks in the customer's language. */
  readonly footer: string;
  /** A slip printed again carries the word. */
  readonly copy: boolean;
}

const REDEMPTION_LAYOUT = slipLayoutSchema.parse(redemptionFile);
const LABELS: Record<Language, Record<keyof (typeof labelsFile)['en'], string>> = labelsFile;

/** The slip of a redemption in one of the product's languages. */
export function buildRedemptionSlip(slip: RedemptionSlip, language: Language): SlipDocument {
  const labels = LABELS[language];
  return buildSlip(
    REDEMPTION_LAYOUT,
    { ...slip, assetLabel: labels[slip.asset], footer: slip.footer || labels.thanks },
    labels,
  );
}

export interface ApprovalSlip {
  readonly storeName: string;
  readonly storeLines: readonly string[];
  readonly time: string;
  readonly kind: string;
  /** Formatted with unit; this and the next may be empty, which leaves their line out. */
  readonly amount: string;
  readonly percent: string;
  readonly saleRef: string;
  readonly reason: string;
  readonly note: string;
  readonly requestedBy: string;
  /** Names, or empty where policy asks nobody. */
  readonly approvedBy: string;
  readonly reference: string;
  readonly copy: boolean;
}

const APPROVAL_LAYOUT = slipLayoutSchema.parse(approvalFile);

/** The slip of an approval in one of the product's languages. */
export function buildApprovalSlip(slip: ApprovalSlip, language: Language): SlipDocument {
  const labels = LABELS[language];
  const approvedBy = slip.approvedBy === '' ? labels.noApproval : slip.approvedBy;
  return buildSlip(APPROVAL_LAYOUT, { ...slip, approvedBy }, labels);
}
