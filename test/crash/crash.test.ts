import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../electron/store/store.ts';
import {
  APPROVAL_STEPS,
  type ApprovalStep,
  REDEMPTION_STEPS,
  type RedemptionStep,
} from '../../electron/till/steps.ts';
import type { ApprovalView, RedemptionView } from '../../shared/bridge.ts';
import { systemEffects } from '../../shared/effects.ts';
import { memoryDatabase } from '../fixtures/postgres.ts';
import { openShop, type Shop, SILENT_MESSAGING } from '../fixtures/shop.ts';
import { removeTempFolders, tempFolder } from '../fixtures/temp-folder.ts';
import { VirtualMpop } from '../sim/mpop/mpop.ts';
import { listenTcp } from '../sim/mpop/server.ts';
import type { Orders } from './till-child.ts';

const CHILD = fileURLToPath(new URL('./till-child.ts', import.meta.url));
const AMOUNT = 1_000;
const CHILD_MS = 60_000;

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ database: await memoryDatabase(), approvalMessaging: SILENT_MESSAGING });
}, 120_000);
afterAll(async () => {
  await shop?.close();
  removeTempFolders();
});

interface Ended {
  signal: NodeJS.Signals | null;
  code: number | null;
  redemption: RedemptionView | null;
  approval: ApprovalView | null;
  errors: string;
}

function runTill(orders: Orders): Promise<Ended> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    told += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const overdue = setTimeout(() => child.kill('SIGKILL'), CHILD_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(overdue);
      const line = told.trim();
      const view = line === '' ? null : JSON.parse(line);
      const { what } = orders;
      resolve({
        ...{ code, signal, errors },
        redemption: what === 'redemption' ? view : null,
        approval: what === 'approval' ? view : null,
      });
    });
  });
}

/** A till with a printer and a customer of its own. */
async function counter() {
  const [cashier] = shop.demo.staff;
  if (cashier === undefined) throw new Error('no people');
  const customer = await shop.addCustomer(10 * AMOUNT);
  const mpop = new VirtualMpop({ clock: systemEffects.clock, printMmPerSecond: null, bytesPerSecond: null });
  const printer = await listenTcp(mpop, 0);
  const dataDir = tempFolder();
  const orders: Orders = {
    dataDir,
    printerPort: printer.port,
    gatewayUrl: shop.gatewayUrl,
    pairingCode: await shop.pairingCode(),
    codeUrl: shop.codeUrl(customer.phone),
    staffId: cashier.id,
    pin: cashier.pin,
    customerId: customer.id,
    amount: AMOUNT,
    dieAt: null,
    dieAfterMs: null,
    begin: true,
    what: 'redemption',
    cancel: false,
  };
  return { mpop, orders, customer, wallet: () => shop.wallet(customer.id, 'deposit'), close: printer.close };
}

type Counter = Awaited<ReturnType<typeof counter>>;

/** What must hold when all is over, wherever the till died. */
async function expectWholeShop(
  { mpop, orders, wallet }: Counter,
  before: { available: number; reserved: number },
  redemption: RedemptionView | null,
): Promise<void> {
  const charged = before.available - (await wallet()).available;
  expect((await wallet()).reserved).toBe(0);
  if (redemption !== null) expect(redemption.settlement).toBe('confirmed');
  expect(charged).toBe(redemption?.stage === 'done' ? AMOUNT : 0);
  expect(mpop.drawerPulses.length).toBeLessThanOrEqual(1);
  expect(mpop.errors).toEqual([]);
  expect(await shop.gateway.services.admin.run('ledger check', {})).toMatchObject({ ok: true });
  const store = openStore(orders.dataDir, systemEffects);
  expect(store.audit.verifyChain()).toMatchObject({ ok: true });
  expect(store.outbox.counts()).toEqual({ pending: 0, attention: 0 });
  store.close();
}

/** At these nothing that the drawer was told can be lost or doubled: it opened exactly once. Between them nobody knows. */
const DRAWER_SURE: readonly RedemptionStep[] = REDEMPTION_STEPS.filter(
  (step) => step !== 'grant_consumed' && step !== 'drawer_written',
);

