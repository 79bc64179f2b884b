import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../shared/audit/timeline.ts';
import { newestId, withNews } from './list.ts';

const event = (id: number, at: number) => ({ id, at }) as TimelineEvent;
const ids = (list: readonly TimelineEvent[]) => list.map(({ id }) => id);

describe('a list with what came in', () => {
  const list = [event(9, 900), event(7, 500), event(8, 500 - 1)];

  it('has each event once, in its place', () => {
    expect(ids(withNews(list, [event(9, 900), event(10, 600), event(11, 950)], true))).toEqual([
      11, 9, 10, 7, 8,
    ]);
    expect(ids(withNews(list, [event(12, 500)], true))).toEqual([9, 12, 7, 8]);
  });

  it('leaves what is older than all that was read to its page', () => {
    expect(ids(withNews(list, [event(12, 100)], false))).toEqual([9, 7, 8]);
    expect(ids(withNews(list, [event(12, 100)], true))).toEqual([9, 7, 8, 12]);
    expect(withNews(list, [event(12, 100)], false)).toBe(list);
  });

  it('is followed from its newest by place in the list, not by time', () => {
    expect(newestId([event(3, 900), event(5, 100)])).toBe(5);
    expect(newestId([])).toBeNull();
  });
});
