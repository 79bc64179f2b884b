import type { Clock } from '../../../shared/effects.ts';
import type { Command, ParsedCommand, ParseError } from './command-reader.ts';

/** What the simulator's language is, where it is not the mPOP's StarPRNT. */
export interface VirtualLanguage {
  readonly parser: {
    push(bytes: Uint8Array): ParsedCommand[];
    disconnect(): void;
    readonly errors: readonly ParseError[];
  };
  status(state: MpopState, etbExecuted: boolean, switchHighWhenOpen: boolean): Uint8Array;
  /** What the printer sends when it reaches this command; null for nothing. */
  answer(command: Command, state: MpopState, switchHighWhenOpen: boolean): Uint8Array | null;
}

export interface MpopOptions {
  readonly clock: Clock;
  /** Speed of the paper; null prints without taking time. The mPOP's is 100 mm/s. */
  readonly printMmPerSecond?: number | null;
  /** Speed of the line; null for none. 115,200 baud, 8N1, is 11,520. */
  readonly bytesPerSecond?: number | null;
  /** What the reception buffer holds before the host is kept waiting. */
  readonly bufferBytes?: number;
  readonly paperMm?: number;
  /** Whether the compulsion switch reads high (1) while the drawer is open. */
  readonly switchHighWhenOpen?: boolean;
  /** Memory switch: automatic status is on from power-on, and sent then. */
  readonly autoStatusAtStart?: boolean;
  readonly language?: VirtualLanguage;
  readonly columns?: number;
  /** Time from the pulse to the drawer's switch. */
  readonly drawerMs?: number;
}

export interface MpopState {
  readonly paperMm: number;
  readonly paper: 'ok' | 'near_end' | 'out';
  readonly coverOpen: boolean;
  readonly drawerOpen: boolean;
  readonly drawerJammed: boolean;
  readonly online: boolean;
  readonly overheated: boolean;
  readonly cutterError: boolean;
  readonly etbCounter: number;
  readonly autoStatus: boolean;
  readonly bufferedBytes: number;
  readonly plugged: boolean;
}

/** One pulse that reached the drawer. */
export interface DrawerPulseRecord {
  /** 1, or 2 where the language has one. */
  readonly connector: number;
  /** Monotonic milliseconds of the simulator's clock when the command's last byte came in, and was carried out. */
  readonly receivedAt: number;
  readonly executedAt: number;
  readonly onTime: number;
  readonly offTime: number;
}

/** The host's side of a cable, as the simulator sees it. */
export interface Connection {
  send(bytes: Uint8Array): void;
  /** The simulator pulls the cable. */
  close(): void;
}
