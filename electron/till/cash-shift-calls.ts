import type { BRIDGE, BridgeMethod, BridgeOutput } from '../../shared/bridge.ts';
import {
  askDifference,
  closeShift,
  countCash,
  openShift,
  payWithoutApproval,
  printX,
  reprintZ,
  takeOver,
  xReport,
} from './cash-shift.ts';
import { type Core, linkOf } from './core.ts';
import { assertManager } from './policy.ts';
import type { Sessions } from './session.ts';

type ShiftMethod = Extract<BridgeMethod, `cashShift.${string}`>;
type Calls = {
  [M in ShiftMethod]: (input: ReturnType<(typeof BRIDGE)[M]['input']['parse']>) => Promise<BridgeOutput<M>>;
};

/** The screen's calls about the cashier's shift. Each needs somebody signed in. */
export function createCashShiftCalls(core: Core, sessions: Sessions): Calls {
  return {
    'cashShift.open': async ({ count }) => {
      openShift(core, sessions.require(), count);
      return {};
    },
    'cashShift.pay': async (wish) => {
      payWithoutApproval(core, sessions.require(), wish);
      return {};
    },
    'cashShift.count': async ({ count }) => {
      countCash(core, sessions.require(), count);
      return {};
    },
    'cashShift.askDifference': async ({ reason }) => ({
      approvalId: await askDifference(core, sessions.require(), reason),
    }),
    'cashShift.close': async (wish) => ({ report: closeShift(core, sessions.require(), wish).report }),
    'cashShift.takeOver': async ({ count }) => {
      takeOver(core, sessions.require(), count);
      return {};
    },
    'cashShift.report': async () => ({ report: xReport(core, sessions.require()) }),
    'cashShift.printX': async () => {
      await printX(core, sessions.require());
      return {};
    },
    'cashShift.reprint': async ({ shiftId, reason = null }) => {
      const { staffId } = sessions.require();
      await reprintZ(core, shiftId, { staffId, reason });
      return {};
    },
    'cashShift.list': async (query) => {
      assertManager(sessions.require());
      return linkOf(core).client.cashShifts(query);
    },
  };
}
