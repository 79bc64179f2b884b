/**
 * A GSM modem as far as a gateway can tell by its bytes (3GPP TS 27.005 and 27.007, PDU mode), with a network behind it that
 * takes texts, refuses them, keeps silent, and reports. Assumed, as common modems do: commands end with CR, echo is on
 * after power-on, the prompt is CR LF `> `, and settings are lost with the power.
 */
import type { Cancel } from '../../../shared/effects.ts';
import { readSubmit, type SubmittedPart, statusReport } from './submit.ts';

/** What the network does with the next texts; the last one stays. */
export type NetworkMood =
  | { readonly kind: 'deliver' }
  /** Takes it, and reports this TP-Status. */
  | { readonly kind: 'report'; readonly status: number }
  | { readonly kind: 'no_report' }
  | { readonly kind: 'refuse'; readonly cms: number }
  | { readonly kind: 'silent' }
  /** Waits for the text, and its prompt is lost on the way. */
  | { readonly kind: 'no_prompt' };

export interface SentPart extends SubmittedPart {
  readonly reference: number;
}

interface Connection {
  send(bytes: Uint8Array): void;
  close(): void;
}

export class VirtualGsmModem {
  readonly #listeners = new Set<() => void>();
  readonly #connections = new Set<Connection>();
  readonly #pin: string | null;
  readonly sent: SentPart[] = [];
  readonly commands: string[] = [];
  readonly faults: string[] = [];
  mood: readonly NetworkMood[] = [{ kind: 'deliver' }];
  pinTries = 0;
  #locked: boolean;
  #plugged = true;
  #echo = true;
  #pduMode = false;
  #reports = false;
  #announced: number | null = null;
  #buffer = '';
  #reference = 250; // soon round the corner

  constructor(options: { pin?: string } = {}) {
    this.#pin = options.pin ?? null;
    this.#locked = this.#pin !== null;
  }

  get state(): { readonly plugged: boolean } {
    return { plugged: this.#plugged };
  }

  /** Whole texts in the order of their first part. */
  get texts(): { to: string; text: string; parts: number }[] {
    const groups = new Map<string, SentPart[]>();
    this.sent.forEach((part, index) => {
      const key = part.part === null ? `alone ${index}` : `${part.to} ${part.part.reference}`;
      groups.set(key, [...(groups.get(key) ?? []), part]);
    });
    return [...groups.values()].map((parts) => {
      const ordered = [...parts].sort((one, other) => (one.part?.number ?? 1) - (other.part?.number ?? 1));
      const text = ordered.map((part) => part.text).join('');
      return { to: ordered[0]?.to ?? '', text, parts: parts.length };
    });
  }

  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  attach(connection: Connection): { receive(bytes: Uint8Array): Promise<void>; detach(): void } | null {
    if (!this.#plugged) return null;
    this.#connections.add(connection);
    return {
      receive: async (bytes) => this.#receive(Buffer.from(bytes).toString('latin1')),
      detach: () => void this.#connections.delete(connection),
    };
  }

  /** Power comes over the cable. */
  unplug(): void {
    this.#plugged = false;
    this.#echo = true;
    this.#pduMode = false;
    this.#reports = false;
    this.#announced = null;
    this.#buffer = '';
    this.#locked = this.#pin !== null;
    this.#changed();
  }

  plug(): void {
    this.#plugged = true;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #say(text: string): void {
    for (const connection of this.#connections) connection.send(Buffer.from(text, 'latin1'));
  }

  #answer(...lines: string[]): void {
    this.#say(lines.map((line) => `\r\n${line}\r\n`).join(''));
  }

  #receive(text: string): void {
    for (const char of text) {
      if (this.#announced !== null) this.#takeBody(char);
      else if (char === '\r') {
        const command = this.#buffer;
        this.#buffer = '';
        if (this.#echo) this.#say(`${command}\r`);
        this.#command(command.trim());
      } else if (char !== '\x1b' && char !== '\n') this.#buffer += char;
    }
  }

  #command(command: string): void {
    this.commands.push(command.startsWith('AT+CPIN=') ? 'AT+CPIN=' : command);
    const cmgs = /^AT\+CMGS=(\d+)$/.exec(command)?.[1];
    if (cmgs === undefined) this.#answer(...this.#carryOut(command));
    else if (this.#locked) this.#answer('+CMS ERROR: 311');
    else if (!this.#pduMode) this.#answer('+CMS ERROR: 304');
    else {
      this.#announced = Number(cmgs);
      const [mood, ...later] = this.mood;
      if (mood?.kind !== 'no_prompt') this.#say('\r\n> ');
      else if (later.length > 0) this.mood = later;
    }
  }

  #carryOut(command: string): string[] {
    if (!command.startsWith('AT')) return ['ERROR'];
    if (command === 'ATE0') this.#echo = false;
    if (command === 'AT+CMGF=0') this.#pduMode = true;
    if (/^AT\+CNMI=\d,\d,\d,1,\d$/.test(command)) this.#reports = true;
    if (command === 'AT+CPIN?') return [`+CPIN: ${this.#locked ? 'SIM PIN' : 'READY'}`, 'OK'];
    if (!command.startsWith('AT+CPIN="')) return ['OK'];
    this.pinTries += 1;
    if (command !== `AT+CPIN="${this.#pin}"`) return ['+CME ERROR: 16'];
    this.#locked = false;
    return ['OK'];
  }

  #takeBody(char: string): void {
    if (char !== '\x1a' && char !== '\x1b') {
      this.#buffer += char;
      return;
    }
    const [hex, length] = [this.#buffer, this.#announced ?? 0];
    this.#buffer = '';
    this.#announced = null;
    if (char === '\x1b') this.#answer('OK');
    else this.#submit(hex, length);
  }

  #submit(hex: string, length: number): void {
    const part = this.#read(hex, length);
    if (part === null) {
      this.#answer('+CMS ERROR: 304');
      return;
    }
    const [mood = { kind: 'deliver' as const }, ...later] = this.mood;
    if (later.length > 0) this.mood = later;
    if (mood.kind === 'silent' || mood.kind === 'no_prompt') return;
    if (mood.kind === 'refuse') {
      this.#answer(`+CMS ERROR: ${mood.cms}`);
      return;
    }
    this.#reference = (this.#reference + 1) & 0xff;
    this.sent.push({ ...part, reference: this.#reference });
    this.#answer(`+CMGS: ${this.#reference}`, 'OK');
    if (mood.kind === 'no_report' || !part.reportWanted || !this.#reports) return;
    this.report({
      reference: this.#reference,
      to: part.to,
      status: mood.kind === 'report' ? mood.status : 0,
    });
  }

  #read(hex: string, length: number): SubmittedPart | null {
    try {
      return readSubmit(hex, length);
    } catch (error) {
      this.faults.push(error instanceof Error ? error.message : 'unreadable');
      return null;
    }
  }

  /** The network says something about a text. */
  report(of: { reference: number; to: string; status: number }): void {
    const { hex, length } = statusReport(of);
    this.#say(`\r\n+CDS: ${length}\r\n${hex}\r\n`);
  }
}
