import { sql } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { systemRandom } from '../../shared/effects.ts';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { standingClock } from '../../test/fixtures/redemption-world.ts';
import type { MessageEvent } from '../whatsapp/webhook.ts';
import { readPayload, signPayload } from './button-payload.ts';
import { createInbound, type HandleInbound } from './inbound.ts';
import { contactKeys, openWindows } from './windows.ts';

const KEY = new Uint8Array(32).fill(7);
const HOUR_MS = 3_600_000;

it('reads only payloads that were signed with its key, whole and unaltered', () => {
  const tap = { ref: 'abcdefghijklmnopqrstuv', decision: 'approve' } as const;
  const payload = signPayload(KEY, tap);
  expect(payload).toHaveLength(50);
  expect(readPayload(KEY, payload)).toEqual(tap);
  expect(readPayload(new Uint8Array(32).fill(8), payload)).toBeNull();
  for (const wrong of [
    payload.replace('.a.', '.r.'),
    payload.replace('abc', 'abd'),
    `${payload}x`,
    payload.slice(0, -1),
    `x${payload}`,
    `${payload}\n`,
    '',
  ]) {
    expect(readPayload(KEY, wrong)).toBeNull();
  }
});

describeOnBothEngines('messages from people', (engine) => {
  let clock: ReturnType<typeof standingClock>;
  let serial = 0;
  const contactKey = contactKeys(KEY);

  function open(work: (text: string) => Promise<void> | void) {
    const errors: unknown[] = [];
    const done: string[] = [];
    const handle: HandleInbound = async (trx, { content }) => {
      const text = content.kind === 'text' ? content.text : '';
      // Part of the same transaction: gone when it rolls back.
      await sql`insert into handled_texts (text) values (${text})`.execute(trx);
      await work(text);
      return { outcome: 'unanswered', replied: false, committed: () => void done.push(text) };
    };
    const inbound = createInbound({
      ...{ engine: engine(), contactKey, handle, secretsKey: KEY },
      effects: { clock, random: systemRandom },
      onError: (error) => void errors.push(error),
    });
    return { inbound, errors, done };
  }

  function written(text: string, more: Partial<MessageEvent> = {}): MessageEvent {
    serial += 1;
    return {
      type: 'message',
      wamid: `wamid.${serial}`,
      timestampMs: clock.now(),
      from: '6281290003333',
      content: { kind: 'text', text },
      ...more,
    };
  }

  const texts = async () =>
    (
      await sql<{ text: string }>`select text from handled_texts order by id`.execute(engine().kysely)
    ).rows.map(({ text }) => text);
  const row = (wamid: string) =>
    engine().kysely.selectFrom('inbound_messages').selectAll().where('wamid', '=', wamid).executeTakeFirst();

  beforeEach(async () => {
    clock = standingClock();
    const { kysely } = engine();
    await sql`create table if not exists handled_texts (id bigint generated always as identity, text text)`.execute(
      kysely,
    );
    await sql`delete from handled_texts`.execute(kysely);
    await kysely.deleteFrom('inbound_messages').execute();
    await kysely.deleteFrom('contact_windows').execute();
  });

  it('are each handled once, in the order of their arrival, also by several at a time', async () => {
    const one = open(() => {});
    const other = open(() => {});
    const events = Array.from({ length: 12 }, (_, index) => written(`${index}`));
    const kept = await Promise.all([
      one.inbound.keep(events),
      other.inbound.keep(events),
      one.inbound.keep([...events].reverse().slice(0, 3)),
    ]);
    expect(kept.reduce((sum, count) => sum + count)).toBe(12);
    const workers = [one, other, one, other].map(({ inbound }) => inbound.handle());
    await Promise.all(workers);
    await Promise.all([one.inbound.handle(), other.inbound.handle()]);
    const order = await engine()
      .kysely.selectFrom('inbound_messages')
      .select(['wamid'])
      .orderBy('id')
      .execute();
    const wanted = order.map(({ wamid }) => events.findIndex((event) => event.wamid === wamid));
    expect((await texts()).map(Number)).toEqual(wanted);
    expect([...one.done, ...other.done].sort()).toEqual(events.map((_, index) => `${index}`).sort());
    expect(await one.inbound.keep(events)).toBe(0);
  });

  it('that cannot be handled hold up their sender only, and not for ever', async () => {
    let broken = true;
    const { inbound, errors, done } = open((text) => {
      if (text === 'bad' && broken) throw new Error('cannot');
    });
    const bad = written('bad');
    await inbound.keep([bad, written('after'), written('other', { from: '6281290004444' })]);
    await inbound.handle();
    expect(await texts()).toEqual(['other']);
    expect(errors).toHaveLength(1);
    expect((await row(bad.wamid))?.attempts).toBe(1);
    broken = false;
    await inbound.handle();
    expect(done).toEqual(['other', 'bad', 'after']);

    broken = true;
    const worse = written('bad');
    await inbound.keep([worse, written('at last')]);
    for (let turn = 0; turn < 6; turn += 1) await inbound.handle();
    expect(await row(worse.wamid)).toMatchObject({ outcome: 'failed' });
    expect((await texts()).at(-1)).toBe('at last');
  });

  it('are taken up by another process when one died in the middle', async () => {
    const { inbound } = open(() => {
      throw new Error('power cut');
    });
    const event = written('once');
    await inbound.keep([event]);
    await inbound.handle();
    expect(await texts()).toEqual([]);
    const next = open(() => {});
    await next.inbound.handle();
    expect(await texts()).toEqual(['once']);
    expect(await row(event.wamid)).toMatchObject({ outcome: 'unanswered', body_sealed: null });
  });

  it('from nobody are left out', async () => {
    const { inbound } = open(() => {});
    const { from: _, ...anonymous } = written('?');
    expect(await inbound.keep([anonymous])).toBe(0);
  });

  it('open a window of 24 hours by the time of writing, for number and account', async () => {
    const { inbound } = open(() => {});
    const isOpen = async () =>
      (
        await openWindows(
          engine().kysely,
          [contactKey({ phone: '+6281290003333' }), contactKey({ userId: 'ID.1' })],
          clock.now(),
        )
      ).size;
    expect(await isOpen()).toBe(0);
    await inbound.keep([written('hi', { userId: 'ID.1', timestampMs: clock.now() - HOUR_MS })]);
    await inbound.handle();
    expect(await isOpen()).toBe(2);
    clock.advance(22.9 * HOUR_MS);
    expect(await isOpen()).toBe(2);
    // Five minutes early, rather than a moment too late.
    clock.advance(0.05 * HOUR_MS);
    expect(await isOpen()).toBe(0);
    // An older message that comes later closes nothing, one from the future opens no longer window.
    await inbound.keep([written('now', { timestampMs: clock.now() + 48 * HOUR_MS })]);
    await inbound.keep([written('old', { timestampMs: clock.now() - 48 * HOUR_MS })]);
    await inbound.handle();
    expect(await isOpen()).toBe(1);
    clock.advance(24 * HOUR_MS);
    expect(await isOpen()).toBe(0);
  });

  it('are forgotten once nobody repeats them any more', async () => {
    const { inbound } = open(() => {});
    const event = written('x');
    await inbound.keep([event]);
    await inbound.handle();
    clock.advance(7 * 24 * HOUR_MS);
    await inbound.prune();
    expect(await inbound.keep([event])).toBe(0);
    clock.advance(25 * HOUR_MS);
    await inbound.prune();
    expect(await row(event.wamid)).toBeUndefined();
    const windows = await engine().kysely.selectFrom('contact_windows').selectAll().execute();
    expect(windows).toEqual([]);
  });
});
