import { isDeepStrictEqual } from 'node:util';
import type { Language } from '../../shared/errors.ts';
import type { Policy } from '../../shared/policy.ts';
import { DEFAULT_SLIP_DESIGN, type SlipDesign } from '../../shared/slip-design.ts';
import type { SlipLook } from '../devices/layouts.ts';

/** Languages and layout of a slip as its payload keeps them. `customer` null: the slip is for nobody but the store. */
export function lookOf(
  { slipDesign }: Pick<Policy, 'slipDesign'>,
  store: Language,
  customer: Language | null,
): { language: Language; second: Language | null; design: SlipDesign | null } {
  const wanted = slipDesign.language;
  const language = customer !== null && wanted === 'customer' ? customer : store;
  const second = customer !== null && wanted === 'both' && customer !== store ? customer : null;
  // A slip's row is kept for good: the logo would be most of it.
  const design = { ...slipDesign, logo: null };
  return { language, second, design: isDeepStrictEqual(design, DEFAULT_SLIP_DESIGN) ? null : design };
}

/** The look to print with: as it was fixed, with the logo of now. */
export function printedLook(
  {
    language,
    second,
    design,
  }: { language: Language; second?: Language | null | undefined; design?: SlipDesign | null | undefined },
  logo: string | null,
): SlipLook {
  return { language, second: second ?? null, design: { ...(design ?? DEFAULT_SLIP_DESIGN), logo } };
}
