import { withCashKinds } from '../../../shared/cash-shift-policy.ts';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import { Group, MoneyField, NumberField, Row } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

const MODES = ['off', 'optional', 'required'] as const;
const COUNTS = ['either', 'sum', 'denominations'] as const;
const YES_NO = ['no', 'yes'] as const;

/** The cashier's shift. Switched on, it brings the kinds of approval that it asks for. */
export function ShiftEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { cashShift } = draft;
  const change = (next: Partial<RulesDraft['cashShift']>) =>
    update((before) => ({ ...before, cashShift: { ...before.cashShift, ...next } }));
  const changeMode = (mode: RulesDraft['cashShift']['mode']) =>
    update((before) => {
      const next = { ...before, cashShift: { ...before.cashShift, mode } };
      return mode === 'off' ? next : withCashKinds(next);
    });
  return (
    <>
      <Group title={t('shift.rules.title')} help={t('shift.rules.help')}>
        <Choice
          label={t('shift.rules.mode')}
          value={cashShift.mode}
          options={MODES.map((value) => ({ value, text: t(`shift.rules.modeIs.${value}`) }))}
          onChange={changeMode}
        />
        <Row>
          <MoneyField
            place="cashShift.usualFloat"
            label={t('shift.rules.usualFloat')}
            value={cashShift.usualFloat}
            onChange={(usualFloat) => change({ usualFloat })}
          />
          <NumberField
            place="cashShift.recounts"
            label={t('shift.rules.recounts')}
            value={cashShift.recounts}
            onChange={(recounts) => change({ recounts })}
          />
        </Row>
        <Choice
          label={t('shift.rules.count')}
          value={cashShift.count}
          options={COUNTS.map((value) => ({ value, text: t(`shift.rules.countIs.${value}`) }))}
          onChange={(count) => change({ count })}
        />
      </Group>
      <Group title={t('shift.rules.differences')} help={t('shift.rules.differencesHelp')}>
        <Row>
          <MoneyField
            place="cashShift.reasonAbove"
            label={t('shift.rules.reasonAbove')}
            value={cashShift.reasonAbove}
            onChange={(reasonAbove) => change({ reasonAbove })}
          />
          <MoneyField
            place="cashShift.approvalAbove"
            label={t('shift.rules.approvalAbove')}
            value={cashShift.approvalAbove}
            onChange={(approvalAbove) => change({ approvalAbove })}
          />
        </Row>
      </Group>
      <Group title={t('shift.rules.free')} help={t('shift.rules.freeHelp')}>
        <Row>
          <MoneyField
            place="cashShift.freeBelow.in"
            label={t('shift.rules.freeIn')}
            value={cashShift.freeBelow.in}
            onChange={(amount) => change({ freeBelow: { ...cashShift.freeBelow, in: amount } })}
          />
          <MoneyField
            place="cashShift.freeBelow.out"
            label={t('shift.rules.freeOut')}
            value={cashShift.freeBelow.out}
            onChange={(amount) => change({ freeBelow: { ...cashShift.freeBelow, out: amount } })}
          />
        </Row>
      </Group>
      <Group title={t('shift.rules.people')} help="">
        <Choice
          label={t('shift.rules.ownCashier')}
          value={cashShift.ownCashier ? 'yes' : 'no'}
          options={YES_NO.map((value) => ({ value, text: t(`shift.rules.ownCashierIs.${value}`) }))}
          onChange={(value) => change({ ownCashier: value === 'yes' })}
        />
        <Choice
          label={t('shift.rules.takeover')}
          value={cashShift.takeoverCount ? 'yes' : 'no'}
          options={YES_NO.map((value) => ({ value, text: t(`shift.rules.takeoverIs.${value}`) }))}
          onChange={(value) => change({ takeoverCount: value === 'yes' })}
        />
        <Row>
          <NumberField
            place="cashShift.leftOpenMinute"
            label={t('shift.rules.leftOpen')}
            value={cashShift.leftOpenMinute}
            onChange={(leftOpenMinute) => change({ leftOpenMinute })}
          />
        </Row>
      </Group>
    </>
  );
}
