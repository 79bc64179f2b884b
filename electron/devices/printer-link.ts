import type { Cancel, Effects } from '../../shared/effects.ts';
import type { DialectChannel, DrawerPolarity, PrinterDialect, PrinterStatus } from './dialect.ts';
import { isOpen, type LinkEvent, type LinkState, nextLinkState } from './link-states.ts';
import { starPrnt } from './starprnt/dialect.ts';
import type { CloseReason, Transport } from './transport.ts';

/** First and longest wait between two attempts to open the port; doubled each time, less up to half (jitter). */
export const RECONNECT_FIRST_MS = 250;
export const RECONNECT_MAX_MS = 5_000;
/** How long a printer may take to answer ESC RS a 1, and after that ESC ACK SOH, before it counts as mute. */
export const GREETING_MS = 400;
export const GREETING_AGAIN_MS = 1_000;
/** A mute printer is asked again after this long. */
export const MUTE_RETRY_MS = 5_000;
/** A printer that was silent this long is asked whether it is still there, and may take this long to answer. */
export const HEARTBEAT_MS = 15_000;
export const HEARTBEAT_ANSWER_MS = 2_000;
/** A command of a few bytes that the port does not take within this time means that the port is stuck. */
export const COMMAND_WRITE_MS = 2_000;

export interface LinkOptions {
  readonly polarity: DrawerPolarity;
  /**
   * Whether a silent printer is probed with ESC RS a 1. A serial port, above all a virtual one, reports
   * 'connected' with the cable out. Off for TCP: Star's Ethernet printers ignore that command.
   */
  readonly heartbeat: boolean;
  /** StarPRNT when left out. */
  readonly dialect?: PrinterDialect;
}

export interface LinkSnapshot {
  readonly link: LinkState;
  /** The last status of this connection; null until the printer spoke, and again after the connection went. */
  readonly status: PrinterStatus | null;
  /** Statuses heard since the start. */
  readonly heard: number;
  /** Grows with each opened connection, so that a job can tell that its own is gone. */
  readonly epoch: number;
  /** Why the link is not open, for people and logs. */
  readonly detail: string;
}

/**
 * Keeps one printer connected: opens, greets, listens, and opens again with bounded backoff. Knows nothing of
 * jobs. Listeners hear of every status and every change of the link.
 */
