import {
  IconAlertTriangle,
  IconBrandWhatsapp,
  IconCheck,
  IconThumbDownFilled,
  IconThumbUpFilled,
} from '@tabler/icons-react';
import type { ApprovalView } from '../../../shared/bridge.ts';
import { useWords } from '../../i18n/use-words.ts';
import classes from './asked-list.module.css';

type Asked = ApprovalView['asked'][number];

interface AskedListProps {
  readonly asked: readonly Asked[];
  /** Still waiting: how far each message has come matters. */
  readonly open: boolean;
}

/** Who was asked, how far the message has come to each, and what they said. */
export function AskedList({ asked, open }: AskedListProps) {
  const { t } = useWords();
  return (
    <ul className={classes.list} aria-label={t('approvals.asked')}>
      {asked.map((one) => (
        <li key={one.staffId} className={classes.one} data-tone={toneOf(one)}>
          <AskedIcon one={one} />
          <span className={classes.name}>
            {one.name}
            {one.step > 0 && (
              <span className={classes.step}>{t('approvals.step', { number: one.step + 1 })}</span>
            )}
          </span>
          <span className={classes.word}>
            {one.decision === null
              ? t(`approvals.delivery.${one.delivery.state}`)
              : t(`approvals.decision.${one.decision}`)}
          </span>
          {open && one.decision === null && one.delivery.state === 'failed' && (
            <span className={classes.why}>{t(`approvals.failure.${one.delivery.reason ?? 'unknown'}`)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function toneOf({ decision, delivery }: Asked): 'good' | 'bad' | 'arrived' | 'quiet' {
  if (decision !== null) return decision === 'approve' ? 'good' : 'bad';
  if (delivery.state === 'failed') return 'bad';
  return delivery.state === 'delivered' || delivery.state === 'read' ? 'arrived' : 'quiet';
}

function AskedIcon({ one: { decision, delivery } }: { readonly one: Asked }) {
  const props = { size: 22, 'aria-hidden': true, className: classes.icon } as const;
  if (decision === 'approve') return <IconThumbUpFilled {...props} />;
  if (decision === 'reject') return <IconThumbDownFilled {...props} />;
  if (delivery.state === 'failed') return <IconAlertTriangle {...props} />;
  return delivery.state === 'read' ? <IconCheck {...props} /> : <IconBrandWhatsapp {...props} />;
}
