import { numberOf } from '../memory.ts';
import { peerSignal } from '../peer-signal.ts';

/**
 * Approvals tapped less than `fastMs` after they were asked for, per decision of that approver: nobody unlocks a phone and reads a
 * request in that time. A thumb that slips does it now and then; a thumb that always says yes does it all day.
 */
export const fastApproval = peerSignal({
  id: 'fast_approval',
  exposure: 'decisions',
  person: 'approver',
  kinds: ['approval.approved'],
  detect: ({ emit, thresholds }) => ({
    see(event) {
      const ms = numberOf(event, 'ms');
      if (event.detail.via !== 'tap' || ms === null || ms >= thresholds(event.storeId ?? '').fastMs) return;
      emit(event, event.approverId);
    },
  }),
});
