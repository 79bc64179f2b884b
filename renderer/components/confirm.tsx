import { Button, Modal } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useWords } from '../i18n/use-words.ts';
import { useActions } from '../state/hooks.ts';
import classes from './confirm-cancel.module.css';
import { KeyHint } from './key-hint.tsx';

interface ConfirmProps {
  readonly opened: boolean;
  readonly title: string;
  readonly children: ReactNode;
  readonly keep: string;
  readonly leave: string;
  onKeep(): void;
  onLeave(): void;
}

/** Asks before something is left; Enter and Esc both stay. */
export function Confirm({ opened, title, children, keep, leave, onKeep, onLeave }: ConfirmProps) {
  const { t } = useWords();
  const { setOverlayOpen } = useActions();
  useEffect(() => {
    if (!opened) return undefined;
    setOverlayOpen(true);
    return () => setOverlayOpen(false);
  }, [opened, setOverlayOpen]);
  return (
    <Modal.Root
      opened={opened}
      onClose={onKeep}
      centered
      size={500}
      radius="lg"
      // The page does not scroll; and locking it would need an inline style sheet.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* No header of its own: that would be a second banner of the page. */}
        <Modal.Body className={classes.body ?? ''}>
          <Modal.Title className={classes.asked ?? ''}>{title}</Modal.Title>
          <p>{children}</p>
          <div className={classes.buttons}>
            <Button
              size="lg"
              onClick={onKeep}
              data-autofocus
              rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
            >
              {keep}
            </Button>
            <Button size="lg" variant="outline" color="var(--bad)" onClick={onLeave}>
              {leave}
            </Button>
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
