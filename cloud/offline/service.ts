import type { z } from 'zod';
import type {
  AuditHead,
  OfflineRedemption,
  ReconciliationAnswer,
  reconciliationQuerySchema,
} from '../../shared/offline.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import { applyOffline, applyOfflineMany } from './apply.ts';
import type { OfflineContext } from './context.ts';
import { countersign, pruneHeads } from './heads.ts';
import { createOfflineOperator, type OfflineOperator } from './operator.ts';
import { reconciliation } from './reconciliation.ts';
import { createSealedService, type SealedService } from './sealed.ts';
import { createWallets, type Wallets } from './wallets.ts';

/** The gateway's side of the time without a line. All calls throw `SaksiError`s, named where each is made. */
export interface OfflineService extends SealedService {
  /**
   * Takes over what was spent on a sealed code; idempotent by the redemption's id, whatever `key` it comes under. Refuses with
   * `sealed_code_unknown`, `sealed_code_used`, `customer_unknown`, `bad_request`, `idempotency_key_reused`.
   */
  applyOffline(
    till: TillIdentity,
    key: string,
    redemption: OfflineRedemption,
  ): Promise<'booked' | 'repeated'>;
  /** Many of one till in their order. @returns ids of those that are booked; one of the others is refused, or comes after it */
  applyOfflineMany(
    till: TillIdentity,
    redemptions: readonly OfflineRedemption[],
    mayBegin: () => boolean,
  ): Promise<Set<string>>;
  /** Compact JWS. `audit_head_behind`, `audit_head_forked`. */
  countersign(till: TillIdentity, head: AuditHead): Promise<string>;
  readonly wallets: Wallets;
  reconciliation(
    till: TillIdentity,
    query: z.infer<typeof reconciliationQuerySchema>,
  ): Promise<ReconciliationAnswer>;
  readonly operator: OfflineOperator;
  /** Forgets the clear text of codes whose message never went out, and of old days all heads of chains but the last. */
  prune(): Promise<void>;
}

export function createOfflineService(context: OfflineContext): OfflineService {
  return {
    ...createSealedService(context),
    applyOffline: (till, _key, redemption) => applyOffline(context, till, redemption),
    applyOfflineMany: (till, redemptions, mayBegin) => applyOfflineMany(context, till, redemptions, mayBegin),
    countersign: (till, head) => countersign(context, till, head),
    wallets: createWallets(context),
    reconciliation: (till, query) => reconciliation(context, till, query),
    operator: createOfflineOperator(context),
    async prune() {
      await context.sealedCodes.forget(context.engine.kysely);
      await pruneHeads(context.engine.kysely, context.effects.clock.now());
    },
  };
}
