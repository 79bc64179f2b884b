import type { DeviceState } from '../../electron/devices/devices.ts';
import type { PrintResult } from '../../electron/devices/print-job.ts';
import { UsePermit } from '../../electron/devices/use-permit.ts';
import type { Till } from '../../electron/till/contract.ts';
import { createTill } from '../../electron/till/create-till.ts';
import type { TillDevices } from '../../electron/till/ports.ts';
import type { TillStep } from '../../electron/till/steps.ts';
import type { BridgeInput, BridgeMethod, BridgeOutput, TillView } from '../../shared/bridge.ts';
import { sleep } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { Asset } from '../../shared/money.ts';
import type { Policy } from '../../shared/policy.ts';
import { Disk } from './disk.ts';
import type { Line } from './network.ts';
import type { Prng } from './prng.ts';
import { moved } from './quiet.ts';
import { MachineClock, type VirtualTime } from './virtual-time.ts';

const BOOT_MS = { from: 100, to: 3_000 };
const PRINT_MS = { from: 200, to: 2_000 };
const DRAWER_MS = 120;

type PrinterCondition = 'ready' | 'paper_out' | 'unplugged';

export interface Moved {
  readonly till: string;
  readonly grantId: string;
  readonly action: 'drawer' | 'slip';
}

/** What the screen was told of balances, and what this till had spent until then. */
export interface Promised {
  /** Of the run's clock. */
  readonly at: number;
  /** Null: fresh from the gateway. */
  readonly ageMs: number | null;
  /** When this till last heard of any balance. */
  readonly heardAt: number | null;
  /** Whether its clock was ever set back. */
  readonly setBack: boolean;
  /** How often its power went since `heardAt`. */
  readonly cuts: number;
  readonly balances: readonly { customerId: string; asset: Asset; available: number }[];
  readonly spent: readonly SpentRow[];
}

/** A redemption at a till, as its disk has it. */
export interface SpentRow {
  readonly id: string;
  readonly seq: number;
  readonly customer_id: string | null;
  readonly asset: Asset;
  readonly amount: number;
  readonly offline: string | null;
  readonly stage: string;
}

export interface TillParts {
  name: string;
  root: string;
  time: VirtualTime;
  prng: Prng;
  line: Line;
  note(text: string): void;
  violated(what: string): void;
  hit(fault: string): void;
}

/** One till's machine: its process, its disk, its clock, its printer and drawer. */
export class TillMachine {
  readonly name: string;
  readonly line: Line;
  readonly disk: Disk;
  /** Every byte that left for a device. */
  readonly moved: Moved[] = [];
  #promises: Promised[] = [];
  #setBack = false;
  /** When its power went. */
  readonly #cuts: number[] = [];
  /** What this till said last of itself. */
  id: string | null = null;
  #printer: PrinterCondition = 'ready';
  /** Who listens to the devices since the last start. */
  #listeners = new Set<(state: DeviceState) => void>();
  /** The step at which the power goes, once. */
  #diesAt: TillStep | null = null;
  readonly #parts: TillParts;
  #till: Till | null = null;
  #clock: MachineClock;
  #boots = 0;
  #alive = false;

  constructor(parts: TillParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.line = parts.line;
    this.disk = new Disk(parts.root);
    this.#clock = new MachineClock(parts.time);
  }

  get printer(): PrinterCondition {
    return this.#printer;
  }

