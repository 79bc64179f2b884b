import { SLIP_LINES_MAX, type SlipDesign } from '../../shared/slip-design.ts';
import { partsOf, SLIP_LAYOUTS, type SlipKind } from '../../shared/slip-layouts.ts';

/** Every part that some slip may be without; each has its name in the languages of the screens. */
export const OPTIONAL_PARTS = [
  'logo',
  'address',
  'cashier',
  'customer',
  'balanceAfter',
  'qr',
  'kind',
  'reason',
  'note',
  'sign_cashier',
  'sign_supervisor',
  'sign_receivedBy',
  'footer',
] as const;
export type OptionalPart = (typeof OPTIONAL_PARTS)[number];

/** The parts of a kind that a store may leave out. */
export function optionalParts(kind: SlipKind): OptionalPart[] {
  const parts = partsOf(SLIP_LAYOUTS[kind]);
  return OPTIONAL_PARTS.filter((name) => parts.some(({ part, optional }) => optional && part === name));
}

export function isShown(design: SlipDesign, kind: SlipKind, part: string): boolean {
  return design.kinds[kind]?.hidden.includes(part) !== true;
}

/** The design with a part of one kind shown or left out. A kind that is as it comes is not kept. */
export function withPart(design: SlipDesign, kind: SlipKind, part: string, shown: boolean): SlipDesign {
  const { order, hidden } = design.kinds[kind] ?? { order: [], hidden: [] };
  const others = hidden.filter((name) => name !== part);
  const next = { order, hidden: shown ? others : [...others, part] };
  const { [kind]: _, ...kinds } = design.kinds;
  const plain = next.order.length === 0 && next.hidden.length === 0;
  return { ...design, kinds: plain ? kinds : { ...kinds, [kind]: next } };
}

/** What was typed, as lines for the slip: without empty ones, and as many as there may be. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, SLIP_LINES_MAX);
}
