import type { BridgeOutput } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import type { MessageFilter } from '../../shared/message-log.ts';
import { type Core, linkOf } from './core.ts';
import type { Session } from './session.ts';

/** A page of the store's message log. Throws `role_not_allowed`; while the line is down `gateway_unreachable`. */
export function listMessages(
  core: Core,
  { role }: Session,
  filter: MessageFilter,
  after: string | null,
): Promise<BridgeOutput<'messages.list'>> {
  if (role !== 'manager') throw new SaksiError('role_not_allowed');
  return linkOf(core).client.messageLog(filter, after);
}
