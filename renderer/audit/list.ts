import type { TimelineEvent } from '../../shared/audit/timeline.ts';

const isNewer = (one: TimelineEvent, other: TimelineEvent) =>
  one.at === other.at ? one.id > other.id : one.at > other.at;

/**
 * The list, newest first, with what came in: once each, in its place. What is older than all that was read (`isWhole`: than
 * everything) comes with its page.
 */
export function withNews(
  list: readonly TimelineEvent[],
  news: readonly TimelineEvent[],
  isWhole: boolean,
): readonly TimelineEvent[] {
  const known = new Set(list.map(({ id }) => id));
  const last = list.at(-1);
  const fresh = news.filter(
    (event) => !known.has(event.id) && (isWhole || last === undefined || isNewer(event, last)),
  );
  if (fresh.length === 0) return list;
  return [...list, ...fresh].sort((one, other) => (isNewer(one, other) ? -1 : 1));
}

/** The event after which a tail goes on; null: from now. */
export const newestId = (list: readonly TimelineEvent[]): number | null =>
  list.length === 0 ? null : Math.max(...list.map(({ id }) => id));
