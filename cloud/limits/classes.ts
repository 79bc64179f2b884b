import type { MessageKind } from '../db/shell-tables.ts';

/** Who goes first when it is tight: 0 codes, 1 approvals, 2 notices. */
export type SendClass = 0 | 1 | 2;

export function sendClass(kind: MessageKind): SendClass {
  if (kind === 'code' || kind === 'login_code') return 0;
  return kind === 'approval_request' || kind === 'approval_code' ? 1 : 2;
}
