import { Loader } from '@mantine/core';
import type { ApprovalView } from '../../../shared/bridge.ts';
import { FINAL_APPROVALS, hasDeviceTrouble, WAITING_APPROVALS } from '../../approvals/decision.ts';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import { FinishedActions, WaitingActions } from './approval-actions.tsx';
import { ApprovalCode } from './approval-code.tsx';
import classes from './approval-detail.module.css';
import { ApprovalDevices } from './approval-devices.tsx';
import { AskedList } from './asked-list.tsx';
import { APPROVAL_LOOK } from './look.ts';
import { useApprovalWords } from './use-approval-words.ts';
import { WaitingFacts } from './waiting-facts.tsx';

/** One request in full: what it is, how far it is, and what can be done. */
export function ApprovalDetail({ approval }: { readonly approval: ApprovalView }) {
  const { stage, code, asked } = approval;
  const waiting = WAITING_APPROVALS.has(stage);
  const saidYes = stage === 'acting' || stage === 'approved';
  return (
    <div className={classes.detail}>
      <div className={classes.scroll}>
        <What approval={approval} />
        <Headline approval={approval} />
        {stage === 'pending' && code === null && <WaitingFacts approval={approval} />}
        {stage === 'pending' && code !== null && <ApprovalCode approval={approval} code={code} />}
        {asked.length > 0 && <AskedList asked={asked} open={waiting} />}
        {saidYes && <ApprovalDevices approval={approval} />}
      </div>
      {waiting && <WaitingActions approval={approval} />}
      {FINAL_APPROVALS.has(stage) && <FinishedActions approval={approval} />}
    </div>
  );
}

function What({ approval }: { readonly approval: ApprovalView }) {
  const { t } = useWords();
  const { kindName, measure } = useApprovalWords(approval);
  const { reason, note, saleRef, startedBy, requestedBy } = approval;
  return (
    <div className={`${layout.card} ${classes.what}`}>
      <div className={classes.kind}>
        <h2>{kindName}</h2>
        {measure !== null && <strong className={classes.measure}>{measure}</strong>}
      </div>
      <p className={classes.reason}>{[reason, note].filter(Boolean).join(' — ')}</p>
      <p className={classes.by}>
        {[
          t('approvals.by', { name: requestedBy }),
          saleRef === null ? null : `${t('summary.sale')} ${saleRef}`,
          startedBy === 'terminal' ? t('summary.terminal') : null,
        ]
          .filter(Boolean)
          .join('  ·  ')}
      </p>
    </div>
  );
}

/** How far it is, in one sentence; spoken when it changes. */
function Headline({ approval }: { readonly approval: ApprovalView }) {
  const { t } = useWords();
  const { decision } = useApprovalWords(approval);
  const { stage } = approval;
  const { icon: Icon, tone } = APPROVAL_LOOK[stage];
  const help = () => {
    if (stage === 'pending')
      return t(approval.code === null ? 'approvals.help.pending' : 'approvals.help.code');
    if (stage === 'approved' && hasDeviceTrouble(approval)) return t('approvals.help.trouble');
    if (stage === 'failed') return null;
    return t(`approvals.help.${stage}`);
  };
  const sentence = help();
  return (
    <div className={classes.headline} data-tone={tone} role="status">
      {stage === 'requesting' ? (
        <Loader size={34} aria-hidden color="var(--brand)" />
      ) : (
        <Icon size={38} aria-hidden className={classes.icon} />
      )}
      <div>
        <p className={classes.sentence}>{decision ?? t(`approvals.stage.${stage}`)}</p>
        {sentence !== null && <p className={classes.help}>{sentence}</p>}
      </div>
    </div>
  );
}
