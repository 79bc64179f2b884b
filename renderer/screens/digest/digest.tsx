import { Button } from '@mantine/core';
import { useState } from 'react';
import {
  DIGEST_FIGURES,
  DIGEST_FILTERS,
  type Digest,
  type DigestFigureName,
  type DigestFilterName,
} from '../../../shared/alerts.ts';
import { Loading, NotLoaded } from '../../components/answer-states.tsx';
import { ManagerLock } from '../../components/manager-lock.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useShortcuts } from '../../state/hooks.ts';
import { useAnswer } from '../../state/use-answer.ts';
import report from '../report/report.module.css';
import { DeskHead } from '../signals/desk-head.tsx';
import classes from '../signals/signals.module.css';
import { AlertCard } from './alert-card.tsx';
import { FigureEvents } from './figure-events.tsx';

const DAY_MS = 86_400_000;

/** A day of the store in figures, each with what is behind it, and the findings that nobody has looked at. */
export function DigestScreen() {
  const { t, language } = useWords();
  const { goTo } = useActions();
  const [day, setDay] = useState<number | null>(null);
  const { answer, load } = useAnswer('digest.get', { day });
  useShortcuts([['Escape', () => goTo('settings')]]);
  // Epoch days of the store's own calendar: they have no zone any more.
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeZone: 'UTC' });
  return (
    <div className={classes.page}>
      <DeskHead page="digest" />
      {answer.state === 'locked' && <ManagerLock onOpen={load} />}
      {answer.state === 'loading' && <Loading text={t('digest.loading')} />}
      {answer.state === 'failed' && (
        <NotLoaded text={t('digest.notLoaded')} error={answer.error} onRetry={load} />
      )}
      {answer.state === 'shown' && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        <section className={classes.scroll} tabIndex={0} aria-label={t('digest.title')}>
          <AlertCard />
          <div className={classes.head}>
            <h2 className={classes.detailTitle}>{date.format(answer.value.day * DAY_MS)}</h2>
            <div className={classes.acts}>
              <Button variant="default" onClick={() => setDay(answer.value.day - 1)}>
                {t('digest.before')}
              </Button>
              <Button variant="default" disabled={day === null} onClick={() => setDay(answer.value.day + 1)}>
                {t('digest.after')}
              </Button>
            </div>
          </div>
          <Figures key={answer.value.day} digest={answer.value} />
        </section>
      )}
    </div>
  );
}

function Figures({ digest }: { readonly digest: Digest }) {
  const { t, count, amount } = useWords();
  const { goTo } = useActions();
  const [shown, setShown] = useState<DigestFilterName | null>(null);
  const { figures, currency } = digest;
  const sums = (name: DigestFigureName) => {
    const { amount: money, points } = figures[name];
    return [
      ...(money === null ? [] : [amount(money, 'deposit', currency)]),
      ...(points === null || points === 0 ? [] : [amount(points, 'points', currency)]),
    ].join(', ');
  };
  const open = (name: DigestFigureName) => {
    if (name === 'findings') goTo('signals');
    else if (name === 'messages') goTo('messages');
    else setShown(shown === name ? null : name);
  };
  return (
    <>
      <table className={report.table}>
        <thead>
          <tr>
            <th scope="col">{t('digest.what')}</th>
            <th scope="col">{t('digest.times')}</th>
            <th scope="col">{t('digest.amount')}</th>
          </tr>
        </thead>
        <tbody>
          {DIGEST_FIGURES.map((name) => (
            <tr key={name}>
              <th scope="row">
                <Button
                  variant={shown === name ? 'filled' : 'default'}
                  aria-label={t('digest.show', { name: t(`digest.figure.${name}`) })}
                  aria-expanded={name in DIGEST_FILTERS ? shown === name : undefined}
                  onClick={() => open(name)}
                >
                  {t(`digest.figure.${name}`)}
                </Button>
              </th>
              <td>{count(figures[name].count)}</td>
              <td>{sums(name)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown !== null && <FigureEvents key={shown} name={shown} digest={digest} />}
    </>
  );
}
