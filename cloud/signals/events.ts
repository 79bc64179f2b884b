import type { AuditEvent } from '../../shared/audit/event.ts';

/**
 * A store's events of the timeline with `from <= at < to` (epoch ms), in the order of `at`, then of `id`. A reader may stop
 * early.
 */
export type ReadEvents = (from: number, to: number, storeId: string) => AsyncIterable<AuditEvent>;

/** Several sorted streams as one. Few of them: a chain's stores. */
export async function* mergeEvents(
  streams: readonly AsyncIterable<AuditEvent>[],
): AsyncGenerator<AuditEvent> {
  const readers = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    const heads = await Promise.all(readers.map((reader) => reader.next()));
    for (;;) {
      let first = -1;
      for (const [index, head] of heads.entries()) {
        if (head.done === true) continue;
        const best = heads[first];
        if (best === undefined || best.done === true || isBefore(head.value, best.value)) first = index;
      }
      const [head, reader] = [heads[first], readers[first]];
      if (head === undefined || head.done === true || reader === undefined) return;
      yield head.value;
      heads[first] = await reader.next();
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.return?.()));
  }
}

const isBefore = (a: AuditEvent, b: AuditEvent) => a.at < b.at || (a.at === b.at && a.id < b.id);
