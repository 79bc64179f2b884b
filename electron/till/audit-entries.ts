import { CHAIN_START, type ChainPlace } from '../../shared/audit/chain.ts';
import { AUDIT_ENTRIES_MAX } from '../../shared/audit/entries.ts';
import { type Cancel, sleep } from '../../shared/effects.ts';
import { asSaksiError } from '../../shared/errors.ts';
import { noteRefusal } from './audit-head.ts';
import { type Core, linkOf } from './core.ts';

/** Between two batches: whatever a person waits for goes first, here and at the gateway. */
const PAUSE_MS = 200;
/** While the outbox has something to send. */
const PAUSE_BUSY_MS = 2_000;
const LOOK_EVERY_MS = 30_000;

/**
 * Brings this till's audit entries to the gateway, in batches, one at a time, from where the gateway stands. Where it is
 * asked first, or answers something unexpected, its word counts: nothing about it is kept on the disk.
 */
export function createEntrySender(core: Core) {
  /** Of the pairing that it was heard under; null: not asked yet. */
  let known: { readonly tillId: string; readonly newest: ChainPlace } | null = null;

  async function ask(entries: { after: ChainPlace; count: number }): Promise<ChainPlace> {
    const rows = core.store.audit.entriesAfter(entries.after.seq, core.store.audit.head().seq, entries.count);
    const sent = rows.map(({ at, kind, body, hash }) => ({ at, kind, body, hash }));
    try {
      const { newest } = await linkOf(core).client.auditEntries({ after: entries.after, entries: sent });
      return newest;
    } catch (error) {
      noteRefusal(core, asSaksiError(error));
      throw error;
    }
  }

  /** From where to send: what the gateway has, if this chain has it too; else from its beginning, for it to compare. */
  function placeOn({ seq, hash }: ChainPlace): ChainPlace {
    return core.store.audit.hashAt(seq) === hash ? { seq, hash } : CHAIN_START;
  }

  /** Sends all that there is when it begins. Throws what the gateway refuses with. */
  async function send(): Promise<void> {
    const tillId = core.identity?.tillId ?? '';
    if (known?.tillId !== tillId) known = null;
    const last = core.store.audit.head().seq;
    let newest = known?.newest ?? (await ask({ after: CHAIN_START, count: 0 }));
    for (;;) {
      known = { tillId, newest };
      const after = placeOn(newest);
      if (after.seq >= last) return;
      const answer = await ask({ after, count: AUDIT_ENTRIES_MAX });
      // It stands where it stood: asked again it would say the same.
      if (answer.seq === newest.seq && answer.hash === newest.hash) return;
      newest = answer;
      await sleep(core.effects.clock, core.store.outbox.counts().pending > 0 ? PAUSE_BUSY_MS : PAUSE_MS);
    }
  }

  return {
    send,
    /** Whether there is something that the gateway was not seen to have. */
    isDue: (): boolean => known === null || core.store.audit.head().seq > known.newest.seq,
  };
}
export type EntrySender = ReturnType<typeof createEntrySender>;

/** Looks from time to time whether there is something to send. */
export function watchEntries(core: Core, sender: EntrySender, due: () => void): { stop(): void } {
  const { clock } = core.effects;
  let cancel: Cancel = clock.schedule(LOOK_EVERY_MS, look);

  function look(): void {
    if (sender.isDue()) due();
    cancel = clock.schedule(LOOK_EVERY_MS, look);
  }

  return { stop: () => cancel() };
}
