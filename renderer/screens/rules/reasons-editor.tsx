import { Button, Switch } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { LANGUAGE_NAMES } from '../../components/language-choice.tsx';
import { LANGUAGES } from '../../i18n/i18n.ts';
import { useWords } from '../../i18n/use-words.ts';
import { MAX_REASONS, moreReasons, replaced, without } from '../../rules/rules-edit.ts';
import type { KindPartProps } from './kind-editor.tsx';
import { Group, Item, Row, TextRule } from './rules-fields.tsx';

/** The reasons to choose from, in each language, and whether own words are taken. */
export function ReasonsEditor({ kind, place, onChange }: KindPartProps) {
  const { t } = useWords();
  const { reasons } = kind;
  return (
    <Group title={t('rules.reasons')} place={`${place}.reasons`}>
      <Switch
        size="md"
        checked={kind.freeReason}
        label={t('rules.freeReason')}
        onChange={(event) => onChange({ freeReason: event.currentTarget.checked })}
      />
      {reasons.map((reason, index) => (
        <Item
          key={reason.key}
          name={t('rules.reason', { number: index + 1 })}
          onRemove={() => onChange({ reasons: without(reasons, index) })}
        >
          <Row>
            {LANGUAGES.map((language) => (
              <TextRule
                key={language}
                place={`${place}.reasons.${index}.name.${language}`}
                label={LANGUAGE_NAMES[language]}
                value={reason.name[language]}
                maxLength={60}
                onChange={(text) =>
                  onChange({
                    reasons: replaced(reasons, index, { name: { ...reason.name, [language]: text } }),
                  })
                }
              />
            ))}
          </Row>
        </Item>
      ))}
      {reasons.length < MAX_REASONS && (
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => onChange({ reasons: moreReasons(kind) })}
          >
            {t('rules.addReason')}
          </Button>
        </div>
      )}
    </Group>
  );
}
