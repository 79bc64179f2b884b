import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import dialog from '../../components/confirm-cancel.module.css';

interface DialogProps {
  readonly title: string;
  readonly size: number;
  readonly children: ReactNode;
  onClose(): void;
}

/** Over the list; Esc closes it. */
export function Dialog({ title, size, children, onClose }: DialogProps) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      centered
      size={size}
      radius="lg"
      withCloseButton={false}
      // The page does not scroll; and locking it would need an inline style sheet.
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      classNames={{ title: dialog.title ?? '', body: dialog.body ?? '' }}
    >
      {children}
    </Modal>
  );
}
