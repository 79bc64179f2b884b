/** What Meta's news about the account say of its limits. */
import type { AccountEvent } from '../whatsapp/webhook.ts';

/** Meta raises a number from 80 to 1,000 messages a second in one step. */
const UPGRADED_PER_SECOND = 1000;

/** What a number, or its business portfolio, may send; what was not said is absent. */
export interface LimitNews {
  /** People a day outside their windows; null: unlimited. */
  readonly dailyPeople?: number | null;
  /** For instance GREEN, YELLOW, RED. */
  readonly quality?: string;
  readonly perSecond?: number;
}

/** Null: it says nothing about limits. */
export function limitNewsOf(event: AccountEvent): LimitNews | null {
  const dailyPeople = peopleOf(tierIn(event));
  const upgraded =
    event.field === 'phone_number_quality_update' && event.facts.event === 'THROUGHPUT_UPGRADE';
  if (dailyPeople === undefined && !upgraded) return null;
  return {
    ...(dailyPeople === undefined ? {} : { dailyPeople }),
    ...(upgraded ? { perSecond: UPGRADED_PER_SECOND } : {}),
  };
}

function tierIn(event: AccountEvent): string | number | null | undefined {
  if (event.field === 'business_capability_update') {
    const { facts } = event;
    return facts.max_daily_conversations_per_business ?? facts.max_daily_conversation_per_phone;
  }
  if (event.field !== 'phone_number_quality_update') return undefined;
  return event.facts.max_daily_conversations_per_business ?? event.facts.current_limit;
}

/** 'TIER_2K', '2000', 2000 → 2000; null: unlimited; undefined for what says nothing (a number that was never limited, say). */
export function peopleOf(limit: string | number | null | undefined): number | null | undefined {
  const text = String(limit ?? '');
  // Meta writes an unlimited number as -1 as well.
  if (/UNLIMITED$/i.test(text) || text === '-1') return null;
  const parts = /^(?:TIER_)?(\d{1,6})(K?)$/i.exec(text);
  if (parts === null) return undefined;
  const people = Number(parts[1]) * (parts[2] === '' ? 1 : 1000);
  return people === 0 ? undefined : people;
}
