import {
  IconAlertTriangle,
  IconCircleCheck,
  IconExclamationCircle,
  IconInfoCircle,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './notice.module.css';

const ICONS = {
  info: IconInfoCircle,
  good: IconCircleCheck,
  wait: IconAlertTriangle,
  bad: IconExclamationCircle,
} as const;
export type Tone = keyof typeof ICONS;

interface NoticeProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  /** Spoken at once when it appears. */
  readonly urgent?: boolean;
}

/** A sentence that matters, with its icon. */
export function Notice({ tone, children, urgent = false }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className={classes.notice} data-tone={tone} role={urgent ? 'alert' : undefined}>
      <Icon size={22} aria-hidden className={classes.icon} />
      <div>{children}</div>
    </div>
  );
}
