import type { OutboxBatch } from '../../shared/offline.ts';
import type { CaptureItem } from '../redemptions/capture-many.ts';

/** The captures of streams that hold nothing else, and no key or redemption twice in the batch. */
export function plainCaptures(items: readonly OutboxBatch['items'][number][]): CaptureItem[] {
  const keys = new Map<string, number>();
  const redemptions = new Map<string, number>();
  for (const { id, message } of items) {
    count(keys, id);
    if (message.kind === 'capture') count(redemptions, message.gatewayId);
  }
  const mixed = new Set<string>();
  for (const { id, stream, message } of items) {
    const once = message.kind === 'capture' && keys.get(id) === 1 && redemptions.get(message.gatewayId) === 1;
    if (!once) mixed.add(stream);
  }
  return items.flatMap(({ id, stream, message }) =>
    message.kind === 'capture' && !mixed.has(stream)
      ? [{ idempotencyKey: id, redemptionId: message.gatewayId, stream, request: message.request }]
      : [],
  );
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}
