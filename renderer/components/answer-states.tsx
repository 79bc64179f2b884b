import { Button, Loader } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { WireError } from '../../shared/errors.ts';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';

export function Loading({ text }: { readonly text: string }) {
  return (
    <div className={layout.empty} role="status">
      <Loader size={36} aria-hidden color="var(--brand)" />
      <strong>{text}</strong>
    </div>
  );
}

/** It could not be had: why, and once more. */
export function NotLoaded(props: { readonly text: string; readonly error: WireError; onRetry(): void }) {
  const { t, error } = useWords();
  return (
    <div className={layout.empty} role="alert">
      <IconCloudOff size={44} stroke={1.5} aria-hidden />
      <strong>{props.text}</strong>
      <p>{error(props.error)}</p>
      <Button size="lg" onClick={props.onRetry}>
        {t('report.retry')}
      </Button>
    </div>
  );
}

export function Nothing(props: { readonly icon: ReactNode; readonly text: string; readonly help?: string }) {
  return (
    <div className={layout.empty} role="status">
      {props.icon}
      <strong>{props.text}</strong>
      {props.help !== undefined && <p>{props.help}</p>}
    </div>
  );
}
