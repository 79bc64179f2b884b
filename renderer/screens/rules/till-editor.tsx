import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import { Group, MoneyField, NumberField, Row, SecondsField } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

const DRAWER = ['on_request', 'always', 'never'] as const;
const LIMITS = ['phone', 'till', 'store'] as const;

/** Customers' codes: length, life, tries, and how many are sent. */
export function CodesEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { codes } = draft;
  const change = (next: Partial<RulesDraft['codes']>) =>
    update((before) => ({ ...before, codes: { ...before.codes, ...next } }));
  return (
    <>
      <Group title={t('rules.codes')} help={t('rules.codesHelp')}>
        <Row>
          <MoneyField
            place="codes.askFrom.deposit"
            label={t('rules.askDeposit')}
            value={codes.askFrom.deposit}
            emptyIsZero
            onChange={(deposit) => change({ askFrom: { ...codes.askFrom, deposit } })}
          />
          <NumberField
            place="codes.askFrom.points"
            label={t('rules.askPoints')}
            value={codes.askFrom.points}
            unit={t('asset.unit')}
            onChange={(points) => change({ askFrom: { ...codes.askFrom, points } })}
          />
        </Row>
        <Row>
          <NumberField
            place="codes.digits"
            label={t('rules.codeDigits')}
            value={codes.digits}
            onChange={(digits) => change({ digits })}
          />
          <SecondsField
            place="codes.ttlSeconds"
            label={t('rules.codeTtl')}
            value={codes.ttlSeconds}
            onChange={(ttlSeconds) => change({ ttlSeconds })}
          />
          <NumberField
            place="codes.tries"
            label={t('rules.codeTries')}
            value={codes.tries}
            onChange={(tries) => change({ tries })}
          />
        </Row>
        <Row>
          <SecondsField
            place="codes.resendAfterSeconds"
            label={t('rules.resendAfter')}
            value={codes.resendAfterSeconds}
            onChange={(resendAfterSeconds) => change({ resendAfterSeconds })}
          />
          <NumberField
            place="codes.sendsMax"
            label={t('rules.sendsMax')}
            value={codes.sendsMax}
            onChange={(sendsMax) => change({ sendsMax })}
          />
        </Row>
      </Group>
      <Group title={t('rules.codeLimits')}>
        {LIMITS.map((name) => (
          <Row key={name}>
            <NumberField
              place={`codes.limits.${name}.count`}
              label={t(`rules.limitOf.${name}`)}
              value={codes.limits[name].count}
              onChange={(count) =>
                change({ limits: { ...codes.limits, [name]: { ...codes.limits[name], count } } })
              }
            />
            <SecondsField
              place={`codes.limits.${name}.windowSeconds`}
              label={t('rules.within')}
              value={codes.limits[name].windowSeconds}
              onChange={(windowSeconds) =>
                change({ limits: { ...codes.limits, [name]: { ...codes.limits[name], windowSeconds } } })
              }
            />
          </Row>
        ))}
      </Group>
    </>
  );
}

const COPY_REASON = ['free', 'asked'] as const;
const FOUR_EYES = ['two', 'one'] as const;
const LOGIN_WHO = ['nobody', 'supervisors', 'all'] as const;
const LOGIN_OFFLINE = ['anyone', 'remembered', 'remembered_cashiers', 'nobody'] as const;

