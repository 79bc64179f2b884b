import type { TillView } from '../../shared/bridge.ts';
import { asSaksiError, SaksiError, type WireError } from '../../shared/errors.ts';
import type { SealedBundle, SealedCode } from '../../shared/offline.ts';
import { type Core, contextOf, linkOf } from './core.ts';

export interface HeldBundle {
  claims: SealedBundle;
  /** As the gateway signed it. */
  jws: string;
}

/** The sealed codes of this till: read while the line is up, held on the disk, worth nothing after their end. */
export function createSealedCodes(core: Core) {
  /** Undefined: not looked at since the start. */
  let held: HeldBundle | null | undefined;
  let error: WireError | null = null;

  function check(jws: string): SealedBundle {
    const serialMin = core.store.sealed.bundle()?.serial ?? 1;
    const storeId = contextOf(core).store.id;
    return linkOf(core).checkSealed(jws, { storeId, serialMin });
  }

  /** What lies on the disk is checked like what comes over the line: the disk is not trusted either. */
  function load(): HeldBundle | null {
    const jws = core.store.sealed.bundle()?.jws ?? null;
    if (jws === null) return null;
    try {
      return { claims: check(jws), jws };
    } catch (caught) {
      noteUntrusted(asSaksiError(caught));
      return null;
    }
  }

  function noteUntrusted(cause: SaksiError): void {
    const again = error?.params.part === cause.params.part;
    error = cause.toWire();
    core.changed();
    if (again) return;
    core.log.error({ code: cause.code, params: cause.params }, 'sealed codes not taken');
    core.store.audit.record('sealed.untrusted', { part: String(cause.params.part) });
  }

  function current(): HeldBundle | null {
    if (held === undefined) {
      if (core.link === null || core.context === null) return null;
      held = load();
    }
    return held;
  }

  const isExpired = ({ claims }: HeldBundle) => core.store.time.ceiling() >= claims.exp * 1000;
  const unused = ({ claims }: HeldBundle): SealedCode[] =>
    claims.codes.filter(({ id }) => !core.store.sealed.isUsed(id));

  return {
    /** Asks the gateway for the newest bundle. One that is not genuine is not taken: the one before stays. */
    async read(): Promise<void> {
      const link = linkOf(core);
      const { bundle: jws } = await link.client.sealedCodes();
      core.store.time.heard(link.clock.now());
      const now = core.store.time.floor();
      if (jws === null) {
        core.store.sealed.takeBundleAway(now);
        held = null;
      } else {
        if (jws === current()?.jws) return;
        try {
          const claims = check(jws);
          core.store.sealed.saveBundle(claims.serial, jws, now);
          held = { claims, jws };
        } catch (caught) {
          const cause = asSaksiError(caught);
          if (cause.code !== 'sealed_untrusted') throw cause;
          noteUntrusted(cause);
          return;
        }
      }
      error = null;
      core.changed();
    },

    /** Throws `offline_not_allowed` where there is nothing to spend on, `sealed_expired`. */
    usable(): HeldBundle {
      const bundle = current();
      if (!contextOf(core).policy.offline.enabled || bundle === null) {
        throw new SaksiError('offline_not_allowed');
      }
      if (isExpired(bundle)) throw new SaksiError('sealed_expired');
      if (unused(bundle).length === 0) throw new SaksiError('offline_not_allowed');
      return bundle;
    },

    current,
    error: () => error,

    /** Those who hold unused codes for this till and may still give them, with how many. */
    supervisors(): { id: string; name: string; codesLeft: number }[] {
      const bundle = current();
      if (bundle === null || isExpired(bundle)) return [];
      const codes = unused(bundle);
      return eligible(core)
        .map(({ id, name }) => ({
          id,
          name,
          codesLeft: codes.filter(({ supervisorId }) => supervisorId === id).length,
        }))
        .filter(({ codesLeft }) => codesLeft > 0);
    },

    view(): TillView['status']['sealed'] {
      const bundle = current();
      if (bundle === null) return null;
      const expiresInMs = bundle.claims.exp * 1000 - core.store.time.ceiling();
      return { codesLeft: expiresInMs <= 0 ? 0 : unused(bundle).length, expiresInMs };
    },
  };
}
export type SealedCodes = ReturnType<typeof createSealedCodes>;

/** Who may stand for spending without a line, as last told: whoever left or lost the role is not among them. */
export function eligible(core: Core) {
  const { staff, policy } = contextOf(core);
  return staff.filter(({ role }) => policy.offline.roles.some((one) => one === role));
}
