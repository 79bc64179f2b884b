import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askedShop } from '../../test/fixtures/asked-shop.ts';
import { eventually, startTestGateway, type TestGateway } from '../../test/fixtures/gateway.ts';
import { findWord, WORD_TTL_MS } from './enrolment.ts';
import { type Identity, matchSender } from './identities.ts';

const START_MS = 300_000;

it.each([
  ['SAKSI 7K3F9Q', '7K3F9Q'],
  ['  saksi-7k3f9q. ', '7K3F9Q'],
  ['Saksi: OIL111', '011111'],
  ['SAKSI 7K3F9', null],
  ['SAKSI 7K3F9QQ', null],
  ['SAKSI 7K3F9U', null],
  ['7K3F9Q', null],
  ['Hubungi SAKSI 7K3F9Q', null],
])('finds the word in %j: %s', (text, word) => {
  expect(findWord(text)).toBe(word);
});

describe('whether a sender is this person', () => {
  const of = (phone: string | null, userId: string | null): Identity => ({
    ...{ staffId: 's', active: true, phone, userId },
  });
  const tied = of('+62811', 'ID.1');
  const numberOnly = of('+62811', null);
  const accountOnly = of(null, 'ID.1');
  it.each([
    ['both right', tied, { from: '62811', userId: 'ID.1' }, 'same'],
    ['the account alone', tied, { userId: 'ID.1' }, 'same'],
    ['the number alone', tied, { from: '62811' }, 'same'],
    ['another account with the number', tied, { from: '62811', userId: 'ID.2' }, 'conflict'],
    ['another number with the account', tied, { from: '62822', userId: 'ID.1' }, 'conflict'],
    ['neither', tied, { from: '62822', userId: 'ID.2' }, 'other'],
    ['nobody', tied, {}, 'other'],
    ['an account that was never tied', numberOnly, { userId: 'ID.1' }, 'other'],
    ['the number with such an account', numberOnly, { from: '62811', userId: 'ID.9' }, 'same'],
    ['a number where none is known', accountOnly, { from: '62811' }, 'other'],
    ['the account with a number where none is known', accountOnly, { from: '62899', userId: 'ID.1' }, 'same'],
  ] as const)('%s', (_, identity, sender, match) => {
    expect(matchSender(identity, sender)).toBe(match);
  });
});

