import { useActions, useSaksi, useShortcuts } from '../../state/hooks.ts';
import { OpenDesk } from './open-desk.tsx';
import { TimelinePage } from './timeline-page.tsx';

/** The audit list of the store at this till: for managers. */
export function TimelineScreen() {
  const { goTo, setAuditFilter } = useActions();
  const filter = useSaksi((state) => state.auditFilter);
  useShortcuts([['Escape', () => goTo('settings')]]);
  return (
    <OpenDesk>
      <TimelinePage filter={filter} onFilter={setAuditFilter} onPictures={() => goTo('pictures')} />
    </OpenDesk>
  );
}
