/** SMS on the wire: SMS-SUBMIT, as parts where one is too short, and SMS-STATUS-REPORT (3GPP TS 23.040). */
import { packSeptets, toSeptets } from './alphabet.ts';

/** Octets of user data in one message; septets in the 7-bit alphabet. */
const OCTETS_MAX = 140;
const SEPTETS_MAX = 160;
/** Concatenation with an 8-bit reference: length 5, element 00, its length 3, reference, parts, part. */
const HEADER_OCTETS = 6;
const HEADER_SEPTETS = 7;
/** 255 parts could be numbered; nobody reads more than these, and each is paid for. */
export const PARTS_MAX = 8;

const SUBMIT_RELATIVE_VALIDITY = 0b0001_0001;
const HEADER_PRESENT = 0b0100_0000;
const REPORT_WANTED = 0b0010_0000;
const STATUS_REPORT = 0b10;
const DCS_7BIT = 0x00;
const DCS_UCS2 = 0x08;

export interface SubmitPdu {
  /** Upper-case hex with the empty SMSC (the one on the SIM) before it: what is written after the prompt. */
  readonly hex: string;
  /** Octets without the SMSC's: the number for `AT+CMGS=`. */
  readonly length: number;
}

export interface Submit {
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** Joins the parts at the receiver: 0 to 255, another one each time. */
  readonly reference: number;
  readonly validSeconds: number;
  readonly report: boolean;
}

/**
 * @throws RangeError for a number that is none, an empty text, or one that needs more than `PARTS_MAX` parts
 */
export function submitPdus({ to, text, reference, validSeconds, report }: Submit): SubmitPdu[] {
  const parts = splitText(text);
  const address = addressOctets(to);
  return parts.map((part, index) => {
    const header = parts.length === 1 ? [] : [0x05, 0x00, 0x03, reference & 0xff, parts.length, index + 1];
    const first =
      SUBMIT_RELATIVE_VALIDITY | (header.length > 0 ? HEADER_PRESENT : 0) | (report ? REPORT_WANTED : 0);
    const { dcs, length, octets } = userData(part, header);
    // Message reference 00: the modem gives its own, and answers it.
    const tpdu = [first, 0x00, ...address, 0x00, dcs, validity(validSeconds), length, ...octets];
    return {
      hex: Buffer.from([0x00, ...tpdu])
        .toString('hex')
        .toUpperCase(),
      length: tpdu.length,
    };
  });
}

type Part = { readonly septets: readonly number[] } | { readonly ucs2: readonly number[] };

/** Never within a character: neither an escape and its code nor a surrogate pair is torn apart. */
function splitText(text: string): Part[] {
  if (text === '') throw new RangeError('an SMS without text');
  const septets = toSeptets(text);
  const units = septets ?? [...text].map((char) => [...Buffer.from(char, 'utf16le').swap16()]);
  const alone = septets === null ? OCTETS_MAX : SEPTETS_MAX;
  const joined = septets === null ? OCTETS_MAX - HEADER_OCTETS : SEPTETS_MAX - HEADER_SEPTETS;
  const total = units.reduce((sum, unit) => sum + unit.length, 0);
  const room = total <= alone ? alone : joined;
  const parts: number[][] = [[]];
  for (const unit of units) {
    const current = parts.at(-1);
    if (current === undefined || current.length + unit.length > room) parts.push([...unit]);
    else current.push(...unit);
  }
  if (parts.length > PARTS_MAX) throw new RangeError(`an SMS of ${parts.length} parts`);
  return parts.map((values) => (septets === null ? { ucs2: values } : { septets: values }));
}

function userData(part: Part, header: readonly number[]) {
  if ('ucs2' in part) {
    const octets = [...header, ...part.ucs2];
    return { dcs: DCS_UCS2, length: octets.length, octets };
  }
  const headerSeptets = Math.ceil((header.length * 8) / 7);
  const fillBits = headerSeptets * 7 - header.length * 8;
  const octets = [...header, ...packSeptets(part.septets, fillBits)];
  return { dcs: DCS_7BIT, length: headerSeptets + part.septets.length, octets };
}

function addressOctets(e164: string): number[] {
  const digits = /^\+(\d{5,15})$/.exec(e164)?.[1];
  if (digits === undefined) throw new RangeError('not a number in E.164');
  const padded = digits.length % 2 === 0 ? digits : `${digits}F`;
  const pairs = padded.match(/../g) ?? [];
  // 91: international, ISDN numbering plan. Each pair is swapped: the low half comes first.
  return [digits.length, 0x91, ...pairs.map((pair) => Number.parseInt(`${pair[1]}${pair[0]}`, 16))];
}

/** Relative validity (9.2.3.12.1), rounded up: 5-minute steps to 12 hours, half hours to a day, then whole days. */
function validity(seconds: number): number {
  const minutes = Math.max(5, Math.ceil(seconds / 60));
  if (minutes <= 720) return Math.ceil(minutes / 5) - 1;
  if (minutes <= 1440) return 143 + Math.ceil((minutes - 720) / 30);
  return Math.min(196, 166 + Math.ceil(minutes / 1440));
}

export interface StatusReport {
  /** What the modem answered to `AT+CMGS` for this part. */
  readonly reference: number;
  /** E.164, as far as the network gives it in international form; else its digits. */
  readonly recipient: string;
  /** Octet of TP-Status (9.2.3.15). */
  readonly status: number;
}

/** @returns null for what is no status report */
export function readStatusReport(hex: string): StatusReport | null {
  if (!/^([0-9A-Fa-f]{2}){16,}$/.test(hex)) return null;
  const bytes = Buffer.from(hex, 'hex');
  const start = 1 + (bytes[0] ?? 0);
  const [first, reference, digits, type] = bytes.subarray(start);
  if (first === undefined || reference === undefined || digits === undefined || type === undefined)
    return null;
  if ((first & 0b11) !== STATUS_REPORT) return null;
  const addressAt = start + 4;
  const addressEnd = addressAt + Math.ceil(digits / 2);
  // Two time stamps of seven octets lie between the address and the status.
  const status = bytes[addressEnd + 14];
  if (status === undefined) return null;
  const semi = [...bytes.subarray(addressAt, addressEnd)].flatMap((octet) => [octet & 0x0f, octet >> 4]);
  const number = semi.slice(0, digits).join('');
  return { reference, recipient: (type & 0x70) === 0x10 ? `+${number}` : number, status };
}
