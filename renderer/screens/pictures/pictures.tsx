import { Loader } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useShortcuts } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { OpenDesk } from '../timeline/open-desk.tsx';

/** What draws is loaded when somebody wants it: a till shows its first screen without. */
const PicturesPage = lazy(async () => ({ default: (await import('./pictures-page.tsx')).PicturesPage }));

/** Pictures of the store's audit list at this till: for managers. */
export function PicturesScreen() {
  const { goTo, setAuditFilter } = useActions();
  useShortcuts([['Escape', () => goTo('timeline')]]);
  return (
    <OpenDesk>
      <Suspense fallback={<Waiting />}>
        <PicturesPage
          onOpen={(filter) => {
            setAuditFilter(filter);
            goTo('timeline');
          }}
          onTimeline={() => goTo('timeline')}
        />
      </Suspense>
    </OpenDesk>
  );
}

function Waiting() {
  const { t } = useWords();
  return (
    <div className={layout.empty} role="status">
      <Loader size={36} aria-hidden color="var(--brand)" />
      <h1>{t('pictures.loading')}</h1>
    </div>
  );
}