describe('a till that is killed by SIGKILL', () => {
  it.each(REDEMPTION_STEPS)(
    'at %s charges once, loses nothing, opens the drawer at most once',
    async (step) => {
      const place = await counter();
      try {
        const before = await place.wallet();
        const killed = await runTill({ ...place.orders, dieAt: step });
        expect(killed, killed.errors).toMatchObject({ signal: 'SIGKILL', redemption: null });
        const finished = await runTill({ ...place.orders, begin: false });
        expect(finished, finished.errors).toMatchObject({ code: 0 });
        // The code was typed in the end, so it was verified: nothing of it may be lost.
        expect(finished.redemption).toMatchObject({ stage: 'done' });
        await expectWholeShop(place, before, finished.redemption);
        if (DRAWER_SURE.includes(step)) expect(place.mpop.drawerPulses).toHaveLength(1);
        if (step === 'grant_consumed') expect(place.mpop.drawerPulses).toHaveLength(0);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );

  it.each(['request_saved', 'request_sent', 'created'] as const)(
    'at %s charges nothing when the customer walks away',
    async (step) => {
      const place = await counter();
      try {
        const before = await place.wallet();
        await runTill({ ...place.orders, dieAt: step });
        const finished = await runTill({ ...place.orders, begin: false, cancel: true });
        expect(finished, finished.errors).toMatchObject({ code: 0, redemption: { stage: 'cancelled' } });
        await expectWholeShop(place, before, finished.redemption);
        expect(place.mpop.drawerPulses).toHaveLength(0);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );

  it.each([20, 60, 120, 200])(
    'after %d ms, wherever that is',
    async (dieAfterMs) => {
      const place = await counter();
      try {
        const before = await place.wallet();
        const killed = await runTill({ ...place.orders, dieAfterMs });
        const finished = await runTill({ ...place.orders, begin: false });
        expect(finished, killed.errors + finished.errors).toMatchObject({ code: 0 });
        await expectWholeShop(place, before, finished.redemption);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );

  const TWICE: [RedemptionStep, RedemptionStep][] = [
    ['request_sent', 'request_sent'],
    ['created', 'grant_saved'],
    ['grant_received', 'grant_consumed'],
    ['grant_consumed', 'slip_sent'],
    ['drawer_written', 'capture_sent'],
  ];
  it.each(TWICE)(
    'at %s and, coming back, at %s',
    async (first, second) => {
      const place = await counter();
      try {
        const before = await place.wallet();
        for (const dieAt of [first, second]) {
          const killed = await runTill({ ...place.orders, dieAt });
          expect(killed, killed.errors).toMatchObject({ signal: 'SIGKILL' });
        }
        const finished = await runTill({ ...place.orders, begin: false });
        expect(finished, finished.errors).toMatchObject({ code: 0 });
        await expectWholeShop(place, before, finished.redemption);
      } finally {
        await place.close();
      }
    },
    4 * CHILD_MS,
  );
});

/** A supervisor who says yes to whatever is asked, as soon as it is, until told to stop. */
function supervisor(): { stop(): Promise<void> } {
  const { engine, approvals } = shop.gateway.services;
  const someone = shop.demo.staff.find(({ role }) => role === 'supervisor');
  if (someone === undefined) throw new Error('nobody to ask');
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      const open = await engine.kysely
        .selectFrom('approvals')
        .select('id')
        .where('status', '=', 'pending')
        .execute();
      for (const { id: approvalId } of open) {
        await approvals.decide({
          target: { approvalId },
          staffId: someone.id,
          decision: 'approve',
          via: 'tap',
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    stop() {
      stopped = true;
      return watching;
    },
  };
}

/** Between these two nobody knows what the drawer was told. */
const APPROVAL_DRAWER_SURE: readonly ApprovalStep[] = APPROVAL_STEPS.filter(
  (step) => step !== 'approval_grant_consumed' && step !== 'approval_drawer_written',
);

async function expectWholeApproval({ mpop, orders }: Counter, approval: ApprovalView | null): Promise<void> {
  expect(approval).toMatchObject({ stage: 'approved', error: null });
  expect(mpop.drawerPulses.length).toBeLessThanOrEqual(1);
  expect(mpop.errors).toEqual([]);
  const store = openStore(orders.dataDir, systemEffects);
  const used = store.audit.entries().filter(({ kind }) => kind === 'grant.used');
  expect(used).toHaveLength(1);
  expect(store.audit.verifyChain()).toMatchObject({ ok: true });
  expect(store.outbox.counts()).toEqual({ pending: 0, attention: 0 });
  store.close();
}

describe('a till that is killed by SIGKILL while a supervisor says yes', () => {
  it.each(APPROVAL_STEPS)(
    'at %s uses the grant once and opens the drawer at most once',
    async (step) => {
      const place = await counter();
      const yes = supervisor();
      try {
        const orders = { ...place.orders, what: 'approval' } as const;
        const killed = await runTill({ ...orders, dieAt: step });
        expect(killed, killed.errors).toMatchObject({ signal: 'SIGKILL', approval: null });
        const finished = await runTill({ ...orders, begin: false });
        expect(finished, finished.errors).toMatchObject({ code: 0 });
        await expectWholeApproval(place, finished.approval);
        if (APPROVAL_DRAWER_SURE.includes(step)) expect(place.mpop.drawerPulses).toHaveLength(1);
        if (step === 'approval_grant_consumed') expect(place.mpop.drawerPulses).toHaveLength(0);
      } finally {
        await yes.stop();
        await place.close();
      }
    },
    3 * CHILD_MS,
  );

  it.each([20, 60, 120])(
    'after %d ms, wherever that is',
    async (dieAfterMs) => {
      const place = await counter();
      const yes = supervisor();
      try {
        const orders = { ...place.orders, what: 'approval' } as const;
        const killed = await runTill({ ...orders, dieAfterMs });
        const finished = await runTill({ ...orders });
        expect(finished, killed.errors + finished.errors).toMatchObject({ code: 0 });
        await expectWholeApproval(place, finished.approval);
      } finally {
        await yes.stop();
        await place.close();
      }
    },
    3 * CHILD_MS,
  );
});
