import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../electron/store/store.ts';
import {
  APPROVAL_STEPS,
  type ApprovalStep,
  REDEMPTION_STEPS,
  type RedemptionStep,
  type TillStep,
} from '../../electron/till/steps.ts';
import type { ApprovalView, RedemptionView } from '../../shared/bridge.ts';
import { systemEffects } from '../../shared/effects.ts';
import { memoryDatabase } from '../fixtures/postgres.ts';
import { openShop, type Shop, SILENT_MESSAGING } from '../fixtures/shop.ts';
import { removeTempFolders } from '../fixtures/temp-folder.ts';
import { AMOUNT, CHILD_MS, type Counter, openCounter, papers, runTill } from './counter.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ database: await memoryDatabase(), approvalMessaging: SILENT_MESSAGING });
}, 120_000);
afterAll(async () => {
  await shop?.close();
  removeTempFolders();
});

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

/**
 * A slip that had begun to leave when the power went is told as cut off and never printed again by itself; any other is on
 * the paper, once.
 */
function expectSlip(place: Counter, step: TillStep, slip: ApprovalView['slip'] | undefined): void {
  const cutOff = step === 'slip_printing' || step === 'slip_sent';
  expect(slip).toMatchObject(
    cutOff ? { state: 'failed', error: { code: 'slip_cut_off' } } : { state: 'printed', error: null },
  );
  const { originals, copies } = papers(place);
  expect(copies).toBe(0);
  expect(originals).toBe(step === 'slip_printing' ? 0 : 1);
}

/** At these nothing that the drawer was told can be lost or doubled: it opened exactly once. Between them nobody knows. */
const DRAWER_SURE: readonly RedemptionStep[] = REDEMPTION_STEPS.filter(
  (step) => step !== 'grant_consumed' && step !== 'drawer_written',
);

// Two at a time: most of what a case does is waiting for its processes.
describe.concurrent('a till that is killed by SIGKILL', () => {
  it.each(REDEMPTION_STEPS)(
    'at %s charges once, loses nothing, opens the drawer at most once',
    async (step) => {
      const place = await openCounter(shop);
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
        expectSlip(place, step, finished.redemption?.slip);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );

  it.each(['request_saved', 'request_sent', 'created'] as const)(
    'at %s charges nothing when the customer walks away',
    async (step) => {
      const place = await openCounter(shop);
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

  it(
    'in the middle of a slip: the rest is not printed by itself, and what a person asks for is a copy',
    async () => {
      const place = await openCounter(shop, { printMmPerSecond: 60 });
      try {
        const before = await place.wallet();
        const killed = await runTill(place.orders, (child) => {
          place.mpop.onChange(() => {
            if (place.mpop.uncut.length > 4) child.kill('SIGKILL');
          });
        });
        expect(killed, killed.errors).toMatchObject({ signal: 'SIGKILL' });
        const finished = await runTill({ ...place.orders, begin: false, copy: true });
        expect(finished, finished.errors).toMatchObject({
          code: 0,
          redemption: { slip: { state: 'printed', copiesLeft: 2 } },
        });
        await expectWholeShop(place, before, finished.redemption);
        const { originals, copies } = papers(place);
        expect(originals).toBeLessThanOrEqual(1);
        expect(copies).toBe(1);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );

  it.each([20, 60, 120, 200])(
    'after %d ms, wherever that is',
    async (dieAfterMs) => {
      const place = await openCounter(shop);
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
      const place = await openCounter(shop);
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

describe.concurrent('a till that is killed by SIGKILL while a supervisor says yes', () => {
  let yes: ReturnType<typeof supervisor>;
  beforeAll(() => {
    yes = supervisor();
  });
  afterAll(() => yes.stop());

  it.each(APPROVAL_STEPS)(
    'at %s uses the grant once and opens the drawer at most once',
    async (step) => {
      const place = await openCounter(shop);
      try {
        const orders = { ...place.orders, what: 'approval' } as const;
        const killed = await runTill({ ...orders, dieAt: step });
        expect(killed, killed.errors).toMatchObject({ signal: 'SIGKILL', approval: null });
        const finished = await runTill({ ...orders, begin: false });
        expect(finished, finished.errors).toMatchObject({ code: 0 });
        await expectWholeApproval(place, finished.approval);
        if (APPROVAL_DRAWER_SURE.includes(step)) expect(place.mpop.drawerPulses).toHaveLength(1);
        if (step === 'approval_grant_consumed') expect(place.mpop.drawerPulses).toHaveLength(0);
        expectSlip(place, step, finished.approval?.slip);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );

  it.each([20, 60, 120])(
    'after %d ms, wherever that is',
    async (dieAfterMs) => {
      const place = await openCounter(shop);
      try {
        const orders = { ...place.orders, what: 'approval' } as const;
        const killed = await runTill({ ...orders, dieAfterMs });
        const finished = await runTill({ ...orders });
        expect(finished, killed.errors + finished.errors).toMatchObject({ code: 0 });
        await expectWholeApproval(place, finished.approval);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );
});

describe.concurrent('a till that is killed by SIGKILL while it opens for a cash sale', () => {
  it.each([
    // A slow machine may miss what the switch says.
    ['cash_sale_saved', [1], /^(opened|unconfirmed)$/],
    ['cash_sale_consumed', [0], /^unconfirmed$/],
    // The bytes were with the port: whether they went further nobody knows.
    ['cash_sale_drawer_written', [0, 1], /^unconfirmed$/],
  ] as const)(
    'at %s counts one use and opens the drawer at most once',
    async (dieAt, pulses, drawer) => {
      const place = await openCounter(shop);
      try {
        const orders = { ...place.orders, what: 'cash_sale' } as const;
        const killed = await runTill({ ...orders, dieAt });
        expect(killed, killed.errors).toMatchObject({ signal: 'SIGKILL', cashSale: null });
        const finished = await runTill(orders);
        expect(finished, finished.errors).toMatchObject({
          code: 0,
          cashSale: { drawer: expect.stringMatching(drawer) },
        });
        expect(pulses).toContain(place.mpop.drawerPulses.length);
        expect(place.mpop.errors).toEqual([]);
        const store = openStore(orders.dataDir, systemEffects);
        const used = store.audit.entries().filter(({ kind }) => kind === 'shift.used');
        expect(used).toHaveLength(1);
        expect(store.audit.verifyChain()).toMatchObject({ ok: true });
        expect(store.outbox.counts()).toEqual({ pending: 0, attention: 0 });
        store.close();
        const told = shop.gateway.services.engine.kysely
          .selectFrom('cash_sales')
          .select(['use_no', 'flags'])
          .where('id', '=', finished.cashSale?.id ?? '');
        expect(await told.execute()).toEqual([{ use_no: 1, flags: [] }]);
      } finally {
        await place.close();
      }
    },
    3 * CHILD_MS,
  );
});
