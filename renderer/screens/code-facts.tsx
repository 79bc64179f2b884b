import { IconClock } from '@tabler/icons-react';
import type { RedemptionView } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';
import { clockText, isSpoken } from '../state/countdown.ts';
import { useSecondsLeft } from '../state/hooks.ts';
import classes from './code.module.css';
import layout from './layout.module.css';

type Code = NonNullable<RedemptionView['code']>;

/** Below this the time left is shown as pressing. */
const HURRY_SECONDS = 60;

/** How long a code still holds, and how many tries are left. */
export function CodeFacts({ code }: { readonly code: Code }) {
  const { t } = useWords();
  const seconds = useSecondsLeft(code.expiresInMs) ?? 0;
  return (
    <div className={classes.facts}>
      <span className={classes.time} data-hurry={seconds < HURRY_SECONDS}>
        <IconClock size={22} aria-hidden />
        {seconds === 0 ? (
          t('code.over')
        ) : (
          <>
            {t('code.validFor')} <strong>{clockText(seconds)}</strong>
          </>
        )}
      </span>
      <span className={classes.tries} data-last={code.triesLeft <= 1}>
        {t('code.tries', { triesLeft: code.triesLeft })}
      </span>
      <span className={layout.hidden} role="status">
        {isSpoken(seconds) ? t('code.spoken', { seconds }) : ''}
      </span>
    </div>
  );
}
