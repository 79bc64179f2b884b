import { Button } from '@mantine/core';
import { useState } from 'react';
import type { FindingSaid, ShownFinding } from '../../../shared/findings-api.ts';
import { EventList } from '../../components/event-list.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall } from '../../state/hooks.ts';
import { useAnswer } from '../../state/use-answer.ts';
import layout from '../layout.module.css';
import { DismissDialog } from './dismiss-dialog.tsx';
import { useFindingWords } from './finding-words.ts';
import { PutDialog } from './put-dialog.tsx';
import classes from './signals.module.css';

interface FindingDetailProps {
  readonly finding: ShownFinding;
  onChanged(finding: ShownFinding): void;
}

/** One finding: the figures in words, what was said of it, the events behind it, and what to do about it. */
export function FindingDetail({ finding, onChanged }: FindingDetailProps) {
  const { t, error, moment } = useWords();
  const words = useFindingWords();
  const { answer, show } = useAnswer('findings.get', { id: finding.id });
  const say = useCall('findings.say');
  const { goTo } = useActions();
  const [putting, setPutting] = useState(false);
  const [dismissing, setDismissing] = useState(false);
  const [eventsShown, setEventsShown] = useState(false);
  const said = async (word: FindingSaid) => {
    const result = await say.run({ id: finding.id, said: word });
    if (!result?.ok) return;
    show(result.value);
    setDismissing(false);
    onChanged(result.value.finding);
  };
  const detail = answer.state === 'shown' ? answer.value : null;
  const times = words.times(finding);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className={`${layout.card} ${classes.detail}`} tabIndex={0} aria-label={t('findings.detail')}>
      <h2 className={classes.detailTitle}>{words.name(finding)}</h2>
      <p>
        <span className={classes.severity} data-severity={finding.severity}>
          {t(`findings.severities.${finding.severity}`)}
        </span>{' '}
        · {t(`findings.states.${finding.state}`)}
      </p>
      <p className={layout.muted}>
        {[words.person(finding), finding.tillName, words.window(finding)].filter(Boolean).join(' · ')}
      </p>
      <p className={classes.sentence}>{words.sentence(finding)}</p>
      <p className={layout.muted}>
        {[times, t('findings.score', { score: finding.score })].filter(Boolean).join(' · ')}
      </p>
      <p className={layout.muted}>{t('findings.proves')}</p>
      {say.error !== null && !dismissing && (
        <Notice tone="bad" urgent>
          {error(say.error)}
        </Notice>
      )}
      {finding.state !== 'in_case' && (
        <div className={classes.acts}>
          {finding.state === 'new' && (
            <Button
              variant="default"
              loading={say.busy}
              onClick={() => void said({ state: 'seen', note: '' })}
            >
              {t('findings.saySeen')}
            </Button>
          )}
          {finding.state === 'dismissed' ? (
            <Button
              variant="default"
              loading={say.busy}
              onClick={() => void said({ state: 'open', note: '' })}
            >
              {t('findings.reopen')}
            </Button>
          ) : (
            <Button variant="default" onClick={() => setDismissing(true)}>
              {t('findings.dismiss')}
            </Button>
          )}
          <Button onClick={() => setPutting(true)}>{t('cases.put')}</Button>
        </div>
      )}
      {answer.state === 'failed' && <Notice tone="bad">{error(answer.error)}</Notice>}
      {detail !== null && detail.words.length > 0 && (
        <>
          <h3 className={classes.part}>{t('findings.words')}</h3>
          <ul className={classes.words}>
            {detail.words.map((word) => (
              <li key={`${word.at}/${word.state}`}>
                <span>{t(`findings.word.${word.state}`, { name: word.staffName })}</span>
                <time className={layout.muted}>{moment(word.at)}</time>
                {word.note !== '' && <p>{word.note}</p>}
              </li>
            ))}
          </ul>
        </>
      )}
      {detail !== null && detail.events.length === 0 && <Notice tone="info">{t('findings.noEvents')}</Notice>}
      {detail !== null && detail.events.length > 0 && (
        <>
          <Button
            variant="default"
            className={classes.part ?? ''}
            aria-expanded={eventsShown}
            onClick={() => setEventsShown(!eventsShown)}
          >
            {t('findings.events', { number: detail.events.length })}
          </Button>
          {eventsShown && (
            <EventList
              events={detail.events}
              label={t('findings.events', { number: detail.events.length })}
            />
          )}
        </>
      )}
      {putting && (
        <PutDialog
          findingId={finding.id}
          title={`${words.name(finding)}: ${words.person(finding)}`}
          onPut={({ id }) => goTo('cases', { caseId: id })}
          onClose={() => setPutting(false)}
        />
      )}
      {dismissing && (
        <DismissDialog
          busy={say.busy}
          error={say.error}
          onDismiss={(note) => void said({ state: 'innocent', note })}
          onClose={() => {
            say.clear();
            setDismissing(false);
          }}
        />
      )}
    </section>
  );
}
