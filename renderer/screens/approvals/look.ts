import {
  IconCircleCheckFilled,
  IconCircleMinus,
  IconCircleXFilled,
  IconClockX,
  IconHourglass,
  IconLoader,
} from '@tabler/icons-react';
import type { ApprovalStage } from '../../../shared/bridge.ts';

export interface Look {
  readonly icon: typeof IconHourglass;
  readonly tone: 'good' | 'wait' | 'bad' | 'info';
}

export const APPROVAL_LOOK: Readonly<Record<ApprovalStage, Look>> = {
  requesting: { icon: IconLoader, tone: 'info' },
  pending: { icon: IconHourglass, tone: 'wait' },
  acting: { icon: IconCircleCheckFilled, tone: 'good' },
  approved: { icon: IconCircleCheckFilled, tone: 'good' },
  rejected: { icon: IconCircleXFilled, tone: 'bad' },
  expired: { icon: IconClockX, tone: 'wait' },
  cancelled: { icon: IconCircleMinus, tone: 'info' },
  failed: { icon: IconCircleXFilled, tone: 'bad' },
};
