/** Characters of SMS: the GSM 7-bit default alphabet with its extension (3GPP TS 23.038, 6.2.1), else UCS-2. */

/** In the order of their codes; the place of ESC (0x1B) holds a character that no text contains. */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{ffff}ÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPE = 0x1b;
const EXTENSION: ReadonlyMap<string, number> = new Map([
  ['\f', 0x0a],
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
]);

const septetsOf: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ...[...BASIC].flatMap((char, code) => (code === ESCAPE ? [] : [[char, [code]] as const])),
  ...[...EXTENSION].map(([char, code]) => [char, [ESCAPE, code]] as const),
]);
const charOfExtension: ReadonlyMap<number, string> = new Map(
  [...EXTENSION].map(([char, code]) => [code, char]),
);

/** Each character's septets (two for one of the extension), or null when one of them is not in the alphabet. */
export function toSeptets(text: string): readonly (readonly number[])[] | null {
  const all: (readonly number[])[] = [];
  for (const char of text) {
    const septets = septetsOf.get(char);
    if (septets === undefined) return null;
    all.push(septets);
  }
  return all;
}

/** The text of septets; what a receiver does not know shows as a space, as the standard wants it. */
export function fromSeptets(septets: readonly number[]): string {
  let text = '';
  for (let index = 0; index < septets.length; index += 1) {
    const code = septets[index] ?? 0;
    if (code !== ESCAPE) {
      text += BASIC[code] ?? ' ';
      continue;
    }
    index += 1;
    text += charOfExtension.get(septets[index] ?? 0) ?? ' ';
  }
  return text;
}

/** Septets as octets, the first `fillBits` bits left at zero (so that they begin on a septet after a header). */
export function packSeptets(septets: readonly number[], fillBits = 0): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((fillBits + septets.length * 7) / 8));
  septets.forEach((septet, index) => {
    const bit = fillBits + index * 7;
    const [at, shift] = [bit >> 3, bit & 7];
    const value = (septet & 0x7f) << shift;
    bytes[at] = (bytes[at] ?? 0) | (value & 0xff);
    if (shift > 1) bytes[at + 1] = (bytes[at + 1] ?? 0) | (value >> 8);
  });
  return bytes;
}

/** The other way; `count` septets after `fillBits` bits. */
export function unpackSeptets(bytes: Uint8Array, count: number, fillBits = 0): number[] {
  return Array.from({ length: count }, (_, index) => {
    const bit = fillBits + index * 7;
    const [at, shift] = [bit >> 3, bit & 7];
    return (((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)) >> shift) & 0x7f;
  });
}
