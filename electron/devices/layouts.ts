import labelsFile from '../../resources/layouts/labels.json' with { type: 'json' };
import type { Language } from '../../shared/errors.ts';
import type { Asset } from '../../shared/money.ts';
import type { SlipDesign } from '../../shared/slip-design.ts';
import { arranged, SLIP_LAYOUTS, type SlipKind, type SlipLayout } from '../../shared/slip-layouts.ts';
import type { SlipDocument, SlipElement } from './slip.ts';

export interface SlipPair {
  readonly left: string;
  readonly right: string;
}
export type SlipValues = Readonly<Record<string, string | boolean | readonly (string | SlipPair)[]>>;
export type SlipLabels = Readonly<Record<string, string>>;

/** Fills a layout in. Throws RangeError for a place that has no value: a slip with a hole is not printed. */
export function buildSlip(layout: SlipLayout, values: SlipValues, labels: SlipLabels): SlipDocument {
  const elements = layout.elements.flatMap((element): SlipElement[] => {
    const { when, each, part: _part, optional: _optional, ...rest } = element;
    if (when !== undefined && isBlank(values[when])) return [];
    if (each === undefined) return [fillElement(rest as SlipElement, values, labels)];
    const items = values[each];
    if (!Array.isArray(items)) throw new RangeError(`slip ${layout.name}: ${each} is no list`);
    return items.map((item: string | SlipPair) => {
      const named = typeof item === 'string' ? { item } : { left: item.left, right: item.right };
      return fillElement(rest as SlipElement, { ...values, ...named }, labels);
    });
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

export type LabelKey = keyof (typeof labelsFile)['en'];
const LABELS: Record<Language, Record<LabelKey, string>> = labelsFile;

/** How a slip is to look: in which language or two, and what the store made of its layout. */
export interface SlipLook {
  readonly language: Language;
  /** Behind the words of the first, where they differ. */
  readonly second?: Language | null;
  /** Without it a slip looks as it comes with the program. */
  readonly design?: SlipDesign | null;
}

/** The words of a look: 'Waktu / Time'. */
export function labelsOf({ language, second }: SlipLook): Record<LabelKey, string> {
  const first = LABELS[language];
  if (second === undefined || second === null) return first;
  const keys = Object.keys(first) as LabelKey[];
  const both = (key: LabelKey) =>
    first[key] === LABELS[second][key] ? first[key] : `${first[key]} / ${LABELS[second][key]}`;
  return Object.fromEntries(keys.map((key) => [key, both(key)])) as Record<LabelKey, string>;
}

/** Builds a slip of a kind by the store's arrangement, with its logo, header and footer. */
export function buildKind(
  kind: SlipKind,
  values: SlipValues,
  look: SlipLook,
  store: { readonly storeLines: readonly string[]; readonly footer: string },
): SlipDocument {
  const labels = labelsOf(look);
  const { design } = look;
  const layout = arranged(SLIP_LAYOUTS[kind], design?.kinds[kind] ?? { order: [], hidden: [] });
  const storeFooter = design?.footer ?? [];
  const own = {
    logo: design?.logo ?? '',
    storeLines:
      design !== undefined && design !== null && design.header.length > 0 ? design.header : store.storeLines,
    footerLines: storeFooter.length > 0 ? storeFooter : [store.footer].filter((line) => line !== ''),
  };
  return buildSlip(layout, { ...values, ...own }, labels);
}

/** The slip of a redemption. */
export function buildRedemptionSlip(slip: RedemptionSlip, look: SlipLook): SlipDocument {
  const labels = labelsOf(look);
  const { storeLines, ...values } = slip;
  const footer = slip.footer || labels.thanks;
  return buildKind('redemption', { ...values, assetLabel: labels[slip.asset] }, look, { storeLines, footer });
}

export type ApprovalLayout = Extract<SlipKind, 'approval' | 'void' | 'refund' | 'discount' | 'drawer'>;

export interface ApprovalSlip {
  readonly storeName: string;
  readonly storeLines: readonly string[];
  readonly time: string;
  /** Which layout: the kind's own where there is one. */
  readonly layout: ApprovalLayout;
  /** In words. */
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

/** The slip of an approval. It stays in the shop, so it has no closing words but the store's own. */
export function buildApprovalSlip(slip: ApprovalSlip, look: SlipLook): SlipDocument {
  const { layout, storeLines, ...values } = slip;
  const approvedBy = slip.approvedBy === '' ? labelsOf(look).noApproval : slip.approvedBy;
  return buildKind(layout, { ...values, approvedBy }, look, { storeLines, footer: '' });
}
