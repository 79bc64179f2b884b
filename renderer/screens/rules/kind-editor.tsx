import { Button, Switch } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { ApprovalKindPolicy } from '../../../shared/approval-policy.ts';
import { Chips } from '../../components/chips.tsx';
import { Choice } from '../../components/choice.tsx';
import { LANGUAGE_NAMES } from '../../components/language-choice.tsx';
import { LANGUAGES } from '../../i18n/i18n.ts';
import { useWords } from '../../i18n/use-words.ts';
import { isBuiltin, withKind } from '../../rules/rules-edit.ts';
import { useSaksi } from '../../state/hooks.ts';
import { ReasonsEditor } from './reasons-editor.tsx';
import classes from './rules-fields.module.css';
import { Group, MoneyField, NumberField, PercentRule, Row, SecondsField, TextRule } from './rules-fields.tsx';
import { StepsEditor } from './steps-editor.tsx';
import { TiersEditor } from './tiers-editor.tsx';
import { useRules } from './use-rules.ts';

const MEASURES = ['required', 'optional', 'none'] as const;
const ACTIONS = ['drawer.open', 'slip.print'] as const;
const ACTION_WORDS = { 'drawer.open': 'drawer', 'slip.print': 'slip' } as const;

export interface KindPartProps {
  readonly kind: ApprovalKindPolicy;
  /** Where the kind is in the policy. */
  readonly place: string;
  onChange(change: Partial<ApprovalKindPolicy>): void;
}

interface KindEditorProps {
  readonly kind: ApprovalKindPolicy;
  readonly index: number;
  onRemove(): void;
}

/** One kind of request: what it is called, what it names, who decides, and when. */
export function KindEditor({ kind, index, onRemove }: KindEditorProps) {
  const { t } = useWords();
  const { draft: rules, update } = useRules();
  // One of ours keeps its key; a second one that was just given the same key is the store's own.
  const first = rules.approvals.kinds.findIndex(({ key }) => key === kind.key) === index;
  const own = !isBuiltin(kind.key) || !first;
  const place = `approvals.kinds.${index}`;
  const change = (next: Partial<ApprovalKindPolicy>) => update((draft) => withKind(draft, index, next));
  const part = { kind, place, onChange: change };
  return (
    <>
      <Names {...part} onRemove={own ? onRemove : undefined} />
      <Measures {...part} />
      <TiersEditor {...part} />
      <StepsEditor {...part} />
      <Group title={t('rules.limits')}>
        <Row>
          <SecondsField
            place={`${place}.expirySeconds`}
            label={t('rules.expiry')}
            value={kind.expirySeconds}
            onChange={(expirySeconds) => change({ expirySeconds })}
          />
          <NumberField
            place={`${place}.repeat.count`}
            label={t('rules.repeatCount')}
            value={kind.repeat.count}
            onChange={(count) => change({ repeat: { ...kind.repeat, count } })}
          />
          <SecondsField
            place={`${place}.repeat.windowSeconds`}
            label={t('rules.repeatWindow')}
            value={kind.repeat.windowSeconds}
            onChange={(windowSeconds) => change({ repeat: { ...kind.repeat, windowSeconds } })}
          />
        </Row>
      </Group>
      <ReasonsEditor {...part} />
      <Group title={t('rules.actions')} help={t('rules.actionsHelp')}>
        <Chips
          label={t('rules.actions')}
          many
          chips={ACTIONS.map((value) => ({ value, text: t(`rules.action.${ACTION_WORDS[value]}`) }))}
          values={kind.actions}
          onChange={(actions) => change({ actions: ACTIONS.filter((action) => actions.includes(action)) })}
        />
      </Group>
    </>
  );
}

function Names({
  kind,
  place,
  onChange,
  onRemove,
}: KindPartProps & { readonly onRemove: (() => void) | undefined }) {
  const { t } = useWords();
  const known = useSaksi((state) => state.rules.saved?.approvals.kinds.some(({ key }) => key === kind.key));
  return (
    <Group title={t('rules.name')}>
      <Switch
        size="md"
        checked={kind.enabled}
        label={t('rules.enabled')}
        onChange={(event) => onChange({ enabled: event.currentTarget.checked })}
      />
      <Row>
        {LANGUAGES.map((language) => (
          <TextRule
            key={language}
            place={`${place}.name.${language}`}
            label={LANGUAGE_NAMES[language]}
            value={kind.name[language]}
            maxLength={60}
            onChange={(text) => onChange({ name: { ...kind.name, [language]: text } })}
          />
        ))}
      </Row>
      {onRemove !== undefined && (
        <Row>
          <TextRule
            place={`${place}.key`}
            label={t('rules.key')}
            value={kind.key}
            maxLength={32}
            help={known ? t('rules.keyKnown') : t('rules.keyHelp')}
            onChange={(key) => onChange({ key })}
          />
          <Button
            variant="default"
            color="var(--bad)"
            leftSection={<IconTrash size={18} aria-hidden />}
            onClick={onRemove}
          >
            {t('rules.removeKind')}
          </Button>
        </Row>
      )}
    </Group>
  );
}

function Measures({ kind, place, onChange }: KindPartProps) {
  const { t } = useWords();
  const options = MEASURES.map((value) => ({ value, text: t(`rules.measure.${value}`) }));
  return (
    <Group title={t('rules.measures')} help={t('rules.freeHelp')}>
      <Row>
        <div className={classes.labelled}>
          <span className={classes.label} aria-hidden="true">
            {t('rules.amount')}
          </span>
          <Choice
            label={t('rules.amount')}
            value={kind.amount}
            options={options}
            onChange={(amount) => onChange({ amount })}
          />
        </div>
        <div className={classes.labelled}>
          <span className={classes.label} aria-hidden="true">
            {t('rules.percent')}
          </span>
          <Choice
            label={t('rules.percent')}
            value={kind.percent}
            options={options}
            onChange={(percent) => onChange({ percent })}
          />
        </div>
      </Row>
      {(kind.amount !== 'none' || kind.percent !== 'none') && (
        <Row>
          {kind.amount !== 'none' && (
            <MoneyField
              place={`${place}.freeBelowAmount`}
              label={t('rules.freeAmount')}
              value={kind.freeBelowAmount}
              emptyIsZero
              onChange={(freeBelowAmount) => onChange({ freeBelowAmount })}
            />
          )}
          {kind.percent !== 'none' && (
            <PercentRule
              place={`${place}.freeBelowBasisPoints`}
              label={t('rules.freePercent')}
              value={kind.freeBelowBasisPoints}
              onChange={(freeBelowBasisPoints) => onChange({ freeBelowBasisPoints })}
            />
          )}
        </Row>
      )}
    </Group>
  );
}
