/** Options of the command line, as commands' inputs. */
export type Options = Record<string, string | boolean | undefined>;

/** Digits only: '1e3', '0x10' and '10.0' are mistakes, not amounts. */
export function wholeNumber(text: unknown): number | undefined {
  return typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

export function definedOnly(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
