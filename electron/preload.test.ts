import { beforeEach, expect, it, vi } from 'vitest';
import { IPC, type SaksiBridge } from '../shared/bridge.ts';
import { exposed, ipcRenderer } from '../test/fixtures/fake-electron.ts';
import { emptyView } from '../test/fixtures/fake-till.ts';
import './preload.ts';

vi.mock('electron', async () => (await import('../test/fixtures/fake-electron.ts')).fakeElectron());

const bridge = exposed.get('saksi') as SaksiBridge;

beforeEach(() => {
  ipcRenderer.sent.length = 0;
  ipcRenderer.invoked.length = 0;
});

it('exposes exactly the bridge', () => {
  expect([...exposed.keys()]).toEqual(['saksi']);
  expect(Object.keys(bridge).sort()).toEqual(['invoke', 'subscribe']);
});

it('passes calls to the one channel', async () => {
  expect(await bridge.invoke('session.signOut', {})).toEqual({ ok: true, value: {} });
  expect(ipcRenderer.invoked).toEqual([[IPC.invoke, 'session.signOut', {}]]);
});

it('gives views without their event, until unsubscribed, and hands nothing of Electron out', () => {
  const seen: unknown[][] = [];
  const unsubscribe = bridge.subscribe((...args) => seen.push(args));
  expect(ipcRenderer.sent).toEqual([IPC.ready]);
  ipcRenderer.emit(IPC.view, { sender: ipcRenderer }, emptyView());
  expect(seen).toEqual([[emptyView()]]);
  expect(unsubscribe()).toBeUndefined();
  expect(ipcRenderer.listenerCount(IPC.view)).toBe(0);
});
