/** A cheat in the made year. */
import type { SignalId } from '../../shared/signal-policy.ts';
import type { Cashier, Chain, Customer, Outlet, Supervisor, Till } from './chain.ts';
import type { Desk } from './desk.ts';
import type { Recorder } from './recorder.ts';

/** How much of it: some now and then, some every shift. */
export type Level = 'careful' | 'steady' | 'brazen';
export const TIMES: Readonly<Record<Level, number>> = { careful: 0.6, steady: 1, brazen: 2 };

export interface Fraud {
  readonly number: number;
  /** The kind of it: the signal that is meant to find it. */
  readonly signal: SignalId;
  readonly level: Level;
  readonly outlet: Outlet;
  /** Whom a finding has to name. */
  readonly personId: string;
  readonly cashier: Cashier;
  readonly supervisor: Supervisor;
  readonly customer: Customer;
  readonly till: Till;
  /** Days of the year. */
  readonly from: number;
  readonly until: number;
}

export interface Scene {
  readonly chain: Chain;
  readonly day: number;
  /** All desks of the chain that day. */
  readonly desks: readonly Desk[];
  readonly recorder: Recorder;
}
