import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import { Group, Row, SecondsField } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

const ALERT = ['yes', 'no'] as const;

/** What the till makes of a drawer that opens by itself or stands open. */
export function DrawerEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { drawer } = draft;
  const change = (next: Partial<RulesDraft['drawer']>) =>
    update((before) => ({ ...before, drawer: { ...before.drawer, ...next } }));
  return (
    <Group title={t('rules.drawerWatch')} help={t('rules.drawerWatchHelp')}>
      <Row>
        <SecondsField
          place="drawer.grantWindowSeconds"
          label={t('rules.grantWindow')}
          value={drawer.grantWindowSeconds}
          onChange={(grantWindowSeconds) => change({ grantWindowSeconds })}
        />
        <SecondsField
          place="drawer.openLongSeconds"
          label={t('rules.openLong')}
          value={drawer.openLongSeconds}
          onChange={(openLongSeconds) => change({ openLongSeconds })}
        />
        <SecondsField
          place="drawer.openAlertSeconds"
          label={t('rules.openAlert')}
          value={drawer.openAlertSeconds}
          onChange={(openAlertSeconds) => change({ openAlertSeconds })}
        />
      </Row>
      <Choice
        label={t('rules.alertManagers')}
        value={drawer.alertManagers ? 'yes' : 'no'}
        options={ALERT.map((value) => ({ value, text: t(`rules.alertIs.${value}`) }))}
        onChange={(value) => change({ alertManagers: value === 'yes' })}
      />
    </Group>
  );
}
