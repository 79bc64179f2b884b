import { Modal } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useActions } from '../state/hooks.ts';
import classes from './dialog.module.css';

interface DialogProps {
  readonly opened?: boolean;
  readonly title: string;
  /** Width in CSS pixels. */
  readonly size: number;
  readonly children: ReactNode;
  onClose(): void;
}

/** Over the screen, whose keys rest meanwhile; Esc closes it. */
export function Dialog({ opened = true, title, size, children, onClose }: DialogProps) {
  const { setOverlayOpen } = useActions();
  useEffect(() => {
    if (!opened) return undefined;
    setOverlayOpen(true);
    return () => setOverlayOpen(false);
  }, [opened, setOverlayOpen]);
  return (
    <Modal.Root
      opened={opened}
      onClose={onClose}
      centered
      size={size}
      radius="lg"
      // The page does not scroll; and locking it would need an inline style sheet.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* No header of its own: that would be a second banner of the page. */}
        <Modal.Body className={classes.body ?? ''}>
          <Modal.Title className={classes.title ?? ''}>{title}</Modal.Title>
          {children}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** What a dialog ends with, side by side; the way back first. */
export function DialogButtons({ children }: { readonly children: ReactNode }) {
  return <div className={classes.buttons}>{children}</div>;
}
