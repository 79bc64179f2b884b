/**
 * What a guess costs (scrypt, RFC 7914: 128 · n · r bytes of memory). Kept beside each hash, so that whoever checks one goes
 * by the cost that it was made with.
 */
export interface HashCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** About 0.2 s and 32 MiB on a shop's PC (OWASP's second choice for scrypt): a PIN is short, so a guess must cost. */
export const PIN_COST: HashCost = { n: 2 ** 15, r: 8, p: 3 };

/** Of the same strength: a password is longer, and stands for more. */
export const PASSWORD_COST: HashCost = PIN_COST;

/**
 * About 0.07 s and 32 MiB for each guess at a sealed code. Against 40 random bits that is 2000 processor years for half of
 * them: more than a till's disk is worth, though one guess costs less than a PIN's.
 */
export const SEALED_COST: HashCost = { n: 2 ** 15, r: 8, p: 1 };
