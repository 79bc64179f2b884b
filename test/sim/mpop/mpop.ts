import { type Cancel, sleep } from '../../../shared/effects.ts';
import { starLanguage } from './asb.ts';
import type { Command, ParsedCommand, ParseError } from './command-reader.ts';
import type { Connection, DrawerPulseRecord, MpopOptions, MpopState, VirtualLanguage } from './model.ts';
import { COLUMNS, Paper, type PrintedElement, type PrintedSlip } from './paper.ts';
import { StarPrntParser } from './parser.ts';

export const FULL_ROLL_MM = 15_000;
const NEAR_END_MM = 400;

/**
 * A Star mPOP as far as a till can tell by its bytes. Assumed, where the manuals leave it open: commands are
 * carried out in the order received, the drawer's BEL too (only ESC ACK SOH jumps the queue); while paper is
 * out or the cover open, the first command that needs paper holds up all that follows it, and settings,
 * pulses and status commands before it are still carried out; a cable that is pulled leaves the buffer and
 * the counter as they are, but a command cut off in the middle is forgotten; switching off clears all three.
 */
export class VirtualMpop {
  readonly #options: Required<MpopOptions>;
  readonly #language: VirtualLanguage;
  readonly #parser: VirtualLanguage['parser'];
  readonly #paper: Paper;
  readonly #connections = new Set<Connection>();
  readonly #listeners = new Set<() => void>();
  readonly drawerPulses: DrawerPulseRecord[] = [];
  #queue: (ParsedCommand & { receivedAt: number })[] = [];
  #roomWaiters: (() => void)[] = [];
  #printing = false;
  #pulse = { onTime: 20, offTime: 20 };
  #lineFreeAt = 0;
  #generation = 0;
  #state: MpopState;

