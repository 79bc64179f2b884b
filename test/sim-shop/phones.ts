import { SEALED_ALPHABET } from '../../shared/offline.ts';

export const PHONE_NUMBER_ID = '100000000000001';

/** One request that a supervisor's phone shows. */
export interface Question {
  readonly wamid: string;
  readonly phone: string;
  readonly payloads: readonly string[];
  /** As a template its buttons answer with type `button`, else `interactive`. */
  readonly template: boolean;
}

/** What a phone was told of sealed codes, newest last. */
export interface SealedNote {
  readonly phone: string;
  readonly text: string;
}

const SEALED = new RegExp(`[${SEALED_ALPHABET}]{4}-[${SEALED_ALPHABET}]{4}`, 'g');

/** All phones of the shop: what Meta delivers to them. Their people read it, and answer or not. */
export class Phones {
  #sent = 0;
  readonly codes = new Map<string, string[]>();
  readonly questions: Question[] = [];
  readonly sealed: SealedNote[] = [];
  #away = false;

  away(): boolean {
    return this.#away;
  }

  setAway(away: boolean): void {
    this.#away = away;
  }

  /** @returns the message's id */
  take(message: unknown, _at: number): string {
    this.#sent += 1;
    const wamid = `wamid.SIM${this.#sent}`;
    const text = JSON.stringify(message);
    const phone = /"to":"(\d+)"/.exec(text)?.[1] ?? '';
    const payloads = [...text.matchAll(/"(?:payload|id)":"([^"]{8,})"/g)].map((match) => match[1] ?? '');
    if (text.includes('saksi_redemption_code')) {
      const code = /"text":"(\d{4,8})"/.exec(text)?.[1];
      if (code !== undefined) this.codes.set(phone, [...(this.codes.get(phone) ?? []), code]);
    } else if (text.includes('saksi_approval_request') || text.includes('"interactive"')) {
      this.questions.push({ wamid, phone, payloads, template: text.includes('"template"') });
    } else if (text.includes('saksi_sealed_codes')) {
      this.sealed.push({ phone, text: (text.match(SEALED) ?? []).length > 0 ? text : '' });
    }
    return wamid;
  }

  /** Codes for the till of this name in the newest note that named it, on this phone. */
  sealedFor(phone: string, tillName: string): string[] {
    const note = this.sealed.findLast((one) => one.phone === phone && one.text.includes(tillName));
    if (note === undefined) return [];
    const [, after = ''] = note.text.split(`${tillName}:`);
    return (after.split('"')[0]?.match(SEALED) ?? []).map((code) => code);
  }

  status(wamid: string, phone: string, at: number, status: 'delivered' | 'read'): object {
    return envelope({
      statuses: [{ id: wamid, status, timestamp: String(Math.floor(at / 1000)), recipient_id: phone }],
    });
  }

  /** The webhook of a tap on button `index`. `tap`: its own id, so that a repeated delivery is the same tap. */
  tap(question: Question, index: number, tap: string, at: number): object {
    const payload = question.payloads[index] ?? '';
    const content = question.template
      ? { type: 'button', button: { payload, text: 'x' } }
      : {
          type: 'interactive',
          interactive: { type: 'button_reply', button_reply: { id: payload, title: 'x' } },
        };
    return envelope({
      contacts: [{ wa_id: question.phone, profile: { name: 'x' } }],
      messages: [
        {
          id: tap,
          from: question.phone,
          timestamp: String(Math.floor(at / 1000)),
          context: { id: question.wamid },
          ...content,
        },
      ],
    });
  }
}

function envelope(fields: object): object {
  const metadata = { display_phone_number: '620000', phone_number_id: PHONE_NUMBER_ID };
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '200000000000001',
        changes: [{ field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...fields } }],
      },
    ],
  };
}
