import type { OfflineRedemption, OutboxBatch } from '../../shared/offline.ts';
import type { CaptureItem } from '../redemptions/capture-many.ts';

type Item = OutboxBatch['items'][number];
type Kind = 'capture' | 'offline_redemption';

/** The captures of streams that hold nothing else, and no key or redemption twice in the batch. */
export function plainCaptures(items: readonly Item[]): CaptureItem[] {
  return plain(items, 'capture').flatMap(({ id, stream, message }) =>
    message.kind === 'capture'
      ? [{ idempotencyKey: id, redemptionId: message.gatewayId, stream, request: message.request }]
      : [],
  );
}

/** The same of what was spent without a line, with the item that brought each. */
export function plainOffline(items: readonly Item[]): { id: string; redemption: OfflineRedemption }[] {
  return plain(items, 'offline_redemption').flatMap(({ id, message }) =>
    message.kind === 'offline_redemption' ? [{ id, redemption: message.redemption }] : [],
  );
}

function plain(items: readonly Item[], kind: Kind): Item[] {
  const keys = new Map<string, number>();
  const subjects = new Map<string, number>();
  for (const item of items) {
    count(keys, item.id);
    count(subjects, subjectOf(item));
  }
  const mixed = new Set<string>();
  for (const item of items) {
    const once = keys.get(item.id) === 1 && subjects.get(subjectOf(item)) === 1;
    if (item.message.kind !== kind || !once) mixed.add(item.stream);
  }
  return items.filter(({ stream }) => !mixed.has(stream));
}

function subjectOf({ id, message }: Item): string {
  if (message.kind === 'capture') return message.gatewayId;
  return message.kind === 'offline_redemption' ? message.redemption.id : id;
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
