import { Button } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { type CaseOutcome, caseOutcomeSchema } from '../../../shared/cases.ts';
import type { WireError } from '../../../shared/errors.ts';
import { Choice } from '../../components/choice.tsx';
import { Dialog, DialogButtons } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { KeyHint } from '../../components/key-hint.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';

interface CloseDialogProps {
  readonly busy: boolean;
  readonly error: WireError | null;
  onCloseCase(outcome: CaseOutcome, text: string): Promise<void>;
  onClose(): void;
}

/** What a case came to. */
export function CloseDialog({ busy, error, onCloseCase, onClose }: CloseDialogProps) {
  const { t, error: sentence } = useWords();
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
        {error !== null && (
          <Notice tone="bad" urgent>
            {sentence(error)}
          </Notice>
        )}
        <DialogButtons>
          <Button
            size="lg"
            variant="default"
            onClick={onClose}
            rightSection={<KeyHint>{t('key.esc')}</KeyHint>}
          >
            {t('cases.back')}
          </Button>
          <Button size="lg" type="submit" loading={busy}>
            {t('cases.closeYes')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  );
}
