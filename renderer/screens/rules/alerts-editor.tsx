import type { AlertPolicy } from '../../../shared/alert-policy.ts';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { TimeField } from './hours-editor.tsx';
import { Group, NumberField, Row } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

const FROM = ['off', 'low', 'medium', 'high'] as const;
const YES_NO = ['no', 'yes'] as const;

/** What managers hear of findings, when not, and whether they are sent each day in figures. */
export function AlertsEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { alerts } = draft;
  const change = (next: Partial<AlertPolicy>) =>
    update((before) => ({ ...before, alerts: { ...before.alerts, ...next } }));
  const { quiet, digest } = alerts;
  return (
    <>
      <Group title={t('alerts.rules.title')} help={t('alerts.rules.help')}>
        <Choice
          label={t('alerts.rules.from')}
          value={alerts.from}
          options={FROM.map((value) => ({ value, text: t(`alerts.rules.fromIs.${value}`) }))}
          onChange={(from) => change({ from })}
        />
        <Row>
          <NumberField
            place="alerts.groupMinutes"
            label={t('alerts.rules.group')}
            unit={t('alerts.rules.minutes')}
            value={alerts.groupMinutes}
            onChange={(groupMinutes) => change({ groupMinutes })}
          />
        </Row>
      </Group>
      <Group title={t('alerts.rules.quiet')} help={t('alerts.rules.quietHelp')}>
        <Row>
          <TimeField
            place="alerts.quiet.from"
            label={t('alerts.rules.quietFrom')}
            value={quiet.from}
            onChange={(from) => change({ quiet: { ...quiet, from } })}
          />
          <TimeField
            place="alerts.quiet.to"
            label={t('alerts.rules.quietTo')}
            value={quiet.to}
            onChange={(to) => change({ quiet: { ...quiet, to } })}
          />
        </Row>
      </Group>
      <Group title={t('alerts.rules.digest')} help={t('alerts.rules.digestHelp')}>
        <Choice
          label={t('alerts.rules.send')}
          value={digest.on ? 'yes' : 'no'}
          options={YES_NO.map((value) => ({ value, text: t(`alerts.rules.sendIs.${value}`) }))}
          onChange={(value) => change({ digest: { ...digest, on: value === 'yes' } })}
        />
        <Row>
          <TimeField
            place="alerts.digest.minute"
            label={t('alerts.rules.at')}
            value={digest.minute}
            onChange={(minute) => change({ digest: { ...digest, minute } })}
          />
        </Row>
      </Group>
    </>
  );
}
