/** Keeping events for tills, and telling whoever streams them that there are new ones. */
import { type Kysely, sql } from 'kysely';
import type { Effects } from '../../shared/effects.ts';
import type { TillEvent } from '../../shared/gateway-api.ts';
import { type Engine, notify, type Unlisten } from '../db/engine.ts';
import type { Database } from '../db/schema.ts';

const CHANNEL = 'saksi_till_events';
/** A NOTIFY carries under 8000 bytes; an id and its comma take 37. */
const TILLS_PER_NOTIFY = 200;
/** Other gateways are told at once, and then again after this long: each telling is a commit of its own. */
const NOTIFY_EVERY_MS = 20;

/** An event as it was kept. */
export interface KeptEvent {
  readonly tillId: string;
  readonly seq: number;
  readonly event: TillEvent;
  /** Epoch ms. */
  readonly keptAt: number;
}

type OnTills = (tillIds: readonly string[], kept: KeptEvent | null) => void;

export interface TillEvents {
  /**
   * Keeps the event under the till's next number, inside the caller's transaction, which from then on holds the
   * till's row: append last.
   */
  append(trx: Kysely<Database>, tillId: string, event: TillEvent): Promise<void>;
  /** The same for many, in their order and as given; one statement. The caller has locked the tills, or appends for one alone. */
  appendMany(
    trx: Kysely<Database>,
    events: readonly { readonly tillId: string; readonly event: TillEvent }[],
  ): Promise<void>;
  /**
   * To be called after the commit. Wakes the streams of these tills, here and in other gateways. Not part of the
   * transaction, because commits that notify wait for each other in Postgres; a wake-up that is lost is made up
   * for by the streams' own look every few seconds. `kept`, where the caller has the event in hand, spares the
   * streams here that are just before it the reading.
   */
  committed(tillIds: readonly string[], kept?: KeptEvent): void;
  /** Calls back with the tills that have new events, and with the event where it is the only one. */
  subscribe(onTills: OnTills): Promise<Unlisten>;
  /** Tells other gateways no more: their streams look themselves. Before the database is closed. */
  close(): void;
}

export function createTillEvents(options: {
  engine: Engine;
  effects: Effects;
  onError: (error: unknown) => void;
}): TillEvents {
  const { engine, effects, onError } = options;
  const listeners = new Set<OnTills>();
  const waiting = new Set<string>();
  /** Notifies, or did so a moment ago. */
  let busy = false;
  let closed = false;
  let cancelRest = () => {};

  async function append(trx: Kysely<Database>, tillId: string, event: TillEvent): Promise<void> {
    const data = JSON.stringify(event);
    await sql`select append_till_event(${tillId}::uuid, ${data}::jsonb, ${effects.clock.now()}::bigint)`.execute(
      trx,
    );
  }

  async function appendMany(
    trx: Kysely<Database>,
    many: readonly { readonly tillId: string; readonly event: TillEvent }[],
  ): Promise<void> {
    if (many.length === 0) return;
    const tillIds = many.map(({ tillId }) => tillId);
    const data = many.map(({ event }) => JSON.stringify(event));
    await sql`select append_till_events(${tillIds}::uuid[], ${`[${data.join()}]`}::jsonb,
      ${effects.clock.now()}::bigint)`.execute(trx);
  }

  function committed(tillIds: readonly string[], kept: KeptEvent | null = null): void {
    for (const listener of listeners) listener(tillIds, kept);
    // An embedded database has no other gateway that could listen.
    if (engine.kind === 'pglite') return;
    for (const tillId of tillIds) waiting.add(tillId);
    if (!busy) notifyOthers().catch(onError);
  }

  /** One statement for all that gathered while the last one was under way, or was just done. */
  async function notifyOthers(): Promise<void> {
    busy = true;
    const tills = [...waiting];
    waiting.clear();
    try {
      for (let from = 0; from < tills.length; from += TILLS_PER_NOTIFY)
        await notify(engine.kysely, CHANNEL, tills.slice(from, from + TILLS_PER_NOTIFY).join(','));
    } finally {
      if (!closed) cancelRest = effects.clock.schedule(NOTIFY_EVERY_MS, rested);
    }
  }

  function rested(): void {
    busy = false;
    if (waiting.size > 0) notifyOthers().catch(onError);
  }

  async function subscribe(onTills: OnTills): Promise<Unlisten> {
    listeners.add(onTills);
    const unlisten =
      engine.kind === 'pglite'
        ? async () => {}
        : await engine.listen(CHANNEL, (payload) => onTills(payload.split(','), null));
    return async () => {
      listeners.delete(onTills);
      await unlisten();
    };
  }

  function close(): void {
    closed = true;
    busy = true;
    cancelRest();
  }

  return { append, appendMany, committed, subscribe, close };
}
