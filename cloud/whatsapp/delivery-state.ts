import type { DeliveryState } from '../../shared/delivery.ts';

/**
 * How far one message came. Statuses arrive in any order, any number of times, with some left out (Meta drops
 * `delivered` when the chat was open, and people can turn `read` off), so the states form a chain and the
 * furthest one heard of wins. That makes the outcome the same for every order and repetition.
 */
export const DELIVERY_CHAIN = [
  'queued',
  'accepted',
  'sent',
  'failed',
  'delivered',
  'read',
] as const satisfies readonly DeliveryState[];
// `failed` lies below `delivered`: with several devices Meta reports both, and the person has then got it.

/** @returns the later of both: `current` when `incoming` is old news */
export function applyStatus(current: DeliveryState, incoming: DeliveryState): DeliveryState {
  return DELIVERY_CHAIN.indexOf(incoming) > DELIVERY_CHAIN.indexOf(current) ? incoming : current;
}
