import { expect, test } from 'vitest';
import { parseWebhook } from '../whatsapp/webhook.ts';
import { limitNewsOf } from './news.ts';

const newsIn = (value: object, field: string) => {
  const entry = [{ id: '1', time: 1_790_000_000, changes: [{ field, value }] }];
  const { events, ignored } = parseWebhook({ object: 'whatsapp_business_account', entry });
  expect(ignored).toEqual([]);
  return events.filter((event) => event.type === 'account').map(limitNewsOf);
};

test.each([
  [{ current_limit: 'TIER_2K', event: 'UPGRADE' }, 'phone_number_quality_update', { dailyPeople: 2000 }],
  [
    { current_limit: 'TIER_1K', event: 'DOWNGRADE', max_daily_conversations_per_business: 'TIER_250' },
    'phone_number_quality_update',
    { dailyPeople: 250 },
  ],
  [{ event: 'THROUGHPUT_UPGRADE' }, 'phone_number_quality_update', { perSecond: 1000 }],
  [
    { max_daily_conversations_per_business: 'TIER_UNLIMITED' },
    'business_capability_update',
    { dailyPeople: null },
  ],
  [{ max_daily_conversation_per_phone: 250 }, 'business_capability_update', { dailyPeople: 250 }],
  [{ max_daily_conversation_per_phone: -1 }, 'business_capability_update', { dailyPeople: null }],
  [{ current_limit: 'TIER_NOT_SET', event: 'FLAGGED' }, 'phone_number_quality_update', null],
  [{ max_daily_conversations_per_business: 0 }, 'business_capability_update', null],
  [{ event: 'PIN_CHANGED' }, 'security', null],
])('%j in %s', (value, field, limits) => {
  expect(newsIn(value, field)).toEqual([limits]);
});
