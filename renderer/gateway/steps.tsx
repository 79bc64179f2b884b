import {
  IconAlertCircleFilled,
  IconCircle,
  IconCircleCheckFilled,
  IconCircleDashedCheck,
} from '@tabler/icons-react';
import { type ComponentType, useEffect, useRef, useState } from 'react';
import {
  SETUP_PATHS,
  SETUP_STEPS,
  type SetupState,
  type SetupStep,
  type StepState,
} from '../../shared/setup-api.ts';
import { Notice } from '../components/notice.tsx';
import { useWords } from '../i18n/use-words.ts';
import layout from '../screens/layout.module.css';
import { AccountChoice, AccountsPanel } from './accounts-panel.tsx';
import classes from './setup.module.css';
import { FieldsStep } from './steps/fields-step.tsx';
import { MessageStep } from './steps/message-step.tsx';
import { RegistrationStep } from './steps/registration-step.tsx';
import { StatusStep } from './steps/status-step.tsx';
import { SubscriptionStep } from './steps/subscription-step.tsx';
import { TemplatesStep } from './steps/templates-step.tsx';
import { WebhookStep } from './steps/webhook-step.tsx';
import type { Setup } from './use-setup.ts';

const ICONS: Readonly<Record<StepState, typeof IconCircle>> = {
  todo: IconCircle,
  saved: IconCircleDashedCheck,
  done: IconCircleCheckFilled,
  failed: IconAlertCircleFilled,
};

export interface StepProps {
  readonly step: SetupStep;
  readonly setup: Setup;
  readonly state: SetupState;
}

const BODIES: Readonly<Record<SetupStep, ComponentType<StepProps>>> = {
  account: FieldsStep,
  number: FieldsStep,
  token: FieldsStep,
  app: FieldsStep,
  webhook: WebhookStep,
  subscription: SubscriptionStep,
  registration: RegistrationStep,
  status: StatusStep,
  templates: TemplatesStep,
  message: MessageStep,
};

interface StepsProps {
  readonly setup: Setup;
  readonly state: SetupState;
  readonly first?: SetupStep | 'accounts';
}

/** The list of steps with how each stands, and the one that is open beside it. */
export function Steps({ setup, state, first }: StepsProps) {
  const { t } = useWords();
  const stateOf = (step: SetupStep) => state.steps.find((it) => it.step === step)?.state ?? 'todo';
  const [open, setOpen] = useState<SetupStep | 'accounts'>(
    () => first ?? SETUP_STEPS.find((step) => stateOf(step) !== 'done') ?? 'message',
  );
  const done = SETUP_STEPS.filter((step) => stateOf(step) === 'done').length;
  const goTo = (step: SetupStep | 'accounts') => {
    setup.clearError();
    setOpen(step);
  };
  return (
    <div className={classes.columns}>
      <nav className={classes.list} aria-label={t('setup.steps')}>
        <AccountChoice setup={setup} state={state} />
        <p className={classes.progress}>{t('setup.doneOf', { done, total: SETUP_STEPS.length })}</p>
        <ol>
          {SETUP_STEPS.map((step, index) => {
            const Icon = ICONS[stateOf(step)];
            return (
              <li key={step}>
                <button
                  type="button"
                  className={classes.step}
                  data-state={stateOf(step)}
                  aria-current={step === open ? 'step' : undefined}
                  onClick={() => goTo(step)}
                >
                  <Icon size={22} aria-hidden />
                  <span className={classes.stepName}>
                    {index + 1}. {t(`setup.step.${step}.title`)}
                  </span>
                  <span className={layout.hidden}>{t(`setup.state.${stateOf(step)}`)}</span>
                </button>
              </li>
            );
          })}
        </ol>
        <button
          type="button"
          className={classes.elsewhere}
          aria-current={open === 'accounts' ? 'page' : undefined}
          onClick={() => goTo('accounts')}
        >
          {t('setup.accounts.title')}
        </button>
        <a className={classes.elsewhere} href={SETUP_PATHS.customersPage}>
          {t('setup.customers.title')}
        </a>
      </nav>
      {open === 'accounts' ? (
        <AccountsPanel setup={setup} state={state} />
      ) : (
        <Panel key={open} step={open} setup={setup} state={state} onNext={goTo} />
      )}
    </div>
  );
}

function Panel({ step, setup, state, onNext }: StepProps & { onNext(step: SetupStep): void }) {
  const { t, error, moment } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const view = state.steps.find((it) => it.step === step);
  const Body = BODIES[step];
  const next = SETUP_STEPS[SETUP_STEPS.indexOf(step) + 1];
  return (
    <section className={`${layout.card} ${classes.panel}`} aria-labelledby="step-title">
      <div className={classes.content}>
        <h1 id="step-title" ref={heading} tabIndex={-1} className={layout.title}>
          {t(`setup.step.${step}.title`)}
        </h1>
        <p className={layout.help}>{t(`setup.step.${step}.why`)}</p>
        <div className={classes.result} aria-live="polite">
          {setup.error !== null ? (
            <Notice tone="bad">{error(setup.error)}</Notice>
          ) : view?.error != null ? (
            <Notice tone="bad">{error(view.error)}</Notice>
          ) : step === 'status' && view?.checkedAt != null ? (
            <Notice tone="info">{t('setup.readAt', { moment: moment(view.checkedAt) })}</Notice>
          ) : view?.state === 'done' && view.checkedAt !== null ? (
            <Notice tone="good">{t('setup.checkedAt', { moment: moment(view.checkedAt) })}</Notice>
          ) : view?.state === 'saved' &&
            view.checkedAt === null &&
            step !== 'templates' &&
            step !== 'message' ? (
            <Notice tone="info">{t('setup.savedHelp')}</Notice>
          ) : null}
        </div>
        <ol className={classes.how}>
          {t(`setup.step.${step}.how`)
            .split('\n')
            .map((line) => (
              <li key={line}>{line}</li>
            ))}
        </ol>
        <Body step={step} setup={setup} state={state} />
      </div>
      {next !== undefined && (
        <div className={classes.foot}>
          <button type="button" className={classes.next} onClick={() => onNext(next)}>
            {t('setup.next', { step: t(`setup.step.${next}.title`) })}
          </button>
        </div>
      )}
    </section>
  );
}
