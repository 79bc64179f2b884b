/**
 * The constraint that a database error names, the same on both engines; null for any other error. Our own functions
 * name one with `using constraint = …`.
 */
export function violatedConstraint(error: unknown): string | null {
  if (!(error instanceof Error) || !('constraint' in error)) return null;
  return typeof error.constraint === 'string' ? error.constraint : null;
}
