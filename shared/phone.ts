import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** ISO 3166 country whose national notation a shop's people type ('0812…' in ID). */
export type HomeCountry = 'ID' | 'TR' | 'US';

/** '0812-3456-7890' in ID → '+6281234567890' (E.164), or null when it is no possible number. */
export function parsePhone(input: string, home: HomeCountry): string | null {
  if (!/^[+\d][\d\s().-]{4,24}$/.test(input.trim())) return null;
  const parsed = parsePhoneNumberFromString(input.trim(), home);
  return parsed?.isValid() ? parsed.number : null;
}

/** '+6281234567890' → '+62•••••••7890': the country and the last four, for screens, slips and logs. */
export function maskPhone(e164: string): string {
  const parsed = parsePhoneNumberFromString(e164);
  const country = parsed ? `+${parsed.countryCallingCode}` : '+';
  const rest = e164.replace(/\D/g, '').slice(country.length - 1);
  return `${country}${'•'.repeat(Math.max(0, rest.length - 4))}${rest.slice(-4)}`;
}

/** '+6281…' → 'ID' (ISO 3166); null where the number's country is not known (satellite, shared codes). */
export function countryOfPhone(e164: string): string | null {
  return parsePhoneNumberFromString(e164)?.country ?? null;
}
