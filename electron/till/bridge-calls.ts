import { BRIDGE, type BridgeInput, type BridgeMethod, type BridgeOutput } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { cancelApproval, dismissApproval, reprintApproval, submitApprovalCode } from './approval-closing.ts';
import { startApproval } from './approval-start.ts';
import { createAuditList } from './audit-list.ts';
import { drawerOf, openForCashSale } from './cash-sale.ts';
import { createCashShiftCalls } from './cash-shift-calls.ts';
import { cancelAtScreen, dismiss, reprint } from './closing.ts';
import { resendCode, submitCode } from './code-entry.ts';
import { type Core, contextOf } from './core.ts';
import { searchCustomers } from './customers.ts';
import { createDeviceDesk } from './device-desk.ts';
import { acknowledgeOpening } from './drawer-watch.ts';
import { createManagerCalls } from './manager-calls.ts';
import { listMessages } from './message-log.ts';
import { exportMessagePdf } from './message-pdf/export.ts';
import { editCustomer, handOverItem, listOutbox, retryItem } from './outbox-desk.ts';
import { getPolicy, savePolicy } from './policy.ts';
import type { DeviceSetup } from './ports.ts';
import type { Quitting } from './quitting.ts';
import { reconcileReport } from './reconcile-report.ts';
import { createSaleRef } from './sale-ref.ts';
import { submitSealed } from './sealed-entry.ts';
import type { Sessions } from './session.ts';
import { previewForManager } from './slip-preview.ts';
import { startRedemption } from './start.ts';
import { troubleSeen } from './trouble-seen.ts';

type Handlers = {
  [M in BridgeMethod]: (input: ReturnType<(typeof BRIDGE)[M]['input']['parse']>) => Promise<BridgeOutput<M>>;
};

/** What the screen asks by itself, with nobody there. */
const BY_ITSELF: ReadonlySet<BridgeMethod> = new Set<BridgeMethod>(['audit.tail']);

