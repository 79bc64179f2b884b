import { Loader } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Mark } from '../components/mark.tsx';
import { useWords } from '../i18n/use-words.ts';
import classes from './host-lost.module.css';

/** Before the first view. */
export function Connecting() {
  const { t } = useWords();
  return (
    <main className={classes.cover} data-screen="connecting">
      <h1 className={classes.starting} aria-live="polite">
        <Mark size={64} />
        {t('app.connecting')}
      </h1>
    </main>
  );
}

/** Over everything: what is on the screen may no longer be true. */
export function HostLost() {
  const { t } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className={classes.overlay} role="alertdialog" aria-modal="true" aria-labelledby="host-lost">
      <div className={classes.box}>
        <span className={classes.icon}>
          <IconPlugConnectedX size={40} aria-hidden />
        </span>
        <h1 id="host-lost" ref={heading} tabIndex={-1}>
          {t('hostLost.title')}
        </h1>
        <p>{t('hostLost.help')}</p>
        <p className={classes.trying}>
          <Loader size={18} type="dots" aria-hidden color="var(--brand)" />
          {t('hostLost.trying')}
        </p>
        <p className={classes.still}>{t('hostLost.still')}</p>
      </div>
    </div>
  );
}
