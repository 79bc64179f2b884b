import { Button } from '@mantine/core';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall } from '../../state/hooks.ts';
import { useAnswer } from '../../state/use-answer.ts';
import layout from '../layout.module.css';
import { useFindingWords } from '../signals/finding-words.ts';
import classes from '../signals/signals.module.css';

/** Findings that nobody has looked at: each leads to its own, all are acknowledged at once. */
export function AlertCard() {
  const { t, error } = useWords();
  const { goTo, setAlerts } = useActions();
  const words = useFindingWords();
  const { answer, show } = useAnswer('alerts.list', {});
  const seen = useCall('alerts.acknowledge');
  if (answer.state === 'failed') return <Notice tone="bad">{error(answer.error)}</Notice>;
  if (answer.state !== 'shown' || answer.value.alerts.length === 0) return null;
  const { alerts } = answer.value;
  const acknowledge = async () => {
    const result = await seen.run({ ids: alerts.map(({ id }) => id) });
    if (!result?.ok) return;
    show(result.value);
    setAlerts(result.value.alerts.length);
  };
  return (
    <div className={layout.card}>
      <div className={classes.head}>
        <h2 className={classes.detailTitle}>{t('alerts.title', { number: alerts.length })}</h2>
        <Button variant="default" loading={seen.busy} onClick={() => void acknowledge()}>
          {t('alerts.acknowledge')}
        </Button>
      </div>
      {seen.error !== null && (
        <Notice tone="bad" urgent>
          {error(seen.error)}
        </Notice>
      )}
      <ul className={classes.words}>
        {alerts.map(({ id, finding }) => (
          <li key={id}>
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
    </div>
  );
}
