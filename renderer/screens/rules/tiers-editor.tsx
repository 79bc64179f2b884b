import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Chips } from '../../components/chips.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { MAX_TIERS, moreTiers, replaced, without } from '../../rules/rules-edit.ts';
import type { KindPartProps } from './kind-editor.tsx';
import classes from './rules-fields.module.css';
import { Group, Item, MoneyField, NumberField, PercentRule, Row } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

export const APPROVER_ROLES = ['supervisor', 'manager'] as const;

/** From which amount or percentage on, who may say yes and how many it takes. */
export function TiersEditor({ kind, place, onChange }: KindPartProps) {
  const { t } = useWords();
  const { problem } = useRules();
  const { tiers } = kind;
  return (
    <Group title={t('rules.tiers')} help={t('rules.tiersHelp')} place={`${place}.tiers`}>
      {tiers.map((tier, index) => {
        const at = `${place}.tiers.${index}`;
        const change = (next: Partial<typeof tier>) => onChange({ tiers: replaced(tiers, index, next) });
        const wrong = problem(`${at}.roles`);
        return (
          <Item
            // biome-ignore lint/suspicious/noArrayIndexKey: a tier is its place in the list
            key={`${tiers.length}:${index}`}
            name={t('rules.tier', { number: index + 1 })}
            onRemove={index === 0 ? undefined : () => onChange({ tiers: without(tiers, index) })}
          >
            {index > 0 && (
              <Row>
                <MoneyField
                  place={`${at}.fromAmount`}
                  label={t('rules.fromAmount')}
                  value={tier.fromAmount}
                  onChange={(fromAmount) => change({ fromAmount })}
                />
                {kind.percent !== 'none' && (
                  <PercentRule
                    place={`${at}.fromBasisPoints`}
                    label={t('rules.fromPercent')}
                    value={tier.fromBasisPoints}
                    onChange={(fromBasisPoints) => change({ fromBasisPoints })}
                  />
                )}
              </Row>
            )}
            <Row>
              <div className={classes.labelled}>
                <span className={classes.label} aria-hidden="true">
                  {t('rules.whoDecides')}
                </span>
                <Chips
                  label={t('rules.whoDecides')}
                  many
                  invalid={wrong !== null}
                  chips={APPROVER_ROLES.map((value) => ({ value, text: t(`role.${value}`) }))}
                  values={tier.roles}
                  onChange={(roles) =>
                    change({ roles: APPROVER_ROLES.filter((role) => roles.includes(role)) })
                  }
                />
                {wrong !== null && <p className={classes.problem}>{wrong}</p>}
              </div>
              <NumberField
                place={`${at}.needed`}
                label={t('rules.needed')}
                value={tier.needed}
                onChange={(needed) => change({ needed })}
              />
            </Row>
          </Item>
        );
      })}
      {tiers.length < MAX_TIERS && (
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => onChange({ tiers: moreTiers(kind) })}
          >
            {t('rules.addTier')}
          </Button>
        </div>
      )}
    </Group>
  );
}
