import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { describeOnBothEngines } from '../../test/fixtures/engines.ts';
import { describeGateway, eventually } from '../../test/fixtures/gateway.ts';
import { redemptionWorld } from '../../test/fixtures/redemption-world.ts';
import { consentWord } from '../conversations/consent-words.ts';
import { consentHistory, isAgreed, setConsent } from './consents.ts';

it.each(['STOP', 'stop', ' Stop. ', 'BERHENTI', 'BERHENTİ', 'dur', 'DUR!', '«stop»'])(
  '%s ends notices',
  (text) => {
    expect(consentWord(text)).toBe(false);
  },
);

it.each(['START', 'Mulai', 'BAŞLAT', 'başlat', 'baslat'])('%s brings them back', (text) => {
  expect(consentWord(text)).toBe(true);
});

it.each(['please stop it', 'berhenti dulu ya', 'durum', 'starter', '', '!', 'yes'])(
  '%j is about something else',
  (text) => {
    expect(consentWord(text)).toBeNull();
  },
);

describeOnBothEngines('consents', (engine) => {
  async function someone() {
    const world = redemptionWorld(engine());
    const storeId = await world.addStore();
    const { id: customerId } = await world.addCustomer(storeId);
    const say = (given: boolean, source: string) =>
      engine()
        .kysely.transaction()
        .execute((trx) =>
          setConsent(trx, { customerId, storeId, purpose: 'notices', given, how: 'operator', source, at: 1 }),
        );
    return { customerId, say };
  }
  const db = () => engine().kysely;
  const hasConsent = async (customerId: string) =>
    isAgreed(await consentHistory(db(), customerId, 'notices'), 'topup');

  it('are no until somebody said yes; each change of mind is kept, and nothing else', async () => {
    const { customerId, say } = await someone();
    expect(await hasConsent(customerId)).toBe(false);
    expect([await say(true, 'form 1'), await say(true, 'form 2'), await say(false, 'call')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(await hasConsent(customerId)).toBe(false);
    const history = await consentHistory(db(), customerId, 'notices');
    expect(history.map(({ given, source }) => [given, source])).toEqual([
      [false, 'call'],
      [true, 'form 1'],
    ]);
  });

  it('a no said aloud is kept though nothing was ever agreed to', async () => {
    const { customerId, say } = await someone();
    expect(await say(false, 'call')).toBe(true);
    expect(await consentHistory(db(), customerId, 'notices')).toHaveLength(1);
  });

  it('are one change when said many times at once', async () => {
    const { customerId, say } = await someone();
    const changes = await Promise.all(Array.from({ length: 6 }, () => say(true, 'form')));
    expect(changes.filter(Boolean)).toHaveLength(1);
    expect(await consentHistory(db(), customerId, 'notices')).toHaveLength(1);
  });

  it('cannot be rewritten', async () => {
    const { say } = await someone();
    await say(true, 'form');
    for (const statement of [sql`update consents set given = false`, sql`delete from consents`]) {
      await expect(statement.execute(db())).rejects.toThrow(/append-only/);
    }
  });
});

describeGateway('a customer who writes STOP', (gateway) => {
  const of = (index: number) => {
    const customer = gateway().demo.customers[index];
    if (customer === undefined) throw new Error('no such customer');
    return customer;
  };
  const write = (index: number, text: string) =>
    gateway().graph.world.reply(of(index).phone.slice(1), { text });
  const told = (index: number, words: string) =>
    eventually(
      () =>
        gateway().graph.world.messages.some(
          ({ number, direction, rendered }) =>
            number === of(index).phone.slice(1) && direction === 'to_phone' && rendered.body.includes(words),
        ),
      words,
    );
  const show = (index: number) => {
    const { storeId } = gateway().demo;
    return gateway().gateway.services.admin.run('consent show', { storeId, customer: { id: of(index).id } });
  };

  it('gets no more notices, is told so, and may have them again', async () => {
    const { storeId } = gateway().demo;
    const ref = { storeId, customer: { id: of(0).id } };
    await gateway().gateway.services.admin.run('consent give', { ...ref, note: 'form 17' });
    write(0, 'Berhenti');
    await told(0, 'Kode yang Anda minta di kasir tetap dikirim');
    write(0, 'MULAI');
    await told(0, 'Anda akan menerima pemberitahuan');
    expect((await show(0)).map(({ given, how }) => [given, how])).toEqual([
      [true, 'whatsapp'],
      [false, 'whatsapp'],
      [true, 'operator'],
    ]);
  });

  it('is answered in their own language, and still gets codes', async () => {
    write(5, 'DUR');
    await told(5, 'Kasada istediğiniz kodlar gelmeye devam eder');
    expect((await show(5)).map(({ given }) => given)).toEqual([false]);
  });

  it('who is no customer is not answered', async () => {
    gateway().graph.addPhone({ number: '6281277770000', name: 'Nobody' });
    gateway().graph.world.reply('6281277770000', { text: 'STOP' });
    const { kysely } = gateway().gateway.services.engine;
    const outcomes = () => kysely.selectFrom('inbound_messages').select('outcome').orderBy('id').execute();
    await eventually(async () => (await outcomes()).at(-1)?.outcome === 'unanswered', 'the outcome');
  });
});
