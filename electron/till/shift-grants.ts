import type { TillView } from '../../shared/bridge.ts';
import { asSaksiError, SaksiError, type WireError } from '../../shared/errors.ts';
import type { ShiftGrantClaims } from '../../shared/grants.ts';
import { createUuid } from '../../shared/ids.ts';
import { isLineError } from '../gateway-client/call.ts';
import { isUp } from '../gateway-client/connection.ts';
import type { HeldShiftGrant } from '../store/shift-grants.ts';
import { type Core, contextOf, linkOf } from './core.ts';
import type { Session } from './session.ts';

/** Refusals after which the same question is pointless for now: it is asked again with the next reason to ask. */
const LATER = ['too_many_requests'];

/**
 * Openings of the drawer for cash sales: asked for at sign-in and once few are left, held on the disk, counted at each use.
 * Beside them the till holds one spare, for whoever signs in while the line is down.
 */
export function createShiftGrants(core: Core, session: () => Session | null) {
  const { shiftGrants, shiftJournal, time } = core.store;
  /** What the gateway last refused, by whom it was for. */
  const refused = new Map<string | null, WireError>();

  const isLive = ({ used, uses, expiresAt }: HeldShiftGrant) => used < uses && expiresAt > time.ceiling();
  /** A spare that policy took away meanwhile is none. */
  const isMeant = (staffId: string | null) =>
    staffId !== null || contextOf(core).policy.shift.spareOpenings > 0;
  const heldFor = (staffId: string | null) =>
    isMeant(staffId) ? shiftGrants.held().filter((held) => held.staffId === staffId && isLive(held)) : [];
  const leftOf = (grants: readonly HeldShiftGrant[]) =>
    grants.reduce((left, { uses, used }) => left + uses - used, 0);

  function isDue(staffId: string | null): boolean {
    const { shift } = contextOf(core).policy;
    if (staffId === null && shift.spareOpenings === 0) return false;
    const [uses, hours] =
      staffId === null ? [shift.spareOpenings, shift.spareHours] : [shift.openings, shift.hours];
    const held = heldFor(staffId);
    // What a person has left is renewed near its end; the spare has to last through whatever comes.
    const few = staffId === null ? uses / 2 : Math.min(shift.renewAt, uses / 2);
    const soonOver = time.ceiling() + (hours * 3_600_000) / (staffId === null ? 2 : 10);
    return leftOf(held.filter(({ expiresAt }) => expiresAt > soonOver)) <= few;
  }

  async function ask(staffId: string | null): Promise<void> {
    const link = linkOf(core);
    const key = shiftGrants.wish(staffId) ?? createUuid(core.effects);
    shiftJournal.wished(staffId, key);
    try {
      const { grant } = await link.client.shiftGrant(key, { staffId });
      time.heard(link.clock.now());
      refused.delete(staffId);
      if (grant === null) shiftJournal.gaveUp(staffId);
      else shiftJournal.granted(check(grant, staffId), grant, time.floor());
    } catch (error) {
      const cause = asSaksiError(error);
      if (isLineError(cause)) throw cause;
      if (refused.get(staffId)?.code !== cause.code) {
        core.log.warn({ code: cause.code, params: cause.params, spare: staffId === null }, 'no shift grant');
      }
      refused.set(staffId, cause.toWire());
      // A key that stands for what cannot be used, or was refused, is not asked with again.
      if (!cause.retry || cause.code.startsWith('grant_')) shiftJournal.gaveUp(staffId);
      // The one that was asked for long ago and never arrived is past: another is asked for at once.
      const again = cause.code === 'grant_expired' || (cause.retry && !LATER.includes(cause.code));
      if (again) throw cause;
    } finally {
      core.changed();
    }
  }

  function check(jws: string, staffId: string | null): ShiftGrantClaims {
    const { currency } = contextOf(core).store;
    return linkOf(core).checkShiftGrant(jws, { staffId, currency }, time.ceiling());
  }

  return {
    /** Whether something should be asked for. */
    isDue(): boolean {
      if (core.link === null || core.context === null) return false;
      const who = session();
      return isDue(null) || (who !== null && isDue(who.staffId));
    },

    /** Asks for what is due. Throws what a later try may mend. */
    async read(): Promise<void> {
      if (core.context === null) return;
      const staffId = session()?.staffId ?? null;
      if (staffId !== null && isDue(staffId)) await ask(staffId);
      if (isDue(null)) await ask(null);
    },

    /**
     * The grant that this person's next sale goes on: their own, else the till's spare, unless the gateway refused them one.
     * It was just read and checked: the disk is not trusted. Throws `shift_grant_missing`.
     */
    usable(staffId: string): ShiftGrantClaims {
      const personal = heldFor(staffId);
      const candidates =
        refused.get(staffId)?.code === 'staff_unknown' ? [] : [...personal, ...heldFor(null)];
      for (const held of candidates) {
        try {
          const claims = check(held.jws, held.staffId);
          if (claims.jti === held.jti && held.used < claims.uses) return claims;
          throw new SaksiError('grant_mismatch', { params: { field: 'uses' } });
        } catch (error) {
          const cause = asSaksiError(error);
          if (cause.code === 'grant_expired') continue;
          core.log.error({ code: cause.code, params: cause.params }, 'shift grant not used');
          shiftJournal.closed([held.jti], 'untrusted');
        }
      }
      throw new SaksiError('shift_grant_missing');
    },

    view(): TillView['cashSale'] {
      const { shift } = contextOf(core).policy;
      const staffId = session()?.staffId ?? null;
      if (staffId === null) return null;
      const blocked = refused.get(staffId)?.code === 'staff_unknown';
      const left = blocked ? 0 : leftOf(heldFor(staffId)) + leftOf(heldFor(null));
      const { amountMax, manualCashSale: manual } = shift;
      // While the line is up more are on their way, unless they were refused.
      const more = isUp(linkOf(core).connection.state()) && !refused.has(staffId);
      const few = left <= shift.renewAt && !more;
      return { manual, left, few, amountMax: amountMax === 0 ? null : amountMax };
    },
  };
}
export type ShiftGrantsDesk = ReturnType<typeof createShiftGrants>;
