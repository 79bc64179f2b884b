import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import { Group, MoneyField, NumberField, Row } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

const MANUAL = ['no', 'yes'] as const;

/** Openings of the drawer for ordinary cash sales. */
export function CashEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { shift } = draft;
  const change = (next: Partial<RulesDraft['shift']>) =>
    update((before) => ({ ...before, shift: { ...before.shift, ...next } }));
  return (
    <>
      <Group title={t('cashSale.rules.title')} help={t('cashSale.rules.help')}>
        <Row>
          <NumberField
            place="shift.openings"
            label={t('cashSale.rules.openings')}
            value={shift.openings}
            onChange={(openings) => change({ openings })}
          />
          <NumberField
            place="shift.hours"
            label={t('cashSale.rules.holdFor')}
            value={shift.hours}
            unit={t('rules.hoursUnit')}
            onChange={(hours) => change({ hours })}
          />
          <NumberField
            place="shift.renewAt"
            label={t('cashSale.rules.renewAt')}
            value={shift.renewAt}
            onChange={(renewAt) => change({ renewAt })}
          />
        </Row>
        <Row>
          <MoneyField
            place="shift.amountMax"
            label={t('cashSale.rules.amountMax')}
            value={shift.amountMax}
            help={t('cashSale.rules.amountMaxHelp')}
            emptyIsZero
            onChange={(amountMax) => change({ amountMax })}
          />
        </Row>
      </Group>
      <Group title={t('cashSale.rules.spare')} help={t('cashSale.rules.spareHelp')}>
        <Row>
          <NumberField
            place="shift.spareOpenings"
            label={t('cashSale.rules.spareOpenings')}
            value={shift.spareOpenings}
            onChange={(spareOpenings) => change({ spareOpenings })}
          />
          <NumberField
            place="shift.spareHours"
            label={t('cashSale.rules.holdFor')}
            value={shift.spareHours}
            unit={t('rules.hoursUnit')}
            onChange={(spareHours) => change({ spareHours })}
          />
        </Row>
      </Group>
      <Group title={t('cashSale.rules.manual')} help={t('cashSale.rules.manualHelp')}>
        <Choice
          label={t('cashSale.rules.manual')}
          value={shift.manualCashSale ? 'yes' : 'no'}
          options={MANUAL.map((value) => ({ value, text: t(`cashSale.rules.manualIs.${value}`) }))}
          onChange={(value) => change({ manualCashSale: value === 'yes' })}
        />
      </Group>
    </>
  );
}
