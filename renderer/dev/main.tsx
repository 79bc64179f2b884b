import '../bridge/zod-config.ts';
import { systemClock } from '../../shared/effects.ts';
import { LANGUAGES } from '../i18n/i18n.ts';
import { mount } from '../mount.tsx';
import { EMPTY_SHIFT } from '../shift/count-draft.ts';
import { createSaksiStore } from '../state/store.ts';
import { createFakeBridge } from './fake-bridge.ts';
import { askOf, devState, draftOf } from './states.ts';

const THEMES = ['light', 'dark', 'auto'] as const;

/** `dev.html#state=code_accepted&lang=id&theme=dark` shows one state of one screen; the rest is live. */
function readHash() {
  const asked = new URLSearchParams(window.location.hash.slice(1));
  return {
    name: asked.get('state') ?? 'redeem',
    language: LANGUAGES.find((language) => language === asked.get('lang')) ?? 'id',
    theme: THEMES.find((theme) => theme === asked.get('theme')) ?? 'light',
  };
}

function show() {
  const { name, language, theme } = readHash();
  const state = devState(name);
  const bridge = createFakeBridge({ state, language, theme, clock: systemClock });
  const unmount = mount(
    createSaksiStore(bridge, () => performance.now(), {
      page: state.page ?? 'redeem',
      draft: draftOf(state),
      cashSale: state.cashSale ?? null,
      shift: { ...EMPTY_SHIFT, ...state.shift },
      panel: state.panel ?? 'closed',
      ask: askOf(state),
      rulesSection: state.rulesSection ?? 0,
      auditFilter: state.auditFilter ?? {},
    }),
  );
  document.body.dataset.state = name;
  return { name, bridge, unmount };
}

let shown = show();
window.addEventListener('hashchange', () => {
  const { name, language, theme } = readHash();
  if (name === shown.name) {
    void shown.bridge.invoke('settings.set', { language, theme });
    return;
  }
  shown.unmount();
  shown = show();
});
