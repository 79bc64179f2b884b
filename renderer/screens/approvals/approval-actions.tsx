import { Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ApprovalView } from '../../../shared/bridge.ts';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall, useSaksi, useShortcuts } from '../../state/hooks.ts';
import classes from './approval-actions.module.css';

/** An Enter that was meant for what was there before must not sweep a decision away. */
const ENTER_GUARD_MS = 700;

/** Gives the request up, after a question; Enter and Esc both go on waiting. */
export function WaitingActions({ approval }: { readonly approval: ApprovalView }) {
  const { t, error } = useWords();
  const [asking, setAsking] = useState(false);
  const cancel = useCall('approval.cancel');
  const keep = useRef<HTMLButtonElement>(null);
  const back = useRef<HTMLButtonElement>(null);
  const open = (next: boolean) => {
    setAsking(next);
    // The button that had the focus is gone: its successor takes it.
    requestAnimationFrame(() => (next ? keep : back).current?.focus());
  };
  useShortcuts([['Delete', asking ? undefined : () => open(true)]], 'panel');
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    // Not meant for the panel, which would close.
    event.stopPropagation();
    open(false);
  };
  return (
    <div className={classes.actions}>
      {cancel.error !== null && (
        <Notice tone="bad" urgent>
          {error(cancel.error)}
        </Notice>
      )}
      {asking ? (
        <div
          className={classes.question}
          role="alertdialog"
          aria-label={t('approvals.cancelTitle')}
          onKeyDown={onKeyDown}
        >
          <p>{t('approvals.cancelTitle')}</p>
          <Button
            ref={keep}
            size="lg"
            rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
            onClick={() => open(false)}
          >
            {t('approvals.keep')}
          </Button>
          <Button
            size="lg"
            variant="outline"
            color="var(--bad)"
            loading={cancel.busy}
            onClick={() => void cancel.run({ approvalId: approval.id })}
          >
            {t('code.cancelYes')}
          </Button>
        </div>
      ) : (
        <Button
          ref={back}
          variant="default"
          size="lg"
          disabled={approval.stage === 'requesting'}
          leftSection={<IconX size={20} aria-hidden />}
          rightSection={<KeyHint>{t('key.del')}</KeyHint>}
          aria-keyshortcuts="Delete"
          onClick={() => open(true)}
        >
          {t('approvals.cancel')}
        </Button>
      )}
    </div>
  );
}

/** Takes a finished one off the screen; with it the panel goes, when nothing else is in it. */
export function FinishedActions({ approval }: { readonly approval: ApprovalView }) {
  const { t, error } = useWords();
  const { openPanel } = useActions();
  const others = useSaksi((state) => (state.view?.approvals.length ?? 0) > 1);
  const dismiss = useCall('approval.dismiss');
  const main = useRef<HTMLButtonElement>(null);
  const appearedAt = useRef(performance.now());
  useEffect(() => {
    // Somebody who goes through the list by arrow keys stays in the list.
    if (document.activeElement?.closest('[data-walked]') === null) main.current?.focus();
  }, []);
  const leave = async () => {
    if (performance.now() - appearedAt.current < ENTER_GUARD_MS) return;
    const result = await dismiss.run({ approvalId: approval.id });
    if (result?.ok && !others) openPanel('closed');
  };
  return (
    <div className={classes.actions}>
      {dismiss.error !== null && (
        <Notice tone="bad" urgent>
          {error(dismiss.error)}
        </Notice>
      )}
      <Button
        ref={main}
        size="lg"
        data-autofocus
        rightSection={<KeyHint>{t('key.enter')}</KeyHint>}
        onClick={() => void leave()}
      >
        {t('approvals.dismiss')}
      </Button>
    </div>
  );
}
