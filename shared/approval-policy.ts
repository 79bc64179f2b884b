import { z } from 'zod';

/**
 * Which actions need a supervisor's yes, from what amount, by whom, how many, in what hours, who is asked next, and
 * when it lapses. Part of the store's signed policy (`policy.ts`).
 */
export const BUILTIN_KINDS = [
  'void',
  'refund',
  'discount',
  'price_override',
  'no_sale',
  'cash_out',
  'data_change',
  'cash_in',
  'float_change',
  'cash_difference',
] as const;

/** A kind's key: one of ours, or a store's own. */
export const approvalKindKeySchema = z.string().regex(/^[a-z][a-z0-9_]{1,31}$/);

/** A name in each language of the screens and messages. */
export const localisedSchema = z.object({
  id: z.string().trim().min(1).max(60),
  en: z.string().trim().min(1).max(60),
  tr: z.string().trim().min(1).max(60),
});
export type Localised = z.infer<typeof localisedSchema>;

const approverRoleSchema = z.enum(['supervisor', 'manager']);
/** Hundredths of a percent: 1250 is 12.5 %. */
export const basisPointsSchema = z.number().int().min(0).max(10_000);

/** From these thresholds on (either reached suffices), so many different people of these roles must say yes. */
export const approvalTierSchema = z.object({
  fromAmount: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  fromBasisPoints: basisPointsSchema.nullable(),
  roles: z.array(approverRoleSchema).min(1),
  needed: z.number().int().min(1).max(5),
});
export type ApprovalTier = z.infer<typeof approvalTierSchema>;

/** Who is asked, and when: `afterSeconds` after the request, if nobody has decided by then. */
export const escalationStepSchema = z.object({
  afterSeconds: z.number().int().min(0).max(86_400),
  roles: z.array(approverRoleSchema),
  staffIds: z.array(z.uuid()).max(50),
});
export type EscalationStep = z.infer<typeof escalationStepSchema>;

export const approvalKindPolicySchema = z.object({
  key: approvalKindKeySchema,
  name: localisedSchema,
  enabled: z.boolean(),
  /** Whether the request names an amount, and a percentage. */
  amount: z.enum(['required', 'optional', 'none']),
  percent: z.enum(['required', 'optional', 'none']),
  /** Below both of these nobody is asked; 0 and null: always asked. */
  freeBelowAmount: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  freeBelowBasisPoints: basisPointsSchema.nullable(),
  /** The last tier whose thresholds are reached counts; the first starts at 0. */
  tiers: z.array(approvalTierSchema).min(1).max(8),
  steps: z.array(escalationStepSchema).min(1).max(8),
  expirySeconds: z.number().int().min(30).max(86_400),
  /** At most so many requests of this kind by one cashier in the window. */
  repeat: z.object({
    count: z.number().int().min(1).max(1000),
    windowSeconds: z.number().int().min(60).max(604_800),
  }),
  reasons: z.array(z.object({ key: approvalKindKeySchema, name: localisedSchema })).max(30),
  /** Whether a reason in the cashier's own words is taken. */
  freeReason: z.boolean(),
  /** What the till does when it is approved; nothing: only the answer to whoever asked. */
  actions: z.array(z.enum(['drawer.open', 'slip.print'])),
});
export type ApprovalKindPolicy = z.infer<typeof approvalKindPolicySchema>;

const minuteOfDay = z.number().int().min(0).max(1440);
export const workingHoursSchema = z.object({
  /** 0 Sunday to 6 Saturday, in the store's time zone. */
  days: z
    .array(z.object({ day: z.number().int().min(0).max(6), from: minuteOfDay, to: minuteOfDay }))
    .max(14),
  /** Outside these hours: nothing changes, only managers may decide, or requests are refused. */
  outside: z.enum(['same', 'managers_only', 'refuse']),
});
export type WorkingHours = z.infer<typeof workingHoursSchema>;

