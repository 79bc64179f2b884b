import type { BridgeOutput, BridgeResult } from '../../shared/bridge.ts';
import type { Cancel, Clock } from '../../shared/effects.ts';
import type { WireError } from '../../shared/errors.ts';

export type Found = BridgeOutput<'customers.search'>;

export type Search =
  | { readonly state: 'idle' }
  | { readonly state: 'searching'; readonly query: string }
  | { readonly state: 'found'; readonly query: string; readonly found: Found }
  | { readonly state: 'failed'; readonly query: string; readonly error: WireError };

/** Typing rests for so long before a search goes out. */
export const DEBOUNCE_MS = 180;

/** Long enough to look for: two characters of a number, three letters of a name. */
export function isSearchable(query: string): boolean {
  const text = query.trim();
  return text.length >= (/\d/.test(text) ? 2 : 3);
}

interface SearchParts {
  readonly schedule: Clock['schedule'];
  readonly call: (q: string) => Promise<BridgeResult<'customers.search'>>;
  readonly show: (search: Search) => void;
}

/** Searches as the query changes; only the answer to the newest one counts. */
export class CustomerSearch {
  readonly #parts: SearchParts;
  #rest: Cancel | null = null;
  /** Counts every text and every question: an answer to an older one is nobody's. */
  #asked = 0;
  #underWay: { readonly query: string; readonly answer: Promise<Found | null> } | null = null;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /** What is typed now, trimmed: searched for once it has rested. */
  type(query: string): void {
    this.#forget();
    if (!isSearchable(query)) this.#parts.show({ state: 'idle' });
    else this.#rest = this.#parts.schedule(DEBOUNCE_MS, () => void this.now(query));
  }

  /** Without a rest. Null: it failed, or something else was typed meanwhile. */
  now(query: string): Promise<Found | null> {
    // The search that rests must not go out too and push this one aside; one that is out is the one to wait for.
    this.#rest?.();
    this.#rest = null;
    if (this.#underWay?.query === query) return this.#underWay.answer;
    this.#asked += 1;
    const answer = this.#ask(query, this.#asked);
    this.#underWay = { query, answer };
    return answer;
  }

  stop(): void {
    this.#forget();
  }

  #forget(): void {
    this.#rest?.();
    this.#rest = null;
    this.#underWay = null;
    this.#asked += 1;
  }

  async #ask(query: string, mine: number): Promise<Found | null> {
    this.#parts.show({ state: 'searching', query });
    const result = await this.#parts.call(query);
    if (mine !== this.#asked) return null;
    this.#underWay = null;
    this.#parts.show(
      result.ok
        ? { state: 'found', query, found: result.value }
        : { state: 'failed', query, error: result.error },
    );
    return result.ok ? result.value : null;
  }
}
