import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { DIGEST_FILTERS, type Digest, type DigestFilterName } from '../../../shared/alerts.ts';
import { Loading, NotLoaded } from '../../components/answer-states.tsx';
import { EventList } from '../../components/event-list.tsx';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useCall } from '../../state/hooks.ts';
import { useAnswer } from '../../state/use-answer.ts';
import classes from '../signals/signals.module.css';

/** The events of the day that a figure counts, newest first. */
export function FigureEvents({
  name,
  digest: { from, to },
}: {
  readonly name: DigestFilterName;
  readonly digest: Digest;
}) {
  const { t, error } = useWords();
  const { kinds, ...rest } = DIGEST_FILTERS[name];
  const filter = { ...rest, kinds: [...kinds], from, to };
  const { answer, load, show } = useAnswer('audit.list', { filter, after: null });
  const more = useCall('audit.list');
  const part = useRef<HTMLElement>(null);
  const label = t('digest.behind', { name: t(`digest.figure.${name}`) });
  // It appears below what may fill the window.
  // biome-ignore lint/correctness/useExhaustiveDependencies: its size changes with the state
  useEffect(() => {
    // Some browsers answer with a promise, which is no clean-up.
    part.current?.scrollIntoView({ block: 'nearest' });
  }, [answer.state]);
  const older = async () => {
    if (answer.state !== 'shown') return;
    const result = await more.run({ filter, after: answer.value.next });
    if (!result?.ok) return;
    show({ events: [...answer.value.events, ...result.value.events], next: result.value.next });
  };
  return (
    <section ref={part} aria-label={label}>
      <h3 className={classes.detailTitle}>{label}</h3>
      {answer.state === 'loading' && <Loading text={t('digest.loading')} />}
      {answer.state === 'failed' && (
        <NotLoaded text={t('digest.notLoaded')} error={answer.error} onRetry={load} />
      )}
      {answer.state === 'shown' && answer.value.events.length === 0 && (
        <Notice tone="info">{t('digest.nothing')}</Notice>
      )}
      {answer.state === 'shown' && answer.value.events.length > 0 && (
        <EventList events={answer.value.events} label={label} />
      )}
      {more.error !== null && <Notice tone="bad">{error(more.error)}</Notice>}
      {answer.state === 'shown' && answer.value.next !== null && (
        <Button className={classes.older} variant="default" loading={more.busy} onClick={() => void older()}>
          {t('digest.more')}
        </Button>
      )}
    </section>
  );
}
