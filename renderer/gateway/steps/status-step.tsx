import { Button } from '@mantine/core';
import { Notice } from '../../components/notice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import classes from '../setup.module.css';
import type { StepProps } from '../steps.tsx';

function Standing({ standing }: Pick<StepProps['state'], 'standing'>) {
  const { t } = useWords();
  if (standing === null) return null;
  const { ban, flagged, restrictions } = standing;
  return (
    <>
      {ban !== 'none' && <Notice tone="bad">{t(`setup.standing.${ban}`)}</Notice>}
      {restrictions > 0 && <Notice tone="bad">{t('setup.standing.restricted')}</Notice>}
      {flagged && <Notice tone="wait">{t('setup.standing.flagged')}</Notice>}
    </>
  );
}

/** What Meta says of the number, in Meta's own words where there is no better one. */
export function StatusStep({ step, setup, state }: StepProps) {
  const { t } = useWords();
  const { number } = state;
  const rows =
    number === null
      ? []
      : ([
          ['number', number.displayPhoneNumber],
          ['name', number.verifiedName],
          ['nameStatus', number.nameStatus],
          ['quality', number.qualityRating],
          ['limit', number.messagingLimit?.replace(/^TIER_/, '') ?? null],
        ] as const);
  return (
    <>
      <Standing standing={state.standing} />
      {rows.length > 0 && (
        <dl className={classes.facts}>
          {rows.map(([name, value]) => (
            <div key={name} className={classes.fact}>
              <dt>{t(`setup.number.${name}`)}</dt>
              <dd>{value ?? t('setup.unknown')}</dd>
            </div>
          ))}
        </dl>
      )}
      {number?.isTest === true && <Notice tone="wait">{t('setup.kind.test')}</Notice>}
      {number?.isTest === false && <Notice tone="info">{t('setup.kind.own')}</Notice>}
      {number?.isTest === null && <Notice tone="info">{t('setup.kind.unknown')}</Notice>}
      <div className={classes.actions}>
        <Button loading={setup.busy === 'check'} onClick={() => void setup.act('check', { step })}>
          {t('setup.check')}
        </Button>
      </div>
    </>
  );
}
