import { Button } from '@mantine/core';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import layout from '../layout.module.css';
import { useFindingWords } from './finding-words.ts';
import classes from './signals.module.css';
import type { FindingsShown } from './use-findings.ts';

interface FindingListProps {
  readonly list: FindingsShown;
  readonly chosen: number;
  onChoose(id: number): void;
  onOlder(): void;
}

/** Newest first; the older ones by a button. */
export function FindingList({
  list: { findings, next, older },
  chosen,
  onChoose,
  onOlder,
}: FindingListProps) {
  const { t, error, moment } = useWords();
  const words = useFindingWords();
  return (
    <div className={classes.list}>
      <p className={layout.hidden} role="status">
        {t('findings.count', { number: findings.length })}
      </p>
      <ul className={classes.rows}>
        {findings.map((finding) => (
          <li key={finding.id}>
            <button
              type="button"
              className={classes.row}
              aria-pressed={finding.id === chosen}
              onClick={() => onChoose(finding.id)}
            >
              <span className={classes.what}>
                <strong>{words.name(finding)}</strong>
                <span className={layout.muted}>{words.person(finding)}</span>
              </span>
              <span className={classes.end}>
                <span className={classes.severity} data-severity={finding.severity}>
                  {t(`findings.severities.${finding.severity}`)}
                </span>
                <span className={layout.muted}>
                  {finding.state === 'new' ? moment(finding.foundAt) : t(`findings.states.${finding.state}`)}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {typeof older === 'object' && (
        <Notice tone="bad" urgent>
          {error(older)}
        </Notice>
      )}
      {next !== null && (
        <Button className={classes.older} variant="default" loading={older === 'loading'} onClick={onOlder}>
          {t('findings.older')}
        </Button>
      )}
    </div>
  );
}
