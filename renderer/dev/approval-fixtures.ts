import { DEFAULT_APPROVALS } from '../../shared/approval-policy.ts';
import type { ApprovalView, TillView } from '../../shared/bridge.ts';
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import { amountOf, STAFF, uuid } from './base-fixtures.ts';

type Asked = ApprovalView['asked'][number];

export const APPROVAL_KINDS: TillView['approvalKinds'] = DEFAULT_APPROVALS.kinds;

/** Somebody of the staff who was asked: 3 is the supervisor, 4 the manager. */
export function askedOf(number: number, change: Partial<Asked> = {}): Asked {
  const id = uuid(number);
  const name = STAFF.find((member) => member.id === id)?.name ?? `Supervisor ${number}`;
  return { staffId: id, name, step: 0, delivery: deliveryAt('delivered'), decision: null, ...change };
}

export const deliveryAt = (
  state: DeliveryState,
  reason: DeliveryReason | null = null,
): Asked['delivery'] => ({
  channel: 'whatsapp',
  state,
  reason,
});

export const APPROVAL: ApprovalView = {
  id: uuid(800),
  stage: 'pending',
  startedBy: 'cashier',
  kind: 'void',
  kindName: { id: 'Batal transaksi', en: 'Void', tr: 'İptal' },
  amount: amountOf(350_000),
  basisPoints: null,
  currency: 'IDR',
  reason: 'Salah barang',
  note: 'Pelanggan sudah membayar tunai',
  saleRef: 'S-4K7QX2MD',
  requestedBy: 'Ayu Lestari',
  expiresInMs: 587_000,
  nextStepInMs: 107_000,
  needed: 1,
  asked: [askedOf(3)],
  free: false,
  rejection: null,
  code: null,
  drawer: { state: 'waiting', error: null },
  slip: { state: 'waiting', error: null, copiesLeft: 3 },
  error: null,
};

export const DISCOUNT: ApprovalView = {
  ...APPROVAL,
  id: uuid(801),
  kind: 'discount',
  kindName: { id: 'Diskon', en: 'Discount', tr: 'İndirim' },
  amount: null,
  basisPoints: 1250,
  reason: 'Pelanggan tetap',
  note: '',
  saleRef: null,
  drawer: { state: 'not_needed', error: null },
  slip: { state: 'not_needed', error: null, copiesLeft: 0 },
};
