import { Button } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { useState } from 'react';
import { type CaseStatus, type CaseSummary, caseStatusSchema } from '../../../shared/cases.ts';
import { Loading, Nothing, NotLoaded } from '../../components/answer-states.tsx';
import { ManagerLock } from '../../components/manager-lock.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { useActions, useCall, useSaksi, useShortcuts } from '../../state/hooks.ts';
import { useAnswer } from '../../state/use-answer.ts';
import layout from '../layout.module.css';
import { DeskHead } from '../signals/desk-head.tsx';
import classes from '../signals/signals.module.css';
import { CaseDetail } from './case-detail.tsx';

/** What managers look into, and what came of it. */
export function CasesScreen() {
  const { t } = useWords();
  const { goTo } = useActions();
  const wanted = useSaksi((state) => state.wanted.caseId ?? null);
  const [status, setStatus] = useState<CaseStatus | null>(null);
  const [chosen, setChosen] = useState<string | null>(wanted);
  const { answer, load, show } = useAnswer('cases.list', status === null ? {} : { status });
  const more = useCall('cases.list');
  useShortcuts([['Escape', () => goTo('signals')]]);
  const page = answer.state === 'shown' ? answer.value : { cases: [], next: null };
  const id = page.cases.find((one) => one.id === chosen)?.id ?? chosen ?? page.cases[0]?.id ?? null;

  const older = async () => {
    if (page.next === null) return;
    const result = await more.run({ ...(status === null ? {} : { status }), after: page.next });
    if (result?.ok) show({ cases: [...page.cases, ...result.value.cases], next: result.value.next });
  };
  const put = (changed: CaseSummary) =>
    show({ ...page, cases: page.cases.map((one) => (one.id === changed.id ? changed : one)) });

  return (
    <div className={classes.page}>
      <DeskHead page="cases" />
      {answer.state !== 'locked' && (
        <div className={classes.filters}>
          <select
            className={`${layout.control} ${classes.select}`}
            aria-label={t('cases.state')}
            value={status ?? ''}
            onChange={({ target }) => {
              setChosen(null);
              setStatus(caseStatusSchema.safeParse(target.value).data ?? null);
            }}
          >
            <option value="">{t('cases.everyState')}</option>
            {caseStatusSchema.options.map((value) => (
              <option key={value} value={value}>
                {t(`cases.statuses.${value}`)}
              </option>
            ))}
          </select>
        </div>
      )}
      {answer.state === 'locked' && <ManagerLock onOpen={load} />}
      {answer.state === 'loading' && <Loading text={t('cases.loading')} />}
      {answer.state === 'failed' && (
        <NotLoaded text={t('cases.notLoaded')} error={answer.error} onRetry={load} />
      )}
      {answer.state === 'shown' && id === null && (
        <Nothing
          icon={<IconFolderOpen size={44} stroke={1.5} aria-hidden />}
          text={t('cases.none')}
          help={t('cases.noneHelp')}
        />
      )}
      {answer.state === 'shown' && id !== null && (
        <div className={classes.body}>
          <div className={classes.list}>
            <p className={layout.hidden} role="status">
              {t('cases.count', { number: page.cases.length })}
            </p>
            <ul className={classes.rows}>
              {page.cases.map((one) => (
                <li key={one.id}>
                  <CaseRow one={one} isChosen={one.id === id} onChoose={() => setChosen(one.id)} />
                </li>
              ))}
            </ul>
            {page.next !== null && (
              <Button
                className={classes.older}
                variant="default"
                loading={more.busy}
                onClick={() => void older()}
              >
                {t('cases.older')}
              </Button>
            )}
          </div>
          <CaseDetail key={id} id={id} onChanged={put} />
        </div>
      )}
    </div>
  );
}

function CaseRow(props: { readonly one: CaseSummary; readonly isChosen: boolean; onChoose(): void }) {
  const { t, moment } = useWords();
  const { number, title, status, outcome, assignee, changedAt } = props.one;
  return (
    <button type="button" className={classes.row} aria-pressed={props.isChosen} onClick={props.onChoose}>
      <span className={classes.what}>
        <strong>{t('cases.named', { number, title })}</strong>
        <span className={layout.muted}>{assignee?.name ?? t('cases.nobody')}</span>
      </span>
      <span className={classes.end}>
        <span>{outcome === null ? t(`cases.statuses.${status}`) : t(`cases.outcomes.${outcome}`)}</span>
        <span className={layout.muted}>{moment(changedAt)}</span>
      </span>
    </button>
  );
}
