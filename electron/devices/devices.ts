import type { Cancel } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { DrawerConnector, DrawerPulse, PrinterColumns } from './dialect.ts';
import type { LinkState } from './link-states.ts';
import type { PrintFailure, PrintResult } from './print-job.ts';
import { obstacleOf } from './print-job.ts';
import type { PrinterSession } from './printer.ts';
import type { SlipDocument } from './slip.ts';
import { type TestPage, testPage } from './test-page.ts';
import { UsePermit } from './use-permit.ts';

/** `one_way`: a print queue, which takes slips and tells nothing of the printer. */
export type PrinterLinkState = LinkState | 'not_configured' | 'one_way';

/** What the status bar shows. */
export interface DeviceState {
  readonly printer: {
    readonly link: PrinterLinkState;
    readonly label: string;
    readonly paper: 'ok' | 'near_end' | 'out' | 'unknown';
    readonly coverOpen: boolean;
    /** Why a slip asked for now would not print, or null. */
    readonly obstacle: PrintFailure | null;
  };
  /** The second printer, where there is one. */
  readonly fallback?: DeviceState['printer'] | null;
  readonly drawer: {
    readonly link: PrinterLinkState;
    readonly label: string;
    readonly position: 'open' | 'closed' | 'unknown';
  };
}

export interface DeviceParts {
  readonly printer: PrinterSession | null;
  readonly fallback?: { readonly session: PrinterSession; readonly columns: PrinterColumns } | null;
  /** May be the printer's own session, another one, or none. */
  readonly drawer: PrinterSession | null;
  readonly columns: PrinterColumns;
  readonly drawerPulse: DrawerPulse;
  /** 1 when left out. */
  readonly drawerConnector?: DrawerConnector;
}

/**
 * Printer and drawer of one till: the only surface that the till's core uses. Nothing moves without a
 * UsePermit, and each of its actions once.
 */
export class Devices {
  readonly #parts: DeviceParts;

  constructor(parts: DeviceParts) {
    this.#parts = parts;
  }

  start(): void {
    for (const session of this.#sessions()) session.start();
  }

  /** A device came or went at this machine: whoever waits for theirs looks at once. */
  nudge(): void {
    for (const session of this.#sessions()) session.nudge();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sessions().map((session) => session.stop()));
  }

  get state(): DeviceState {
    const { printer, fallback } = this.#parts;
    return {
      printer: printerState(printer),
      fallback: fallback ? printerState(fallback.session) : null,
      drawer: this.#drawerState(),
    };
  }

  /** Called with each new state, changed or not. */
  onChange(listener: (state: DeviceState) => void): Cancel {
    const cancels = this.#sessions().map((session) => session.onChange(() => listener(this.state)));
    return () => {
      for (const cancel of cancels) cancel();
    };
  }

  /**
   * Opens the drawer. The pulse is with the port before the first await. Throws SaksiError:
   * `grant_action_not_allowed`, `grant_already_used`; `drawer_absent` (nothing left, the permit stands);
   * `drawer_not_confirmed` (the connection broke on the way, the permit is used). `confirmed` is whether the
   * drawer's switch reports open.
   */
  async openDrawer(permit: UsePermit): Promise<{ readonly sent: true; readonly confirmed: boolean }> {
    UsePermit.take(permit, 'drawer.open');
    const { drawer, drawerPulse, drawerConnector } = this.#parts;
    const result = await (drawer?.openDrawer(drawerPulse, drawerConnector) ?? ABSENT);
    if (result.sent) return result;
    if (result.failure === 'drawer_absent') UsePermit.giveBack(permit, 'drawer.open');
    throw new SaksiError(result.failure);
  }

  /**
   * Prints a slip, on the second printer if so told, and resolves when the printer said that it finished, or with
   * why not and how much may have left. Throws SaksiError `grant_action_not_allowed` or `grant_already_used`, and
   * RangeError for a slip that cannot be encoded (barcode or QR data). Where nothing left, the permit stands and the
   * slip may be tried again. `leaving` is called before the first byte leaves; what it throws is thrown, and none does.
   */
  async printSlip(
    permit: UsePermit,
    slip: SlipDocument,
    on: 'printer' | 'fallback' = 'printer',
    leaving: () => void = () => {},
  ): Promise<PrintResult> {
    UsePermit.take(permit, 'slip.print');
    let result: PrintResult = {
      ok: false,
      failure: 'printer_absent',
      sent: 'none',
      detail: 'no printer configured',
    };
    try {
      const { printer, fallback = null, columns } = this.#parts;
      const target = on === 'fallback' ? fallback : printer && { session: printer, columns };
      if (target !== null) {
        const { session } = target;
        result = await session.print(() => {
          const encoded = session.dialect.encode(slip, target.columns);
          leaving();
          return encoded;
        });
      }
    } finally {
      if (!result.ok && result.sent === 'none') UsePermit.giveBack(permit, 'slip.print');
    }
    return result;
  }

  /**
   * Prints the one page that needs no grant: its text is fixed there, and says that it is a test. Resolves as printSlip
   * does.
   */
  async printTestPage(page: Pick<TestPage, 'look' | 'time'>): Promise<PrintResult> {
    const { printer, columns } = this.#parts;
    if (printer === null) {
      return { ok: false, failure: 'printer_absent', sent: 'none', detail: 'no printer configured' };
    }
    const document = testPage({ ...page, device: printer.label, columns });
    return printer.print(printer.dialect.encode(document, columns));
  }

  /**
   * Opens the drawer of a till that belongs to no shop yet, where nobody could give a grant: the caller makes sure of
   * that, and writes it down first. Throws SaksiError as openDrawer does.
   */
  async testDrawer(): Promise<{ readonly sent: true; readonly confirmed: boolean }> {
    const { drawer, drawerPulse, drawerConnector } = this.#parts;
    const result = await (drawer?.openDrawer(drawerPulse, drawerConnector) ?? ABSENT);
    if (!result.sent) throw new SaksiError(result.failure);
    return result;
  }

  #sessions(): PrinterSession[] {
    const { printer, fallback, drawer } = this.#parts;
    return [...new Set([printer, fallback?.session ?? null, drawer])].filter((session) => session !== null);
  }

  #drawerState(): DeviceState['drawer'] {
    const session = this.#parts.drawer;
    if (session === null) return { link: 'not_configured', label: '', position: 'unknown' };
    const { link, status } = session.snapshot;
    return { link, label: session.label, position: status?.drawerSwitch ?? 'unknown' };
  }
}

function printerState(session: PrinterSession | null): DeviceState['printer'] {
  if (session === null) {
    return {
      link: 'not_configured',
      label: '',
      paper: 'unknown',
      coverOpen: false,
      obstacle: 'printer_absent',
    };
  }
  const { link, status } = session.snapshot;
  const oneWay = session.oneWay && link === 'mute';
  const unheard = oneWay || (link === 'mute' && session.dialect.printsUnheard);
  return {
    link: oneWay ? 'one_way' : link,
    label: session.label,
    paper: status?.paper ?? 'unknown',
    coverOpen: status?.coverOpen ?? false,
    obstacle: status !== null ? obstacleOf(status) : unheard ? null : 'printer_absent',
  };
}

const ABSENT = Promise.resolve({ sent: false, failure: 'drawer_absent' } as const);