export const approvalPolicySchema = z
  .object({
    /** `tap`: supervisors answer on their phones; `code`: without a webhook, they say a code at the till. */
    answer: z.enum(['tap', 'code']),
    kinds: z.array(approvalKindPolicySchema).max(40),
    hours: workingHoursSchema,
    /** Requests that may be open at one till at a time. */
    openMax: z.number().int().min(1).max(20),
    /** How long an approved grant may be used. */
    grantTtlSeconds: z.number().int().min(30).max(3600),
    /** How long after a Reject the person's next message counts as its reason. */
    rejectReasonSeconds: z.number().int().min(0).max(600),
    code: z.object({ digits: z.number().int().min(4).max(8), tries: z.number().int().min(1).max(10) }),
  })
  .check((context) => {
    const { kinds, hours } = context.value;
    for (const [index, { from, to }] of hours.days.entries()) {
      if (from < to) continue;
      const path = ['hours', 'days', index];
      context.issues.push({ code: 'custom', message: 'hours end after they begin', path, input: to });
    }
    const fault = (index: number, message: string) =>
      context.issues.push({ code: 'custom', message, path: ['kinds', index], input: kinds[index] });
    for (const [index, kind] of kinds.entries()) {
      if (kinds.findIndex(({ key }) => key === kind.key) !== index) fault(index, 'two kinds with one key');
      if (kind.tiers[0]?.fromAmount !== 0) fault(index, 'the first tier starts at 0');
      if (!rising(kind.tiers.map(({ fromAmount }) => fromAmount))) fault(index, 'tiers rise by amount');
      if (kind.steps[0]?.afterSeconds !== 0) fault(index, 'the first step is at once');
      if (!rising(kind.steps.map(({ afterSeconds }) => afterSeconds))) fault(index, 'steps rise in time');
      if (kind.steps.some(({ afterSeconds }) => afterSeconds >= kind.expirySeconds)) {
        fault(index, 'every step comes before the request lapses');
      }
      if (kind.steps.some(({ roles, staffIds }) => roles.length + staffIds.length === 0)) {
        fault(index, 'every step asks somebody');
      }
      if (kind.reasons.length === 0 && !kind.freeReason) fault(index, 'some reason must be possible');
    }
  });
export type ApprovalPolicy = z.infer<typeof approvalPolicySchema>;

const rising = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? Number.NEGATIVE_INFINITY));

type Reason = ApprovalKindPolicy['reasons'][number];
const reason = (key: string, id: string, en: string, tr: string): Reason => ({ key, name: { id, en, tr } });

const REASONS = {
  wrong_item: reason('wrong_item', 'Salah barang', 'Wrong item', 'Yanlış ürün'),
  customer_changed_mind: reason(
    'customer_changed_mind',
    'Pelanggan batal',
    'Customer changed their mind',
    'Müşteri vazgeçti',
  ),
  wrong_price: reason('wrong_price', 'Salah harga', 'Wrong price', 'Yanlış fiyat'),
  damaged: reason('damaged', 'Barang rusak', 'Damaged goods', 'Hasarlı ürün'),
  regular_customer: reason('regular_customer', 'Pelanggan tetap', 'Regular customer', 'Sadık müşteri'),
  promotion: reason('promotion', 'Promosi', 'Promotion', 'Promosyon'),
  change_money: reason('change_money', 'Tukar uang kecil', 'Small change', 'Bozuk para'),
  count_cash: reason('count_cash', 'Hitung kas', 'Count the cash', 'Kasa sayımı'),
  expense: reason('expense', 'Biaya toko', 'Shop expense', 'Mağaza gideri'),
  bank_deposit: reason('bank_deposit', 'Setor bank', 'Bank deposit', 'Bankaya yatırma'),
  customer_asked: reason('customer_asked', 'Permintaan pelanggan', 'Customer asked for it', 'Müşteri istedi'),
} as const;

