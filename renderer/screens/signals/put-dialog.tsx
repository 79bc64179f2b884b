import { type SyntheticEvent, useRef, useState } from 'react';
import type { CaseSummary } from '../../../shared/cases.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { FormEnd } from '../../components/form-end.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall } from '../../state/hooks.ts';
import { useAnswer } from '../../state/use-answer.ts';
import layout from '../layout.module.css';
import classes from './signals.module.css';

interface PutDialogProps {
  readonly findingId: number;
  /** What a new case is called at first. */
  readonly title: string;
  onPut(one: CaseSummary): void;
  onClose(): void;
}

/** Into a new case, or into one that is not closed. */
export function PutDialog({ findingId, title: suggested, onPut, onClose }: PutDialogProps) {
  const { t } = useWords();
  const { answer } = useAnswer('cases.list', {});
  const open = useCall('cases.open');
  const step = useCall('cases.step');
  const [into, setInto] = useState('');
  const [title, setTitle] = useState(suggested);
  // Another try is the same case, not another one.
  const id = useRef(crypto.randomUUID());
  const cases =
    answer.state === 'shown' ? answer.value.cases.filter(({ status }) => status !== 'closed') : [];
  const isReady = into !== '' || title.trim() !== '';
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!isReady) return;
    const result =
      into === ''
        ? await open.run({ id: id.current, title: title.trim(), findingIds: [findingId] })
        : await step.run({ id: into, step: { kind: 'collected', id: id.current, findingIds: [findingId] } });
    if (result?.ok) onPut(result.value.case);
  };
  const failure = open.error ?? step.error ?? (answer.state === 'failed' ? answer.error : null);
  return (
    <Dialog title={t('cases.putTitle')} size={560} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        {cases.length > 0 && (
          <label className={classes.choice}>
            {t('cases.into')}
            <select className={layout.control} value={into} onChange={({ target }) => setInto(target.value)}>
              <option value="">{t('cases.new')}</option>
              {cases.map((one) => (
                <option key={one.id} value={one.id}>
                  {t('cases.named', { number: one.number, title: one.title })}
                </option>
              ))}
            </select>
          </label>
        )}
        {into === '' && (
          <Field
            id="case-title"
            label={t('cases.titleField')}
            value={title}
            maxLength={120}
            autoFocus
            onChange={setTitle}
          />
        )}
        <FormEnd
          error={failure}
          back={t('cases.back')}
          send={t('cases.putYes')}
          ready={isReady}
          busy={open.busy || step.busy}
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
