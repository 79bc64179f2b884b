/** Reads SMS-SUBMIT as a network would; on its own, so that a fault of the product's writer is not repeated here. */

export interface SubmittedPart {
  readonly to: string;
  readonly text: string;
  readonly reportWanted: boolean;
  readonly alphabet: 'gsm7' | 'ucs2';
  readonly validity: number;
  /** Null of a text that fits in one. */
  readonly part: { readonly reference: number; readonly of: number; readonly number: number } | null;
}

/** 3GPP TS 23.038, table 6.2.1, row by row of its printed form: the high three bits choose the column. */
const COLUMNS = [
  ['@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å'],
  ['Δ', '_', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '', 'Æ', 'æ', 'ß', 'É'],
  [' ', '!', '"', '#', '¤', '%', '&', "'", '(', ')', '*', '+', ',', '-', '.', '/'],
  ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ':', ';', '<', '=', '>', '?'],
  ['¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O'],
  ['P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö', 'Ñ', 'Ü', '§'],
  ['¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o'],
  ['p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à'],
] as const;
const ESCAPED: Readonly<Record<number, string>> = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};

/** @param length what `AT+CMGS=` announced. @throws Error saying what a network would refuse */
export function readSubmit(hex: string, length: number): SubmittedPart {
  if (!/^([0-9A-F]{2})+$/.test(hex)) throw new Error('not hex');
  const bytes = Buffer.from(hex, 'hex');
  const smsc = bytes.readUInt8(0);
  const tpdu = bytes.subarray(1 + smsc);
  if (tpdu.length !== length) throw new Error(`${tpdu.length} octets, announced ${length}`);
  const first = tpdu.readUInt8(0);
  if ((first & 3) !== 1) throw new Error('not SMS-SUBMIT');
  const digits = tpdu.readUInt8(2);
  if (tpdu.readUInt8(3) !== 0x91) throw new Error('not an international number');
  const addressOctets = (digits + 1) >> 1;
  const swapped = tpdu.subarray(4, 4 + addressOctets).toString('hex');
  const number = swapped.replace(/(.)(.)/g, '$2$1').slice(0, digits);
  if (!/^\d+$/.test(number)) throw new Error('number has no digits');
  const rest = tpdu.subarray(4 + addressOctets);
  if (rest.readUInt8(0) !== 0) throw new Error('protocol identifier');
  const dcs = rest.readUInt8(1);
  if (((first >> 3) & 3) !== 2) throw new Error('no relative validity');
  const validity = rest.readUInt8(2);
  const userLength = rest.readUInt8(3);
  const user = rest.subarray(4);
  const header = (first & 0x40) === 0 ? 0 : user.readUInt8(0) + 1;
  const part = header === 0 ? null : readHeader(user.subarray(0, header));
  if (dcs !== 0 && dcs !== 8) throw new Error(`data coding ${dcs}`);
  const text = dcs === 8 ? readUcs2(user, userLength, header) : readSeptets(user, userLength, header);
  const alphabet = dcs === 8 ? 'ucs2' : 'gsm7';
  return { to: `+${number}`, text, reportWanted: (first & 0x20) !== 0, alphabet, validity, part };
}

function readHeader(header: Buffer) {
  const [length, element, elementLength, reference, of, number] = header;
  if (length !== 5 || element !== 0 || elementLength !== 3) throw new Error('user data header');
  if (reference === undefined || of === undefined || number === undefined) throw new Error('short header');
  return { reference, of, number };
}

function readUcs2(user: Buffer, length: number, header: number): string {
  if (user.length !== length || length > 140)
    throw new Error(`${user.length} octets of user data, said ${length}`);
  return Buffer.from(user.subarray(header)).swap16().toString('utf16le');
}

function readSeptets(user: Buffer, length: number, header: number): string {
  if (length > 160 || user.length !== Math.ceil((length * 7) / 8))
    throw new Error('septets do not fit octets');
  // The stream of bits, the lowest first.
  const bits = [...user]
    .map((octet) => octet.toString(2).padStart(8, '0').split('').reverse().join(''))
    .join('');
  const skipped = Math.ceil((header * 8) / 7);
  let text = '';
  let escaped = false;
  for (let index = skipped; index < length; index += 1) {
    const septet = bits.slice(index * 7, index * 7 + 7);
    const code = Number.parseInt([...septet].reverse().join(''), 2);
    if (escaped) text += ESCAPED[code] ?? ' ';
    else if (code !== 27) text += COLUMNS[code >> 4]?.[code & 15] ?? '?';
    escaped = !escaped && code === 27;
  }
  return text;
}

/** SMS-STATUS-REPORT without an SMSC, as `+CDS` carries it. */
export function statusReport(of: { reference: number; to: string; status: number }): {
  hex: string;
  length: number;
} {
  const digits = of.to.slice(1);
  const padded = digits.length % 2 === 0 ? digits : `${digits}f`;
  const address = padded.replace(/(.)(.)/g, '$2$1');
  const octet = (value: number) => value.toString(16).padStart(2, '0');
  const time = '62110221000000'; // 2026-11-20 12:00:00, UTC, in swapped semi-octets
  const tpdu = `06${octet(of.reference)}${octet(digits.length)}91${address}${time}${time}${octet(of.status)}`;
  return { hex: `00${tpdu}`.toUpperCase(), length: tpdu.length / 2 };
}
