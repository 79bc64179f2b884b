import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { withApprovals } from '../../rules/rules-edit.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import { Group, NumberField, Row, SecondsField } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

const ANSWERS = ['tap', 'code'] as const;

/** How supervisors answer, and what holds for requests of every kind. */
export function AnswersEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { approvals } = draft;
  const change = (next: Partial<RulesDraft['approvals']>) => update((before) => withApprovals(before, next));
  return (
    <>
      <Group title={t('rules.answer')} help={t(`rules.answerHelp.${approvals.answer}`)}>
        <Choice
          label={t('rules.answer')}
          value={approvals.answer}
          options={ANSWERS.map((value) => ({ value, text: t(`rules.answerBy.${value}`) }))}
          onChange={(answer) => change({ answer })}
        />
        {approvals.answer === 'code' && (
          <Row>
            <NumberField
              place="approvals.code.digits"
              label={t('rules.codeDigits')}
              value={approvals.code.digits}
              onChange={(digits) => change({ code: { ...approvals.code, digits } })}
            />
            <NumberField
              place="approvals.code.tries"
              label={t('rules.codeTries')}
              value={approvals.code.tries}
              onChange={(tries) => change({ code: { ...approvals.code, tries } })}
            />
          </Row>
        )}
      </Group>
      <Group title={t('rules.everyKind')}>
        <Row>
          <NumberField
            place="approvals.openMax"
            label={t('rules.openMax')}
            value={approvals.openMax}
            onChange={(openMax) => change({ openMax })}
          />
          <SecondsField
            place="approvals.grantTtlSeconds"
            label={t('rules.grantTtl')}
            value={approvals.grantTtlSeconds}
            onChange={(grantTtlSeconds) => change({ grantTtlSeconds })}
          />
          <SecondsField
            place="approvals.rejectReasonSeconds"
            label={t('rules.rejectReason')}
            value={approvals.rejectReasonSeconds}
            onChange={(rejectReasonSeconds) => change({ rejectReasonSeconds })}
          />
        </Row>
      </Group>
    </>
  );
}
