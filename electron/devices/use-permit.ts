import { SaksiError } from '../../shared/errors.ts';
import type { GrantAction } from '../../shared/grants.ts';

export interface PermitTerms {
  readonly grantId: string;
  readonly actions: readonly GrantAction[];
  readonly saleRef: string;
}

const ISSUED = Symbol('issued');

/**
 * Leave to move devices, once per action. Opaque: it cannot be built from data, copied or sent anywhere.
 * Exists only after the use of a grant is on disk (invariant 3: no grant, no device).
 */
export class UsePermit {
  readonly #terms: PermitTerms;
  readonly #used = new Set<GrantAction>();

  constructor(key: typeof ISSUED, terms: PermitTerms) {
    if (key !== ISSUED) throw new SaksiError('grant_action_not_allowed');
    this.#terms = { ...terms, actions: [...terms.actions] };
  }

  get grantId(): string {
    return this.#terms.grantId;
  }

  get saleRef(): string {
    return this.#terms.saleRef;
  }

  /** Takes the action, or throws `grant_action_not_allowed` or `grant_already_used`. */
  static take(permit: UsePermit, action: GrantAction): void {
    if (!(#terms in permit) || !permit.#terms.actions.includes(action)) {
      throw new SaksiError('grant_action_not_allowed', { params: { action } });
    }
    if (permit.#used.has(action)) throw new SaksiError('grant_already_used', { params: { action } });
    permit.#used.add(action);
  }

  /** Gives an action back of which not one byte has left for the device. */
  static giveBack(permit: UsePermit, action: GrantAction): void {
    permit.#used.delete(action);
  }
}

/**
 * The only way to a permit. Called by nobody but the store's grant-consumption code, after its FULL commit;
 * a test searches the sources for other callers.
 */
export function issueUsePermit(terms: PermitTerms): UsePermit {
  return new UsePermit(ISSUED, terms);
}
