import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type CreditThreshold, OVERDRAWN_KINDS } from '../../../shared/message-credit-policy.ts';
import { Chips } from '../../components/chips.tsx';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { MAX_WARNINGS, without } from '../../rules/rules-edit.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import { Group, Item, NumberField, Row } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

type Credit = RulesDraft['messageCredit'];
const REFUNDED = ['refused', 'failed', 'lapsed'] as const;
const UNITS = ['percent', 'messages'] as const;

/** How the store's prepaid message credit is gone by. */
export function CreditEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { messageCredit: credit } = draft;
  const { overdraw } = credit;
  const change = (next: Partial<Credit>) =>
    update((before) => ({ ...before, messageCredit: { ...before.messageCredit, ...next } }));
  return (
    <>
      <Group title={t('rules.credit')} help={t('rules.creditHelp')}>
        <Choice
          label={t('rules.credit')}
          value={credit.enforce ? 'stop' : 'count'}
          options={[
            { value: 'count', text: t('rules.creditIs.count') },
            { value: 'stop', text: t('rules.creditIs.stop') },
          ]}
          onChange={(value) => change({ enforce: value === 'stop' })}
        />
      </Group>
      {credit.enforce && (
        <Group title={t('rules.overdraw')} help={t('rules.overdrawHelp')}>
          <Chips
            label={t('rules.overdraw')}
            many
            chips={OVERDRAWN_KINDS.map((value) => ({ value, text: t(`messages.kind.${value}`) }))}
            values={overdraw.kinds}
            onChange={(chosen) =>
              change({
                overdraw: { ...overdraw, kinds: OVERDRAWN_KINDS.filter((kind) => chosen.includes(kind)) },
              })
            }
          />
          <Row>
            <NumberField
              place="messageCredit.overdraw.messages"
              label={t('rules.overdrawMessages')}
              value={overdraw.messages}
              unit={t('rules.messagesUnit')}
              onChange={(messages) => change({ overdraw: { ...overdraw, messages } })}
            />
          </Row>
        </Group>
      )}
      <Warnings warnAt={credit.warnAt} onChange={(warnAt) => change({ warnAt })} />
      <Group title={t('rules.refundOn')} help={t('rules.refundOnHelp')}>
        <Chips
          label={t('rules.refundOn')}
          many
          chips={REFUNDED.map((value) => ({ value, text: t(`rules.refundOnIs.${value}`) }))}
          values={credit.refundOn}
          onChange={(chosen) => change({ refundOn: REFUNDED.filter((why) => chosen.includes(why)) })}
        />
      </Group>
    </>
  );
}

interface WarningsProps {
  readonly warnAt: Credit['warnAt'];
  onChange(warnAt: Credit['warnAt']): void;
}

/** At which parts of the last top-up, or at how many messages left, the managers are warned. */
function Warnings({ warnAt, onChange }: WarningsProps) {
  const { t } = useWords();
  const set = (index: number, next: CreditThreshold) =>
    onChange(warnAt.map((threshold, at) => (at === index ? next : threshold)));
  return (
    <Group title={t('rules.warnAt')} help={t('rules.warnAtHelp')} place="messageCredit.warnAt">
      {warnAt.map((threshold, index) => {
        const unit = 'percent' in threshold ? 'percent' : 'messages';
        const of = (value: number): CreditThreshold =>
          unit === 'percent' ? { percent: value } : { messages: value };
        return (
          <Item
            // biome-ignore lint/suspicious/noArrayIndexKey: a threshold has no other name
            key={`${warnAt.length}:${index}`}
            name={t('rules.warnItem', { number: index + 1 })}
            onRemove={() => onChange(without(warnAt, index))}
          >
            <Choice
              label={t('rules.warnItem', { number: index + 1 })}
              value={unit}
              options={UNITS.map((value) => ({ value, text: t(`rules.warnBy.${value}`) }))}
              // What was a percentage is no count: it is typed anew.
              onChange={(next) =>
                set(index, next === 'percent' ? { percent: Number.NaN } : { messages: Number.NaN })
              }
            />
            <Row>
              <NumberField
                place={`messageCredit.warnAt.${index}.${unit}`}
                label={t('rules.warnValue')}
                value={'percent' in threshold ? threshold.percent : threshold.messages}
                unit={unit === 'percent' ? '%' : t('rules.messagesUnit')}
                onChange={(value) => set(index, of(value))}
              />
            </Row>
          </Item>
        );
      })}
      {warnAt.length < MAX_WARNINGS && (
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={18} aria-hidden />}
            onClick={() => onChange([...warnAt, { percent: Number.NaN }])}
          >
            {t('rules.addWarning')}
          </Button>
        </div>
      )}
    </Group>
  );
}
