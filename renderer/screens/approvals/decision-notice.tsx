import { CloseButton } from '@mantine/core';
import { useEffect } from 'react';
import type { ApprovalView } from '../../../shared/bridge.ts';
import { hasDeviceTrouble, newsOf, unseen } from '../../approvals/decision.ts';
import { KeyHint } from '../../components/key-hint.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useSaksi, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import classes from './decision-notice.module.css';
import { APPROVAL_LOOK } from './look.ts';
import { useApprovalWords } from './use-approval-words.ts';

/** So long it covers the status bar; afterwards the count in the header still says that there is news. */
const SHOWN_MS = 20_000;

/**
 * A decision that comes while the cashier is elsewhere: over the status bar, spoken, and without taking the focus from
 * a code that is being typed.
 */
export function DecisionNotice() {
  const { approvals } = useView();
  const seen = useSaksi((state) => state.seen);
  const hidden = useSaksi((state) => state.hiddenNews);
  const away = useSaksi((state) => state.panel === 'closed');
  const fresh = away ? unseen(approvals, seen) : [];
  const [shown] = unseen(fresh, hidden);
  return (
    // The region is there before its news: only then it is read out.
    <div className={classes.place} role="status">
      {shown !== undefined && <News key={newsOf(shown)} approval={shown} more={fresh.length - 1} />}
    </div>
  );
}

function News({ approval, more }: { readonly approval: ApprovalView; readonly more: number }) {
  const { t } = useWords();
  const { openPanel, hideNews } = useActions();
  const { announcement } = useApprovalWords(approval);
  const trouble = hasDeviceTrouble(approval);
  const { icon: Icon, tone: plain } = APPROVAL_LOOK[approval.stage];
  const tone = trouble ? 'wait' : plain;
  const hide = () => hideNews(newsOf(approval) ?? '');
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each piece of news, which is its key
  useEffect(() => {
    const timer = setTimeout(hide, SHOWN_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={classes.news} data-tone={tone}>
      <Icon size={26} aria-hidden className={classes.icon} />
      <span className={classes.sentence}>
        {announcement}
        {trouble && ` ${t('approvals.help.trouble')}`}
        {more > 0 && <span className={classes.more}>{t('approvals.more', { number: more })}</span>}
      </span>
      <button type="button" className={classes.show} onClick={() => openPanel('list', approval.id)}>
        {t('approvals.show')}
        <KeyHint>F7</KeyHint>
        <span className={layout.hidden}>F7</span>
      </button>
      <CloseButton
        size={44}
        aria-label={t('approvals.hide')}
        className={classes.close ?? ''}
        onClick={hide}
      />
    </div>
  );
}
