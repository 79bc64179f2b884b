import { z } from 'zod';
import type { Role } from './gateway-api.ts';

/** A second factor at sign-in: a code on the person's WhatsApp, after the right PIN. */
export const loginPolicySchema = z.object({
  /** Who is asked for one; `supervisors`: and managers. */
  who: z.enum(['all', 'supervisors', 'nobody']),
  /** How long a till may be remembered for a person, who is not asked there meanwhile; 0: never. */
  rememberDays: z.number().int().min(0).max(365),
  /**
   * Whose PIN alone is enough while the line is down: everybody's, of those whom this till remembers, of cashiers whom it
   * remembers, nobody's.
   */
  offline: z.enum(['anyone', 'remembered', 'remembered_cashiers', 'nobody']),
  /** After so long without a line everybody's PIN is: no rule may lock a shop out for ever. */
  offlineHours: z.number().int().min(1).max(168),
});
export type LoginPolicy = z.infer<typeof loginPolicySchema>;

/** Off until a shop asks for it: each code is a message, and everybody at the till needs a verified number first. */
export const DEFAULT_LOGIN: LoginPolicy = {
  who: 'nobody',
  rememberDays: 30,
  offline: 'remembered_cashiers',
  offlineHours: 24,
};

/** Whether a person of this role is asked for a code. */
export function asksLoginCode({ who }: LoginPolicy, role: Role): boolean {
  return who === 'all' || (who === 'supervisors' && role !== 'cashier');
}
