import { Button } from '@mantine/core';
import { IconAlertTriangle, IconBrandWhatsapp, IconCheck, IconMail, IconMessage2 } from '@tabler/icons-react';
import type { RedemptionView } from '../../shared/bridge.ts';
import type { DeliveryState } from '../../shared/delivery.ts';
import { KeyHint } from '../components/key-hint.tsx';
import { useWords } from '../i18n/use-words.ts';
import { clockText } from '../state/countdown.ts';
import { useSecondsLeft } from '../state/hooks.ts';
import classes from './delivery-panel.module.css';
import layout from './layout.module.css';

type Code = NonNullable<RedemptionView['code']>;

/** In the order of what is known; a message is on the phone only from `delivered` on. */
const STEPS = ['queued', 'accepted', 'sent', 'delivered', 'read'] as const satisfies readonly DeliveryState[];
const ARRIVED: ReadonlySet<DeliveryState> = new Set<DeliveryState>(['delivered', 'read']);

interface DeliveryPanelProps {
  readonly code: Code;
  readonly busy: boolean;
  /** Whose phone it goes to. */
  readonly words?: 'customer' | 'staff';
  onResend(): void;
}

const ICONS = { whatsapp: IconBrandWhatsapp, sms: IconMessage2, email: IconMail } as const;

/** How far the message has come, over which channel, in words, and sending it again. */
export function DeliveryPanel({ code, busy, words = 'customer', onResend }: DeliveryPanelProps) {
  const { t } = useWords();
  const { channel, state, reason } = code.delivery;
  const failed = state === 'failed';
  const Icon = failed ? IconAlertTriangle : ICONS[channel];
  const tone = failed ? 'bad' : ARRIVED.has(state) ? 'good' : 'wait';
  return (
    <section
      className={`${layout.card} ${classes.panel}`}
      aria-label={t(`channels.title.${channel}`)}
      data-tone={tone}
    >
      <Icon size={30} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <p role={failed ? 'alert' : 'status'} className={classes.state}>
          {state === 'accepted'
            ? t(`channels.accepted.${channel}`)
            : words === 'staff'
              ? t(`loginCode.delivery.${state}`)
              : t(`delivery.state.${state}`)}
        </p>
        {channel !== 'whatsapp' && !failed && (
          <p className={classes.reason}>{t(`channels.instead.${channel}`)}</p>
        )}
        {failed ? (
          <p className={classes.reason}>
            {words === 'staff' && reason === 'not_on_whatsapp'
              ? t('loginCode.notOnWhatsApp')
              : t(`delivery.reason.${reason ?? 'unknown'}`)}
          </p>
        ) : (
          <Steps state={state} />
        )}
      </div>
      <Resend code={code} busy={busy} onResend={onResend} />
    </section>
  );
}

function Steps({ state }: { readonly state: DeliveryState }) {
  const { t } = useWords();
  const at = STEPS.indexOf(state as (typeof STEPS)[number]);
  return (
    <ol className={classes.steps} aria-hidden="true">
      {STEPS.map((step, index) => (
        <li key={step} data-past={index <= at} data-now={index === at}>
          {index < at && <IconCheck size={13} stroke={3} />}
          {t(`delivery.steps.${step}`)}
        </li>
      ))}
    </ol>
  );
}

function Resend({ code, busy, onResend }: Omit<DeliveryPanelProps, 'words'>) {
  const { t } = useWords();
  const seconds = useSecondsLeft(code.resendInMs) ?? 0;
  const none = code.sendsLeft === 0;
  const text = () => {
    if (busy) return t('code.resending');
    if (none) return t('code.resendNone');
    return seconds > 0 ? t('code.resendIn', { time: clockText(seconds) }) : t('code.resend');
  };
  return (
    <div className={classes.resend}>
      <Button
        variant="default"
        disabled={none || seconds > 0 || busy}
        aria-keyshortcuts="F8"
        rightSection={none || seconds > 0 ? undefined : <KeyHint>F8</KeyHint>}
        onClick={onResend}
      >
        {text()}
      </Button>
      {!none && <span className={classes.sends}>{t('code.sends', { number: code.sendsLeft })}</span>}
    </div>
  );
}
