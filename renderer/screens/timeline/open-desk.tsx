import { Button, Loader } from '@mantine/core';
import { IconCloudOff, IconLock } from '@tabler/icons-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { AuditAbout } from '../../../shared/audit/timeline.ts';
import { systemClock } from '../../../shared/effects.ts';
import type { WireError } from '../../../shared/errors.ts';
import { createBridgeReader } from '../../audit/bridge-reader.ts';
import { AuditDeskContext, isLocked } from '../../audit/reader.ts';
import { PinEntry } from '../../components/pin-entry.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { isPinComplete } from '../../pin/pin-input.ts';
import { useActions, useCall } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './timeline.module.css';

type Desk =
  | { readonly state: 'loading' | 'locked' }
  | { readonly state: 'failed'; readonly error: WireError }
  | { readonly state: 'open'; readonly about: AuditAbout };

/** The store's list at this till: the manager's PIN once, then what stands in it. */
export function OpenDesk({ children }: { readonly children: ReactNode }) {
  const { t, error } = useWords();
  const { call } = useActions();
  const [desk, setDesk] = useState<Desk>({ state: 'loading' });
  const reader = useMemo(() => createBridgeReader(call, systemClock), [call]);

  const look = async () => {
    setDesk({ state: 'loading' });
    const answer = await reader.about();
    if (answer.ok) setDesk({ state: 'open', about: answer.value });
    else setDesk(isLocked(answer.error) ? { state: 'locked' } : { state: 'failed', error: answer.error });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page is opened
  useEffect(() => {
    void look();
  }, []);
  const open = useMemo(
    () =>
      desk.state === 'open'
        ? { reader, about: desk.about, locked: () => setDesk({ state: 'locked' }) }
        : null,
    [desk, reader],
  );

  if (open !== null) return <AuditDeskContext value={open}>{children}</AuditDeskContext>;
  if (desk.state === 'locked') return <Unlock onUnlocked={() => void look()} />;
  if (desk.state === 'failed') {
    return (
      <div className={layout.empty} role="alert">
        <IconCloudOff size={44} stroke={1.5} aria-hidden />
        <h1>{t('timeline.notLoaded')}</h1>
        <p>{error(desk.error)}</p>
        <Button size="lg" onClick={() => void look()}>
          {t('timeline.retry')}
        </Button>
      </div>
    );
  }
  return (
    <div className={layout.empty} role="status">
      <Loader size={36} aria-hidden color="var(--brand)" />
      <h1>{t('timeline.loading')}</h1>
    </div>
  );
}

function Unlock({ onUnlocked }: { onUnlocked(): void }) {
  const { t } = useWords();
  const unlock = useCall('audit.unlock');
  const [pin, setPin] = useState('');
  const submit = async () => {
    const result = await unlock.run({ pin });
    setPin('');
    if (result?.ok) onUnlocked();
  };
  return (
    <form
      className={classes.unlock}
      onSubmit={(event) => {
        event.preventDefault();
        if (isPinComplete(pin)) void submit();
      }}
    >
      <h1 className={layout.title}>
        <IconLock size={26} aria-hidden /> {t('timeline.locked')}
      </h1>
      <p className={layout.help}>{t('timeline.lockedHelp')}</p>
      <PinEntry
        id="timeline-pin"
        label={t('timeline.yourPin')}
        pin={pin}
        busy={unlock.busy}
        error={unlock.error}
        onType={(text) => {
          setPin(text);
          unlock.clear();
        }}
      />
      <Button type="submit" size="lg" disabled={!isPinComplete(pin)} loading={unlock.busy}>
        {t('timeline.unlock')}
      </Button>
    </form>
  );
}
