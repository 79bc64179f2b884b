import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { type SyntheticEvent, useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { isPinComplete } from '../pin/pin-input.ts';
import layout from '../screens/layout.module.css';
import { useCall, useView } from '../state/hooks.ts';
import classes from './manager-lock.module.css';
import { PinEntry } from './pin-entry.tsx';

/** In place of what the gateway shows only after the manager's PIN. */
export function ManagerLock({ onOpen }: { onOpen(): void }) {
  const { t } = useWords();
  const { session } = useView();
  const unlock = useCall('audit.unlock');
  const [pin, setPin] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isPinComplete(pin)) return;
    const result = await unlock.run({ pin });
    setPin('');
    if (result?.ok) onOpen();
    else field.current?.focus();
  };
  return (
    <form className={`${layout.card} ${classes.lock}`} onSubmit={(event) => void submit(event)}>
      <div className={classes.told}>
        <IconLock size={40} stroke={1.5} aria-hidden />
        <h2>{t('managerLock.title')}</h2>
        <p>{t('managerLock.help')}</p>
        <Button size="lg" type="submit" disabled={!isPinComplete(pin)} loading={unlock.busy}>
          {t('managerLock.open')}
        </Button>
      </div>
      <PinEntry
        id="manager-pin"
        fieldRef={field}
        label={t('signIn.pinOf', { name: session?.name ?? '' })}
        pin={pin}
        busy={unlock.busy}
        error={unlock.error}
        onType={(typed) => {
          setPin(typed);
          unlock.clear();
        }}
      />
    </form>
  );
}
