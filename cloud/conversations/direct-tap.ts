/**
 * The short way of the message that a cashier waits for: a supervisor's Approve. Read without a lock, decided by the same
 * rules as in the usual way, written by one statement which changes nothing unless all that was read is still so: two
 * round trips and one commit, before the webhook is answered. Whatever is not this simple is left to the usual way, which
 * refuses, answers and waits as it always does.
 */
import { sql } from 'kysely';
import type { ApprovalPolicy } from '../../shared/approval-policy.ts';
import type { Approval } from '../../shared/approvals.ts';
import type { Effects } from '../../shared/effects.ts';
import type { ApprovalAnswers, Db, PlannedYes, SeenApproval } from '../approvals/ports.ts';
import type { ApprovalRecord, RecipientRecord } from '../approvals/record.ts';
import type { Engine } from '../db/engine.ts';
import type { KeptEvent } from '../events/append.ts';
import { notesTo } from '../messages/approval-messaging.ts';
import type { MessageStore } from '../messages/store.ts';
import { contactOf, type Identity, matchSender, type Reach } from '../staff/identities.ts';
import type { Replies } from '../whatsapp/replies.ts';
import type { MessageEvent } from '../whatsapp/webhook.ts';
import { readPayload } from './button-payload.ts';
import { type HandleAtOnce, senderKey } from './inbound.ts';
import { decisionReply, REPLIES, replyTo } from './replies.ts';
import { addressesOf, type ContactKey, openSince } from './windows.ts';

export interface DirectTapOptions {
  readonly engine: Engine;
  readonly effects: Effects;
  readonly answers: Pick<ApprovalAnswers, 'planYes'>;
  readonly store: Pick<MessageStore, 'prepareForStaff'>;
  readonly replies: Replies;
  readonly buttonKey: Uint8Array;
  readonly contactKey: ContactKey;
  /** Called after the commit with the till's event; messages were queued too. */
  readonly committed: (event: KeptEvent) => void;
}

export function createDirectTap(options: DirectTapOptions): HandleAtOnce {
  const { engine, answers, store, replies, buttonKey, contactKey, committed } = options;
  const db = engine.kysely;

  return async (event) => {
    const ref = approvedRef(event);
    const sender = senderKey(event, contactKey);
    if (ref === null || sender === null) return false;
    const seen = await readSeen(db, ref);
    const asked = seen?.identities.get(ref);
    if (seen === null || asked === undefined || matchSender(asked, event) !== 'same') return false;
    const planned = answers.planYes(seen, { ref, staffId: asked.staffId });
    if (planned === null) return false;
    const written = await write(event, sender, seen, planned);
    if (written.outcome !== 'decided') return written.outcome === 'repeated';
    const { tillId, now: keptAt } = planned;
    const approval = { ...planned.event.approval, asked: written.asked };
    committed({ tillId, seq: written.seq, event: { ...planned.event, approval }, keptAt });
    planned.committed();
    return true;
  };

  /** Null: not one of our Approve buttons. */
  function approvedRef({ content }: MessageEvent): string | null {
    if (content.kind !== 'button' && content.kind !== 'button_reply') return null;
    const tap = readPayload(buttonKey, content.kind === 'button' ? content.payload : content.id);
    return tap?.decision === 'approve' ? tap.ref : null;
  }

  async function write(event: MessageEvent, sender: string, seen: Seen, planned: PlannedYes) {
    const { now } = planned;
    const message = { wamid: event.wamid, sender, sent_at: event.timestampMs, handled_at: now };
    const contacts = addressesOf(event).map(contactKey);
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
      return `{"contact":"${contactKey(note.address)}","row":${store.prepareForStaff(note).row}}`;
    });
    return { reply, notes: `[${notes.join()}]` };
  }
}

interface Seen extends SeenApproval {
  /** As SQL function `tap_seen` gave it. */
  readonly text: string;
  /** Of those who were asked, by ref. */
  readonly identities: ReadonlyMap<string, Identity>;
}

interface SeenDocument extends Pick<ApprovalRecord, 'approval' | 'votes' | 'tillName'> {
  readonly store: Omit<ApprovalRecord['store'], 'policy'>;
  readonly requester: Reach & { readonly name: string };
  readonly recipients: readonly (Omit<RecipientRecord, 'code_nonce' | 'code_hash'> & Reach)[];
}

type Written =
  | { readonly outcome: 'decided'; readonly seq: number; readonly asked: Approval['asked'] }
  | { readonly outcome: 'repeated' | 'stale' };

async function readSeen(db: Db, ref: string): Promise<Seen | null> {
  const { rows } = await sql<{ seen: string | null; policy: ApprovalPolicy | null }>`
    select seen, policy from tap_read(${ref})`.execute(db);
  const [row] = rows;
  if (row === undefined || row.seen === null) return null;
  const { store, requester, recipients, ...rest }: SeenDocument = JSON.parse(row.seen);
  const record: ApprovalRecord = {
    ...rest,
    store: { ...store, policy: row.policy },
    requester: requester.name,
    recipients: recipients.map((recipient) => ({ ...recipient, code_nonce: null, code_hash: null })),
    request: null,
  };
  const contacts = [
    contactOf(record.approval.requested_by, requester),
    ...recipients.map((recipient) => contactOf(recipient.staff_id, recipient)),
  ];
  const identities = recipients.map(
    ({ ref: name, staff_id: staffId, active, phone, user_id: userId }) =>
      [name, { staffId, active, phone, userId }] as const,
  );
  return { text: row.seen, record, contacts, identities: new Map(identities) };
}
