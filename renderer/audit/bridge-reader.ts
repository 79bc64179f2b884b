import type { Clock } from '../../shared/effects.ts';
import type { SaksiActions } from '../state/store.ts';
import { type Answer, type AuditReader, isLocked } from './reader.ts';

/** A till that cannot reach its gateway is not asked more often. */
const AGAIN_MS = 3_000;
/** A call that is not refused within this time waits for news: the line is there. */
const FOLLOWS_MS = 1_500;

/** The list as the till's bridge has it. */
export function createBridgeReader(call: SaksiActions['call'], clock: Clock): AuditReader {
  const views = async (asked: Promise<Answer<{ views: Extract<ViewsAnswer, { ok: true }>['value'] }>>) => {
    const answer = await asked;
    return answer.ok ? { ok: true as const, value: answer.value.views } : answer;
  };
  return {
    about: () => call('audit.about', {}),
    page: (filter, after) => call('audit.list', { filter, after }),
    tail(filter, after, { events, lost }) {
      let stopped = false;
      let isLost = false;
      let cancel = () => {};
      const say = (error: Parameters<typeof lost>[0]) => {
        if (error === null && !isLost) return;
        isLost = error !== null;
        lost(error);
      };
      const ask = async (from: number | null): Promise<void> => {
        cancel = clock.schedule(FOLLOWS_MS, () => say(null));
        const answer = await call('audit.tail', { filter, after: from });
        cancel();
        if (stopped) return;
        if (answer.ok) {
          say(null);
          if (answer.value.events.length > 0) events(answer.value.events);
          return ask(answer.value.after);
        }
        say(answer.error);
        // Nothing comes any more until somebody typed their PIN.
        if (!isLocked(answer.error)) cancel = clock.schedule(AGAIN_MS, () => void ask(from));
      };
      void ask(after);
      return () => {
        stopped = true;
        cancel();
      };
    },
    views: () => views(call('audit.views', {})),
    saveView: (view) => views(call('audit.saveView', view)),
    removeView: (id) => views(call('audit.removeView', { id })),
    async customers(q) {
      const answer = await call('customers.search', { q });
      return answer.ok ? { ok: true, value: answer.value.customers } : answer;
    },
    charts: (span) => call('audit.charts', span),
  };
}
type ViewsAnswer = Awaited<ReturnType<AuditReader['views']>>;
