import '@mantine/core/styles.layer.css';
import '../theme/generated/variables.css';
import '../theme/tokens.css';
import '../theme/base.css';
import type { i18n as I18n } from 'i18next';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { createI18n, DEFAULT_LANGUAGE } from '../i18n/i18n.ts';

/** @returns takes it off the page again */
export function mountPage(page: (i18n: I18n) => ReactNode): () => void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('#root is missing');
  const screen = createRoot(root);
  screen.render(page(createI18n(DEFAULT_LANGUAGE)));
  return () => screen.unmount();
}
