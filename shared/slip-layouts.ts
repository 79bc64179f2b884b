import { z } from 'zod';
import approval from '../resources/layouts/approval.json' with { type: 'json' };
import discount from '../resources/layouts/discount.json' with { type: 'json' };
import drawer from '../resources/layouts/drawer.json' with { type: 'json' };
import redemption from '../resources/layouts/redemption.json' with { type: 'json' };
import refund from '../resources/layouts/refund.json' with { type: 'json' };
import shift from '../resources/layouts/shift.json' with { type: 'json' };
import test from '../resources/layouts/test.json' with { type: 'json' };
import topup from '../resources/layouts/topup.json' with { type: 'json' };
import voided from '../resources/layouts/void.json' with { type: 'json' };

/** The slips that there are. Each has its layout in resources/layouts/. */
export const SLIP_KINDS = [
  'redemption',
  'approval',
  'void',
  'refund',
  'discount',
  'topup',
  'shift',
  'drawer',
  'test',
] as const;
export type SlipKind = (typeof SLIP_KINDS)[number];

const styleShape = {
  bold: z.boolean().optional(),
  invert: z.boolean().optional(),
  size: z.union([z.literal(1), z.literal(2)]).optional(),
};
const alignSchema = z.enum(['left', 'center', 'right']).optional();

const controlShape = {
  /** Printed only when this value is there and neither false nor empty. */
  when: z.string().optional(),
  /** Printed once for each item of this list: as {{item}}, or as {{left}} and {{right}}. */
  each: z.string().optional(),
  /** What a store knows it by. Elements with one name move together; those without stay and part the others. */
  part: z
    .string()
    .regex(/^\w{1,32}$/)
    .optional(),
  /** A store may leave it out. */
  optional: z.boolean().optional(),
};

/** A slip's layout: elements with {{name}} places for values and {{label.name}} for words. */
export const slipLayoutSchema = z.object({
  name: z.string().min(1),
  elements: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('text'),
        text: z.string(),
        align: alignSchema,
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
      /** `png`: base64. */
      z.strictObject({ kind: z.literal('image'), png: z.string(), align: alignSchema, ...controlShape }),
      z.strictObject({ kind: z.literal('feed'), lines: z.number().int().min(1).max(20), ...controlShape }),
      z.strictObject({ kind: z.literal('cut'), ...controlShape }),
    ]),
  ),
});
export type SlipLayout = z.infer<typeof slipLayoutSchema>;
type LayoutElement = SlipLayout['elements'][number];

/** What the law wants on a slip: no layout and no store may leave it out. The test page is no receipt. */
const NEEDED: Readonly<Record<SlipKind, readonly string[]>> = {
  redemption: ['store', 'copy', 'amount', 'reference'],
  approval: ['store', 'copy', 'amount', 'reference'],
  void: ['store', 'copy', 'amount', 'reference'],
  refund: ['store', 'copy', 'amount', 'reference'],
  discount: ['store', 'copy', 'amount', 'percent', 'reference'],
  topup: ['store', 'copy', 'amount', 'reference'],
  shift: ['store', 'copy', 'amount', 'reference'],
  drawer: ['store', 'copy', 'reference'],
  test: [],
};

/** Reads the layout of a kind. Throws RangeError where a line that the law wants is missing or may be left out. */
export function readLayout(kind: SlipKind, file: unknown): SlipLayout {
  const layout = slipLayoutSchema.parse(file);
  for (const part of NEEDED[kind]) {
    const elements = layout.elements.filter((element) => element.part === part);
    if (elements.length === 0 || elements.some(({ optional }) => optional === true)) {
      throw new RangeError(`layout ${kind}: ${part} is needed`);
    }
  }
  return layout;
}

export const SLIP_LAYOUTS: Readonly<Record<SlipKind, SlipLayout>> = {
  redemption: readLayout('redemption', redemption),
  approval: readLayout('approval', approval),
  void: readLayout('void', voided),
  refund: readLayout('refund', refund),
  discount: readLayout('discount', discount),
  topup: readLayout('topup', topup),
  shift: readLayout('shift', shift),
  drawer: readLayout('drawer', drawer),
  test: readLayout('test', test),
};

/** A part that a store may move within its section, and leave out where it is optional. */
export interface SlipPart {
  readonly part: string;
  readonly optional: boolean;
  readonly section: number;
}

/** The parts of a layout from top to bottom. Between two elements without a name is one section. */
export function partsOf({ elements }: SlipLayout): SlipPart[] {
  const parts: SlipPart[] = [];
  let section = 0;
  for (const { part, optional } of elements) {
    if (part === undefined) section += 1;
    else if (!parts.some((known) => known.part === part)) {
      parts.push({ part, optional: optional ?? false, section });
    }
  }
  return parts;
}

/** How a store wants one kind: `order` names parts as they follow each other, `hidden` those left out. */
export interface SlipArrangement {
  readonly order: readonly string[];
  readonly hidden: readonly string[];
}

/** The layout as a store wants it. Parts that `order` does not name follow those of their section that it names. */
export function arranged(layout: SlipLayout, { order, hidden }: SlipArrangement): SlipLayout {
  const place = ({ part = '' }: LayoutElement) => {
    const at = order.indexOf(part);
    return at === -1 ? order.length : at;
  };
  const elements: LayoutElement[] = [];
  let section: LayoutElement[] = [];
  const close = () => {
    elements.push(...section.toSorted((one, other) => place(one) - place(other)));
    section = [];
  };
  for (const element of layout.elements) {
    if (element.part === undefined) {
      close();
      elements.push(element);
    } else if (!(element.optional === true && hidden.includes(element.part))) section.push(element);
  }
  close();
  return { ...layout, elements };
}
