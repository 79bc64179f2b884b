import type { JsonValue } from '../../shared/audit/chain.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import { type PosApprovalCreate, posApprovalCreateSchema } from '../../shared/pos-link-api.ts';
import type { ApprovalRow } from '../store/approval-row.ts';
import { cancelApproval } from './approval-closing.ts';
import { startApproval, startApprovalAgain } from './approval-start.ts';
import { posApproval } from './approval-view.ts';
import type { ChangeNotice } from './change-notice.ts';
import type { PosPort } from './contract.ts';
import type { Core } from './core.ts';
import type { Sessions } from './session.ts';

type PosApprovals = Pick<PosPort, 'startApproval' | 'getApproval' | 'followApproval' | 'cancelApproval'>;

/** Approvals as a cashier terminal sees them: only what the terminal itself started. */
export function createPosApprovals(core: Core, sessions: Sessions, notice: ChangeNotice): PosApprovals {
  const { store } = core;

  function own(approvalId: string): ApprovalRow {
    const row = store.approvals.get(approvalId);
    if (row.startedBy !== 'terminal') throw new SaksiError('approval_unknown');
    return row;
  }

  return {
    async startApproval(key, input) {
      const wish = parse(input);
      const body = wish as unknown as JsonValue;
      const action = 'approval.start';
      const madeId = store.posKeys.find(key, action, body);
      if (madeId !== null) return posApproval(core, await repeated(core, own(madeId)));
      const { staffId, name } = sessions.require();
      const row = await startApproval(
        core,
        {
          id: createUuid(core.effects),
          startedBy: 'terminal',
          request: { ...wish, staffId },
          requestedBy: name,
        },
        { key, action, body },
      );
      return posApproval(core, row);
    },

    getApproval: (approvalId) => posApproval(core, own(approvalId)),

    followApproval(approvalId, listener) {
      own(approvalId);
      let last = '';
      return notice.listen(() => {
        const approval = posApproval(core, own(approvalId));
        const text = JSON.stringify(approval);
        if (text === last) return;
        last = text;
        listener(approval);
      });
    },

    async cancelApproval(approvalId, key) {
      const posKey = { key, action: 'approval.cancel', body: { approvalId } };
      if (store.posKeys.find(key, posKey.action, posKey.body) === null) {
        cancelApproval(core, own(approvalId), 'terminal', posKey);
      }
      return posApproval(core, own(approvalId));
    },
  };
}

function parse(input: PosApprovalCreate): PosApprovalCreate {
  const parsed = posApprovalCreateSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? '');
  throw new SaksiError(field === 'amount' ? 'amount_invalid' : 'bad_request', { params: { field } });
}

/** The same key again: the approval that it made; the same refusal; or, where nobody knows, the same wish. */
function repeated(core: Core, row: ApprovalRow): ApprovalRow | Promise<ApprovalRow> {
  if (row.stage !== 'failed' || row.gatewayId !== null || row.error === null) return row;
  const error = SaksiError.fromWire(row.error);
  if (!error.retry && error.code !== 'gateway_bad_answer') throw error;
  return startApprovalAgain(core, row);
}
