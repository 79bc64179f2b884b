import type { ApprovalPolicy, EscalationStep } from '../../shared/approval-policy.ts';
import { isWorkingTime, tierFor } from '../../shared/approval-rules.ts';
import type { Role } from '../../shared/gateway-api.ts';
import type { Contact } from './ports.ts';

/**
 * Who may decide. Pure: policy in force, staff list and contacts come in as they are at that moment.
 */
export interface Person {
  readonly staffId: string;
  readonly name: string;
  readonly role: Role;
  readonly active: boolean;
}

/** What a request needs by the policy in force. */
export interface Authority {
  readonly roles: ReadonlySet<Role>;
  readonly needed: number;
  readonly steps: readonly EscalationStep[];
}

export interface AuthorityOf {
  readonly kind: string;
  readonly amount: number | null;
  readonly basisPoints: number | null;
}

/** Null: the kind is gone from the policy or switched off, so nobody may decide. */
export function authorityFor(policy: ApprovalPolicy, request: AuthorityOf): Authority | null {
  const kind = policy.kinds.find(({ key, enabled }) => enabled && key === request.kind);
  if (kind === undefined) return null;
  const { roles, needed } = tierFor(kind, request);
  return { roles: new Set(roles), needed, steps: kind.steps };
}

/** The same with what holds outside working hours at `at` (epoch ms): there only managers answer, where policy says so. */
export function atThisHour(
  authority: Authority,
  { hours }: ApprovalPolicy,
  at: number,
  timezone: string,
): Authority {
  if (hours.outside !== 'managers_only' || isWorkingTime(hours, at, timezone)) return authority;
  return { ...authority, roles: new Set([...authority.roles].filter((role) => role === 'manager')) };
}

export function mayDecide({ roles, steps }: Authority, person: Person): boolean {
  return person.active && roles.has(person.role) && steps.some((step) => isOfStep(step, person));
}

export function isOfStep({ roles, staffIds }: EscalationStep, { staffId, role }: Person): boolean {
  return staffIds.includes(staffId) || roles.some((asked) => asked === role);
}

/** Contacts by member of staff. Somebody without one is known by their id alone. */
export class Contacts {
  readonly #byStaff: ReadonlyMap<string, Contact>;

  constructor(contacts: readonly Contact[]) {
    this.#byStaff = new Map(contacts.map((contact) => [contact.staffId, contact]));
  }

  of(staffId: string): Contact {
    const known = this.#byStaff.get(staffId);
    return known ?? { staffId, phoneE164: null, reachable: false, identities: [] };
  }

  /** The same member of staff, or two who share a phone or an account. */
  isSamePerson(one: string, other: string): boolean {
    if (one === other) return true;
    const { identities } = this.of(other);
    return this.of(one).identities.some((identity) => identities.includes(identity));
  }

  /** Leaves out whoever is one person with somebody before them. */
  distinct<T extends { readonly staffId: string }>(people: readonly T[]): T[] {
    const found: T[] = [];
    for (const person of people) {
      if (!found.some((other) => this.isSamePerson(other.staffId, person.staffId))) found.push(person);
    }
    return found;
  }
}