export class PrinterLink {
  readonly #transport: Transport;
  readonly #options: LinkOptions;
  readonly #effects: Effects;
  readonly dialect: PrinterDialect;
  readonly #channel: DialectChannel;
  readonly #listeners = new Set<(snapshot: LinkSnapshot) => void>();
  #snapshot: LinkSnapshot = {
    link: 'stopped',
    status: null,
    heard: 0,
    epoch: 0,
    detail: 'not started',
  };
  #attempt = 0;
  #cancelTimer: Cancel = () => undefined;
  #abort = new AbortController();
  /** Set by the owner while it waits for the printer itself: a printer that is busy is not probed. */
  busy = false;

  constructor(transport: Transport, options: LinkOptions, effects: Effects) {
    this.#transport = transport;
    this.#options = options;
    this.#effects = effects;
    this.dialect = options.dialect ?? starPrnt;
    this.#channel = this.dialect.connect(options.polarity);
    transport.onData((bytes) => this.#receive(bytes));
    transport.onClose((reason) => this.#closed(reason));
  }

  get snapshot(): LinkSnapshot {
    return this.#snapshot;
  }

  get label(): string {
    return this.#transport.describe.label;
  }

  /** What the printer's language has to say on this connection. */
  get channel(): Pick<DialectChannel, 'endMark' | 'settle' | 'confirms'> {
    return this.#channel;
  }

  /** Bytes from the printer that belonged to no status. */
  get discardedBytes(): number {
    return this.#channel.discarded;
  }

  onChange(listener: (snapshot: LinkSnapshot) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#enter('start', 'opening')) void this.#open();
  }

  async stop(): Promise<void> {
    this.#cancelTimer();
    if (!this.#enter('stop', 'stopped')) return;
    this.#abort.abort();
    await this.#transport.close();
  }

  /** Writes to the open port; the first byte is handed over before this returns. */
  write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    return this.#transport.write(bytes, timeoutMs);
  }

  /**
   * Has automatic status switched on again, which an idle printer answers at once: one that was switched off
   * and on has forgotten it, and its counter. False where the printer is not one that can be asked.
   */
  ask(): boolean {
    if (this.#options.heartbeat) this.#send(this.#channel.ask());
    return this.#options.heartbeat;
  }

  /** Gives this connection up, after a write that did not end; a new one is opened. */
  async drop(detail: string): Promise<void> {
    if (!isOpen(this.#snapshot.link)) return;
    this.#lose(detail);
    await this.#transport.close();
  }

  async #open(): Promise<void> {
    this.#abort = new AbortController();
    try {
      await this.#transport.open(this.#abort.signal);
    } catch (error) {
      if (this.#enter('open_failed', messageOf(error))) this.#retryLater();
      return;
    }
    if (this.#snapshot.link !== 'opening') {
      await this.#transport.close(); // stopped while it was opening
      return;
    }
    this.#channel.reset();
    this.#snapshot = { ...this.#snapshot, epoch: this.#snapshot.epoch + 1, status: null };
    this.#enter('opened', 'asking for the status');
    this.#greet();
  }

  #greet(): void {
    this.#send(this.#channel.greeting());
    this.#after(GREETING_MS, () => {
      this.#send(this.#channel.askNow());
      this.#after(GREETING_AGAIN_MS, () => {
        this.#enter('silence', 'the printer tells no status');
        this.#after(MUTE_RETRY_MS, () => {
          if (this.#enter('greet_again', 'asking for the status')) this.#greet();
        });
      });
    });
  }

  #send(bytes: Uint8Array): void {
    const { epoch } = this.#snapshot;
    this.#transport.write(bytes, COMMAND_WRITE_MS).catch((error: unknown) => {
      if (this.#snapshot.epoch === epoch) return this.drop(messageOf(error));
    });
  }

  #receive(bytes: Uint8Array): void {
    for (const status of this.#channel.push(bytes)) {
      if (!isOpen(this.#snapshot.link)) return;
      this.#attempt = 0;
      this.#snapshot = { ...this.#snapshot, status, heard: this.#snapshot.heard + 1 };
      this.#beatLater();
      this.#enter('status', '');
    }
  }

  /** Replaces the greeting's timer too: a printer that spoke is not mute. */
  #beatLater(): void {
    if (!this.#options.heartbeat) {
      this.#cancelTimer();
      return;
    }
    this.#after(HEARTBEAT_MS, () => {
      if (this.busy) {
        this.#beatLater();
        return;
      }
      // A printer off line may leave our command in its buffer, where they would pile up; this one it answers.
      const online = this.#snapshot.status?.online === true;
      this.#send(online ? this.#channel.ask() : this.#channel.askNow());
      this.#after(HEARTBEAT_ANSWER_MS, () => void this.drop('the printer does not answer'));
    });
  }

  #closed(reason: CloseReason): void {
    if (isOpen(this.#snapshot.link)) this.#lose(reason.detail);
  }

  #lose(detail: string): void {
    this.#snapshot = { ...this.#snapshot, status: null };
    this.#enter('lost', detail);
    this.#retryLater();
  }

  #retryLater(): void {
    const longest = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** Math.min(this.#attempt, 10));
    const delayMs = longest / 2 + (longest / 2) * this.#effects.random.jitter();
    this.#attempt += 1; // back to 0 only when the printer speaks, so that a port that opens and fails backs off too
    this.#after(delayMs, () => {
      if (this.#enter('retry_due', 'opening')) void this.#open();
    });
  }

  #after(delayMs: number, fn: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#effects.clock.schedule(delayMs, fn);
  }

  #enter(event: LinkEvent, detail: string): boolean {
    const link = nextLinkState(this.#snapshot.link, event);
    if (link === null) return false;
    this.#snapshot = { ...this.#snapshot, link, detail };
    for (const listener of this.#listeners) listener(this.#snapshot);
    return true;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
