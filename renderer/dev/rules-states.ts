import { DEFAULT_CHANNELS } from '../../shared/channel-policy.ts';
import { DEFAULT_MESSAGE_CREDIT } from '../../shared/message-credit-policy.ts';
import { type DevState, managing } from './state-kit.ts';

/** The parts of the rules about messages, and about what is kept. */
export const RULES_STATES = {
  rules_messages: managing({ rulesSection: 'messages' }),
  rules_messages_all: managing({
    rulesSection: 'messages',
    policy: {
      channels: {
        fallback: { ...DEFAULT_CHANNELS.fallback, enabled: true, afterSeconds: 90 },
        notices: { redemption: true, topup: true, largeFrom: 500_000 },
      },
    },
  }),
  rules_credit: managing({ rulesSection: 'credit' }),
  rules_credit_stop: managing({
    rulesSection: 'credit',
    policy: {
      messageCredit: {
        ...DEFAULT_MESSAGE_CREDIT,
        enforce: true,
        warnAt: [{ percent: 20 }, { messages: 100 }, { percent: Number.NaN }],
      },
    },
  }),
  rules_kept: managing({ rulesSection: 'kept' }),
} as const satisfies Record<string, DevState>;
