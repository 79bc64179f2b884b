import { AUDIT_STATES } from '../audit-states.ts';
import { SIGNAL_STATES } from '../signal-states.ts';
import type { DevState } from '../state-kit.ts';
import type { GatewayState } from './states.ts';

/** What the managers' page shows: the same as a till in that state. */
export interface WebState {
  readonly page: 'digest' | 'signals' | 'cases' | 'timeline' | 'pictures';
  readonly till: DevState;
}

const web = (page: WebState['page'], till: DevState): GatewayState => ({
  page: 'web',
  customers: {},
  web: { page, till },
});

export const WEB_STATES = {
  web_signed_out: { page: 'web', customers: null },
  web_starting: { page: 'web', waits: true, customers: {} },
  web_no_store: { page: 'web', customers: { stores: { stores: [] } } },
  web_digest: web('digest', SIGNAL_STATES.digest),
  web_signals: web('signals', SIGNAL_STATES.signals),
  web_cases: web('cases', SIGNAL_STATES.cases),
  web_timeline: web('timeline', AUDIT_STATES.timeline),
  web_pictures: web('pictures', AUDIT_STATES.pictures),
} as const satisfies Record<string, GatewayState>;
