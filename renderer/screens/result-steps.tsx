import { Loader } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconExclamationCircle, IconMinus } from '@tabler/icons-react';
import type { RedemptionView } from '../../shared/bridge.ts';
import { useWords } from '../i18n/use-words.ts';
import { isStuck } from '../slips.ts';
import classes from './result.module.css';

type Tone = 'good' | 'wait' | 'bad' | 'busy' | 'quiet';

const ICON = {
  good: IconCircleCheck,
  wait: IconAlertTriangle,
  bad: IconExclamationCircle,
  quiet: IconMinus,
} as const satisfies Record<Exclude<Tone, 'busy'>, unknown>;

const DRAWER_TONE: Readonly<Record<RedemptionView['drawer']['state'], Tone>> = {
  not_needed: 'quiet',
  waiting: 'busy',
  opened: 'good',
  unconfirmed: 'wait',
  failed: 'bad',
};
const SLIP_TONE: Readonly<Record<RedemptionView['slip']['state'], Tone>> = {
  waiting: 'busy',
  printing: 'busy',
  printed: 'good',
  failed: 'bad',
};
const SETTLEMENT_TONE: Readonly<Record<RedemptionView['settlement'], Tone>> = {
  none: 'quiet',
  queued: 'wait',
  confirmed: 'good',
  refused: 'bad',
};

function StepIcon({ tone }: { readonly tone: Tone }) {
  if (tone === 'busy') return <Loader size={22} aria-hidden color="var(--brand)" />;
  const Icon = ICON[tone];
  return <Icon size={24} aria-hidden className={classes.stepIcon} />;
}

/** What happened after the code: drawer, slip, booking; each with an icon and words. */
export function ResultSteps({ redemption }: { readonly redemption: RedemptionView }) {
  const { t, error } = useWords();
  const { stage, drawer, slip, settlement } = redemption;
  const steps = [
    {
      id: 'drawer',
      title: t('result.drawer.title'),
      tone: DRAWER_TONE[drawer.state],
      word: t(`result.drawer.${drawer.state}`),
      detail: drawer.error === null ? null : error(drawer.error),
    },
    {
      id: 'slip',
      title: t('result.slip.title'),
      tone: slip.state === 'waiting' && isStuck(slip) ? ('wait' as const) : SLIP_TONE[slip.state],
      word: t(`result.slip.${slip.state === 'printed' && slip.onFallback ? 'onFallback' : slip.state}`),
      detail: redemption.sealed === null ? null : t('sealed.onSlip'),
    },
    {
      id: 'settlement',
      title: t('result.settlement.title'),
      tone: SETTLEMENT_TONE[settlement],
      word:
        stage === 'awaiting_capture'
          ? t('recent.stage.awaiting_capture')
          : t(`result.settlement.${settlement}`),
      detail: null,
    },
  ] as const;
  return (
    <ul className={classes.steps}>
      {steps.map(({ id, title, tone, word, detail }) => {
        return (
          <li key={id} data-tone={tone} data-step={id}>
            <StepIcon tone={tone} />
            <span className={classes.stepTitle}>{title}</span>
            <span className={classes.stepWord} role="status">
              {word}
            </span>
            {detail !== null && <span className={classes.stepDetail}>{detail}</span>}
          </li>
        );
      })}
    </ul>
  );
}
