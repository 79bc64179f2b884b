import { expect, test } from 'vitest';
import type { SaksiBridge, TillView } from '../../shared/bridge.ts';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { EMPTY_ASK } from '../approvals/ask-draft.ts';
import { APPROVAL } from '../dev/approval-fixtures.ts';
import { baseView, REDEMPTION, SITI } from '../dev/fixtures.ts';
import { changedRules, loadedRules, NO_RULES } from '../rules/rules-state.ts';
import { createSaksiStore, EMPTY_DRAFT } from './store.ts';

const base = baseView('id', 'light');

function setup() {
  let tell: (view: TillView | null) => void = () => {};
  let now = 0;
  const bridge: SaksiBridge = {
    invoke: () => Promise.reject(new Error('the host went away')),
    subscribe(listener) {
      tell = listener;
      return () => {};
    },
  };
  const store = createSaksiStore(bridge, () => now);
  return { store, tell: (view: TillView | null) => tell(view), pass: (ms: number) => (now += ms) };
}

test('keeps the last view and when it came', () => {
  const { store, tell, pass } = setup();
  expect(store.getState()).toMatchObject({ link: 'connecting', view: null });
  pass(1_234);
  tell(base);
  expect(store.getState()).toMatchObject({ link: 'up', view: base, receivedAtMs: 1_234 });
});

test('a lost host keeps the view and its time, so that countdowns go on', () => {
  const { store, tell, pass } = setup();
  tell(base);
  pass(500);
  tell(null);
  expect(store.getState()).toMatchObject({ link: 'lost', view: base, receivedAtMs: 0 });
  tell(base);
  expect(store.getState()).toMatchObject({ link: 'up', receivedAtMs: 500 });
});

test('what was being typed goes with the person who typed it', () => {
  const { store, tell } = setup();
  tell(base);
  store.actions.setDraft({ customer: SITI, digits: '500' });
  store.actions.goTo('settings');
  tell({ ...base });
  expect(store.getState()).toMatchObject({ draft: { customer: SITI, digits: '500' }, page: 'settings' });
  tell({ ...base, session: null });
  expect(store.getState()).toMatchObject({ draft: EMPTY_DRAFT, page: 'redeem' });
});

test('signing in takes nothing away', () => {
  const { store, tell } = setup();
  tell({ ...base, session: null });
  store.actions.setDraft({ query: 'sit' });
  tell(base);
  expect(store.getState().draft.query).toBe('sit');
});

test('a redemption of the terminal that cuts in leaves it as it was', () => {
  const { store, tell } = setup();
  tell(base);
  store.actions.setDraft({ customer: SITI, digits: '500' });
  tell({ ...base, redemption: { ...REDEMPTION, startedBy: 'terminal' } });
  tell(base);
  expect(store.getState().draft).toMatchObject({ customer: SITI, digits: '500' });
});

test('a host that goes away during a call is an answer, not an exception', async () => {
  const { store } = setup();
  expect(await store.actions.call('session.signOut', {})).toMatchObject({
    ok: false,
    error: { code: 'not_ready', retry: true },
  });
});

const REJECTED = { ...APPROVAL, stage: 'rejected' as const, rejection: { name: 'Dewi', reason: null } };

test('a decision is seen once, and forgotten when its request is put away', () => {
  const { store, tell } = setup();
  tell({ ...base, approvals: [REJECTED] });
  expect(store.getState().seen.size).toBe(0);
  store.actions.markSeen();
  const { seen } = store.getState();
  expect([...seen]).toEqual([`${APPROVAL.id}:rejected`]);
  tell({ ...base, approvals: [REJECTED] });
  store.actions.markSeen();
  // The same set: nothing is drawn anew for nothing.
  expect(store.getState().seen).toBe(seen);
  store.actions.hideNews(`${APPROVAL.id}:rejected`);
  tell(base);
  expect(store.getState().seen.size).toBe(0);
  expect(store.getState().hiddenNews.size).toBe(0);
});

test('a request that is being prepared stays while the panel is closed, and goes with the person', () => {
  const { store, tell } = setup();
  tell(base);
  store.actions.openPanel('ask');
  store.actions.setAsk({ kind: 'void', digits: '500' });
  store.actions.openPanel('closed');
  expect(store.getState()).toMatchObject({ panel: 'closed', ask: { kind: 'void', digits: '500' } });
  store.actions.openPanel('list', APPROVAL.id);
  expect(store.getState()).toMatchObject({ panel: 'list', approvalId: APPROVAL.id });
  tell({ ...base, session: null });
  expect(store.getState()).toMatchObject({ panel: 'closed', ask: EMPTY_ASK });
});

test('changed rules hold whoever wants to leave, until they stay or the change is dropped', () => {
  const { store, tell } = setup();
  tell(base);
  store.actions.goTo('rules');
  const loaded = loadedRules(DEFAULT_POLICY);
  store.actions.setRules(loaded);
  expect(store.actions.mayLeave('recent')).toBe(true);
  const { version: _, ...draft } = DEFAULT_POLICY;
  store.actions.setRules(changedRules(loaded, { ...draft, slips: { copiesMax: 9 } }));
  store.actions.goTo('recent');
  expect(store.getState()).toMatchObject({ page: 'rules', leaving: 'recent' });
  store.actions.stay();
  expect(store.actions.mayLeave('sign_out')).toBe(false);
  expect(store.getState().leaving).toBe('sign_out');
  store.actions.setRules(NO_RULES);
  store.actions.goTo('recent');
  expect(store.getState()).toMatchObject({ page: 'recent', leaving: null });
});

test('signing out asks while something is unsent or refused, and only then', () => {
  const calls: string[] = [];
  const quiet = { ...base.status, outbox: { pending: 0, attention: 0, draining: null } };
  let tell: (view: TillView | null) => void = () => {};
  const store = createSaksiStore(
    {
      invoke: (method) => {
        calls.push(method);
        return Promise.reject(new Error('the host went away'));
      },
      subscribe(listener) {
        tell = listener;
        return () => {};
      },
    },
    () => 0,
  );
  for (const outbox of [
    { pending: 1, attention: 0, draining: null },
    { pending: 0, attention: 1, draining: null },
  ]) {
    tell({ ...base, status: { ...quiet, outbox } });
    store.actions.askSignOut();
    expect([store.getState().signingOut, calls]).toEqual([true, []]);
    store.actions.answerSignOut(false);
    expect([store.getState().signingOut, calls]).toEqual([false, []]);
  }
  store.actions.answerSignOut(true);
  tell({ ...base, status: quiet });
  store.actions.askSignOut();
  expect([store.getState().signingOut, calls]).toEqual([false, ['session.signOut', 'session.signOut']]);
});
