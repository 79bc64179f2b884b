import { Button } from '@mantine/core';
import type { SetupState } from '../../../shared/setup-api.ts';
import { useWords } from '../../i18n/use-words.ts';
import classes from '../setup.module.css';
import type { StepProps } from '../steps.tsx';

const STATUSES = ['draft', 'pending', 'approved', 'rejected', 'paused', 'disabled', 'in_appeal'] as const;

/** Each template by its name, with its languages and how Meta has them. */
export function TemplatesStep({ step, setup, state }: StepProps) {
  const { t } = useWords();
  const word = (status: string) => {
    const known = STATUSES.find((it) => it === status);
    return known === undefined ? status : t(`setup.template.${known}`);
  };
  const approved = state.templates.filter(({ status }) => status === 'approved').length;
  return (
    <>
      <div className={classes.actions}>
        <Button loading={setup.busy === 'submitTemplates'} onClick={() => void setup.act('submitTemplates')}>
          {t('setup.submit')}
        </Button>
        <Button
          variant="default"
          loading={setup.busy === 'check'}
          onClick={() => void setup.act('check', { step })}
        >
          {t('setup.readAgain')}
        </Button>
      </div>
      {state.templates.length > 0 && (
        <p aria-live="polite">{t('setup.approvedOf', { approved, total: state.templates.length })}</p>
      )}
      <ul className={classes.templates}>
        {byName(state.templates).map(([name, versions]) => (
          <li key={name} className={classes.template}>
            <span>{name}</span>
            <span className={classes.badges}>
              {versions.map(({ language, status, reason }) => (
                <span key={language} data-status={status}>
                  {language.toUpperCase()}: {word(status)}
                  {reason === null ? '' : ` (${reason})`}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function byName(templates: SetupState['templates']): [string, SetupState['templates']][] {
  const names = [...new Set(templates.map(({ name }) => name))];
  return names.map((name) => [name, templates.filter((it) => it.name === name)]);
}
