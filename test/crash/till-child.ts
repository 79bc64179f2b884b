/**
 * A till in a process of its own, that can be killed. Reads its orders as one JSON argument, does one redemption, approval or
 * cash sale (or finishes what an earlier process left), prints the last view of it as one JSON line, and exits.
 */
import { createDevices, deviceConfigSchema } from '../../electron/devices/config.ts';
import { createTill } from '../../electron/till/create-till.ts';
import type { TillStep } from '../../electron/till/steps.ts';
import type { ApprovalView, RedemptionView } from '../../shared/bridge.ts';
import type { TransportConfig } from '../../shared/device-config.ts';
import { systemEffects } from '../../shared/effects.ts';
import { asSaksiError } from '../../shared/errors.ts';
import { amountSchema } from '../../shared/money.ts';
import type { PosCashSale } from '../../shared/pos-link-api.ts';

export interface Orders {
  dataDir: string;
  printer: TransportConfig;
  gatewayUrl: string;
  pairingCode: string;
  /** Where the customer's newest code can be read. */
  codeUrl: string;
  staffId: string;
  pin: string;
  customerId: string;
  amount: number;
  /** Where to die by SIGKILL, or after how many milliseconds, or not at all. */
  dieAt: TillStep | null;
  dieAfterMs: number | null;
  /** Whether a wish is made when there is nothing to finish. */
  begin: boolean;
  /** What is done: a redemption, a request for a supervisor's yes, which somebody else gives at the gateway, or a cash sale. */
  what: 'redemption' | 'approval' | 'cash_sale';
  /** Whether the customer walks away: a code that is still asked for is not typed, and the cashier cancels. */
  cancel: boolean;
  /** Whether the cashier asks for the slip again at the end. */
  copy: boolean;
}

const LOOK_EVERY_MS = 10;
const WAIT_MS = 60_000;
const DECIDED: readonly ApprovalView['stage'][] = ['approved', 'rejected', 'expired', 'cancelled', 'failed'];
const SETTLED = ['done', 'cancelled', 'expired', 'failed'];

const orders = JSON.parse(process.argv[2] ?? '') as Orders;
const die = () => process.kill(process.pid, 'SIGKILL');
const printer = { transport: orders.printer };
const silent = () => {};
const till = createTill({
  dataDir: orders.dataDir,
  effects: systemEffects,
  devices: createDevices(deviceConfigSchema.parse({ printer }), systemEffects),
  logger: {
    debug: silent,
    info: silent,
    warn: silent,
    error: (details, message) => console.error(message, JSON.stringify(details)),
  },
  host: 'browser',
  appVersion: '0.0.0-crash',
  onStep: (step) => {
    if (step === orders.dieAt) die();
  },
});

async function until<T>(look: () => T | null | Promise<T | null>, what: string): Promise<T> {
  const end = performance.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`waited for ${what}: ${JSON.stringify(till.view())}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const shownWhen = (fits: (redemption: RedemptionView | null) => boolean, what: string) =>
  until(() => (fits(till.view().redemption) ? { redemption: till.view().redemption } : null), what);

const isAwaited = () => till.view().redemption?.stage === 'awaiting_code';

async function typeCode(redemptionId: string): Promise<void> {
  const code = await until(async () => {
    const response = await fetch(orders.codeUrl);
    return response.ok ? ((await response.json()) as { code: string | null }).code : null;
  }, 'a code');
  try {
    await till.invoke('redemption.submitCode', { redemptionId, code });
  } catch (error) {
    // A process before this one had typed it, and the gateway's word of it came meanwhile.
    if (asSaksiError(error).code !== 'redemption_state' || isAwaited()) throw error;
  }
}

async function redeem(): Promise<RedemptionView | null> {
  if (orders.begin && till.view().redemption === null && till.view().recent.length === 0) {
    const { customerId, amount } = orders;
    const wish = { customerId, asset: 'deposit', amount: amountSchema.parse(amount), drawer: true } as const;
    await till.invoke('redemption.start', wish);
  }
  // Whatever an earlier process left is taken up by itself; a code that is still asked for is typed.
  await shownWhen(
    (one) => one === null || one.code !== null || !['requesting', 'awaiting_code'].includes(one.stage),
    'a stage',
  );
  const open = till.view().redemption;
  if (open?.stage === 'awaiting_code') {
    if (orders.cancel) await till.invoke('redemption.cancel', { redemptionId: open.id });
    else await typeCode(open.id);
  }
  const { redemption } = await shownWhen(
    (one) => one === null || (SETTLED.includes(one.stage) && one.settlement !== 'queued'),
    'the settlement',
  );
  if (orders.copy && redemption !== null) {
    await till.invoke('redemption.reprint', { redemptionId: redemption.id });
    return till.view().redemption;
  }
  return redemption;
}

async function askForYes(): Promise<ApprovalView | null> {
  if (orders.begin && till.view().approvals.length === 0) {
    await till.invoke('approval.start', {
      kind: 'void',
      amount: amountSchema.parse(orders.amount),
      basisPoints: null,
      reason: { key: 'wrong_item', text: null },
      note: '',
      saleRef: 'INV/1',
    });
  }
  const { one } = await until(() => {
    const [newest = null] = till.view().approvals;
    return newest === null || DECIDED.includes(newest.stage) ? { one: newest } : null;
  }, 'a decision that was acted on');
  return one;
}

/** The terminal's journal knows the key: asked again, it is the same sale. */
async function sellForCash(): Promise<PosCashSale> {
  await until(() => ((till.view().cashSale?.left ?? 0) > 0 ? true : null), 'openings');
  const wish = { saleRef: 'INV/1', amount: amountSchema.parse(orders.amount) };
  return till.pos.openForCashSale('terminal-key-of-inv-1', wish);
}

await till.start();
if (till.view().till === null) {
  await till.invoke('pairing.pair', { gatewayUrl: orders.gatewayUrl, pairingCode: orders.pairingCode });
}
await until(() => (till.view().status.gateway.state === 'online' ? true : null), 'the line');
await until(() => (till.view().status.printer.state === 'ready' ? true : null), 'the printer');
await till.invoke('session.signIn', { staffId: orders.staffId, pin: orders.pin });
if (orders.dieAfterMs !== null) setTimeout(die, orders.dieAfterMs);
const WORK = { redemption: redeem, approval: askForYes, cash_sale: sellForCash } as const;
const done = await WORK[orders.what]();
await until(() => (till.view().status.outbox.pending === 0 ? true : null), 'an empty outbox');
console.log(JSON.stringify(done));
await till.stop();
