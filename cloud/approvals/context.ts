import type { Effects } from '../../shared/effects.ts';
import type { Engine } from '../db/engine.ts';
import type { RedemptionKeys } from '../redemptions/context.ts';
import type { ApprovalPorts } from './ports.ts';

/** What every part of the approval service works with. */
export interface ApprovalContext {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly keys: RedemptionKeys;
  readonly ports: ApprovalPorts;
}
