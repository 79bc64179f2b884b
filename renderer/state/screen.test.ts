import { describe, expect, test } from 'vitest';
import { type RedemptionStage, redemptionStageSchema, type TillView } from '../../shared/bridge.ts';
import { baseView, REDEMPTION } from '../dev/fixtures.ts';
import { screenFor } from './screen.ts';

const base = baseView('id', 'light');
const at = (stage: RedemptionStage, change: Partial<TillView> = {}): TillView => ({
  ...base,
  redemption: { ...REDEMPTION, stage },
  ...change,
});

describe('which screen', () => {
  test('before the first view, before pairing, before sign-in', () => {
    expect(screenFor(null, 'redeem')).toBe('connecting');
    expect(screenFor({ ...base, till: null, session: null }, 'redeem')).toBe('first_run');
    expect(screenFor({ ...base, session: null }, 'recent')).toBe('sign_in');
  });

  test('signed in with nothing on: the page that was asked for', () => {
    expect(screenFor(base, 'redeem')).toBe('redeem');
    expect(screenFor(base, 'recent')).toBe('recent');
    expect(screenFor(base, 'settings')).toBe('settings');
  });

  test('the rules are for managers only', () => {
    expect(screenFor(base, 'rules')).toBe('settings');
    const manager = { staffId: base.session?.staffId ?? '', name: 'Hendra', role: 'manager' as const };
    expect(screenFor({ ...base, session: manager }, 'rules')).toBe('rules');
  });

  test('a redemption takes the screen in each of its stages', () => {
    const screens = Object.fromEntries(
      redemptionStageSchema.options.map((stage) => [stage, screenFor(at(stage), 'settings')]),
    );
    expect(screens).toEqual({
      requesting: 'code',
      awaiting_code: 'code',
      awaiting_sealed: 'sealed',
      checking: 'code',
      acting: 'result',
      awaiting_capture: 'result',
      done: 'result',
      cancelled: 'result',
      expired: 'result',
      failed: 'result',
    });
  });

  test('with nobody signed in only one that the terminal started', () => {
    expect(screenFor(at('awaiting_code', { session: null }), 'redeem')).toBe('sign_in');
    const terminal = at('awaiting_code', {
      session: null,
      redemption: { ...REDEMPTION, startedBy: 'terminal' },
    });
    expect(screenFor(terminal, 'redeem')).toBe('code');
  });
});
