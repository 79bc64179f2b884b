/** What the virtual printers of all languages share: the commands of the paper, and the reader that finds them in a stream. */

export type Command =
  | { readonly kind: 'text'; readonly byte: number }
  | { readonly kind: 'line_feed' }
  /** How far a line feed moves the paper. */
  | { readonly kind: 'line_spacing'; readonly dots: number }
  | { readonly kind: 'initialise' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'bold' | 'underline' | 'invert'; readonly on: boolean }
  | { readonly kind: 'size'; readonly width: number; readonly height: number }
  | { readonly kind: 'code_page'; readonly page: number }
  | { readonly kind: 'align'; readonly align: 'left' | 'center' | 'right' }
  | { readonly kind: 'cut'; readonly mode: 'full' | 'partial'; readonly feed: boolean }
  | { readonly kind: 'qr_model' | 'qr_level' | 'qr_cell'; readonly value: number }
  | { readonly kind: 'qr_data'; readonly data: Uint8Array }
  | { readonly kind: 'qr_print' }
  | {
      readonly kind: 'barcode';
      readonly symbology: number;
      readonly text: boolean;
      readonly width: number;
      readonly height: number;
      readonly data: string;
    }
  | { readonly kind: 'pulse_width'; readonly onTime: number; readonly offTime: number }
  | { readonly kind: 'fire_drawer' }
  | { readonly kind: 'auto_status'; readonly on: boolean }
  /** `n` is which of ESC/POS's four. */
  | { readonly kind: 'status_request'; readonly n?: number }
  /** ESC/POS only, as the following. */
  | { readonly kind: 'process_id'; readonly id: Uint8Array }
  | { readonly kind: 'sensor_request' }
  | { readonly kind: 'setting' }
  /** Times in units of 2 ms. */
  | { readonly kind: 'pulse'; readonly connector: number; readonly onTime: number; readonly offTime: number }
  | {
      readonly kind: 'raster';
      readonly bytesPerRow: number;
      readonly rows: number;
      readonly data: Uint8Array;
    }
  /** Into the line buffer, 24 dots high; stored in rows, as a raster. The next line feed prints it. Star Line only. */
  | { readonly kind: 'bit_image'; readonly bytesPerRow: number; readonly data: Uint8Array }
  | { readonly kind: 'end_mark' }
  | { readonly kind: 'clear_end_counter' };

export interface ParseError {
  /** Position in the stream since the connection began. */
  readonly offset: number;
  readonly bytes: string;
  readonly reason: string;
}

export interface ParsedCommand {
  readonly command: Command;
  /** Bytes that it takes up in the reception buffer. */
  readonly size: number;
}

/** What a reader found: a command, nothing that may stand here, or (null) too few bytes to tell. */
export type Reading =
  | { readonly command: Command; readonly size: number }
  | { readonly error: string; readonly size: number }
  | null;
export type Reader = (bytes: Uint8Array) => Reading;

/** A reading of `size` bytes: the command, or why it is none. */
export const take = (size: number, found: Command | string): Reading =>
  typeof found === 'string' ? { error: found, size } : { command: found, size };

/** Finds commands in a stream however it is cut up; what is none is refused and kept as an error. */
export class CommandReader {
  readonly #read: Reader;
  #pending: Uint8Array = new Uint8Array();
  #offset = 0;
  readonly errors: ParseError[] = [];

  constructor(read: Reader) {
    this.#read = read;
  }

  push(bytes: Uint8Array): ParsedCommand[] {
    this.#pending = Uint8Array.from(Buffer.concat([this.#pending, bytes]));
    const commands: ParsedCommand[] = [];
    while (this.#pending.length > 0) {
      const reading = this.#read(this.#pending);
      if (reading === null) break;
      if ('command' in reading) commands.push(reading);
      else this.#refuse(reading.error, reading.size);
      this.#pending = this.#pending.subarray(reading.size);
      this.#offset += reading.size;
    }
    return commands;
  }

  /** Bytes of a command that has not ended. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** The connection ended: a command cut off in the middle is forgotten, as the printer's own time-out does. */
  disconnect(): void {
    this.#pending = new Uint8Array();
    this.#offset = 0;
  }

  #refuse(reason: string, size: number): void {
    const bytes = Buffer.from(this.#pending.slice(0, size)).toString('hex');
    this.errors.push({ offset: this.#offset, bytes, reason });
  }
}