describe('enrolment', () => {
  let gw: TestGateway;
  let shop: ReturnType<typeof askedShop>;
  beforeAll(async () => {
    gw = await startTestGateway();
    shop = askedShop(gw);
  }, START_MS);
  afterAll(() => gw.close());
  beforeEach(async () => {
    gw.graph.world.reset();
    await shop.setPolicy(() => {});
  });
  const admin = () => gw.gateway.services.admin;
  const word = async (name: 'Siti' | 'Joko' | 'Dewi') =>
    (await admin().run('staff enrol', { staffId: shop.person(name).id })).word;
  const identity = async (name: 'Siti' | 'Joko' | 'Dewi') =>
    gw.gateway.services.engine.kysely
      .selectFrom('staff_identities')
      .selectAll()
      .where('staff_id', '=', shop.person(name).id)
      .executeTakeFirst();
  const write = (number: string, text: string) => gw.graph.world.reply(number, { text });
  const answered = (number: string, part: string, count = 1) =>
    eventually(
      () =>
        gw.graph.world.messages.filter(
          (it) => it.number === number && it.direction === 'to_phone' && it.rendered.body.includes(part),
        ).length >= count,
      part,
    );

  it('keeps the word as a hash only', async () => {
    const secret = (await word('Siti')).slice(6);
    const rows = await gw.gateway.services.engine.kysely.selectFrom('enrolment_words').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('knows an account only after the exchange, then without the number', async () => {
    const { number } = shop.person('Siti');
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    gw.graph.addPhone({ number, hidesNumber: true });
    shop.tap('Siti', 'approve');
    await shop.refused('foreign');
    gw.graph.addPhone({ number, hidesNumber: false });
    await shop.enrol('Siti');
    await answered(number, 'Halo Siti Rahma');
    expect(await identity('Siti')).toMatchObject({ phone_e164: `+${number}`, how: 'exchange' });
    gw.graph.addPhone({ number, hidesNumber: true });
    shop.tap('Siti', 'approve');
    expect((await shop.reaches(till, approval.id, 'approved')).grant).not.toBeNull();
    gw.graph.addPhone({ number, hidesNumber: false });
  });

  it('refuses a number whose account changed, until it is enrolled again', async () => {
    const { number } = shop.person('Siti');
    await shop.enrol('Siti');
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    gw.graph.addPhone({ number, userId: 'ID.newownerofthenumber' });
    shop.tap('Siti', 'approve');
    await shop.refused('identity_conflict');
    expect((await till.get(`/v1/approvals/${approval.id}`)).body.approval.status).toBe('pending');
    await shop.enrol('Siti');
    shop.tap('Siti', 'approve');
    await shop.reaches(till, approval.id, 'approved');
  });

  it('refuses a word from a number that is not the one on file, and the word stays good', async () => {
    const { number } = shop.person('Joko');
    const stranger = '6281277776666';
    gw.graph.addPhone({ number: stranger });
    const given = await word('Joko');
    write(stranger, given);
    await answered(stranger, 'bukan nomor yang tercatat');
    expect(await identity('Joko')).toMatchObject({ how: 'admin', user_id: null });
    write(number, given);
    await answered(number, 'Halo Joko Susilo');
    // Used: good once.
    write(number, given);
    await answered(number, 'sudah dipakai');
  });

  it('refuses a word that lapsed, that a newer one replaced, and one of somebody who left', async () => {
    const { number, id } = shop.person('Joko');
    const older = await word('Joko');
    const newer = await word('Joko');
    write(number, older);
    await answered(number, 'Kata ini salah');
    const { kysely } = gw.gateway.services.engine;
    const { expires_at: until } = await kysely
      .selectFrom('enrolment_words')
      .select('expires_at')
      .where('staff_id', '=', id)
      .executeTakeFirstOrThrow();
    expect(Math.abs(until - Date.now() - WORD_TTL_MS)).toBeLessThan(60_000);
    await kysely.updateTable('enrolment_words').set({ expires_at: Date.now() }).execute();
    write(number, newer);
    await answered(number, 'Kata ini salah', 2);
    const last = await word('Joko');
    await kysely.updateTable('staff').set({ active: false }).where('id', '=', id).execute();
    write(number, last);
    await answered(number, 'Kata ini salah', 3);
    await expect(admin().run('staff enrol', { staffId: id })).rejects.toMatchObject({
      code: 'staff_unknown',
    });
    await kysely.updateTable('staff').set({ active: true }).where('id', '=', id).execute();
  });

  it('stops answering whoever guesses', async () => {
    const guesser = '6281277775555';
    gw.graph.addPhone({ number: guesser });
    for (let guess = 0; guess < 8; guess += 1) write(guesser, `SAKSI AAAA0${guess}`);
    const { kysely } = gw.gateway.services.engine;
    await eventually(
      async () =>
        (await kysely.selectFrom('inbound_messages').select('id').where('handled_at', 'is', null).execute())
          .length === 0,
      'all handled',
    );
    await answered(guesser, 'Kata ini salah', 5);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const replies = gw.graph.world.messages.filter(
      (it) => it.number === guesser && it.direction === 'to_phone',
    );
    expect(replies).toHaveLength(5);
    // Not even the right word, for the rest of the hour.
    write(guesser, await word('Dewi'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await identity('Dewi')).toBeUndefined();
  });

  it('asks nobody whose number nobody verified, and tells the operator who can be asked', async () => {
    const { storeId } = gw.demo;
    const added = await admin().run('staff add', {
      ...{ storeId, name: 'Rina Belum', role: 'supervisor', pin: '7777', phone: '081290007777' },
    });
    const list = async () =>
      (await admin().run('staff list', { storeId })).find(({ id }) => id === added.staffId);
    expect(await list()).toMatchObject({ listed: '+62•••••••7777', phone: null, account: false });
    const till = await gw.pair();
    const asked = async () => (await shop.ask(till)).approval.asked.map(({ name }) => name);
    expect(await asked()).not.toContain('Rina Belum');
    await admin().run('staff verify', { staffId: added.staffId });
    expect(await list()).toMatchObject({ phone: '+62•••••••7777', account: false, how: 'admin' });
    expect(await asked()).toContain('Rina Belum');
    await admin().run('staff remove', { staffId: added.staffId });
    await expect(admin().run('staff verify', { staffId: shop.person('Dewi').id })).rejects.toMatchObject({
      code: 'phone_malformed',
    });
  });

  it('reaches somebody by their account alone', async () => {
    const number = '6281277774444';
    const { storeId } = gw.demo;
    const { staffId } = await admin().run('staff add', {
      ...{ storeId, name: 'Tari Tanpa Nomor', role: 'supervisor', pin: '8888' },
    });
    gw.graph.addPhone({ number, hidesNumber: true });
    const { word: given } = await admin().run('staff enrol', { staffId });
    write(number, given);
    await answered(number, 'Halo Tari');
    const { kysely } = gw.gateway.services.engine;
    // Outside the window too: a utility template goes to an account.
    await kysely.deleteFrom('contact_windows').execute();
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    const request = await eventually(
      () =>
        gw.graph.world.messages.find(
          (it) => it.number === number && it.rendered.buttons.length === 2 && it.shownAtMs !== undefined,
        ),
      'the request',
    );
    expect(request.templateName).toBe('saksi_approval_request');
    gw.graph.world.reply(number, { button: 0 });
    await shop.reaches(till, approval.id, 'approved');
    await admin().run('staff remove', { staffId });
  });
});
