import { formatAmount } from '../../shared/money.ts';
import { buildRedemptionSlip, type SlipLook } from '../devices/layouts.ts';
import type { SlipDocument } from '../devices/slip.ts';
import type { CachedContext } from '../store/identity.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import type { SlipJob, SlipPayload } from '../store/slip-jobs.ts';
import { approvalSlipDocument } from './approval-slip.ts';
import { POINTS_WORD } from './points-word.ts';
import { shiftSlipDocument } from './report-slip.ts';
import { lookOf, printedLook } from './slip-look.ts';

/** What the slip of a verified redemption says, in the languages that the store prints; fixed from now on. */
export function slipPayload(
  row: RedemptionRow,
  context: CachedContext,
  tillName: string,
  at: number,
): SlipPayload {
  const { store, staff, policy } = context;
  const { customer, gatewayId, availableAfter } = row;
  if (customer === null || availableAfter === null) {
    throw new Error('a verified redemption has a customer');
  }
  return {
    ...lookOf(policy, store.language, customer.language),
    timezone: store.timezone,
    store: { name: store.name, address: store.address, footer: store.footer },
    tillName,
    staffName: staff.find(({ id }) => id === row.staffId)?.name ?? null,
    customer: { name: customer.name, memberNo: customer.memberNo, phoneMasked: customer.phoneMasked },
    saleRef: row.saleRef,
    // Without a line the gateway knows it by the till's own id.
    reference: gatewayId ?? row.id,
    asset: row.asset,
    amount: row.amount,
    currency: row.currency,
    availableAfter,
    at,
  };
}

/** The slip of a job. `logo`: the store's present one as base64, or null. */
export function slipDocument(
  { payload, copyNo }: Pick<SlipJob, 'payload' | 'copyNo'>,
  logo: string | null,
): SlipDocument {
  const look = printedLook(payload, logo);
  if ('report' in payload) return shiftSlipDocument(payload, copyNo, look);
  return 'approval' in payload
    ? approvalSlipDocument(payload, copyNo, look)
    : redemptionSlipDocument(payload, copyNo, look);
}

function redemptionSlipDocument(payload: SlipPayload, copyNo: number, look: SlipLook): SlipDocument {
  const { language, asset, currency, customer, store } = payload;
  const money = (amount: number) => formatAmount(amount, asset, currency, language, POINTS_WORD[language]);
  const time = new Intl.DateTimeFormat(language, {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: payload.timezone,
  });
  return buildRedemptionSlip(
    {
      storeName: store.name,
      storeLines: [...store.address.split('\n'), payload.tillName].filter((line) => line !== ''),
      time: time.format(payload.at),
      saleRef: payload.saleRef,
      cashier: payload.staffName ?? '',
      customer: [customer.name, customer.memberNo ?? customer.phoneMasked ?? ''].join(' ').trim(),
      asset,
      amount: money(payload.amount),
      balanceAfter: money(payload.availableAfter),
      // Without its dashes a UUID is as wide as 58 mm paper.
      reference: payload.reference.replaceAll('-', ''),
      qr: payload.reference,
      footer: store.footer,
      sealedBy: payload.sealedBy ?? '',
      copy: copyNo > 0,
    },
    look,
  );
}
