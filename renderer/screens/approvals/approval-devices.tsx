import { Loader } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconExclamationCircle, IconMinus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ApprovalView, CopyReason } from '../../../shared/bridge.ts';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { SlipButton } from '../../components/slip-button.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { isStuck } from '../../slips.ts';
import { useCall } from '../../state/hooks.ts';
import classes from './approval-devices.module.css';

type Tone = 'good' | 'wait' | 'bad' | 'busy' | 'quiet';
const ICON = {
  good: IconCircleCheck,
  wait: IconAlertTriangle,
  bad: IconExclamationCircle,
  quiet: IconMinus,
} as const satisfies Record<Exclude<Tone, 'busy'>, unknown>;
const DRAWER_TONE: Readonly<Record<ApprovalView['drawer']['state'], Tone>> = {
  not_needed: 'quiet',
  waiting: 'busy',
  opened: 'good',
  unconfirmed: 'wait',
  failed: 'bad',
};
const SLIP_TONE: Readonly<Record<ApprovalView['slip']['state'], Tone>> = {
  not_needed: 'quiet',
  waiting: 'busy',
  printing: 'busy',
  printed: 'good',
  failed: 'bad',
};

/** What the till did on the yes: drawer and slip, and printing the slip again. */
export function ApprovalDevices({ approval }: { readonly approval: ApprovalView }) {
  const { t, error } = useWords();
  const { drawer, slip } = approval;
  if (drawer.state === 'not_needed' && slip.state === 'not_needed') return null;
  return (
    <ul className={classes.steps}>
      <Step id="drawer" tone={DRAWER_TONE[drawer.state]} title={t('result.drawer.title')}>
        {t(`result.drawer.${drawer.state}`)}
        {drawer.error !== null && <span className={classes.why}>{error(drawer.error)}</span>}
      </Step>
      <Step
        id="slip"
        tone={slip.state === 'waiting' && isStuck(slip) ? 'wait' : SLIP_TONE[slip.state]}
        title={t('result.slip.title')}
        action={slip.state === 'not_needed' ? null : <Reprint approval={approval} />}
      >
        {slip.state === 'not_needed'
          ? t('approvals.noSlip')
          : t(`result.slip.${slip.state === 'printed' && slip.onFallback ? 'onFallback' : slip.state}`)}
        {slip.error !== null && <span className={classes.why}>{error(slip.error)}</span>}
        {isStuck(slip) && slip.goesOn && <span className={classes.why}>{t('result.slip.goesOn')}</span>}
      </Step>
    </ul>
  );
}

interface StepProps {
  readonly id: string;
  readonly tone: Tone;
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

function Step({ id, tone, title, children, action = null }: StepProps) {
  return (
    <li data-tone={tone} data-step={id}>
      <StepIcon tone={tone} />
      <span className={classes.title}>{title}</span>
      <span className={classes.word} role="status">
        {children}
      </span>
      {action}
    </li>
  );
}

function StepIcon({ tone }: { readonly tone: Tone }) {
  if (tone === 'busy') return <Loader size={22} aria-hidden color="var(--brand)" />;
  const Icon = ICON[tone];
  return <Icon size={24} aria-hidden className={classes.icon} />;
}

/** Prints the slip for the first time where that failed, else a copy. */
function Reprint({ approval: { id, slip } }: { readonly approval: ApprovalView }) {
  const { error } = useWords();
  const reprint = useCall('approval.reprint');
  const print = (reason?: CopyReason) => void reprint.run({ approvalId: id, ...(reason && { reason }) });
  return (
    <>
      <SlipButton
        slip={slip}
        busy={reprint.busy}
        size="sm"
        shortcut={{ in: 'panel', hint: <KeyHint>F8</KeyHint> }}
        onPrint={print}
      />
      {reprint.error !== null && (
        <div className={classes.refusal}>
          <Notice tone="bad" urgent>
            {error(reprint.error)}
          </Notice>
        </div>
      )}
    </>
  );
}
