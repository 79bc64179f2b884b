import type { ApprovalView, BridgeInput, BridgeMethod, BridgeOutput, TillView } from '../../shared/bridge.ts';
import { SaksiError } from '../../shared/errors.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/policy.ts';
import { dangersOf } from '../../shared/policy-danger.ts';
import type { SlipDesign } from '../../shared/slip-design.ts';
import { APPROVAL, askedOf, deliveryAt } from './approval-fixtures.ts';
import { uuid } from './base-fixtures.ts';

type ApprovalMethod = Extract<BridgeMethod, `approval.${string}` | `policy.${string}`>;
type Handlers = { [M in ApprovalMethod]: (input: BridgeInput<M>) => BridgeOutput<M> };

export interface FakeApprovals {
  readonly view: () => TillView;
  set(approvals: TillView['approvals']): void;
  /** Runs after so many steps of the script. */
  later(steps: number, run: () => void): void;
  readonly pin: string;
  readonly code: string;
  /** Somebody else changes the policy before the first save. */
  readonly conflict: boolean;
  readonly slipDesign: SlipDesign;
  readonly rules: Partial<Policy>;
}

/** What a note asks the scripted supervisor to do; anything else: say yes. */
const SCRIPT = { reject: 'reject', wait: 'wait', expire: 'expire', trouble: 'trouble' } as const;

/** Approvals and policy of the scripted till: for the development page and its tests only. */
export function fakeApprovals({
  view,
  set,
  later,
  pin,
  code,
  conflict,
  slipDesign,
  rules,
}: FakeApprovals): Handlers {
  let made = 0;
  let policy: Policy = { ...DEFAULT_POLICY, ...rules, slipDesign };
  let conflicts = conflict ? 1 : 0;

  const change = (id: string, next: Partial<ApprovalView>) =>
    set(view().approvals.map((approval) => (approval.id === id ? { ...approval, ...next } : approval)));
  const find = (id: string) => {
    const approval = view().approvals.find((candidate) => candidate.id === id);
    if (approval === undefined) throw new SaksiError('approval_unknown');
    return approval;
  };
  const open = (id: string) => view().approvals.some((one) => one.id === id && one.stage === 'pending');
  /** Devices at work, then done. */
  const approve = (id: string, trouble: boolean) => {
    const { asked, drawer, slip } = find(id);
    change(id, {
      stage: 'acting',
      code: null,
      asked: asked.map((one, index) => (index === 0 ? { ...one, decision: 'approve' as const } : one)),
      drawer: drawer.state === 'not_needed' ? drawer : { state: 'opened', error: null },
      slip: slip.state === 'not_needed' ? slip : { ...slip, state: 'printing' },
    });
    const error = new SaksiError('printer_paper_out').toWire();
    later(1, () =>
      change(id, {
        stage: 'approved',
        slip:
          slip.state === 'not_needed'
            ? slip
            : trouble
              ? { ...slip, state: 'failed', error }
              : { ...slip, state: 'printed', copiesLeft: 3 },
      }),
    );
  };
  const play = (id: string, note: string) => {
    later(1, () =>
      change(id, { stage: 'pending', asked: [askedOf(3, { delivery: deliveryAt('accepted') })] }),
    );
    later(2, () => change(id, { asked: [askedOf(3, { delivery: deliveryAt('read') })] }));
    if (note === SCRIPT.wait) return;
    later(4, () => {
      if (!open(id)) return;
      if (note === SCRIPT.expire) return change(id, { stage: 'expired' });
      if (note !== SCRIPT.reject) return approve(id, note === SCRIPT.trouble);
      change(id, {
        stage: 'rejected',
        asked: [askedOf(3, { delivery: deliveryAt('read'), decision: 'reject' })],
        rejection: { name: askedOf(3).name, reason: 'Barang masih utuh' },
      });
    });
  };

  return {
    'approval.start': (input) => {
      const kind = view().approvalKinds.find(({ key }) => key === input.kind);
      if (kind === undefined) throw new SaksiError('approval_kind_unknown');
      made += 1;
      const id = uuid(900 + made);
      const { reason } = input;
      const listed = kind.reasons.find(({ key }) => key === reason.key)?.name;
      const does = (action: 'drawer.open' | 'slip.print') => kind.actions.includes(action);
      const approval: ApprovalView = {
        ...APPROVAL,
        id,
        stage: 'requesting',
        kind: kind.key,
        kindName: kind.name,
        amount: input.amount as ApprovalView['amount'],
        basisPoints: input.basisPoints,
        reason: listed?.id ?? reason.text ?? '',
        note: input.note,
        saleRef: input.saleRef,
        asked: [],
        drawer: { state: does('drawer.open') ? 'waiting' : 'not_needed', error: null },
        slip: { state: does('slip.print') ? 'waiting' : 'not_needed', error: null, copiesLeft: 3 },
      };
      set([approval, ...view().approvals]);
      play(id, input.note);
      return { approvalId: id };
    },
    'approval.cancel': ({ approvalId }) => {
      change(approvalId, { stage: 'cancelled', code: null });
      return {};
    },
    'approval.submitCode': ({ approvalId, code: said }) => {
      const now = find(approvalId).code;
      if (now === null) throw new SaksiError('approval_code_not_expected');
      if (said === code) {
        approve(approvalId, false);
        return {};
      }
      const triesLeft = now.triesLeft - 1;
      change(approvalId, { code: { ...now, triesLeft } });
      throw new SaksiError('approval_code_wrong', { params: { triesLeft } });
    },
    'approval.dismiss': ({ approvalId }) => {
      set(view().approvals.filter(({ id }) => id !== approvalId));
      return {};
    },
    'approval.reprint': ({ approvalId }) => {
      const { slip } = find(approvalId);
      change(approvalId, { slip: { ...slip, state: 'printing', error: null } });
      later(1, () => change(approvalId, { slip: { state: 'printed', error: null, copiesLeft: 2 } }));
      return {};
    },
    'policy.get': () => ({ policy }),
    'policy.save': ({ pin: said, baseVersion, policy: next, second }) => {
      if (said !== pin) throw new SaksiError('pin_wrong', { params: { triesLeft: 4 } });
      if (conflicts > 0) {
        conflicts -= 1;
        policy = { ...policy, version: policy.version + 1 };
      }
      if (baseVersion !== policy.version) throw new SaksiError('policy_conflict');
      const parts = policy.fourEyes ? dangersOf(policy, next as Policy) : [];
      if (parts.length > 0 && second === undefined)
        throw new SaksiError('policy_needs_second', { params: { parts: parts.join(', ') } });
      if (second !== undefined && second.pin !== pin)
        throw new SaksiError('pin_wrong', { params: { triesLeft: 4, who: 'second' } });
      policy = { ...next, version: baseVersion + 1 } as Policy;
      return { policy };
    },
  };
}
