import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldAccount, readTier, type StateEvent, UNKNOWN_ACCOUNT } from './state.ts';

const NOW = Date.UTC(2026, 10, 26);
const at = (minutes: number) => NOW + minutes * 60_000;

function event<F extends StateEvent['field']>(
  field: F,
  facts: Extract<StateEvent, { field: F }>['facts'],
  minutes = 0,
): StateEvent {
  return { field, facts, at: at(minutes) } as StateEvent;
}

const checked = (qualityRating: string, messagingLimit = 'TIER_250', minutes = 0) =>
  event(
    'checked',
    {
      ...{
        displayPhoneNumber: '+62',
        verifiedName: 'Toko',
        nameStatus: 'APPROVED',
        codeVerificationStatus: null,
      },
      ...{ qualityRating, messagingLimit, platformType: 'CLOUD_API' },
    },
    minutes,
  );

describe('how an account stands', () => {
  it.each([
    ['TIER_250', 250],
    ['TIER_1K', 1000],
    ['TIER_2K', 2000],
    ['TIER_100K', 100_000],
    ['TIER_UNLIMITED', 'unlimited'],
    ['unlimited', 'unlimited'],
    ['-1', 'unlimited'],
    ['2000', 2000],
    ['TIER_NOT_SET', null],
    ['', null],
    ['many', null],
  ])('reads %s as %s', (text, tier) => {
    expect(readTier(text)).toBe(tier);
  });

  it('knows nothing before it was told anything', () => {
    expect(foldAccount([], NOW)).toEqual(UNKNOWN_ACCOUNT);
  });

  it('follows quality and limit: a warning stays until it is taken back or Meta says green', () => {
    const flagged = event('phone_number_quality_update', { event: 'FLAGGED', current_limit: 'TIER_1K' }, 1);
    const state = foldAccount([flagged, checked('GREEN', 'TIER_2K')], NOW);
    expect(state).toMatchObject({ quality: 'GREEN', flagged: true, tier: 1000, at: at(1) });
    const back = event('phone_number_quality_update', { event: 'UNFLAGGED' }, 2);
    expect(foldAccount([flagged, back], NOW)).toMatchObject({ flagged: false, tier: 1000 });
    expect(foldAccount([flagged, checked('RED', 'TIER_250', 3)], NOW)).toMatchObject({
      quality: 'RED',
      flagged: true,
    });
    expect(foldAccount([flagged, checked('GREEN', 'TIER_250', 3)], NOW)).toMatchObject({ flagged: false });
    const capable = event(
      'business_capability_update',
      { max_daily_conversations_per_business: 'TIER_10K' },
      4,
    );
    expect(foldAccount([flagged, capable], NOW).tier).toBe(10_000);
    const perPhone = event('business_capability_update', { max_daily_conversation_per_phone: 250 }, 4);
    expect(foldAccount([flagged, perPhone], NOW).tier).toBe(250);
  });

  it('follows bans: planned, in force, taken back, deleted', () => {
    const ban = (state: string, minutes: number) =>
      event('account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: state } }, minutes);
    expect(foldAccount([ban('SCHEDULE_FOR_DISABLE', 1)], NOW).ban).toBe('scheduled');
    expect(foldAccount([ban('SCHEDULE_FOR_DISABLE', 1), ban('DISABLE', 2)], NOW).ban).toBe('disabled');
    expect(foldAccount([ban('DISABLE', 2), ban('REINSTATE', 3)], NOW).ban).toBe('none');
    expect(foldAccount([ban('constructor', 1)], NOW).ban).toBe('none');
    expect(foldAccount([event('account_update', { event: 'ACCOUNT_DELETED' })], NOW).ban).toBe('deleted');
    expect(foldAccount([event('account_update', { event: 'VERIFIED_ACCOUNT' })], NOW).ban).toBe('none');
  });

  it('keeps restrictions as long as they hold', () => {
    const restricted = event('account_update', {
      event: 'ACCOUNT_RESTRICTION',
      restriction_info: [
        { restriction_type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', expiration: NOW / 1000 + 3600 },
        { restriction_type: 'RESTRICTED_ADD_PHONE_NUMBER_ACTION' },
        { restriction_type: 'OTHER', expiration: 'someday' },
      ],
    });
    expect(foldAccount([restricted], NOW).restrictions).toEqual([
      { type: 'RESTRICTED_BIZ_INITIATED_MESSAGING', until: NOW + 3_600_000 },
      { type: 'RESTRICTED_ADD_PHONE_NUMBER_ACTION', until: null },
      { type: 'OTHER', until: null },
    ]);
    expect(foldAccount([restricted], NOW + 3_600_000).restrictions).toHaveLength(2);
  });

  it('follows the display name, alerts and what happened to the PIN', () => {
    const name = event('phone_number_name_update', {
      decision: 'REJECTED',
      requested_verified_name: 'Toko Baru',
    });
    expect(foldAccount([name], NOW).displayName).toEqual({ name: 'Toko Baru', status: 'REJECTED' });
    const alert = (status: string, minutes: number) =>
      event(
        'account_alerts',
        { alert_info: { alert_type: 'OBA', alert_status: status, alert_severity: 'CRITICAL' } },
        minutes,
      );
    expect(foldAccount([alert('ACTIVE', 1)], NOW).alerts).toEqual([
      { type: 'OBA', severity: 'CRITICAL', text: null, at: at(1) },
    ]);
    expect(foldAccount([alert('ACTIVE', 1), alert('RESOLVED', 2)], NOW).alerts).toEqual([]);
    const pin = event('security', { event: 'PIN_CHANGED' }, 5);
    expect(foldAccount([pin], NOW).security).toEqual({ event: 'PIN_CHANGED', at: at(5) });
  });

  it('comes to the same in whatever order news came', () => {
    const all = [
      checked('GREEN', 'TIER_2K', 1),
      event('phone_number_quality_update', { event: 'FLAGGED', current_limit: 'TIER_250' }, 2),
      event('account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } }, 3),
      event('account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'REINSTATE' } }, 4),
      event('security', { event: 'PIN_CHANGED' }, 5),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(foldAccount(shuffled, NOW)).toEqual(foldAccount(all, NOW));
      }),
    );
  });
});
