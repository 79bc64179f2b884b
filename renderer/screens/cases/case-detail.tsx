import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { CaseStep, CaseSummary } from '../../../shared/cases.ts';
import { Loading, NotLoaded } from '../../components/answer-states.tsx';
import { EventList } from '../../components/event-list.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { saveBase64, saveFile } from '../../messages/save-file.ts';
import { useActions, useCall } from '../../state/hooks.ts';
import { useAnswer } from '../../state/use-answer.ts';
import layout from '../layout.module.css';
import { useFindingWords } from '../signals/finding-words.ts';
import classes from '../signals/signals.module.css';
import { CaseSteps } from './case-steps.tsx';
import { CloseDialog } from './close-dialog.tsx';

/** A step without the id that it goes by. */
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type StepWish = WithoutId<CaseStep>;

/** One case: its findings and events, all that was done, and what to do next. */
export function CaseDetail({
  id,
  onChanged,
}: {
  readonly id: string;
  onChanged(changed: CaseSummary): void;
}) {
  const { t, error, moment } = useWords();
  const { goTo } = useActions();
  const words = useFindingWords();
  const { answer, load, show } = useAnswer('cases.get', { id });
  const step = useCall('cases.step');
  const save = useCall('cases.export');
  const [closing, setClosing] = useState(false);
  const [eventsShown, setEventsShown] = useState(false);
  const [saved, setSaved] = useState<'evidence' | 'both' | null>(null);

  if (answer.state === 'loading') return <Loading text={t('cases.loading')} />;
  if (answer.state !== 'shown')
    return answer.state === 'failed' ? (
      <NotLoaded text={t('cases.notLoaded')} error={answer.error} onRetry={load} />
    ) : null;
  const { case: one, findings, events, entries, staff } = answer.value;
  const isClosed = one.status === 'closed';

  const take = async (wish: StepWish): Promise<boolean> => {
    const result = await step.run({ id, step: { ...wish, id: crypto.randomUUID() } as CaseStep });
    if (!result?.ok) return false;
    show(result.value);
    onChanged(result.value.case);
    return true;
  };
  const exportIt = async () => {
    setSaved(null);
    const made = await save.run({ id });
    if (!made?.ok) return;
    const name = `saksi-case-${one.number}`;
    saveFile({ name: `${name}.jsonl`, type: 'application/x-ndjson', text: made.value.evidence });
    const { pdf } = made.value;
    if (pdf !== null) saveBase64({ name: `${name}.pdf`, type: 'application/pdf', base64: pdf });
    setSaved(pdf === null ? 'evidence' : 'both');
    load();
  };
  const failure = (closing ? null : step.error) ?? save.error;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={`${layout.card} ${classes.detail}`} tabIndex={0} aria-label={t('cases.detail')}>
      <h2 className={classes.detailTitle}>{t('cases.named', { number: one.number, title: one.title })}</h2>
      <p>
        {t(`cases.statuses.${one.status}`)}
        {one.outcome !== null && `: ${t(`cases.outcomes.${one.outcome}`)}`}
      </p>
      <p className={layout.muted}>
        {t('cases.openedBy', { time: moment(one.openedAt), name: one.openedBy })}
      </p>
      {!isClosed && (
        <label className={classes.choice}>
          {t('cases.assignee')}
          <select
            className={layout.control}
            value={one.assignee?.id ?? ''}
            disabled={step.busy}
            onChange={({ target }) =>
              void take({ kind: 'assigned', assigneeId: target.value === '' ? null : target.value })
            }
          >
            <option value="">{t('cases.nobody')}</option>
            {staff.map((member) => (
              <option key={member.id} value={member.id}>
                {member.name}
              </option>
            ))}
          </select>
        </label>
      )}
      {failure !== null && (
        <Notice tone="bad" urgent>
          {error(failure)}
        </Notice>
      )}
      {saved !== null && (
        <Notice tone="good">{saved === 'both' ? t('cases.exported') : t('cases.exportedEvidence')}</Notice>
      )}
      <div className={classes.acts}>
        <Button
          leftSection={<IconDownload size={18} aria-hidden />}
          loading={save.busy}
          disabled={events.length === 0}
          onClick={() => void exportIt()}
        >
          {t('cases.export')}
        </Button>
        {one.status === 'open' && (
          <Button
            variant="default"
            onClick={() => void take({ kind: 'moved', status: 'watching', text: '' })}
          >
            {t('cases.watch')}
          </Button>
        )}
        {one.status === 'open' ? null : (
          <Button variant="default" onClick={() => void take({ kind: 'moved', status: 'open', text: '' })}>
            {t('cases.reopen')}
          </Button>
        )}
        {!isClosed && (
          <Button variant="default" onClick={() => setClosing(true)}>
            {t('cases.close')}
          </Button>
        )}
      </div>
      <h3 className={classes.part}>{t('cases.findings', { number: findings.length })}</h3>
      <ul className={classes.words}>
        {findings.map((finding) => (
          <li key={finding.id}>
            <span>
              <strong>
                {words.name(finding)}, {words.person(finding)}
              </strong>
              : {words.sentence(finding)}
            </span>
            <Button variant="default" onClick={() => goTo('signals', { findingId: finding.id })}>
              {t('cases.look')}
            </Button>
          </li>
        ))}
      </ul>
      {events.length === 0 ? (
        <Notice tone="info">{t('cases.noEvents')}</Notice>
      ) : (
        <Button
          variant="default"
          className={classes.part ?? ''}
          aria-expanded={eventsShown}
          onClick={() => setEventsShown(!eventsShown)}
        >
          {t('cases.events', { number: events.length })}
        </Button>
      )}
      {eventsShown && <EventList events={events} label={t('cases.events', { number: events.length })} />}
      <CaseSteps entries={entries} busy={step.busy} onNote={(text) => take({ kind: 'noted', text })} />
      {closing && (
        <CloseDialog
          busy={step.busy}
          error={step.error}
          onCloseCase={async (outcome, text) => {
            if (await take({ kind: 'closed', outcome, text })) setClosing(false);
          }}
          onClose={() => {
            step.clear();
            setClosing(false);
          }}
        />
      )}
    </section>
  );
}
