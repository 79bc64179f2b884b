/** SQLSTATE of a connection that did not come about; the pool's own time-outs carry no code of their own. */
export const NO_CONNECTION = '08001';

/**
 * Whether it is the way to the database that failed, not what was asked of it: asking again may help. SQLSTATE class 08
 * (connection), 57P0x (shutting down) and 53300 (all connections taken), and Node's socket errors.
 */
export function isDatabaseAway(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(?:08\w{3}|57P0[123]|53300|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND)$/.test(code);
}
