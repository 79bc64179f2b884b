/** How many digits a PIN may have. */
export const PIN_DIGITS = { min: 4, max: 8 } as const;

/** What of a typed or pasted text is taken into a PIN: its digits, as many as one may have. */
export function typedPin(text: string): string {
  return text.replace(/\D/g, '').slice(0, PIN_DIGITS.max);
}

export function isPinComplete(pin: string): boolean {
  return pin.length >= PIN_DIGITS.min;
}
