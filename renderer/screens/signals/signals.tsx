import { IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { type FindingFilter, findingStateSchema } from '../../../shared/findings-api.ts';
import { Loading, Nothing, NotLoaded } from '../../components/answer-states.tsx';
import { ManagerLock } from '../../components/manager-lock.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useSaksi, useShortcuts } from '../../state/hooks.ts';
import { DeskHead } from './desk-head.tsx';
import { FindingDetail } from './finding-detail.tsx';
import { FindingFilters } from './finding-filters.tsx';
import { FindingList } from './finding-list.tsx';
import classes from './signals.module.css';
import { useFindings } from './use-findings.ts';

/** What looks like fraud, against what peers do: for managers. */
export function SignalsScreen() {
  const { t } = useWords();
  const { goTo } = useActions();
  const wanted = useSaksi((state) => state.wanted.findingId ?? null);
  const [filter, setFilter] = useState<FindingFilter>(wanted === null ? { state: 'new' } : {});
  const [chosen, setChosen] = useState<number | null>(wanted);
  const { list, load, older, put } = useFindings(filter, wanted);
  useShortcuts([['Escape', () => goTo('settings')]]);
  const { findings, summary } = list.state === 'shown' ? list.value : { findings: [], summary: null };
  const shown = findings.find(({ id }) => id === chosen) ?? findings[0] ?? null;
  const fitsNone = (summary?.signals.length ?? 0) > 0;
  return (
    <div className={classes.page}>
      <DeskHead page="signals" />
      {list.state !== 'locked' && (
        <FindingFilters
          filter={filter}
          states={findingStateSchema.options}
          summary={summary}
          onFilter={(changed) => {
            setChosen(null);
            setFilter(changed);
          }}
        />
      )}
      {list.state === 'locked' && <ManagerLock onOpen={() => void load()} />}
      {list.state === 'loading' && <Loading text={t('findings.loading')} />}
      {list.state === 'failed' && (
        <NotLoaded text={t('findings.notLoaded')} error={list.error} onRetry={() => void load()} />
      )}
      {list.state === 'shown' && shown === null && (
        <Nothing
          icon={<IconShieldCheck size={44} stroke={1.5} aria-hidden />}
          text={fitsNone ? t('findings.noneFits') : t('findings.none')}
          help={fitsNone ? t('findings.noneFitsHelp') : t('findings.noneHelp')}
        />
      )}
      {list.state === 'shown' && shown !== null && (
        <div className={classes.body}>
          <FindingList
            list={list.value}
            chosen={shown.id}
            onChoose={setChosen}
            onOlder={() => void older()}
          />
          <FindingDetail key={shown.id} finding={shown} onChanged={put} />
        </div>
      )}
    </div>
  );
}
