import { useWords } from '../../i18n/use-words.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import { Group, NumberField, Row } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

/** How long what names a person is kept. */
export function RetentionEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { retention } = draft;
  const change = (next: Partial<RulesDraft['retention']>) =>
    update((before) => ({ ...before, retention: { ...before.retention, ...next } }));
  return (
    <Group title={t('rules.kept')} help={t('rules.keptHelp')}>
      <Row>
        <NumberField
          place="retention.messageDays"
          label={t('rules.keptMessages')}
          value={retention.messageDays}
          unit={t('rules.days')}
          help={t('rules.keptMessagesHelp')}
          onChange={(messageDays) => change({ messageDays })}
        />
        <NumberField
          place="retention.identityDays"
          label={t('rules.keptIdentities')}
          value={retention.identityDays}
          unit={t('rules.days')}
          help={t('rules.keptIdentitiesHelp')}
          onChange={(identityDays) => change({ identityDays })}
        />
      </Row>
    </Group>
  );
}
