/** What a message from a person means, and what is answered. Everything happens in the transaction of its handling. */
import type { Effects } from '../../shared/effects.ts';
import type {
  ApprovalAnswers,
  ApprovalFacts,
  Db,
  DecideOutcome,
  TapRefusal,
  Trx,
} from '../approvals/ports.ts';
import { followChange, learnIdentities } from '../customers/identities.ts';
import type { TillEvents } from '../events/append.ts';
import { requestName } from '../messages/approval-messaging.ts';
import type { MessageStore } from '../messages/store.ts';
import { type Enrolment, findWord } from '../staff/enrolment.ts';
import { identitiesOf, matchSender, staffOf } from '../staff/identities.ts';
import { languageIn, languageOf, type Replies } from '../whatsapp/replies.ts';
import { readPayload, type Tap } from './button-payload.ts';
import { consentWord, takeConsent } from './consent-words.ts';
import { type Handled, type HandleInbound, type InboundMessage, takeEarlyText } from './inbound.ts';
import { decisionReply, type Place, REPLIES, replyTo } from './replies.ts';
import { answeredCode, raiseUnrequested } from './unrequested.ts';

/** Wrong enrolment words of one sender: a person mistypes a few times, a program would try many. */
const WRONG_WORDS = { count: 5, windowMs: 3_600_000 };

export interface ConversationOptions {
  readonly effects: Effects;
  readonly answers: ApprovalAnswers;
  readonly enrolment: Enrolment;
  readonly store: Pick<MessageStore, 'addForStaff' | 'recipient'>;
  readonly events: Pick<TillEvents, 'append' | 'committed'>;
  readonly replies: Replies;
  readonly buttonKey: Uint8Array;
  readonly secretsKey: Uint8Array;
  /** Called after the commit of a reply: wakes the senders. */
  readonly queued: () => void;
}

const nothing = () => {};

