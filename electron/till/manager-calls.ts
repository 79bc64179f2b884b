import type { BRIDGE, BridgeOutput } from '../../shared/bridge.ts';
import type { MANAGER_BRIDGE } from '../../shared/bridge-manager.ts';
import { exportCase } from './case-pdf/export.ts';
import { type Core, linkOf } from './core.ts';
import { assertManager } from './policy.ts';
import type { Session, Sessions } from './session.ts';

type ManagerMethod = keyof typeof MANAGER_BRIDGE;
type Calls = {
  [M in ManagerMethod]: (input: ReturnType<(typeof BRIDGE)[M]['input']['parse']>) => Promise<BridgeOutput<M>>;
};

/**
 * The screen's calls about findings and cases, for the manager who is signed in. `tokenOf`: the proof of their PIN, which throws
 * `role_not_allowed` and `manager_proof_missing`.
 */
export function createManagerCalls(
  core: Core,
  sessions: Sessions,
  tokenOf: (session: Session) => string,
): Calls {
  const token = () => tokenOf(sessions.require());
  return {
    'findings.list': async ({ filter, after }) => linkOf(core).client.findings(token(), filter, after),
    'findings.get': async ({ id }) => linkOf(core).client.finding(token(), id),
    'alerts.waiting': async () => {
      assertManager(sessions.require());
      return linkOf(core).client.alertsWaiting();
    },
    'alerts.list': async () => linkOf(core).client.alerts(token()),
    'alerts.acknowledge': async ({ ids }) => linkOf(core).client.acknowledgeAlerts(token(), ids),
    'digest.get': async ({ day }) => linkOf(core).client.digest(token(), day),
    'cases.list': async (query) => linkOf(core).client.cases(token(), query),
    'cases.get': async ({ id }) => linkOf(core).client.case(token(), id),
    'cases.open': async (wish) => linkOf(core).client.openCase(token(), wish),
    'cases.step': async ({ id, step }) => linkOf(core).client.stepInCase(token(), id, step),
    'cases.export': async ({ id }) => exportCase(core, sessions.require(), token(), id),
    'findings.say': async ({ id, said }) => linkOf(core).client.sayOfFinding(token(), id, said),
  };
}
