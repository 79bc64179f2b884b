import { Switch } from '@mantine/core';
import type { OtherChannel } from '../../../shared/channel-policy.ts';
import { Chips } from '../../components/chips.tsx';
import { Choice } from '../../components/choice.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { RulesDraft } from '../../rules/rules-state.ts';
import classes from './rules-fields.module.css';
import { Group, MoneyField, Row, SecondsField } from './rules-fields.tsx';
import { useRules } from './use-rules.ts';

type Channels = RulesDraft['channels'];

/** Every order there is, by its name: the channels with '_' between them. */
const ORDERS: Readonly<Record<'sms_email' | 'email_sms' | 'sms' | 'email', OtherChannel[]>> = {
  sms_email: ['sms', 'email'],
  email_sms: ['email', 'sms'],
  sms: ['sms'],
  email: ['email'],
};
const ORDER_NAMES = Object.keys(ORDERS) as (keyof typeof ORDERS)[];
const NOTICES = ['redemption', 'topup'] as const;

/** Where a code goes that WhatsApp does not bring, and what people are told beside codes. */
export function ChannelsEditor() {
  const { t } = useWords();
  const { draft, update } = useRules();
  const { fallback, notices } = draft.channels;
  const change = (next: Partial<Channels>) =>
    update((before) => ({ ...before, channels: { ...before.channels, ...next } }));
  const changeFallback = (next: Partial<Channels['fallback']>) =>
    change({ fallback: { ...fallback, ...next } });
  const changeNotices = (next: Partial<Channels['notices']>) => change({ notices: { ...notices, ...next } });
  return (
    <>
      <Group title={t('rules.fallback')} help={t('rules.fallbackHelp')} place="channels.fallback.order">
        <Choice
          label={t('rules.fallbackIs')}
          value={fallback.enabled ? 'on' : 'off'}
          options={[
            { value: 'off', text: t('rules.fallbackOff') },
            { value: 'on', text: t('rules.fallbackOn') },
          ]}
          onChange={(value) => changeFallback({ enabled: value === 'on' })}
        />
        {fallback.enabled && (
          <>
            <p className={classes.label}>{t('rules.fallbackOrder')}</p>
            <Chips
              label={t('rules.fallbackOrder')}
              chips={ORDER_NAMES.map((value) => ({ value, text: t(`rules.fallbackOrderIs.${value}`) }))}
              values={ORDER_NAMES.filter((name) => name === fallback.order.join('_'))}
              onChange={([name]) => {
                if (name !== undefined) changeFallback({ order: ORDERS[name] });
              }}
            />
            <Row>
              <SecondsField
                place="channels.fallback.afterSeconds"
                label={t('rules.channelAfter')}
                value={fallback.afterSeconds}
                onChange={(afterSeconds) => changeFallback({ afterSeconds })}
              />
            </Row>
            <p className={classes.help}>{t('rules.channelAfterHelp')}</p>
          </>
        )}
      </Group>
      <Group title={t('rules.notices')} help={t('rules.noticesHelp')}>
        {NOTICES.map((name) => (
          <Switch
            key={name}
            size="md"
            checked={notices[name]}
            label={t(`rules.noticeOf.${name}`)}
            onChange={(event) => changeNotices({ [name]: event.currentTarget.checked })}
          />
        ))}
        <Row>
          <MoneyField
            place="channels.notices.largeFrom"
            label={t('rules.noticeLarge')}
            value={notices.largeFrom}
            help={t('rules.noticeLargeHelp')}
            emptyIsZero
            onChange={(largeFrom) => changeNotices({ largeFrom })}
          />
        </Row>
      </Group>
    </>
  );
}
