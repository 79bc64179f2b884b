import { describe, expect, test } from 'vitest';
import { type RedemptionStage, redemptionStageSchema, type TillView } from '../../shared/bridge.ts';
import { baseView, REDEMPTION } from '../dev/fixtures.ts';
import { SEALED, troubleOf } from '../dev/offline-fixtures.ts';
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

  test('the report is for managers only, the list of what waits for everybody', () => {
    expect(screenFor(base, 'report')).toBe('settings');
    expect(screenFor(base, 'attention')).toBe('attention');
  });

  test('a redemption on a sealed code keeps its own screen while the code is looked at', () => {
    const sealed = { ...REDEMPTION, stage: 'checking' as const, sealed: SEALED };
    expect(screenFor({ ...base, redemption: sealed }, 'redeem')).toBe('sealed');
    expect(screenFor({ ...base, redemption: { ...sealed, stage: 'done' } }, 'redeem')).toBe('result');
  });

  test('trouble that stops money covers what would move some, and nothing else', () => {
    const trouble = [troubleOf('disk_full')];
    expect(screenFor({ ...base, trouble }, 'redeem')).toBe('stopped');
    expect(screenFor(at('awaiting_code', { trouble }), 'redeem')).toBe('stopped');
    expect(screenFor(at('awaiting_sealed', { trouble }), 'redeem')).toBe('stopped');
    expect(screenFor(at('done', { trouble }), 'redeem')).toBe('result');
    expect(screenFor({ ...base, trouble }, 'attention')).toBe('attention');
    expect(screenFor({ ...base, trouble, session: null }, 'redeem')).toBe('sign_in');
    expect(screenFor({ ...base, trouble: [troubleOf('clock_back', false)] }, 'redeem')).toBe('redeem');
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