  constructor(options: MpopOptions) {
    this.#options = {
      printMmPerSecond: 100,
      bytesPerSecond: 11_520,
      bufferBytes: 4_096,
      paperMm: FULL_ROLL_MM,
      switchHighWhenOpen: true,
      autoStatusAtStart: false,
      drawerMs: 20,
      columns: COLUMNS,
      language: starLanguage(new StarPrntParser()),
      ...options,
    };
    this.#language = this.#options.language;
    this.#parser = this.#language.parser;
    this.#paper = new Paper(this.#options.columns);
    this.#state = {
      paperMm: this.#options.paperMm,
      paper: 'ok',
      coverOpen: false,
      drawerOpen: false,
      drawerJammed: false,
      online: true,
      overheated: false,
      cutterError: false,
      etbCounter: 0,
      autoStatus: this.#options.autoStatusAtStart,
      bufferedBytes: 0,
      plugged: true,
    };
  }

  get state(): MpopState {
    return this.#state;
  }

  get slips(): readonly PrintedSlip[] {
    return this.#paper.slips;
  }

  get uncut(): readonly PrintedElement[] {
    return this.#paper.uncut;
  }

  /** Everything that a real printer would have printed as rubbish or ignored. */
  get errors(): readonly (ParseError | string)[] {
    return [...this.#parser.errors, ...this.#paper.errors];
  }

  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A host connects; null while the cable is out. */
  attach(connection: Connection): { receive(bytes: Uint8Array): Promise<void>; detach(): void } | null {
    if (!this.#state.plugged) return null;
    this.#connections.add(connection);
    return {
      receive: (bytes) => this.#receive(bytes),
      detach: () => {
        if (!this.#connections.delete(connection)) return;
        this.#parser.disconnect();
        this.#change({ autoStatus: this.#options.autoStatusAtStart });
      },
    };
  }

  openCover(): void {
    this.#change({ coverOpen: true });
  }

  closeCover(): void {
    this.#change({ coverOpen: false });
  }

  removePaper(): void {
    this.#change({ paperMm: 0 });
  }

  /** Leaves so much of the roll, for a slip that ends half-way. */
  setPaperMm(paperMm: number): void {
    this.#change({ paperMm });
  }

  refill(): void {
    this.#change({ paperMm: FULL_ROLL_MM });
  }

  /** With the key, say: no pulse. */
  openDrawerByHand(): void {
    this.#change({ drawerOpen: true });
  }

  closeDrawer(): void {
    this.#change({ drawerOpen: false });
  }

  /** A jammed drawer takes the pulse and stays shut. */
  jamDrawer(drawerJammed: boolean): void {
    this.#change({ drawerJammed });
  }

  overheat(overheated: boolean): void {
    this.#change({ overheated });
  }

  breakCutter(cutterError: boolean): void {
    this.#change({ cutterError });
  }

  unplug(): void {
    this.#change({ plugged: false });
    for (const connection of [...this.#connections]) connection.close();
  }

  plug(): void {
    this.#change({ plugged: true });
  }

  /** Off and on: buffer, half-printed line and counter are gone. The host may or may not notice. */
  powerCycle(): void {
    this.#generation += 1;
    this.#queue = [];
    this.#printing = false;
    this.#parser.disconnect();
    this.#paper.apply({ kind: 'cancel' });
    this.#state = { ...this.#state, autoStatus: this.#options.autoStatusAtStart };
    this.#change({ etbCounter: 0, bufferedBytes: 0 });
    this.#freeRoom();
  }

  /** Line noise towards the host. */
  sendGarbage(bytes: Uint8Array): void {
    for (const connection of this.#connections) connection.send(bytes);
  }

  /** Takes bytes from a host and resolves when it may send more: the buffer has room, the line had its time. */
  async #receive(bytes: Uint8Array): Promise<void> {
    const { clock, bytesPerSecond } = this.#options;
    while (this.#state.bufferedBytes + bytes.length > this.#options.bufferBytes && this.#queue.length > 0) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
    const receivedAt = clock.monotonic();
    for (const parsed of this.#parser.push(bytes)) {
      if (parsed.command.kind === 'status_request') this.#answer(parsed.command);
      else this.#queue.push({ ...parsed, receivedAt });
    }
    this.#run();
    if (bytesPerSecond === null) return;
    this.#lineFreeAt = Math.max(this.#lineFreeAt, receivedAt) + (bytes.length * 1000) / bytesPerSecond;
    const wait = this.#lineFreeAt - clock.monotonic();
    if (wait >= 1) await sleep(clock, wait);
  }

  /** Carries out what is buffered, until something needs time, paper or a person. */
  #run(): void {
    while (!this.#printing) {
      const next = this.#queue[0];
      if (next === undefined) break;
      const feedMm = this.#paper.feedOf(next.command);
      if (feedMm > 0 && !this.#state.online) break;
      this.#queue.shift();
      if (feedMm > 0) this.#print(next.command, feedMm);
      else this.#control(next.command, next.receivedAt);
    }
    this.#setBuffered();
  }

  #print(command: Command, feedMm: number): void {
    const { clock, printMmPerSecond } = this.#options;
    const done = () => {
      this.#paper.apply(command);
      this.#change({ paperMm: Math.max(0, this.#state.paperMm - feedMm) });
    };
    if (printMmPerSecond === null) {
      done();
      return;
    }
    const generation = this.#generation;
    this.#printing = true;
    clock.schedule((feedMm * 1000) / printMmPerSecond, () => {
      if (generation !== this.#generation) return;
      this.#printing = false;
      done();
      this.#run();
    });
  }

  #control(command: Command, receivedAt: number): void {
    switch (command.kind) {
      case 'pulse_width':
        this.#pulse = { onTime: command.onTime, offTime: command.offTime };
        return;
      case 'fire_drawer':
        this.#fire(1, this.#pulse, receivedAt);
        return;
      case 'auto_status':
        this.#state = { ...this.#state, autoStatus: command.on };
        this.#sendStatus(false);
        return;
      case 'end_mark':
        this.#state = { ...this.#state, etbCounter: (this.#state.etbCounter + 1) % 32 };
        if (this.#state.autoStatus) this.#sendStatus(true);
        this.#tell();
        return;
      case 'clear_end_counter':
        this.#state = { ...this.#state, etbCounter: 0 };
        return;
      case 'cancel':
        this.#state = { ...this.#state, etbCounter: 0 };
        this.#paper.apply(command);
        return;
      case 'pulse':
        this.#fire(
          command.connector,
          { onTime: command.onTime / 5, offTime: command.offTime / 5 },
          receivedAt,
        );
        return;
      case 'process_id':
      case 'sensor_request':
        this.#answer(command);
        return;
      default:
        this.#paper.apply(command);
    }
  }

  /** Times in units of 10 ms. */
  #fire(connector: number, times: { onTime: number; offTime: number }, receivedAt: number): void {
    const executedAt = this.#options.clock.monotonic();
    this.drawerPulses.push({ connector, receivedAt, executedAt, ...times });
    this.#options.clock.schedule(this.#options.drawerMs, () => {
      if (!this.#state.drawerJammed) this.#change({ drawerOpen: true });
    });
    this.#tell();
  }

  #answer(command: Command): void {
    const bytes = this.#language.answer(command, this.#state, this.#options.switchHighWhenOpen);
    if (bytes !== null) for (const connection of this.#connections) connection.send(bytes);
  }

  #change(change: Partial<MpopState>): void {
    const before = this.#state;
    const next = { ...before, ...change };
    const paper = next.paperMm <= 0 ? 'out' : next.paperMm <= NEAR_END_MM ? 'near_end' : 'ok';
    const online = paper !== 'out' && !next.coverOpen && !next.overheated && !next.cutterError;
    this.#state = { ...next, paper, online };
    const told = [
      'paper',
      'online',
      'coverOpen',
      'drawerOpen',
      'overheated',
      'cutterError',
      'etbCounter',
    ] as const;
    if (this.#state.autoStatus && told.some((key) => before[key] !== this.#state[key]))
      this.#sendStatus(false);
    this.#tell();
    if (!before.online && online) this.#run();
  }

  #sendStatus(etbExecuted: boolean): void {
    const frame = this.#language.status(this.#state, etbExecuted, this.#options.switchHighWhenOpen);
    for (const connection of this.#connections) connection.send(frame);
  }

  #setBuffered(): void {
    const bufferedBytes = this.#queue.reduce((sum, { size }) => sum + size, 0);
    if (bufferedBytes === this.#state.bufferedBytes) return;
    this.#state = { ...this.#state, bufferedBytes };
    this.#freeRoom();
    this.#tell();
  }

  #freeRoom(): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const resume of waiters) resume();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
