import type { AxiosInstance } from 'axios';
import type { Effects } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createGatewayClient, type GatewayClient } from '../gateway-client/client.ts';
import { type Connection, type ConnectionHandlers, createConnection } from '../gateway-client/connection.ts';
import { GatewayClock } from '../gateway-client/gateway-clock.ts';
import {
  type ApprovalGrantChecker,
  createApprovalGrantChecker,
  createGrantChecker,
  createShiftGrantChecker,
  type GrantChecker,
  type ShiftGrantChecker,
} from '../gateway-client/grant-check.ts';
import { createHeadChecker, type HeadChecker } from '../gateway-client/head-check.ts';
import { createLoginChecker, type LoginChecker } from '../gateway-client/login-check.ts';
import { createPolicyChecker, type PolicyChecker } from '../gateway-client/policy-check.ts';
import { createSealedChecker, type SealedChecker } from '../gateway-client/sealed-check.ts';
import type { Identity } from '../store/identity.ts';

/** The paired gateway: calls, the event stream, its clock, and the check of its grants. */
export interface GatewayLink {
  readonly client: GatewayClient;
  readonly connection: Connection;
  readonly clock: GatewayClock;
  readonly checkGrant: GrantChecker;
  readonly checkApprovalGrant: ApprovalGrantChecker;
  readonly checkShiftGrant: ShiftGrantChecker;
  readonly checkPolicy: PolicyChecker;
  readonly checkSealed: SealedChecker;
  readonly checkHead: HeadChecker;
  readonly checkLogin: LoginChecker;
  /** Messages waiting at the gateway, or null while it is unknown. */
  messagesWaiting: number | null;
  /** Breaks off what is on the line. */
  abort(): void;
}

export function createGatewayLink(
  parts: {
    http: AxiosInstance;
    effects: Effects;
    identity: Identity;
    tillKey: string;
    network?: (() => string) | undefined;
  },
  lastEventId: () => string | null,
  handlers: ConnectionHandlers,
): GatewayLink {
  const { http, effects, identity, tillKey, network } = parts;
  const gatewayClock = new GatewayClock(effects.clock);
  const abort = new AbortController();
  const context = {
    http,
    effects,
    gatewayClock,
    baseUrl: identity.gatewayUrl,
    bearer: tillKey,
    signal: abort.signal,
  };
  const connection = createConnection(context, lastEventId, handlers, network);
  return {
    client: createGatewayClient(connection.context),
    connection,
    clock: gatewayClock,
    checkGrant: createGrantChecker(identity),
    checkApprovalGrant: createApprovalGrantChecker(identity),
    checkShiftGrant: createShiftGrantChecker(identity),
    checkPolicy: createPolicyChecker(identity),
    checkSealed: createSealedChecker(identity),
    checkHead: createHeadChecker(identity),
    checkLogin: createLoginChecker(identity),
    messagesWaiting: null,
    abort: () => abort.abort(),
  };
}

/** Refuses at once what cannot work now: `gateway_unreachable` while the line is down, `till_revoked` when refused. */
export function assertLineUp({ connection }: GatewayLink): void {
  const state = connection.state();
  if (state === 'offline') throw new SaksiError('gateway_unreachable');
  if (state === 'refused') throw connection.error() ?? new SaksiError('till_revoked');
}
