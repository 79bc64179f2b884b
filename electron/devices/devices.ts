import type { Cancel } from '../../shared/effects.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { LinkState } from './link-states.ts';
import type { PrintFailure, PrintResult } from './print-job.ts';
import { obstacleOf } from './print-job.ts';
import type { PrinterSession } from './printer.ts';
import type { SlipDocument } from './slip.ts';
import type { DrawerPulse } from './starprnt/commands.ts';
import { encodeSlip, type StarPrntColumns } from './starprnt/encode.ts';
import { UsePermit } from './use-permit.ts';

export type PrinterLinkState = LinkState | 'not_configured';

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
  readonly fallback?: { readonly session: PrinterSession; readonly columns: StarPrntColumns } | null;
  /** May be the printer's own session, another one, or none. */
  readonly drawer: PrinterSession | null;
  readonly columns: StarPrntColumns;
  readonly drawerPulse: DrawerPulse;
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
    const result = await (this.#parts.drawer?.openDrawer(this.#parts.drawerPulse) ?? ABSENT);
    if (result.sent) return result;
    if (result.failure === 'drawer_absent') UsePermit.giveBack(permit, 'drawer.open');
    throw new SaksiError(result.failure);
  }

  /**
   * Prints a slip, on the second printer if so told, and resolves when the printer said that it finished, or with why not and how much may have
   * left. Throws SaksiError `grant_action_not_allowed` or `grant_already_used`, and RangeError for a slip that
   * cannot be encoded (barcode or QR data). Where nothing left, the permit stands and the slip may be tried
   * again.
   */
  async printSlip(
    permit: UsePermit,
    slip: SlipDocument,
    on: 'printer' | 'fallback' = 'printer',
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
      if (target !== null) result = await target.session.print(encodeSlip(slip, target.columns));
    } finally {
      if (!result.ok && result.sent === 'none') UsePermit.giveBack(permit, 'slip.print');
    }
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
  return {
    link,
    label: session.label,
    paper: status?.paper ?? 'unknown',
    coverOpen: status?.coverOpen ?? false,
    obstacle: status === null ? 'printer_absent' : obstacleOf(status),
  };
}

const ABSENT = Promise.resolve({ sent: false, failure: 'drawer_absent' } as const);
