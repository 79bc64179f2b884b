import { Button } from '@mantine/core';
import { IconAlertTriangle, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useWords } from '../../i18n/use-words.ts';
import { MAX_KINDS } from '../../rules/rules-edit.ts';
import { hasProblem } from '../../rules/rules-problems.ts';
import { RULES_PARTS, type RulesSection } from '../../rules/rules-state.ts';
import layout from '../layout.module.css';
import classes from './rules-nav.module.css';
import { useRules } from './use-rules.ts';

const PLACES: Readonly<Record<(typeof RULES_PARTS)[number], readonly string[]>> = {
  hours: ['approvals.hours'],
  answers: [
    'approvals.openMax',
    'approvals.grantTtlSeconds',
    'approvals.rejectReasonSeconds',
    'approvals.code',
  ],
  codes: ['codes'],
  messages: ['channels'],
  credit: ['messageCredit'],
  till: ['redemption', 'pin', 'slips', 'printing', 'login'],
  slip: ['slipDesign'],
  drawer: ['drawer'],
  cash: ['shift'],
  shift: ['cashShift'],
  offline: ['offline'],
  alerts: ['alerts'],
  kept: ['retention'],
};

interface RulesNavProps {
  readonly section: RulesSection;
  onShow(section: RulesSection): void;
  onAdd(): void;
}

/** Every part of the rules, with a sign where something is wrong. */
export function RulesNav({ section, onShow, onAdd }: RulesNavProps) {
  const { t, language } = useWords();
  const { draft, problems } = useRules();
  const { kinds } = draft.approvals;
  return (
    <nav className={classes.nav} aria-label={t('rules.title')}>
      {RULES_PARTS.map((part) => (
        <Entry
          key={part}
          current={section === part}
          wrong={PLACES[part].some((place) => hasProblem(problems, place))}
          onClick={() => onShow(part)}
        >
          {t(`rules.nav.${part}`)}
        </Entry>
      ))}
      <p className={classes.title}>{t('rules.nav.kinds')}</p>
      {kinds.map((kind, index) => (
        <Entry
          // biome-ignore lint/suspicious/noArrayIndexKey: a kind's key may be typed just now
          key={index}
          current={section === index}
          wrong={hasProblem(problems, `approvals.kinds.${index}`)}
          onClick={() => onShow(index)}
        >
          {kind.name[language].trim() === '' ? t('rules.unnamed') : kind.name[language]}
          {!kind.enabled && <span className={classes.off}>{t('rules.off')}</span>}
        </Entry>
      ))}
      {kinds.length < MAX_KINDS && (
        <Button
          variant="default"
          className={classes.add ?? ''}
          leftSection={<IconPlus size={18} aria-hidden />}
          onClick={onAdd}
        >
          {t('rules.addKind')}
        </Button>
      )}
    </nav>
  );
}

interface EntryProps {
  readonly current: boolean;
  readonly wrong: boolean;
  readonly children: ReactNode;
  onClick(): void;
}

function Entry({ current, wrong, children, onClick }: EntryProps) {
  const { t } = useWords();
  return (
    <button
      type="button"
      className={classes.entry}
      aria-current={current ? 'true' : undefined}
      onClick={onClick}
    >
      <span className={classes.text}>{children}</span>
      {wrong && (
        <>
          <IconAlertTriangle size={18} aria-hidden className={classes.wrong} />
          <span className={layout.hidden}>{t('rules.wrongHere')}</span>
        </>
      )}
    </button>
  );
}
