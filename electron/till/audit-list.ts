import type { ChartsWish } from '../../shared/audit/charts.ts';
import type { BridgeInput, BridgeOutput } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createAuditTail } from './audit-tail.ts';
import { type Core, linkOf } from './core.ts';
import type { Session } from './session.ts';

/**
 * The store's audit list for the manager who is signed in. The gateway wants their PIN for it once in a while; what it gives for
 * that is kept in memory only, and not longer than they are signed in. Throws `role_not_allowed`, `manager_proof_missing`, what
 * the gateway refuses with, and while the line is down `gateway_unreachable`.
 */
export function createAuditList(core: Core) {
  const tail = createAuditTail(core);
  let proof: { readonly staffId: string; readonly token: string } | null = null;

  function tokenOf({ staffId, role }: Session): string {
    if (role !== 'manager') throw new SaksiError('role_not_allowed');
    // Somebody else typed that PIN.
    if (proof?.staffId !== staffId) proof = null;
    if (proof === null) throw new SaksiError('manager_proof_missing');
    return proof.token;
  }

  return {
    /** For all else that wants the same proof. */
    tokenOf,
    async unlock({ staffId, role }: Session, pin: string): Promise<BridgeOutput<'audit.unlock'>> {
      if (role !== 'manager') throw new SaksiError('role_not_allowed');
      const { token, expiresInMs } = await linkOf(core).client.auditAccess(staffId, pin);
      proof = { staffId, token };
      return { expiresInMs };
    },
    about: async (session: Session) => linkOf(core).client.auditAbout(tokenOf(session)),
    /** Waits a while for something new. */
    news: async (session: Session, wish: BridgeInput<'audit.tail'>) => tail.news(tokenOf(session), wish),
    charts: async (session: Session, span: ChartsWish) =>
      linkOf(core).client.auditCharts(tokenOf(session), span),
    list: async (session: Session, { filter, after }: BridgeInput<'audit.list'>) =>
      linkOf(core).client.auditPage(tokenOf(session), filter, after),
    views: async (session: Session) => linkOf(core).client.auditViews(tokenOf(session)),
    saveView: async (session: Session, view: BridgeInput<'audit.saveView'>) =>
      linkOf(core).client.saveAuditView(tokenOf(session), view),
    removeView: async (session: Session, id: string) =>
      linkOf(core).client.removeAuditView(tokenOf(session), id),
  };
}
