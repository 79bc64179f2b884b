import '@mantine/core/styles.layer.css';
import './theme/generated/variables.css';
import './theme/tokens.css';
import './theme/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { createI18n, DEFAULT_LANGUAGE } from './i18n/i18n.ts';
import type { SaksiStore } from './state/store.ts';

export function mount(store: SaksiStore): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('#root is missing');
  createRoot(root).render(<App store={store} i18n={createI18n(DEFAULT_LANGUAGE)} />);
}
