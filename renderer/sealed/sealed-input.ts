import { normaliseSealedCode, SEALED_ALPHABET, SEALED_LENGTH } from '../../shared/offline.ts';

/** What is in the field after something was typed there. `odd`: a letter that no sealed code has; null: none. */
export interface TypedCode {
  readonly code: string;
  readonly odd: string | null;
}

/** '7o' after '7' → '70': small letters, dashes and the letters that look like digits are taken as meant. */
export function typedCode(text: string): TypedCode {
  let code = '';
  let odd: string | null = null;
  for (const letter of text.toUpperCase().replace(/[\s-]/g, '')) {
    const meant = letter === 'O' ? '0' : letter === 'I' || letter === 'L' ? '1' : letter;
    if (SEALED_ALPHABET.includes(meant)) code += meant;
    else odd = letter;
  }
  return { code: code.slice(0, SEALED_LENGTH), odd };
}

/** A whole code in what was pasted, with what people copy around it; null: none. */
export function pastedCode(text: string): string | null {
  const whole = normaliseSealedCode(text);
  if (whole !== null) return whole;
  // The message with the code, or its last line.
  const codes = text.toUpperCase().match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/g) ?? [];
  return codes.length === 1 ? normaliseSealedCode(codes[0] ?? '') : null;
}

/** 'K7QM3' → 'K7QM-3', as the messages write it. */
export function groupedCode(code: string): string {
  return code.length > 4 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
}