/** Supervisors and managers are asked at once, managers alone after two minutes; it lapses after ten. */
function kind(
  key: string,
  name: Localised,
  reasons: readonly Reason[],
  rest: Pick<ApprovalKindPolicy, 'amount' | 'percent' | 'actions'> & Partial<ApprovalKindPolicy>,
): ApprovalKindPolicy {
  return {
    key,
    name,
    enabled: true,
    freeBelowAmount: 0,
    freeBelowBasisPoints: null,
    tiers: [{ fromAmount: 0, fromBasisPoints: null, roles: ['supervisor', 'manager'], needed: 1 }],
    steps: [
      { afterSeconds: 0, roles: ['supervisor'], staffIds: [] },
      { afterSeconds: 120, roles: ['manager'], staffIds: [] },
    ],
    expirySeconds: 600,
    repeat: { count: 20, windowSeconds: 3600 },
    reasons: [...reasons],
    freeReason: true,
    ...rest,
  };
}

/** What suits a small shop, in rupiah: somebody is always asked; large amounts need a manager. */
export const DEFAULT_APPROVALS: ApprovalPolicy = {
  answer: 'tap',
  openMax: 5,
  grantTtlSeconds: 300,
  rejectReasonSeconds: 120,
  code: { digits: 6, tries: 5 },
  hours: { days: [], outside: 'same' },
  kinds: [
    kind(
      'void',
      { id: 'Batal transaksi', en: 'Void', tr: 'İptal' },
      [REASONS.wrong_item, REASONS.customer_changed_mind, REASONS.wrong_price],
      { amount: 'required', percent: 'none', actions: ['drawer.open', 'slip.print'] },
    ),
    kind(
      'refund',
      { id: 'Pengembalian uang', en: 'Refund', tr: 'İade' },
      [REASONS.damaged, REASONS.wrong_item, REASONS.customer_changed_mind],
      { amount: 'required', percent: 'none', actions: ['drawer.open', 'slip.print'] },
    ),
    kind(
      'discount',
      { id: 'Diskon', en: 'Discount', tr: 'İndirim' },
      [REASONS.regular_customer, REASONS.promotion, REASONS.damaged],
      {
        amount: 'optional',
        percent: 'required',
        actions: [],
        freeBelowAmount: 0,
        freeBelowBasisPoints: null,
      },
    ),
    kind(
      'price_override',
      { id: 'Ubah harga', en: 'Price override', tr: 'Fiyat değişikliği' },
      [REASONS.wrong_price, REASONS.promotion, REASONS.damaged],
      { amount: 'required', percent: 'none', actions: [] },
    ),
    kind(
      'no_sale',
      { id: 'Buka laci tanpa transaksi', en: 'Drawer without a sale', tr: 'Satışsız çekmece' },
      [REASONS.change_money, REASONS.count_cash],
      { amount: 'none', percent: 'none', actions: ['drawer.open'] },
    ),
    kind(
      'cash_out',
      { id: 'Kas keluar', en: 'Cash out', tr: 'Kasadan çıkış' },
      [REASONS.expense, REASONS.bank_deposit],
      { amount: 'required', percent: 'none', actions: ['drawer.open', 'slip.print'] },
    ),
    kind(
      'data_change',
      { id: 'Ubah data pelanggan', en: 'Customer data change', tr: 'Müşteri bilgisi değişikliği' },
      [REASONS.customer_asked],
      { amount: 'none', percent: 'none', actions: [] },
    ),
  ],
};

/**
 * What a cashier's shift asks for, added to a policy that switches shifts on (cash-shift-policy.ts). Of the last two the
 * amount is the new float, and how far the count is off.
 */
export const CASH_KINDS: readonly ApprovalKindPolicy[] = [
  kind('cash_in', { id: 'Kas masuk', en: 'Cash in', tr: 'Kasaya giriş' }, [REASONS.change_money], {
    amount: 'required',
    percent: 'none',
    actions: ['drawer.open', 'slip.print'],
  }),
  kind(
    'float_change',
    { id: 'Ubah modal kas', en: 'Change of the float', tr: 'Kasa avansı değişikliği' },
    [REASONS.count_cash],
    { amount: 'required', percent: 'none', actions: [] },
  ),
  kind(
    'cash_difference',
    { id: 'Selisih kas', en: 'Cash difference', tr: 'Kasa farkı' },
    [REASONS.count_cash],
    { amount: 'required', percent: 'none', actions: [] },
  ),
];
