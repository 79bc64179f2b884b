import type { Policy } from '../../shared/policy.ts';
import type { GatewayMachine } from './gateway-machine.ts';
import type { Person } from './people.ts';
import type { Prng } from './prng.ts';
import { moved } from './quiet.ts';
import type { TillMachine } from './till-machine.ts';

export interface PolicyDeskParts {
  readonly gateway: GatewayMachine;
  readonly tills: readonly TillMachine[];
  readonly staff: readonly Person[];
  readonly storeId: string;
  readonly prng: Prng;
  note(text: string): void;
  violated(what: string): void;
}

/** Whoever changes what the store goes by: a manager at a till, or the operator at the gateway. */
export class PolicyDesk {
  readonly #parts: PolicyDeskParts;
  /** Newest version that each till was seen to go by. */
  readonly #seen = new Map<string, number>();

  readonly #checked = new Map<string, string>();

  constructor(parts: PolicyDeskParts) {
    this.#parts = parts;
  }

  /** One change is published, if it comes through. */
  publish(): void {
    const { tills, prng, staff } = this.#parts;
    const till = prng.pick(tills);
    const manager = staff.find(({ role }) => role === 'manager');
    if (manager === undefined || till.view()?.session?.staffId !== manager.id) {
      this.#byOperator();
      return;
    }
    const known = till.policy();
    if (known === null) return;
    const { version: baseVersion, ...policy } = this.#another(known);
    const supervisor = staff.find(({ role }) => role === 'supervisor');
    if (supervisor === undefined) return;
    // Some of these weaken the rules: then a second person is at hand, or is not.
    const second = prng.chance(0.8) ? { second: { staffId: supervisor.id, pin: supervisor.pin } } : {};
    till.invoke('policy.save', { pin: manager.pin, baseVersion, policy, ...second });
  }

  #byOperator(): void {
    const { gateway, storeId, note } = this.#parts;
    const { admin } = gateway.gateway?.services ?? {};
    if (admin === undefined) return;
    const published = (async () => {
      const policy = this.#another(await admin.run('policy show', { storeId }));
      await admin.run('policy set', { storeId, policy });
    })();
    published.then(
      () => {
        moved();
        note('operator policy.set: ok');
      },
      () => {
        moved();
        note('operator policy.set: not taken');
      },
    );
  }

  /** The same with other limits, which sealed codes are signed with. */
  #another(policy: Policy): Policy {
    const { prng } = this.#parts;
    const changed = structuredClone(policy);
    const { limits } = changed.offline;
    limits.perCode.deposit = prng.between(15, 40) * 1_000;
    limits.perCustomer.deposit = prng.between(20, 50) * 1_000;
    limits.perTill.deposit = prng.between(30, 80) * 1_000;
    changed.codes.tries = prng.between(3, 6);
    return changed;
  }

  /** A till goes by a version that was published, as it was, and never by an older one again. */
  check(published: readonly { readonly version: number; readonly policy: unknown }[]): void {
    const { tills, violated } = this.#parts;
    for (const till of tills) {
      const text = till.policyText();
      // Looked through once: the same words are the same policy.
      if (text === null || text === this.#checked.get(till.name)) continue;
      this.#checked.set(till.name, text);
      const policy = JSON.parse(text) as Policy;
      const before = this.#seen.get(till.name) ?? 0;
      if (policy.version < before) {
        violated(`${till.name} went from policy ${before} back to ${policy.version}`);
      }
      this.#seen.set(till.name, policy.version);
      const kept = published.find(({ version }) => version === policy.version)?.policy;
      if (kept === undefined || sorted(kept) !== sorted(policy)) {
        violated(`${till.name} goes by a policy ${policy.version} that nobody published`);
      }
    }
  }

  /** All lines up: everybody goes by the newest. */
  checkAtEnd(published: readonly { readonly version: number }[]): void {
    const newest = Math.max(...published.map(({ version }) => version));
    for (const till of this.#parts.tills) {
      const version = till.policy()?.version;
      if (version !== newest) this.#parts.violated(`${till.name} goes by policy ${version}, not ${newest}`);
    }
  }
}

/** Key order is the database's own. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}
