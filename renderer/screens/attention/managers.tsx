import { type RefObject, useState } from 'react';
import type { TillView } from '../../../shared/bridge.ts';
import { Chips } from '../../components/chips.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { clockText } from '../../state/countdown.ts';
import { useSecondsLeft, useView } from '../../state/hooks.ts';
import classes from './attention.module.css';

type StaffMember = TillView['staff'][number];

/** The managers of the staff and which one is meant: whoever is signed in as one, or the only one, before it is said. */
export function useManager() {
  const { staff, session } = useView();
  const managers = staff.filter(({ role }) => role === 'manager');
  const first =
    managers.find(({ id }) => id === session?.staffId) ?? (managers.length === 1 ? managers[0] : undefined);
  const [chosenId, choose] = useState(first?.id);
  return { managers, manager: managers.find(({ id }) => id === chosenId) ?? null, choose };
}

interface ManagersProps {
  readonly managers: readonly StaffMember[];
  readonly chosen: StaffMember | null;
  readonly firstRef: RefObject<HTMLInputElement | null>;
  onChoose(id: string): void;
}

/** Who takes it on: two people may have the same PIN, so it does not say who typed it. */
export function Managers({ managers, chosen, firstRef, onChoose }: ManagersProps) {
  const { t } = useWords();
  if (managers.length === 0) return <Notice tone="wait">{t('attention.whoNone')}</Notice>;
  return (
    <div>
      <p className={classes.label} aria-hidden="true">
        {t('attention.who')}
      </p>
      <div className={classes.managers}>
        <Chips
          label={t('attention.who')}
          chips={managers.map((member) => ({ value: member.id, text: <Name member={member} /> }))}
          values={chosen === null ? [] : [chosen.id]}
          firstRef={firstRef}
          autoFocus={chosen === null}
          onChange={([id]) => id !== undefined && onChoose(id)}
        />
      </div>
    </div>
  );
}

function Name({ member: { name, lockedForMs } }: { readonly member: StaffMember }) {
  const { t } = useWords();
  const locked = useSecondsLeft(lockedForMs) ?? 0;
  return locked === 0 ? name : `${name} · ${t('signIn.locked', { time: clockText(locked) })}`;
}
