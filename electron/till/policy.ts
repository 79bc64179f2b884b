import type { BridgeInput, BridgeOutput } from '../../shared/bridge.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { Store, TillContext } from '../../shared/gateway-api.ts';
import { createUuid } from '../../shared/ids.ts';
import type { Policy } from '../../shared/policy.ts';
import { untrusted } from '../gateway-client/policy-check.ts';
import type { CachedContext } from '../store/identity.ts';
import { type Core, contextOf, linkOf } from './core.ts';
import type { Session } from './session.ts';

type UsedPolicy = Pick<CachedContext, 'policy' | 'signedPolicy'>;

/**
 * The policy to go by: what the gateway signed, and from the first signed one on nothing else. One that is not genuine, of
 * another store or older than the one in use is not taken: the one before stays, and the screen and the log say so.
 * Throws `policy_untrusted` where there is none before.
 */
export function trustedPolicy(core: Core, { policy, signedPolicy, store }: TillContext): UsedPolicy {
  const before = core.context;
  if (signedPolicy === undefined && (before?.signedPolicy ?? null) === null) {
    return { policy, signedPolicy: null };
  }
  try {
    if (signedPolicy === undefined) throw untrusted('missing');
    const used = { policy: checkSigned(core, store, signedPolicy), signedPolicy };
    core.policyError = null;
    return used;
  } catch (error) {
    const cause = asSaksiError(error);
    if (cause.code !== 'policy_untrusted') throw cause;
    noteUntrusted(core, cause);
    if (before === null) throw cause;
    return { policy: before.policy, signedPolicy: before.signedPolicy };
  }
}

function checkSigned(core: Core, store: Pick<Store, 'id'>, signedPolicy: string): Policy {
  const before = core.context;
  // The store that this till was first told is its own for good.
  const storeId = before?.store.id ?? store.id;
  const versionMin = before === null || before.signedPolicy === null ? 1 : before.policy.version;
  return linkOf(core).checkPolicy(signedPolicy, { storeId, versionMin });
}

function noteUntrusted(core: Core, cause: SaksiError): void {
  const again = core.policyError?.params.part === cause.params.part;
  core.policyError = cause.toWire();
  core.changed();
  if (again) return;
  core.log.error({ code: cause.code, params: cause.params }, 'policy not taken');
  core.store.audit.record('policy.untrusted', { part: String(cause.params.part) });
}

/** Throws `role_not_allowed`. */
export function assertManager({ role }: Session): void {
  if (role !== 'manager') throw new SaksiError('role_not_allowed');
}

/** The newest policy of the store, for a manager to look at. */
export async function getPolicy(core: Core, session: Session): Promise<BridgeOutput<'policy.get'>> {
  assertManager(session);
  const { signedPolicy } = await linkOf(core).client.policy();
  return { policy: take(core, signedPolicy) };
}

/** Throws `role_not_allowed`, `policy_conflict`, `policy_invalid`, `pin_wrong` and what else the gateway refuses with. */
export async function savePolicy(
  core: Core,
  session: Session,
  change: BridgeInput<'policy.save'>,
): Promise<BridgeOutput<'policy.save'>> {
  assertManager(session);
  const { staffId } = session;
  const { signedPolicy } = await linkOf(core).client.savePolicy(createUuid(core.effects), {
    ...change,
    staffId,
  });
  return { policy: take(core, signedPolicy) };
}

/** Uses a policy that was asked for by itself. Throws `policy_untrusted`, and then keeps the one before. */
function take(core: Core, signedPolicy: string): Policy {
  const { store, staff } = contextOf(core);
  try {
    const policy = checkSigned(core, store, signedPolicy);
    core.store.identity.saveContext({ store, staff, policy, signedPolicy });
  } catch (error) {
    const cause = asSaksiError(error);
    if (cause.code === 'policy_untrusted') noteUntrusted(core, cause);
    throw cause;
  }
  core.policyError = null;
  core.context = core.store.identity.context();
  core.changed();
  return contextOf(core).policy;
}
