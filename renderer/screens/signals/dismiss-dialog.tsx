import { type SyntheticEvent, useState } from 'react';
import type { WireError } from '../../../shared/errors.ts';
import { FINDING_REASON_MIN } from '../../../shared/findings-api.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { FormEnd } from '../../components/form-end.tsx';
import { useWords } from '../../i18n/use-words.ts';

const REASON_MAX = 1_000;

interface DismissDialogProps {
  readonly busy: boolean;
  readonly error: WireError | null;
  onDismiss(reason: string): void;
  onClose(): void;
}

/** Not without a reason. */
export function DismissDialog({ busy, error, onDismiss, onClose }: DismissDialogProps) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const isReady = reason.trim().length >= FINDING_REASON_MIN;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isReady) onDismiss(reason.trim());
  };
  return (
    <Dialog title={t('findings.dismissTitle')} size={560} onClose={onClose}>
      <form onSubmit={submit}>
        <p>{t('findings.dismissHelp')}</p>
        <Field
          id="finding-reason"
          label={t('findings.reason')}
          value={reason}
          maxLength={REASON_MAX}
          autoFocus
          onChange={setReason}
        />
        <FormEnd
          error={error}
          back={t('findings.back')}
          send={t('findings.dismissYes')}
          ready={isReady}
          busy={busy}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
