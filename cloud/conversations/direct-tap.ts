/**
 * The short way of the message that a cashier waits for: a supervisor's Approve. Read without a lock, decided by the same
 * rules as in the usual way, written by one statement which changes nothing unless all that was read is still so: at most two
 * round trips and one commit, before the webhook is answered. Whatever is not this simple is left to the usual way, which
 * refuses, answers and waits as it always does.
 */
import { sql } from 'kysely';
import type { Approval } from '../../shared/approvals.ts';
import type { Effects } from '../../shared/effects.ts';
import type { ApprovalAnswers, PlannedYes } from '../approvals/ports.ts';
import type { Engine } from '../db/engine.ts';
import type { KeptEvent } from '../events/append.ts';
import { notesTo } from '../messages/approval-messaging.ts';
import type { MessageStore } from '../messages/store.ts';
import { matchSender } from '../staff/identities.ts';
import type { Replies } from '../whatsapp/replies.ts';
import type { MessageEvent } from '../whatsapp/webhook.ts';
import { readPayload } from './button-payload.ts';
import { type HandleAtOnce, senderKey } from './inbound.ts';
import { decisionReply, REPLIES, replyTo } from './replies.ts';
import type { Seen, SeenRequests } from './seen-requests.ts';
import { type ContactKey, openSince, windowsOf } from './windows.ts';

export interface DirectTapOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly answers: Pick<ApprovalAnswers, 'planYes'>;
  readonly store: Pick<MessageStore, 'prepareForStaff'>;
  readonly replies: Replies;
  readonly buttonKey: Uint8Array;
  readonly contactKey: ContactKey;
  readonly requests: SeenRequests;
  /** Called after the commit with the till's event; messages were queued too. */
  readonly committed: (event: KeptEvent) => void;
}

export function createDirectTap(options: DirectTapOptions): HandleAtOnce {
  const { engine, answers, store, replies, buttonKey, contactKey, requests, committed } = options;
  const db = engine.kysely;

  return async (event) => {
    const ref = approvedRef(event);
    const sender = senderKey(event, contactKey);
    if (ref === null || sender === null) return false;
    const remembered = requests.take(ref);
    if (remembered !== null) {
      const taken = await attempt(event, { ref, sender }, remembered);
      if (taken !== 'not_so') return true;
    }
    const seen = await requests.read(ref);
    return seen !== null && (await attempt(event, { ref, sender }, seen)) !== 'not_so';
  };

  /** `not_so`: nothing was written, because of how things stand or because they no longer stand as seen. */
  async function attempt(
    event: MessageEvent,
    { ref, sender }: { ref: string; sender: string },
    seen: Seen,
  ): Promise<'taken' | 'not_so'> {
    const asked = seen.identities.get(ref);
    if (asked === undefined || matchSender(asked, event) !== 'same') return 'not_so';
    const planned = answers.planYes(seen, { ref, staffId: asked.staffId });
    if (planned === null) return 'not_so';
    const written = await write(event, sender, seen, planned);
    if (written.outcome !== 'decided') return written.outcome === 'repeated' ? 'taken' : 'not_so';
    const { tillId, now: keptAt } = planned;
    const approval = { ...planned.event.approval, asked: written.asked };
    committed({ tillId, seq: written.seq, event: { ...planned.event, approval }, keptAt });
    planned.committed();
    return 'taken';
  }

  /** Null: not one of our Approve buttons. */
  function approvedRef({ content }: MessageEvent): string | null {
    if (content.kind !== 'button' && content.kind !== 'button_reply') return null;
    const tap = readPayload(buttonKey, content.kind === 'button' ? content.payload : content.id);
    return tap?.decision === 'approve' ? tap.ref : null;
  }

  async function write(event: MessageEvent, sender: string, seen: Seen, planned: PlannedYes) {
    const { now } = planned;
    const message = { wamid: event.wamid, sender, sent_at: event.timestampMs, handled_at: now };
    const contacts = windowsOf(event, contactKey);
    const limit = { count: REPLIES.count, since: now - REPLIES.windowMs };
    const { reply, notes } = messages(event, seen, planned);
    const { rows } = await sql<{ result: Written }>`select tap_decide(${JSON.stringify(message)}::jsonb,
      ${JSON.stringify(contacts)}::jsonb, ${JSON.stringify(limit)}::jsonb, ${planned.approvalId}::uuid, ${seen.text},
      ${JSON.stringify(planned.vote)}::jsonb, ${JSON.stringify(planned.patch)}::jsonb, ${reply.queue},
      ${reply.row}::jsonb, ${notes}::jsonb, ${openSince(now)}::bigint, ${planned.tillId}::uuid,
      ${JSON.stringify(planned.event)}::jsonb, ${JSON.stringify(planned.refs)}::jsonb) as result`.execute(db);
    const result = rows[0]?.result;
    if (result === undefined) throw new Error('tap_decide answered nothing');
    return result;
  }

  /** The reply, and what the others may be told; as `p_reply` and `p_notes` of `tap_decide`. */
  function messages(event: MessageEvent, { record, identities }: Seen, { now, result, ended }: PlannedYes) {
    const { store_id: storeId, till_id: tillId } = record.approval;
    const place = { storeId, tillId, language: record.store.language };
    const reply = store.prepareForStaff(replyTo(event, place, decisionReply(replies, result, false), now));
    const byStaff = new Map([...identities.values()].map((identity) => [identity.staffId, identity]));
    const others = ended === null ? [] : notesTo(replies, ended, byStaff, now);
    const notes = others.map((note) => {
      return `{"contact":"${contactKey(note.address, event.account)}","row":${store.prepareForStaff(note).row}}`;
    });
    return { reply, notes: `[${notes.join()}]` };
  }
}

type Written =
  | { readonly outcome: 'decided'; readonly seq: number; readonly asked: Approval['asked'] }
  | { readonly outcome: 'repeated' | 'stale' };
