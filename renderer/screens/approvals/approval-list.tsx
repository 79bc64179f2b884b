import { Button } from '@mantine/core';
import { IconCircleDashedCheck, IconPlus } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { ApprovalView } from '../../../shared/bridge.ts';
import { FINAL_APPROVALS, newsOf } from '../../approvals/decision.ts';
import { KeyHint } from '../../components/key-hint.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { clockText } from '../../state/countdown.ts';
import { useActions, useSaksi, useSecondsLeft, useShortcuts, useView } from '../../state/hooks.ts';
import layout from '../layout.module.css';
import { ApprovalDetail } from './approval-detail.tsx';
import classes from './approval-list.module.css';
import { APPROVAL_LOOK } from './look.ts';
import { useApprovalWords } from './use-approval-words.ts';

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/** Open and just decided requests at the left, one of them in full at the right. */
export function ApprovalList() {
  const { t } = useWords();
  const { approvals, session } = useView();
  const { openPanel, markSeen } = useActions();
  const chosenId = useSaksi((state) => state.approvalId);
  const chosen = approvals.find(({ id }) => id === chosenId) ?? approvals[0];
  const news = approvals.map(newsOf).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each piece of news is seen as it comes
  useEffect(() => markSeen(), [news]);

  const ask = session === null ? undefined : () => openPanel('ask');
  useShortcuts(
    [
      ['Escape', () => openPanel('closed')],
      ['F7', ask],
    ],
    'panel',
  );
  return (
    <div className={classes.columns}>
      <div className={classes.list}>
        {ask !== undefined && (
          <Button
            size="lg"
            className={classes.new ?? ''}
            leftSection={<IconPlus size={20} aria-hidden />}
            rightSection={<KeyHint>F7</KeyHint>}
            aria-keyshortcuts="F7"
            {...(chosen === undefined ? { 'data-autofocus': true } : {})}
            onClick={ask}
          >
            {t('approvals.new')}
          </Button>
        )}
        <Rows approvals={approvals} chosenId={chosen?.id} onChoose={(id) => openPanel('list', id)} />
      </div>
      {chosen === undefined ? (
        <div className={layout.empty}>
          <IconCircleDashedCheck size={44} stroke={1.5} aria-hidden />
          <strong>{t('approvals.empty')}</strong>
          <p>{t('approvals.emptyHelp')}</p>
        </div>
      ) : (
        <ApprovalDetail key={chosen.id} approval={chosen} />
      )}
    </div>
  );
}

interface RowsProps {
  readonly approvals: readonly ApprovalView[];
  readonly chosenId: string | undefined;
  onChoose(id: string): void;
}

/** One stop in the tab order; arrows move and choose. */
function Rows({ approvals, chosenId, onChoose }: RowsProps) {
  const { t } = useWords();
  const rows = useRef(new Map<string, HTMLButtonElement>());
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.currentTarget.dataset.walked = '';
    const at = approvals.findIndex(({ id }) => id === chosenId);
    const next = approvals[at + step];
    if (next === undefined) return;
    onChoose(next.id);
    rows.current.get(next.id)?.focus();
  };
  if (approvals.length === 0) return null;
  return (
    <ul className={classes.rows} aria-label={t('approvals.list')} onKeyDown={onKeyDown}>
      {approvals.map((approval) => (
        <li key={approval.id}>
          <Row
            approval={approval}
            chosen={approval.id === chosenId}
            ref={(element) => {
              if (element === null) rows.current.delete(approval.id);
              else rows.current.set(approval.id, element);
            }}
            onChoose={() => onChoose(approval.id)}
          />
        </li>
      ))}
    </ul>
  );
}

interface RowProps {
  readonly approval: ApprovalView;
  readonly chosen: boolean;
  readonly ref: (element: HTMLButtonElement | null) => void;
  onChoose(): void;
}

function Row({ approval, chosen, ref, onChoose }: RowProps) {
  const { t } = useWords();
  const { kindName, measure } = useApprovalWords(approval);
  const seconds = useSecondsLeft(approval.stage === 'pending' ? approval.expiresInMs : null);
  const { icon: Icon, tone } = APPROVAL_LOOK[approval.stage];
  return (
    <button
      ref={ref}
      type="button"
      className={classes.row}
      data-tone={tone}
      aria-current={chosen ? 'true' : undefined}
      tabIndex={chosen ? 0 : -1}
      data-autofocus={
        chosen && approval.code === null && !FINAL_APPROVALS.has(approval.stage) ? true : undefined
      }
      onClick={onChoose}
    >
      <Icon size={24} aria-hidden className={classes.icon} />
      <span className={classes.words}>
        <span className={classes.name}>
          {kindName}
          {measure !== null && <span className={classes.measure}>{measure}</span>}
        </span>
        <span className={classes.stage}>
          {t(`approvals.stage.${approval.stage}`)}
          {seconds !== null && <span className={classes.left}>{clockText(seconds)}</span>}
        </span>
      </span>
    </button>
  );
}