  set printer(condition: PrinterCondition) {
    this.#printer = condition;
    if (this.#alive) for (const listener of this.#listeners) listener(STATES[condition]);
  }

  get clock(): MachineClock {
    return this.#clock;
  }

  /** Null while it is off. */
  get till(): Till | null {
    return this.#alive ? this.#till : null;
  }

  view(): TillView | null {
    return this.till?.view() ?? null;
  }

  async boot(): Promise<void> {
    if (this.#alive) return;
    const { time, prng, line, name } = this.#parts;
    this.#boots += 1;
    const boot = this.#boots;
    const clock = new MachineClock(time, this.#clock.skewMs);
    this.#clock = clock;
    this.#alive = true;
    const isUp = () => this.#alive && this.#boots === boot;
    const till = createTill({
      dataDir: this.disk.folder,
      effects: { clock, random: prng.fork(`${name}-${boot}`).random },
      devices: this.#devices(clock, isUp),
      logger: SILENT,
      host: 'browser',
      appVersion: '0.0.0-sim',
      http: line.http(isUp),
      onStep: (step) => {
        if (!isUp()) throw new PowerCut();
        if (step !== this.#diesAt) return;
        this.#diesAt = null;
        this.crash(`at ${step}`);
        throw new PowerCut();
      },
    });
    this.#till = till;
    try {
      await till.start();
    } catch (error) {
      this.#alive = false;
      throw error;
    }
  }

  crashAt(step: TillStep): void {
    this.#diesAt = step;
  }

  /** The power goes now; it comes back a little later. */
  crash(where: string): void {
    if (!this.#alive) return;
    const { time, prng, note, hit } = this.#parts;
    note(`${this.name} power cut ${where}`);
    this.#cuts.push(time.now);
    hit('till_crash');
    this.#alive = false;
    this.#clock.kill();
    const old = this.disk.connection();
    this.disk.snapshot();
    // Not from within its own transaction.
    time.at(0, () => old?.close());
    this.line.cutStreams();
    time.at(prng.between(BOOT_MS.from, BOOT_MS.to), () => {
      note(`${this.name} boots`);
      this.boot().then(moved, (error: unknown) => {
        this.#parts.violated(`${this.name} does not start again: ${String(error)} ${causeOf(error)}`);
      });
    });
  }

  async stop(): Promise<void> {
    if (!this.#alive) return;
    this.#alive = false;
    this.#clock.kill();
    this.disk.connection()?.close();
  }

  /** A call from the screen; what comes of it is in the trace. */
  invoke<M extends BridgeMethod>(method: M, input: BridgeInput<M>): void {
    const { till } = this;
    const { note } = this.#parts;
    if (till === null) return;
    till.invoke(method, input).then(
      (output) => {
        moved();
        if (method === 'customers.search' && this.till === till) {
          this.#promised(output as BridgeOutput<'customers.search'>);
        }
        note(`${this.name} ${method}: ok`);
      },
      (error: unknown) => {
        moved();
        note(`${this.name} ${method}: ${error instanceof SaksiError ? error.code : String(error)}`);
        if (!(error instanceof SaksiError) && this.till === till) {
          this.#parts.violated(`${this.name} ${method} threw no named error: ${String(error)}`);
        }
      },
    );
  }

  /** What was promised since the last time. */
  takePromises(): Promised[] {
    const taken = this.#promises;
    this.#promises = [];
    return taken;
  }

  spentRows(): SpentRow[] {
    return (
      this.disk
        .connection()
        ?.prepare<[], SpentRow>(
          `SELECT id, seq, json_extract(customer, '$.id') AS customer_id, asset, amount, offline, stage
           FROM redemptions ORDER BY seq`,
        )
        .all() ?? []
    );
  }

  /** What it goes by, as its disk has it. */
  policy(): Policy | null {
    const text = this.policyText();
    return text === null ? null : (JSON.parse(text) as Policy);
  }

  setClock(skewMs: number): void {
    this.#setBack ||= skewMs < this.clock.skewMs;
    this.clock.setSkew(skewMs);
  }

  policyText(): string | null {
    const row = this.disk.connection()?.prepare<[], { policy: string }>('SELECT policy FROM context').get();
    return row?.policy ?? null;
  }

  #promised({ customers, ageMs }: BridgeOutput<'customers.search'>): void {
    const heardAt = this.line.heardBalancesAt;
    this.#promises.push({
      ...{ at: this.#parts.time.now, ageMs, heardAt },
      cuts: this.#cuts.filter((at) => at >= (heardAt ?? 0)).length,
      setBack: this.#setBack,
      balances: customers.flatMap(({ id: customerId, balances }) =>
        balances.map(({ asset, available }) => ({ customerId, asset, available })),
      ),
      spent: this.spentRows().filter(({ stage }) => stage === 'done'),
    });
  }

  #devices(clock: MachineClock, isUp: () => boolean): TillDevices {
    const { prng, note } = this.#parts;
    const used = (permit: UsePermit, action: Moved['action']) => {
      if (!isUp()) throw new PowerCut();
      // Invariant 3, on the disk itself: what a power cut at this very moment would leave must hold the use.
      if (!this.#isUseOnDisk(permit.grantId)) {
        this.#parts.violated(`${this.name}: ${action} moved before the use of its grant was on the disk`);
      }
      this.moved.push({ till: this.name, grantId: permit.grantId, action });
      note(`${this.name} ${action}`);
    };
    const listeners = new Set<(state: DeviceState) => void>();
    this.#listeners = listeners;
    const state = () => STATES[this.#printer];
    return {
      start: () => {},
      stop: async () => {},
      onChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      get state(): DeviceState {
        return state();
      },
      openDrawer: async (permit: UsePermit) => {
        UsePermit.take(permit, 'drawer.open');
        if (this.printer === 'unplugged') {
          UsePermit.giveBack(permit, 'drawer.open');
          throw new SaksiError('drawer_absent');
        }
        used(permit, 'drawer');
        await sleep(clock, DRAWER_MS);
        return { sent: true, confirmed: true } as const;
      },
      printSlip: async (permit, _slip, _on, leaving): Promise<PrintResult> => {
        UsePermit.take(permit, 'slip.print');
        if (this.printer !== 'ready') {
          const failure = this.printer === 'paper_out' ? 'printer_paper_out' : 'printer_absent';
          UsePermit.giveBack(permit, 'slip.print');
          return { ok: false, failure, sent: 'none', detail: 'simulated' };
        }
        leaving();
        used(permit, 'slip');
        await sleep(clock, prng.between(PRINT_MS.from, PRINT_MS.to));
        return { ok: true };
      },
    } as TillDevices;
  }

  #isUseOnDisk(grantId: string): boolean {
    return this.disk.asOnDisk((database) => {
      if (database.prepare('SELECT 1 FROM grant_uses WHERE jti = ?').get(grantId) !== undefined) return true;
      if (database.prepare('SELECT 1 FROM cash_sales WHERE id = ?').get(grantId) !== undefined) return true;
      return database.prepare('SELECT 1 FROM sealed_spends WHERE code_id = ?').get(grantId) !== undefined;
    });
  }
}

/** What code of a machine without power runs into. */
class PowerCut extends Error {
  constructor() {
    super('the power is gone');
  }
}

const READY: DeviceState = {
  printer: { link: 'ready', label: 'sim', paper: 'ok', coverOpen: false, obstacle: null },
  drawer: { link: 'ready', label: 'sim', position: 'closed' },
};
const STATES: Readonly<Record<PrinterCondition, DeviceState>> = {
  ready: READY,
  paper_out: { ...READY, printer: { ...READY.printer, paper: 'out', obstacle: 'printer_paper_out' } },
  unplugged: {
    printer: { ...READY.printer, link: 'waiting', paper: 'unknown', obstacle: 'printer_absent' },
    drawer: { ...READY.drawer, link: 'waiting', position: 'unknown' },
  },
};

const silent = () => {};
const SILENT = { debug: silent, info: silent, warn: silent, error: silent };

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? String(error.cause) : '';
}
