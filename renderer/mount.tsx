import '@mantine/core/styles.layer.css';
import './theme/generated/variables.css';
import './theme/tokens.css';
import './theme/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createI18n, DEFAULT_LANGUAGE } from './i18n/i18n.ts';
import type { SaksiStore } from './state/store.ts';

/** @returns takes it off the page again */
export function mount(store: SaksiStore): () => void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('#root is missing');
  const screen = createRoot(root);
  screen.render(<App store={store} i18n={createI18n(DEFAULT_LANGUAGE)} />);
  return () => screen.unmount();
}
