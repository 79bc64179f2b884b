import { SaksiError } from '../../shared/errors.ts';
import { violatedConstraint } from '../db/errors.ts';

/** For `catch`: a store's used-up credit, as the database refuses a code for it, is `message_credit_empty`; all else is thrown on. */
export function throwCreditRefusal(cause: unknown): never {
  if (violatedConstraint(cause) === 'message_credit') throw new SaksiError('message_credit_empty', { cause });
  throw cause;
}