/** Drawer and slips of redemptions, and signing in. */
export function TillEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { pin, printing, redemption, slips } = draft;
  const changePrinting = (next: Partial<RulesDraft['printing']>) =>
    update((before) => ({ ...before, printing: { ...before.printing, ...next } }));
  const changePin = (next: Partial<RulesDraft['pin']>) =>
    update((before) => ({ ...before, pin: { ...before.pin, ...next } }));
  const changeRedemption = (next: Partial<RulesDraft['redemption']>) =>
    update((before) => ({ ...before, redemption: { ...before.redemption, ...next } }));
  return (
    <>
      <Group title={t('rules.drawer')}>
        <Choice
          label={t('rules.drawer')}
          value={redemption.drawer}
          options={DRAWER.map((value) => ({ value, text: t(`rules.drawerIs.${value}`) }))}
          onChange={(drawer) => changeRedemption({ drawer })}
        />
        <Row>
          <SecondsField
            place="redemption.grantTtlSeconds"
            label={t('rules.redemptionTtl')}
            value={redemption.grantTtlSeconds}
            onChange={(grantTtlSeconds) => changeRedemption({ grantTtlSeconds })}
          />
          <NumberField
            place="slips.copiesMax"
            label={t('rules.copiesMax')}
            value={slips.copiesMax}
            onChange={(copiesMax) => update((before) => ({ ...before, slips: { copiesMax } }))}
          />
        </Row>
        <Row>
          <NumberField
            place="printing.copiesPerDay"
            label={t('rules.copiesPerDay')}
            value={printing.copiesPerDay}
            onChange={(copiesPerDay) => changePrinting({ copiesPerDay })}
          />
          <NumberField
            place="printing.resumeMinutes"
            label={t('rules.resumeMinutes')}
            value={printing.resumeMinutes}
            onChange={(resumeMinutes) => changePrinting({ resumeMinutes })}
          />
          <SecondsField
            place="printing.fallbackAfterSeconds"
            label={t('rules.fallbackAfter')}
            value={printing.fallbackAfterSeconds}
            onChange={(fallbackAfterSeconds) => changePrinting({ fallbackAfterSeconds })}
          />
        </Row>
      </Group>
      <Group title={t('rules.copyReason')}>
        <Choice
          label={t('rules.copyReason')}
          value={printing.copyReason ? 'asked' : 'free'}
          options={COPY_REASON.map((value) => ({ value, text: t(`rules.copyReasonIs.${value}`) }))}
          onChange={(asked) => changePrinting({ copyReason: asked === 'asked' })}
        />
      </Group>
      <Group title={t('rules.pin')}>
        <Row>
          <NumberField
            place="pin.tries"
            label={t('rules.pinTries')}
            value={pin.tries}
            onChange={(tries) => changePin({ tries })}
          />
          <SecondsField
            place="pin.lockSeconds"
            label={t('rules.pinLock')}
            value={pin.lockSeconds}
            onChange={(lockSeconds) => changePin({ lockSeconds })}
          />
          <SecondsField
            place="pin.idleLockSeconds"
            label={t('rules.pinIdle')}
            value={pin.idleLockSeconds}
            onChange={(idleLockSeconds) => changePin({ idleLockSeconds })}
          />
        </Row>
      </Group>
      <Group title={t('rules.fourEyes')} help={t('rules.fourEyesHelp')}>
        <Choice
          label={t('rules.fourEyes')}
          value={draft.fourEyes ? 'two' : 'one'}
          options={FOUR_EYES.map((value) => ({ value, text: t(`rules.fourEyesIs.${value}`) }))}
          onChange={(eyes) => update((before) => ({ ...before, fourEyes: eyes === 'two' }))}
        />
      </Group>
      <LoginEditor />
    </>
  );
}

/** The code on the phone after the PIN: who types one, for how long a till is remembered, what holds without a line. */
function LoginEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { login } = draft;
  const change = (next: Partial<RulesDraft['login']>) =>
    update((before) => ({ ...before, login: { ...before.login, ...next } }));
  return (
    <Group title={t('rules.login')} help={t('rules.loginHelp')}>
      <Choice
        label={t('rules.loginWho')}
        value={login.who}
        options={LOGIN_WHO.map((value) => ({ value, text: t(`rules.loginWhoIs.${value}`) }))}
        onChange={(who) => change({ who })}
      />
      {login.who !== 'nobody' && (
        <>
          <Choice
            label={t('rules.loginOffline')}
            value={login.offline}
            options={LOGIN_OFFLINE.map((value) => ({ value, text: t(`rules.loginOfflineIs.${value}`) }))}
            onChange={(offline) => change({ offline })}
          />
          <Row>
            <NumberField
              place="login.rememberDays"
              label={t('rules.loginRemember')}
              value={login.rememberDays}
              unit={t('rules.days')}
              onChange={(rememberDays) => change({ rememberDays })}
            />
            <NumberField
              place="login.offlineHours"
              label={t('rules.loginOfflineHours')}
              value={login.offlineHours}
              unit={t('rules.hoursUnit')}
              onChange={(offlineHours) => change({ offlineHours })}
            />
          </Row>
        </>
      )}
    </Group>
  );
}
