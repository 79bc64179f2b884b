import { IconClock, IconUserShare, IconUsers } from '@tabler/icons-react';
import type { ApprovalView } from '../../../shared/bridge.ts';
import { approvers } from '../../approvals/decision.ts';
import { useWords } from '../../i18n/use-words.ts';
import { clockText, isSpoken } from '../../state/countdown.ts';
import { useSecondsLeft } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './waiting-facts.module.css';

/** Below this the time left is shown as pressing. */
const HURRY_SECONDS = 60;

/** How many have said yes, when the next people are asked, and when it lapses. */
export function WaitingFacts({ approval }: { readonly approval: ApprovalView }) {
  const { t } = useWords();
  const left = useSecondsLeft(approval.expiresInMs);
  const next = useSecondsLeft(approval.nextStepInMs);
  const { needed } = approval;
  return (
    <div className={classes.facts}>
      <span className={classes.fact}>
        <IconUsers size={20} aria-hidden />
        {t('approvals.votes', { yes: approvers(approval).length, needed })}
      </span>
      <span className={classes.fact}>
        <IconUserShare size={20} aria-hidden />
        {next === null ? (
          t('approvals.nobodyNext')
        ) : (
          <>
            {t('approvals.next')} <strong>{clockText(next)}</strong>
          </>
        )}
      </span>
      {left !== null && (
        <span className={classes.fact} data-hurry={left < HURRY_SECONDS}>
          <IconClock size={20} aria-hidden />
          {left === 0 ? (
            t('approvals.over')
          ) : (
            <>
              {t('approvals.lapses')} <strong>{clockText(left)}</strong>
            </>
          )}
        </span>
      )}
      <span className={layout.hidden} role="status">
        {left !== null && isSpoken(left) ? t('code.spoken', { seconds: left }) : ''}
      </span>
    </div>
  );
}