export function createConversation(options: ConversationOptions): HandleInbound {
  const { effects, answers, enrolment, store, replies, buttonKey, secretsKey, queued, events } = options;
  const { clock } = effects;

  return async (trx, message) => {
    const { content } = message;
    if (content.kind === 'changed') return handleChange(trx, message, content);
    await learnIdentities(trx, message, clock.now());
    if (content.kind === 'text') return handleText(trx, message, content.text);
    if (content.kind === 'unsupported') {
      return { outcome: 'unsupported', replied: false, committed: nothing };
    }
    const payload = content.kind === 'button' ? content.payload : content.id;
    const tap = readPayload(buttonKey, payload);
    const unrequested = tap === null ? await handleUnrequested(trx, message) : null;
    if (unrequested !== null) return unrequested;
    // Before any look-up: a payload that we did not sign names nothing.
    if (tap === null) return refuseTap(trx, message, { tap: null, staffId: null, refused: 'bad_signature' });
    return handleTap(trx, message, tap);
  };

  async function handleChange(
    trx: Trx,
    message: InboundMessage,
    { phone, userId }: Extract<InboundMessage['content'], { kind: 'changed' }>,
  ): Promise<Handled> {
    const after = { ...(phone === undefined ? {} : { phone }), ...(userId === undefined ? {} : { userId }) };
    await followChange(trx, message, after, clock.now());
    return { outcome: 'changed', replied: false, committed: nothing };
  }

  /** Null: the tap answers no code of ours, or comes from somebody who did not get it. */
  async function handleUnrequested(trx: Trx, message: InboundMessage): Promise<Handled | null> {
    const code = await answeredCode(trx, { messages: store }, message, clock.now());
    if (code === null) return null;
    const { storeId, tillId } = code;
    const language = languageIn(code.language);
    const text = replies(language, 'code_unrequested', {});
    const replied = await answer(trx, message, { storeId, tillId: null, language }, text);
    // The till's row is locked from here on: last.
    const isNew = await raiseUnrequested(trx, { events }, code);
    const committed = () => {
      if (isNew) events.committed([tillId]);
      if (replied) queued();
    };
    return { outcome: 'unrequested', replied, committed };
  }

  async function handleTap(trx: Trx, message: InboundMessage, tap: Tap): Promise<Handled> {
    const question = await answers.recipientOf(trx, tap.ref);
    if (question === null) return refuseTap(trx, message, { tap, staffId: null, refused: 'unknown' });
    const { staffId, approval } = question;
    const identity = (await identitiesOf(trx, [staffId])).get(staffId);
    const match = identity === undefined ? 'other' : matchSender(identity, message);
    if (match === 'conflict') {
      return refuseTap(trx, message, { tap, staffId, refused: 'identity_conflict', approval });
    }
    if (match === 'other') {
      const [other] = await staffOf(trx, message);
      const refused = other === undefined ? 'foreign' : 'forwarded';
      return refuseTap(trx, message, { tap, staffId: other ?? null, refused, approval });
    }
    const { decision, ref } = tap;
    const decided = await answers.decideIn(trx, { target: { ref }, staffId, decision, via: 'tap' });
    const reasoned = await attachEarlyText(trx, message, staffId, decided.result);
    const reply = decisionReply(replies, decided.result, reasoned !== null);
    const replied = await answer(trx, message, placeOf(approval, message), reply);
    const committed = () => {
      decided.committed();
      reasoned?.committed();
      if (replied) queued();
    };
    return { outcome: 'tap', replied, committed };
  }

  /** The reason may have overtaken its Reject on the way. */
  async function attachEarlyText(
    trx: Trx,
    { sender, sentAt }: InboundMessage,
    staffId: string,
    decided: DecideOutcome,
  ) {
    if (decided.outcome !== 'decided' || decided.reasonSeconds === 0) return null;
    const text = await takeEarlyText(trx, secretsKey, { sender, sentAt, now: clock.now() });
    return text === null ? null : answers.attachReasonIn(trx, staffId, text);
  }

  async function refuseTap(
    trx: Trx,
    message: InboundMessage,
    about: { tap: Tap | null; staffId: string | null; refused: TapRefusal; approval?: ApprovalFacts },
  ): Promise<Handled> {
    const { tap, staffId, refused, approval } = about;
    const decision = tap?.decision ?? null;
    await answers.recordRefusedTap(trx, { ref: tap?.ref ?? null, staffId, decision, refused });
    const place = placeOf(approval ?? null, message);
    // Nothing about the request: whoever taps was not asked.
    const key = refused === 'bad_signature' || refused === 'unknown' ? 'button_unknown' : 'not_for_you';
    const replied = await answer(trx, message, place, replies(place.language, key, {}));
    return { outcome: 'tap_refused', replied, committed: replied ? queued : nothing };
  }

  async function handleText(trx: Trx, message: InboundMessage, text: string): Promise<Handled> {
    const word = findWord(text);
    if (word !== null) return enrol(trx, message, word);
    const staffIds = await staffOf(trx, message);
    for (const staffId of staffIds) {
      const attached = await answers.attachReasonIn(trx, staffId, text);
      const { result: approval } = attached;
      if (approval === null) continue;
      const thanks = replies(approval.language, 'reason_taken', { request: requestName(approval) });
      const replied = await answer(trx, message, placeOf(approval, message), thanks);
      const committed = () => {
        attached.committed();
        if (replied) queued();
      };
      return { outcome: 'reason', replied, committed };
    }
    const given = consentWord(text);
    const agreed = given === null ? null : await consent(trx, message, given);
    if (agreed !== null) return agreed;
    // Anything else is for a person at the shop, not for us.
    return { outcome: 'unanswered', replied: false, keepBody: staffIds.length > 0, committed: nothing };
  }

  /** Null: whoever wrote is no customer. */
  async function consent(trx: Trx, message: InboundMessage, given: boolean): Promise<Handled | null> {
    const [customer] = await takeConsent(trx, message, { given, at: clock.now() });
    if (customer === undefined) return null;
    const { store_id: storeId, language } = customer;
    const text = replies(language, given ? 'notices_again' : 'notices_ended', {});
    const replied = await answer(trx, message, { storeId, tillId: null, language }, text);
    return { outcome: 'consent', replied, committed: replied ? queued : nothing };
  }

  async function enrol(trx: Trx, message: InboundMessage, word: string): Promise<Handled> {
    const wrong = await countOf(trx, message.sender, WRONG_WORDS.windowMs, 'word_refused');
    // Without a reply: who guesses learns nothing more.
    if (wrong >= WRONG_WORDS.count) {
      return { outcome: 'word_refused', replied: false, committed: nothing };
    }
    const result = await enrolment.redeem(trx, word, message);
    const place: Place =
      result.outcome === 'enrolled'
        ? { storeId: result.storeId, tillId: null, language: result.language }
        : placeOf(null, message);
    const text =
      result.outcome === 'enrolled'
        ? replies(place.language, 'enrolled', { name: result.name, store: result.store })
        : replies(place.language, result.outcome, {});
    const replied = await answer(trx, message, place, text);
    const outcome = result.outcome === 'enrolled' ? 'enrolled' : 'word_refused';
    return { outcome, replied, committed: replied ? queued : nothing };
  }

  /** @returns whether a reply was queued */
  async function answer(trx: Trx, message: InboundMessage, place: Place, text: string): Promise<boolean> {
    const sent = await countOf(trx, message.sender, REPLIES.windowMs, null);
    if (sent >= REPLIES.count) return false;
    await store.addForStaff(trx, [replyTo(message, place, text, clock.now())]);
    return true;
  }

  /** What this sender sent lately: with this outcome, or (null) what we replied to. */
  async function countOf(
    trx: Db,
    sender: string,
    windowMs: number,
    outcome: 'word_refused' | null,
  ): Promise<number> {
    const rows = await trx
      .selectFrom('inbound_messages')
      .select('id')
      .where('sender', '=', sender)
      .where('handled_at', '>', clock.now() - windowMs)
      .$if(outcome === null, (query) => query.where('replied', '=', true))
      .$if(outcome !== null, (query) => query.where('outcome', '=', outcome))
      .limit(REPLIES.count)
      .execute();
    return rows.length;
  }
}

function placeOf(approval: ApprovalFacts | null, message: InboundMessage): Place {
  if (approval === null) return { storeId: null, tillId: null, language: languageOf(message) };
  return { storeId: approval.storeId, tillId: approval.tillId, language: approval.language };
}
