import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Chips } from '../../components/chips.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { MAX_STEPS, moreSteps, replaced, without } from '../../rules/rules-edit.ts';
import { useView } from '../../state/hooks.ts';
import type { KindPartProps } from './kind-editor.tsx';
import classes from './rules-fields.module.css';
import { Group, Item, Row, SecondsField } from './rules-fields.tsx';
import { APPROVER_ROLES } from './tiers-editor.tsx';

/** Who is asked, and who is next when nobody answers. */
export function StepsEditor({ kind, place, onChange }: KindPartProps) {
  const { t } = useWords();
  const { staff } = useView();
  const { steps } = kind;
  const people = staff.filter(({ role }) => role !== 'cashier');
  return (
    <Group title={t('rules.steps')} help={t('rules.stepsHelp')} place={`${place}.steps`}>
      {steps.map((step, index) => {
        const at = `${place}.steps.${index}`;
        const change = (next: Partial<typeof step>) => onChange({ steps: replaced(steps, index, next) });
        // Somebody who left stays listed, so that the manager can take them out.
        const gone = step.staffIds.filter((id) => !people.some((one) => one.id === id));
        const chips = [
          ...people.map(({ id, name }) => ({ value: id, text: name })),
          ...gone.map((id) => ({ value: id, text: t('rules.gone') })),
        ];
        return (
          <Item
            // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the list
            key={index}
            name={t('rules.step', { number: index + 1 })}
            onRemove={index === 0 ? undefined : () => onChange({ steps: without(steps, index) })}
          >
            <Row>
              {index === 0 ? (
                <p className={classes.label}>{t('rules.atOnce')}</p>
              ) : (
                <SecondsField
                  place={`${at}.afterSeconds`}
                  label={t('rules.after')}
                  value={step.afterSeconds}
                  onChange={(afterSeconds) => change({ afterSeconds })}
                />
              )}
              <div className={classes.labelled}>
                <span className={classes.label} aria-hidden="true">
                  {t('rules.roles')}
                </span>
                <Chips
                  label={t('rules.roles')}
                  many
                  chips={APPROVER_ROLES.map((value) => ({ value, text: t(`role.${value}`) }))}
                  values={step.roles}
                  onChange={(roles) =>
                    change({ roles: APPROVER_ROLES.filter((role) => roles.includes(role)) })
                  }
                />
              </div>
            </Row>
            {chips.length > 0 && (
              <div className={classes.labelled}>
                <span className={classes.label} aria-hidden="true">
                  {t('rules.people')}
                </span>
                <Chips
                  label={t('rules.people')}
                  many
                  chips={chips}
                  values={step.staffIds}
                  onChange={(staffIds) => change({ staffIds })}
                />
              </div>
            )}
          </Item>
        );
      })}
      {steps.length < MAX_STEPS && (
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => onChange({ steps: [...moreSteps(kind)] })}
          >
            {t('rules.addStep')}
          </Button>
        </div>
      )}
    </Group>
  );
}
