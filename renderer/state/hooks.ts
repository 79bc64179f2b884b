import { createContext, useContext, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { BridgeInput, BridgeMethod, BridgeResult, TillView } from '../../shared/bridge.ts';
import type { WireError } from '../../shared/errors.ts';
import { remainingMs, wholeSeconds } from './countdown.ts';
import type { SaksiActions, SaksiState, SaksiStore } from './store.ts';

export const StoreContext = createContext<SaksiStore | null>(null);

function useSaksiStore(): SaksiStore {
  const store = useContext(StoreContext);
  if (store === null) throw new Error('StoreContext is missing');
  return store;
}

export function useSaksi<T>(select: (state: SaksiState) => T): T {
  return useStore(useSaksiStore(), select);
}

export function useActions(): SaksiActions {
  return useSaksiStore().actions;
}

/** The view, where the screen is only drawn once there is one. */
export function useView(): TillView {
  const view = useSaksi((state) => state.view);
  if (view === null) throw new Error('this screen needs a view');
  return view;
}

/** Whether an offline code may stand for the customer's: the line is down, and somebody holds codes that still hold. */
export function useSealedPossible(): boolean {
  const { gateway, sealed } = useView().status;
  return gateway.state === 'offline' && sealed !== null && sealed.codesLeft > 0 && sealed.expiresInMs > 0;
}

/** How often a countdown looks at the clock; it draws only when the second changed. */
const TICK_MS = 200;

/** Whole seconds left of `leftMs` of the last view; null stays null. */
export function useSecondsLeft(leftMs: number | null): number | null {
  const receivedAtMs = useSaksi((state) => state.receivedAtMs);
  const read = () =>
    leftMs === null ? null : wholeSeconds(remainingMs(leftMs, receivedAtMs, performance.now()));
  const [, setShown] = useState(read);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` is made of exactly these two
  useEffect(() => {
    if (leftMs === null) return undefined;
    const timer = setInterval(() => {
      const now = read();
      setShown(now);
      if (now === 0) clearInterval(timer);
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [leftMs, receivedAtMs]);
  return read();
}

export interface Call<M extends BridgeMethod> {
  readonly busy: boolean;
  readonly error: WireError | null;
  run(input: BridgeInput<M>): Promise<BridgeResult<M> | null>;
  clear(): void;
}

/** One bridge call at a time: while it is under way another try is ignored (null). */
export function useCall<M extends BridgeMethod>(method: M): Call<M> {
  const { call } = useActions();
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  return {
    busy,
    error,
    clear: () => setError(null),
    async run(input) {
      if (running.current) return null;
      running.current = true;
      setBusy(true);
      setError(null);
      const result = await call(method, input);
      running.current = false;
      setBusy(false);
      if (!result.ok) setError(result.error);
      return result;
    },
  };
}

/** Pairs of `KeyboardEvent.key` and what it does; undefined: nothing at present. */
export type Shortcuts = readonly (readonly [key: string, action: (() => void) | undefined])[];

/** Keys of the screen or of the panel beside it. They rest while a dialog, a detail or the other one is open. */
export function useShortcuts(shortcuts: Shortcuts, layer: 'screen' | 'panel' = 'screen'): void {
  const resting = useSaksi(
    (state) =>
      state.overlayOpen || state.link === 'lost' || (state.panel === 'closed') === (layer === 'panel'),
  );
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    if (resting) return undefined;
    // The Esc that closed a dialog is still on its way when the shortcuts wake: it is not meant for them.
    const awakeSince = performance.now();
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.timeStamp < awakeSince || event.defaultPrevented) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const action = latest.current.find(([key]) => key === event.key)?.[1];
      if (action === undefined) return;
      event.preventDefault();
      if (!event.repeat) action();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [resting]);
}
