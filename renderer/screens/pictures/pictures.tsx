import { useActions, useShortcuts } from '../../state/hooks.ts';
import { OpenDesk } from '../timeline/open-desk.tsx';
import { PicturesPage } from './pictures-page.tsx';

/** Pictures of the store's audit list at this till: for managers. */
export function PicturesScreen() {
  const { goTo, setAuditFilter } = useActions();
  useShortcuts([['Escape', () => goTo('timeline')]]);
  return (
    <OpenDesk>
      <PicturesPage
        onOpen={(filter) => {
          setAuditFilter(filter);
          goTo('timeline');
        }}
        onTimeline={() => goTo('timeline')}
      />
    </OpenDesk>
  );
}
