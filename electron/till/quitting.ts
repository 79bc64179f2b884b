import type { Core } from './core.ts';

/** Closing the program is asked about while anything is unsent. Nothing is lost by it, but nothing is sent either. */
export function createQuitting(core: Pick<Core, 'store' | 'changed'>) {
  let answer: ((quit: boolean) => void) | null = null;

  function answered(quit: boolean): void {
    const waiting = answer;
    answer = null;
    waiting?.(quit);
    core.changed();
  }

  return {
    asked: () => answer !== null,

    /** Whether to close: at once where all is sent, else as the person at the screen says. Asked again: a no to the first. */
    async ask(): Promise<boolean> {
      if (core.store.outbox.counts().pending === 0) return true;
      answer?.(false);
      return new Promise((resolve) => {
        answer = resolve;
        core.changed();
      });
    },

    answered,
  };
}
export type Quitting = ReturnType<typeof createQuitting>;
