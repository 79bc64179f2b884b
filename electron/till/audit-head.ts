import type { Cancel } from '../../shared/effects.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { CountersignedHead } from '../../shared/offline.ts';
import { type HeadRefusal, headRefusalSchema } from '../store/audit-heads.ts';
import { type Core, linkOf } from './core.ts';

export const HEAD_EVERY_MS = 600_000;
/** Entries after which the gateway is asked sooner. */
export const HEAD_EVERY_ENTRIES = 1_000;
/** Once with what this till last heard, once with what the gateway then answers, once more for a race with another page. */
const ROUNDS_MAX = 3;

/** Looks at the head again after this; a till of many entries asks before the full time is over. */
const LOOK_EVERY_MS = 60_000;

/**
 * Has the gateway countersign the head of this till's audit chain. Where the gateway has seen a longer chain, or another
 * one, this disk is an old copy or was edited: then no money moves until somebody looked, also after a restart.
 */
export async function countersignHead(core: Core): Promise<void> {
  const { auditHeads, audit } = core.store;
  const { client, checkHead } = linkOf(core);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { seq, hash } = audit.head();
    const newest = auditHeads.newest();
    const prefix =
      newest === null ? null : { seq: newest.seq, hash: audit.hashAt(newest.seq) ?? newest.hash };
    let signed: CountersignedHead;
    let jws: string;
    try {
      ({ countersigned: jws } = await client.auditHead({ seq, hash, prefix }));
      signed = checkHead(jws);
      assertOnChain(core, signed);
    } catch (error) {
      noteRefusal(core, asSaksiError(error));
      throw error;
    }
    auditHeads.save(signed, jws);
    if (signed.seq !== seq) continue;
    core.trouble.clear('old_copy');
    return;
  }
}

/** The gateway's newest may be one that this till did not hear of: then its chain must have it. */
function assertOnChain(core: Core, { seq, hash }: CountersignedHead): void {
  const own = core.store.audit.hashAt(seq);
  if (own === null) throw new SaksiError('audit_head_behind');
  if (own !== hash) throw new SaksiError('audit_head_forked');
}

/** Keeps that the gateway would not have this chain; any other error is none of the chain. */
export function noteRefusal(core: Core, error: SaksiError): void {
  const why = headRefusalSchema.safeParse(error.code);
  if (!why.success) return;
  core.log.error({ code: error.code }, 'the gateway has seen another audit chain of this till');
  core.store.auditHeads.refuse(why.data);
  raise(core, why.data);
}

function raise(core: Core, why: HeadRefusal): void {
  core.trouble.raise('old_copy', new SaksiError(why));
}

/** Asks when ten minutes or a thousand entries have passed since the last head; what was refused stays refused over a restart. */
export function watchHead(core: Core, due: () => void): { stop(): void } {
  const { clock } = core.effects;
  const refused = core.store.auditHeads.refused();
  if (refused !== null) raise(core, refused);
  let askedAt = clock.monotonic();
  let cancel: Cancel = () => {};

  function look(): void {
    const signed = core.store.auditHeads.newest()?.seq ?? 0;
    const late = clock.monotonic() - askedAt >= HEAD_EVERY_MS;
    const many = core.store.audit.head().seq - signed >= HEAD_EVERY_ENTRIES;
    if (late || many) {
      askedAt = clock.monotonic();
      due();
    }
    cancel = clock.schedule(LOOK_EVERY_MS, look);
  }

  cancel = clock.schedule(LOOK_EVERY_MS, look);
  return { stop: () => cancel() };
}
