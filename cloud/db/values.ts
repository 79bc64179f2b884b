/** Postgres type OIDs (pg_type.dat). */
export const OID_INT8 = 20;

/** int8 text → number. Throws where a double would round: money is never rounded. */
export function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 outside the safe integers: ${text}`);
  return value;
}

/** LISTEN takes no parameters, so a channel's name is put into the SQL: only this shape is. */
export function checkChannel(channel: string): string {
  if (!/^[a-z0-9_]{1,63}$/.test(channel)) throw new RangeError('channel: 1 to 63 of a-z, 0-9, _');
  return channel;
}
