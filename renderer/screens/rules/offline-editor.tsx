import { Chips } from '../../components/chips.tsx';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import classes from './rules-fields.module.css';
import { Group, MoneyField, NumberField, Row, SecondsField } from './rules-fields.tsx';
import { APPROVER_ROLES } from './tiers-editor.tsx';
import { useRules } from './use-rules.ts';

type Offline = RulesDraft['offline'];
const LIMITS = ['perCode', 'perCustomer', 'perTill'] as const;
const HOUR_MS = 3_600_000;

/** What may be spent while the line is down, and who holds the codes for it. */
export function OfflineEditor() {
  const { t, age } = useWords();
  const { draft, update, problem } = useRules();
  const { offline } = draft;
  const change = (next: Partial<Offline>) =>
    update((before) => ({ ...before, offline: { ...before.offline, ...next } }));
  return (
    <>
      <Group title={t('rules.offline')} help={t('rules.offlineHelp')}>
        <Choice
          label={t('rules.offlineIs')}
          value={offline.enabled ? 'on' : 'off'}
          options={[
            { value: 'on', text: t('rules.offlineOn') },
            { value: 'off', text: t('rules.offlineOff') },
          ]}
          onChange={(value) => change({ enabled: value === 'on' })}
        />
        <Row>
          <NumberField
            place="offline.balanceMaxAgeHours"
            label={t('rules.balanceAge')}
            value={offline.balanceMaxAgeHours}
            unit={t('rules.hoursUnit')}
            help={offline.balanceMaxAgeHours >= 24 ? `= ${age(offline.balanceMaxAgeHours * HOUR_MS)}` : null}
            onChange={(balanceMaxAgeHours) => change({ balanceMaxAgeHours })}
          />
        </Row>
      </Group>
      <Limits offline={offline} onChange={(limits) => change({ limits })} />
      <Group title={t('rules.sealedCodes')} place="offline.roles">
        <p className={classes.label}>{t('rules.sealedRoles')}</p>
        <Chips
          label={t('rules.sealedRoles')}
          many
          invalid={problem('offline.roles') !== null}
          chips={APPROVER_ROLES.map((value) => ({ value, text: t(`role.${value}`) }))}
          values={offline.roles}
          onChange={(roles) => change({ roles: APPROVER_ROLES.filter((role) => roles.includes(role)) })}
        />
        <Row>
          <NumberField
            place="offline.codesPerSupervisor"
            label={t('rules.sealedEach')}
            value={offline.codesPerSupervisor}
            onChange={(codesPerSupervisor) => change({ codesPerSupervisor })}
          />
          <NumberField
            place="offline.validDays"
            label={t('rules.sealedDays')}
            value={offline.validDays}
            unit={t('rules.days')}
            onChange={(validDays) => change({ validDays })}
          />
        </Row>
        <Row>
          <NumberField
            place="offline.tries"
            label={t('rules.sealedTries')}
            value={offline.tries}
            onChange={(tries) => change({ tries })}
          />
          <SecondsField
            place="offline.lockSeconds"
            label={t('rules.sealedLock')}
            value={offline.lockSeconds}
            onChange={(lockSeconds) => change({ lockSeconds })}
          />
        </Row>
        <p className={classes.help}>{t('rules.sealedLockHelp')}</p>
      </Group>
    </>
  );
}

interface LimitsProps {
  readonly offline: Offline;
  onChange(limits: Offline['limits']): void;
}

/** Deposit and points by code, by customer and by till. */
function Limits({ offline: { limits }, onChange }: LimitsProps) {
  const { t } = useWords();
  return (
    <Group title={t('rules.offlineLimits')} help={t('rules.offlineLimitsHelp')}>
      {LIMITS.map((name) => {
        const what = t(`rules.offlineLimit.${name}`);
        const set = (next: Partial<(typeof limits)[typeof name]>) =>
          onChange({ ...limits, [name]: { ...limits[name], ...next } });
        return (
          <Row key={name}>
            <MoneyField
              place={`offline.limits.${name}.deposit`}
              label={t('rules.limitDeposit', { what })}
              value={limits[name].deposit}
              onChange={(deposit) => set({ deposit })}
            />
            <NumberField
              place={`offline.limits.${name}.points`}
              label={t('rules.limitPoints', { what })}
              value={limits[name].points}
              unit={t('asset.unit')}
              onChange={(points) => set({ points })}
            />
          </Row>
        );
      })}
    </Group>
  );
}
