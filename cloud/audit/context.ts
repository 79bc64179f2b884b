import type { Effects } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { GatewayIdentity } from '../keys/signing.ts';

/** What every part of the audit list works with. */
export interface AuditContext {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly identity: GatewayIdentity;
}

/** NOTIFY with no payload: there are new events. */
export const AUDIT_CHANNEL = 'audit_linked';
