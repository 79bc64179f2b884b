import { type SyntheticEvent, useState } from 'react';
import { type CaseOutcome, caseOutcomeSchema } from '../../../shared/cases.ts';
import type { WireError } from '../../../shared/errors.ts';
import { Choice } from '../../components/choice.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { FormEnd } from '../../components/form-end.tsx';
import { useWords } from '../../i18n/use-words.ts';

interface CloseDialogProps {
  readonly busy: boolean;
  readonly error: WireError | null;
  onCloseCase(outcome: CaseOutcome, text: string): Promise<void>;
  onClose(): void;
}

/** What a case came to. */
export function CloseDialog({ busy, error, onCloseCase, onClose }: CloseDialogProps) {
  const { t } = useWords();
  const [outcome, setOutcome] = useState<CaseOutcome>('unclear');
  const [text, setText] = useState('');
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void onCloseCase(outcome, text.trim());
  };
  return (
    <Dialog title={t('cases.closeTitle')} size={760} onClose={onClose}>
      <form onSubmit={submit}>
        <Choice
          label={t('cases.outcome')}
          value={outcome}
          options={caseOutcomeSchema.options.map((value) => ({ value, text: t(`cases.outcomes.${value}`) }))}
          onChange={(chosen) => setOutcome(chosen)}
        />
        <Field
          id="case-why"
          label={t('cases.why')}
          value={text}
          maxLength={1_000}
          autoFocus
          onChange={setText}
        />
        <FormEnd
          error={error}
          back={t('cases.back')}
          send={t('cases.closeYes')}
          busy={busy}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
