/** Requests as they were read for a tap that is expected. */
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { ApprovalPolicy } from '../../shared/approval-policy.ts';
import type { Db, SeenApproval } from '../approvals/ports.ts';
import type { ApprovalRecord, RecipientRecord } from '../approvals/record.ts';
import { contactOf, type Identity, type Reach } from '../staff/identities.ts';

/** At a few kB each; a request is answered minutes after it was sent. */
const REMEMBERED_MAX = 1_000;

/**
 * What a gateway read when it sent a request, so that the tap which answers it need not wait for a reading. Never the truth:
 * `tap_decide` writes nothing unless the database still says the same, letter for letter.
 */
export interface SeenRequests {
  /** A request was just sent under this ref: its answer will come. */
  expect(ref: string): Promise<void>;
  /** Once: after a tap the request is another. */
  take(ref: string): Seen | null;
  read(ref: string): Promise<Seen | null>;
}

export function createSeenRequests(db: Db): SeenRequests {
  const remembered = new LRUCache<string, Seen>({ max: REMEMBERED_MAX });
  return {
    async expect(ref) {
      const seen = await readSeen(db, ref);
      if (seen !== null) remembered.set(ref, seen);
    },
    take(ref) {
      const seen = remembered.get(ref) ?? null;
      remembered.delete(ref);
      return seen;
    },
    read: (ref) => readSeen(db, ref),
  };
}

/** A request with everybody in it, read without a lock. */
export interface Seen extends SeenApproval {
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
