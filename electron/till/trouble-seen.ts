import { SaksiError } from '../../shared/errors.ts';
import type { Core } from './core.ts';
import type { Session } from './session.ts';
import type { TroubleKind } from './trouble.ts';

/**
 * Somebody has read a notice. One that stops money (a backup was taken and not all since then could be rescued) takes a
 * manager. Throws `bad_request` for what is no notice, `role_not_allowed`.
 */
export function troubleSeen(core: Core, { staffId, role }: Session, kind: TroubleKind): void {
  if (kind !== 'recovered' && kind !== 'clock_back')
    throw new SaksiError('bad_request', { params: { field: 'kind' } });
  const notice = core.trouble.view().find((trouble) => trouble.kind === kind);
  if (notice === undefined) return;
  if (notice.stopsMoney && role !== 'manager') throw new SaksiError('role_not_allowed');
  core.store.audit.record('trouble.seen', { kind, staffId });
  core.noticeRead(kind);
  core.trouble.clear(kind);
}
