import type { Effects } from '../../shared/effects.ts';
import type { CodeKeys } from '../codes/codes.ts';
import type { Engine } from '../db/engine.ts';
import type { RedemptionPorts } from './ports.ts';
import type { Recent } from './recent.ts';
import type { RedemptionStatements } from './statements.ts';

export interface RedemptionKeys extends CodeKeys {
  /** 32 bytes; fingerprints of request bodies. */
  readonly idempotencyKey: Uint8Array;
}

/** What every part of the redemption service works with. */
export interface RedemptionContext {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly keys: RedemptionKeys;
  readonly ports: RedemptionPorts;
  readonly recent: Recent;
  readonly statements: RedemptionStatements;
}

/** The till that asks, as its key was recognised. */
export interface TillIdentity {
  readonly tillId: string;
  readonly storeId: string;
}