/** The screen's calls. What needs a person signed in says so here, in one place. */
export function createBridgeCalls(
  core: Core,
  sessions: Sessions,
  quitting: Quitting,
  pair: (gatewayUrl: string, pairingCode: string) => Promise<void>,
  deviceSetup?: DeviceSetup,
) {
  const { store } = core;
  const audit = createAuditList(core);

  /** A redemption that a terminal started may be served by whoever stands at the screen; a cashier's needs one. */
  function served(redemptionId: string): RedemptionRow {
    const row = store.redemptions.get(redemptionId);
    if (row.startedBy === 'cashier') sessions.require();
    return row;
  }

  /** Likewise. */
  function servedApproval(approvalId: string): ApprovalRow {
    const row = store.approvals.get(approvalId);
    if (row.startedBy === 'cashier') sessions.require();
    return row;
  }

  const desk = createDeviceDesk(core, sessions, deviceSetup);

  const handlers: Handlers = {
    ...desk,
    'pairing.pair': async ({ gatewayUrl, pairingCode }) => {
      await pair(gatewayUrl, pairingCode);
      return {};
    },
    'session.signIn': async ({ staffId, pin }) => {
      await sessions.signIn(staffId, pin);
      return {};
    },
    'session.submitCode': async ({ code, remember }) => {
      await sessions.logins.submit(code, remember);
      return {};
    },
    'session.resendCode': async () => {
      await sessions.logins.resend();
      return {};
    },
    'session.cancelLogin': async () => {
      sessions.logins.drop();
      return {};
    },
    'session.signOut': async () => {
      sessions.signOut();
      return {};
    },
    'customers.search': async ({ q }) => {
      sessions.require();
      return searchCustomers(core, q);
    },
    'redemption.start': async ({ customerId, asset, amount, saleRef, drawer }) => {
      const { staffId } = sessions.require();
      const request = {
        customer: { id: customerId },
        asset,
        amount,
        saleRef: saleRef ?? createSaleRef(core.effects.random),
        drawer,
        staffId,
        channel: 'whatsapp' as const,
      };
      const id = createUuid(core.effects);
      await startRedemption(core, { id, startedBy: 'cashier', settle: 'capture', request }, null);
      return { redemptionId: id };
    },
    'redemption.submitCode': async ({ redemptionId, code }) => {
      await submitCode(core, served(redemptionId), code);
      return {};
    },
    'redemption.submitSealed': async ({ redemptionId, supervisorId, code }) => {
      const row = served(redemptionId);
      const signedIn = sessions.current()?.staffId ?? null;
      await submitSealed(core, row, { supervisorId, code, signedIn });
      return {};
    },
    'redemption.resend': async ({ redemptionId }) => {
      await resendCode(core, served(redemptionId));
      return {};
    },
    'redemption.cancel': async ({ redemptionId }) => {
      cancelAtScreen(core, served(redemptionId), sessions.current()?.role ?? null);
      return {};
    },
    'redemption.dismiss': async ({ redemptionId }) => {
      dismiss(core, served(redemptionId));
      return {};
    },
    'redemption.reprint': async ({ redemptionId, reason = null }) => {
      const { staffId } = sessions.require();
      await reprint(core, store.redemptions.get(redemptionId), { staffId, reason });
      return {};
    },
    'approval.start': async (input) => {
      const { staffId, name } = sessions.require();
      const id = createUuid(core.effects);
      const request = { ...input, staffId };
      await startApproval(core, { id, startedBy: 'cashier', request, requestedBy: name }, null);
      return { approvalId: id };
    },
    'approval.cancel': async ({ approvalId }) => {
      cancelApproval(core, servedApproval(approvalId), 'cashier', null);
      return {};
    },
    'approval.submitCode': async ({ approvalId, code }) => {
      await submitApprovalCode(core, servedApproval(approvalId), code);
      return {};
    },
    'approval.dismiss': async ({ approvalId }) => {
      dismissApproval(core, servedApproval(approvalId));
      return {};
    },
    'approval.reprint': async ({ approvalId, reason = null }) => {
      const { staffId } = sessions.require();
      await reprintApproval(core, store.approvals.get(approvalId), { staffId, reason });
      return {};
    },
    'cashSale.open': async ({ saleRef, amount }) => {
      const session = sessions.require();
      if (!contextOf(core).policy.shift.manualCashSale) throw new SaksiError('cash_sale_not_allowed');
      const row = await openForCashSale(core, session, { saleRef, amount, startedBy: 'cashier' });
      return { drawer: drawerOf(row), error: row.drawerError };
    },
    ...createCashShiftCalls(core, sessions),
    'report.reconcile': async ({ from, to }) => ({
      report: await reconcileReport(core, sessions.require(), { from, to }),
    }),
    'messages.list': async ({ filter, after }) => listMessages(core, sessions.require(), filter, after),
    'messages.pdf': async ({ filter }) => exportMessagePdf(core, sessions.require(), filter),
    'audit.unlock': async ({ pin }) => audit.unlock(sessions.require(), pin),
    'audit.about': async () => audit.about(sessions.require()),
    'audit.charts': async (span) => audit.charts(sessions.require(), span),
    'audit.tail': async (wish) => {
      const session = sessions.require();
      const news = await audit.news(session, wish);
      // They may have left while it waited.
      if (sessions.current()?.staffId !== session.staffId) throw new SaksiError('not_signed_in');
      return news;
    },
    'audit.list': async (input) => audit.list(sessions.require(), input),
    'audit.views': async () => audit.views(sessions.require()),
    'audit.saveView': async (view) => audit.saveView(sessions.require(), view),
    'audit.removeView': async ({ id }) => audit.removeView(sessions.require(), id),
    ...createManagerCalls(core, sessions, audit.tokenOf),
    'policy.get': async () => getPolicy(core, sessions.require()),
    'policy.save': async (change) => savePolicy(core, sessions.require(), change),
    'slips.preview': async (wish) => previewForManager(core, sessions.require(), wish),
    'drawer.acknowledge': async (input) => {
      await acknowledgeOpening(core, input);
      return {};
    },
    'alarm.seen': async ({ alarmId }) => {
      const { role, staffId } = sessions.require();
      if (role === 'cashier') throw new SaksiError('role_not_allowed');
      store.codeAlarms.seen(alarmId, staffId);
      core.changed();
      return {};
    },
    'trouble.seen': async ({ kind }) => {
      troubleSeen(core, sessions.require(), kind);
      return {};
    },
    'app.quit': async () => {
      quitting.answered(true);
      return {};
    },
    'app.stay': async () => {
      quitting.answered(false);
      return {};
    },
    'outbox.list': async () => {
      sessions.require();
      return listOutbox(core);
    },
    'outbox.retry': async ({ itemId }) => {
      retryItem(core, sessions.require(), itemId);
      return {};
    },
    'outbox.editCustomer': async ({ itemId, customerId }) => {
      editCustomer(core, sessions.require(), itemId, customerId);
      return {};
    },
    'outbox.handOver': async (input) => {
      sessions.require();
      await handOverItem(core, input);
      return {};
    },
    'settings.set': async ({ language, theme }) => {
      const before = store.settings.screen() ?? {
        language: core.context?.store.language ?? 'id',
        theme: 'auto' as const,
      };
      store.settings.saveScreen({ language: language ?? before.language, theme: theme ?? before.theme });
      core.changed();
      return {};
    },
  };

  return async function invoke<M extends BridgeMethod>(
    method: M,
    input: BridgeInput<M>,
  ): Promise<BridgeOutput<M>> {
    const parsed = BRIDGE[method].input.safeParse(input);
    if (!parsed.success) {
      const field = String(parsed.error.issues[0]?.path[0] ?? '');
      throw new SaksiError(field === 'amount' ? 'amount_invalid' : 'bad_request', { params: { field } });
    }
    if (!BY_ITSELF.has(method)) sessions.touch();
    return handlers[method](parsed.data as never);
  };
}
