import { useEffect, useRef, useState } from 'react';
import type { AuditFilter, TimelineEvent } from '../../shared/audit/timeline.ts';
import type { WireError } from '../../shared/errors.ts';
import { newestId, withNews } from './list.ts';
import { isLocked, useAuditDesk } from './reader.ts';

/** Typing rests for so long before the list is asked for again. */
const REST_MS = 250;

export type TimelineList =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: WireError }
  | {
      readonly state: 'shown';
      readonly events: readonly TimelineEvent[];
      readonly next: string | null;
      /** Older ones are on their way, or could not be had. */
      readonly older: 'rest' | 'loading' | WireError;
    };

/** The events that fit a filter, page by page; only the answer for the newest filter counts. `isLive`: new ones appear. */
export function useTimeline(filter: AuditFilter, isLive: boolean) {
  const { reader, locked } = useAuditDesk();
  const [list, setList] = useState<TimelineList>({ state: 'loading' });
  const [lost, setLost] = useState<WireError | null>(null);
  const newest = useRef(0);
  const wanted = JSON.stringify(filter);

  const refused = (error: WireError): WireError => {
    if (isLocked(error)) locked();
    return error;
  };

  const load = async () => {
    newest.current += 1;
    const mine = newest.current;
    setList({ state: 'loading' });
    const answer = await reader.page(filter, null);
    if (mine !== newest.current) return;
    setList(
      answer.ok
        ? { state: 'shown', ...answer.value, older: 'rest' }
        : { state: 'failed', error: refused(answer.error) },
    );
  };

  const older = async () => {
    if (list.state !== 'shown' || list.next === null || list.older === 'loading') return;
    const mine = newest.current;
    setList({ ...list, older: 'loading' });
    const answer = await reader.page(filter, list.next);
    if (mine !== newest.current) return;
    setList((now) => {
      if (now.state !== 'shown') return now;
      if (!answer.ok) return { ...now, older: refused(answer.error) };
      const { events, next } = answer.value;
      return { state: 'shown', events: withNews(now.events, events, true), next, older: 'rest' };
    });
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: `load` is made of the filter, whose text is compared
  useEffect(() => {
    const timer = setTimeout(() => void load(), REST_MS);
    return () => {
      clearTimeout(timer);
      newest.current += 1;
    };
  }, [wanted]);

  const isShown = list.state === 'shown';
  // biome-ignore lint/correctness/useExhaustiveDependencies: it begins where the list that was just read ends
  useEffect(() => {
    if (!isLive || list.state !== 'shown') return undefined;
    const stop = reader.tail(filter, newestId(list.events), {
      events: (news) =>
        setList((now) =>
          now.state === 'shown' ? { ...now, events: withNews(now.events, news, now.next === null) } : now,
        ),
      lost(error) {
        setLost(error);
        if (error !== null) refused(error);
      },
    });
    return () => {
      stop();
      setLost(null);
    };
  }, [isLive, isShown, wanted]);

  return { list, load, older, lost };
}
