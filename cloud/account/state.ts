/** How a WhatsApp account stands, folded from everything that Meta said about it, oldest first. */
import type { AccountFacts, AccountField } from '../whatsapp/account-webhooks.ts';
import type { PhoneInfo } from '../whatsapp/graph-admin.ts';

/** People who may be written to in 24 hours without having written to us; counted for the whole business portfolio. */
export type Tier = number | 'unlimited';

export interface AccountState {
  /** GREEN, YELLOW, RED or UNKNOWN, as last read from Meta; null: never read. */
  readonly quality: string | null;
  /** Meta has warned that the quality is low. */
  readonly flagged: boolean;
  readonly tier: Tier | null;
  readonly displayName: { readonly name: string | null; readonly status: string } | null;
  readonly ban: 'none' | 'scheduled' | 'disabled' | 'deleted';
  /** In force. `until` (epoch ms): null where Meta names no end. */
  readonly restrictions: readonly { readonly type: string; readonly until: number | null }[];
  readonly violation: string | null;
  readonly security: { readonly event: string; readonly at: number } | null;
  /** Not solved yet, newest last. */
  readonly alerts: readonly {
    readonly type: string;
    readonly severity: string | null;
    readonly text: string | null;
    readonly at: number;
  }[];
  /** Of the newest news; null: there was none. */
  readonly at: number | null;
}

export type StateEvent =
  | { [F in AccountField]: { field: F; facts: AccountFacts<F>; at: number } }[AccountField]
  | { field: 'checked'; facts: PhoneInfo; at: number };

export const UNKNOWN_ACCOUNT: AccountState = {
  quality: null,
  flagged: false,
  tier: null,
  displayName: null,
  ban: 'none',
  restrictions: [],
  violation: null,
  security: null,
  alerts: [],
  at: null,
};

const ALERTS_MAX = 20;

/** @param now epoch ms; restrictions that ended before it are left out */
export function foldAccount(events: readonly StateEvent[], now: number): AccountState {
  const ordered = [...events].sort((a, b) => a.at - b.at);
  const state = ordered.reduce(step, UNKNOWN_ACCOUNT);
  const inForce = state.restrictions.filter(({ until }) => until === null || until > now);
  return { ...state, restrictions: inForce };
}

function step(state: AccountState, event: StateEvent): AccountState {
  return { ...state, ...change(state, event), at: event.at };
}

function change(state: AccountState, event: StateEvent): Partial<AccountState> {
  switch (event.field) {
    case 'checked':
      return checked(event.facts);
    case 'phone_number_quality_update':
      return qualityUpdate(event.facts);
    case 'phone_number_name_update': {
      const { decision: status, requested_verified_name: name } = event.facts;
      return { displayName: { name: name ?? state.displayName?.name ?? null, status } };
    }
    case 'business_capability_update': {
      const { max_daily_conversations_per_business: business, max_daily_conversation_per_phone: phone } =
        event.facts;
      return tierChange(business ?? (phone == null ? null : String(phone)));
    }
    case 'account_update':
      return accountUpdate(event.facts);
    case 'account_alerts':
      return { alerts: alertsAfter(state.alerts, event.facts, event.at) };
    case 'security':
      return { security: { event: event.facts.event, at: event.at } };
    default:
      return {};
  }
}

function checked(info: PhoneInfo): Partial<AccountState> {
  return {
    quality: info.qualityRating,
    ...(info.qualityRating === 'GREEN' ? { flagged: false } : {}),
    ...tierChange(info.messagingLimit),
    displayName: { name: info.verifiedName, status: info.nameStatus ?? 'UNKNOWN' },
  };
}

function qualityUpdate(facts: AccountFacts<'phone_number_quality_update'>): Partial<AccountState> {
  const limit = facts.max_daily_conversations_per_business ?? facts.current_limit ?? null;
  const { event } = facts;
  const tells = event === 'FLAGGED' || event === 'UNFLAGGED';
  return { ...(tells ? { flagged: event === 'FLAGGED' } : {}), ...tierChange(limit) };
}

const BANS: ReadonlyMap<string, AccountState['ban']> = new Map([
  ['SCHEDULE_FOR_DISABLE', 'scheduled'],
  ['DISABLE', 'disabled'],
  ['REINSTATE', 'none'],
]);

function accountUpdate(facts: AccountFacts<'account_update'>): Partial<AccountState> {
  const { event, ban_info: ban, restriction_info: restrictions, violation_info: violation } = facts;
  const banned = event === 'ACCOUNT_DELETED' ? 'deleted' : BANS.get(ban?.waba_ban_state ?? '');
  return {
    ...(banned === undefined ? {} : { ban: banned }),
    ...(banned === 'none' ? { restrictions: [] } : {}),
    ...(restrictions == null
      ? {}
      : {
          restrictions: restrictions.map(({ restriction_type: type, expiration }) => {
            return { type, until: untilOf(expiration) };
          }),
        }),
    ...(violation?.violation_type == null ? {} : { violation: violation.violation_type }),
  };
}

/** Seconds since 1970 as a number or digits, or a date. */
function untilOf(expiration: unknown): number | null {
  if (typeof expiration === 'number') return expiration * 1000;
  if (typeof expiration !== 'string') return null;
  if (/^\d{1,11}$/.test(expiration)) return Number(expiration) * 1000;
  const date = Date.parse(expiration);
  return Number.isNaN(date) ? null : date;
}

function alertsAfter(
  alerts: AccountState['alerts'],
  facts: AccountFacts<'account_alerts'>,
  at: number,
): AccountState['alerts'] {
  const told = facts.alert_info ?? facts;
  const type = told.alert_type ?? 'UNKNOWN';
  const others = alerts.filter((alert) => alert.type !== type);
  if (told.alert_status === 'RESOLVED') return others;
  const alert = { type, severity: told.alert_severity ?? null, text: told.alert_description ?? null, at };
  return [...others, alert].slice(-ALERTS_MAX);
}

function tierChange(limit: string | null): Partial<AccountState> {
  const tier = limit === null ? null : readTier(limit);
  return tier === null ? {} : { tier };
}

/** 'TIER_2K' → 2000, 'TIER_UNLIMITED' and -1 → 'unlimited', '250' → 250; null for what says nothing. */
export function readTier(text: string): Tier | null {
  const named = /^(?:TIER_)?(UNLIMITED|-1|(\d{1,9})(K?))$/.exec(text.toUpperCase());
  if (named === null) return null;
  if (named[2] === undefined) return 'unlimited';
  return Number(named[2]) * (named[3] === 'K' ? 1000 : 1);
}
