/** Takes over what networks and providers report about texts. Of a message that went another way since, nothing counts. */
import type { DeliveryReason, DeliveryState } from '../../shared/delivery.ts';
import type { MessageStore } from '../messages/store.ts';
import type { ChannelKind, DeliveryReport } from './channel.ts';

export interface ReportsOptions {
  readonly store: Pick<MessageStore, 'record'>;
  readonly onState: (state: DeliveryState, reason: DeliveryReason | null) => void;
}

export type TakeReport = (kind: ChannelKind, report: DeliveryReport) => Promise<void>;

export function createReports({ store, onState }: ReportsOptions): TakeReport {
  return async (kind, { messageId, state, reason }) => {
    const reached = await store.record(messageId, { state, reason, onChannel: kind });
    if (reached !== null) onState(reached, reason);
  };
}
