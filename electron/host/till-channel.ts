import type { BridgeInput, BridgeMethod, TillView } from '../../shared/bridge.ts';
import type { WireError } from '../../shared/errors.ts';

/** What crosses between the program's main process and the process of the till's core. Plain values only. */
export type ToTill =
  /** Once, first. `vaultKey`: base64 of the key that the system's key chain keeps; null: secrets lie in owner-only files. */
  | { type: 'start'; vaultKey: string | null }
  | { type: 'invoke'; id: number; method: BridgeMethod; input: BridgeInput<BridgeMethod> }
  | { type: 'askQuit'; id: number }
  | { type: 'wake' }
  /** Stop cleanly, and end. */
  | { type: 'stop' };

export type FromTill =
  | { type: 'started'; view: TillView }
  | { type: 'failed'; message: string }
  | { type: 'view'; view: TillView }
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'refusal'; id: number; error: WireError };

/** One end of a line between two processes that keeps the order. */
export interface Channel<In, Out> {
  post(message: Out): void;
  onMessage(listener: (message: In) => void): void;
}
