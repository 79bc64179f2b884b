/** Options of the command line, as commands' inputs. */
import type { Command } from 'commander';

export type Options = Record<string, string | boolean | undefined>;

/** Adds a command to a group; `toInput` turns its options into its input. */
export type Add = (
  parent: Command,
  verb: string,
  description: string,
  toInput: (options: Options) => unknown,
) => Command;

/** Digits only: '1e3', '0x10' and '10.0' are mistakes, not amounts. */
export function wholeNumber(text: unknown): number | undefined {
  return typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

export function definedOnly(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
