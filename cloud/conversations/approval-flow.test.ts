import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askedShop } from '../../test/fixtures/asked-shop.ts';
import { call, eventually, sign, startTestGateway, type TestGateway } from '../../test/fixtures/gateway.ts';

const STRANGER = '6281299998888';
const START_MS = 300_000;

describe('an approval over WhatsApp', () => {
  let gw: TestGateway;
  let shop: ReturnType<typeof askedShop>;
  beforeAll(async () => {
    gw = await startTestGateway();
    shop = askedShop(gw);
    gw.graph.addPhone({ number: STRANGER, name: 'Orang lain' });
  }, START_MS);
  afterAll(() => gw.close());
  const queued = async () =>
    (
      await gw.gateway.services.engine.kysely
        .selectFrom('messages')
        .select('id')
        .where('state', '=', 'queued')
        .execute()
    ).length;
  beforeEach(async () => {
    // What the test before still had to say is not to meet the failures that this one plans.
    await eventually(async () => (await queued()) === 0, 'an empty queue');
    gw.graph.world.reset();
    await gw.gateway.services.engine.kysely.deleteFrom('contact_windows').execute();
    await gw.gateway.services.engine.kysely.updateTable('inbound_messages').set({ replied: false }).execute();
    await shop.setPolicy(() => {});
  });

  it('goes by template, is decided by a tap, and everybody asked is told who', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till, { note: 'dua kali scan' });
    const request = await shop.request('Siti');
    expect(request.templateName).toBe('saksi_approval_request');
    for (const fact of [
      'Batal transaksi',
      'Toko Saksi',
      'Kasir',
      'Dewi Lestari',
      '50.000',
      'Salah barang (dua kali scan)',
      'INV-7',
    ]) {
      expect(request.rendered.body).toContain(fact);
    }
    // 10 minutes less the moments that it took.
    expect(request.rendered.body).toMatch(/Sisa waktu: (9|10) menit/);
    expect(shop.payloadOf(request)).not.toContain(approval.id);
    expect(shop.inbox('Agus')).toEqual([]);
    // Joko has just written, so he can be told for free.
    gw.graph.world.reply(shop.person('Joko').number, { text: 'ya?' });
    await shop.request('Joko');
    const windows = () =>
      gw.gateway.services.engine.kysely.selectFrom('contact_windows').selectAll().execute();
    await eventually(async () => (await windows()).length === 2, 'his window');
    shop.tap('Siti', 'approve');
    const decided = await shop.reaches(till, approval.id, 'approved');
    expect(decided.grant).toMatch(/^ey/);
    await shop.told('Siti', /Terima kasih\..*disetujui/);
    await shop.told('Joko', 'disetujui oleh Siti Rahma');
    const asked = decided.approval.asked.find(({ name }) => name === 'Siti Rahma');
    expect(asked?.decision).toBe('approve');
  });

  it('tells nobody whose window is closed: that would cost a message', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    await shop.request('Joko');
    await shop.request('Siti');
    shop.tap('Siti', 'approve');
    await shop.reaches(till, approval.id, 'approved');
    await shop.told('Siti', 'disetujui');
    expect(shop.inbox('Joko').map((it) => it.templateName)).toEqual(['saksi_approval_request']);
  });

  it('shows how far each message came', async () => {
    gw.graph.addPhone({ number: shop.person('Joko').number, onWhatsApp: false });
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    const deliveries = async () => {
      const { body } = await till.get(`/v1/approvals/${approval.id}`);
      return Object.fromEntries(
        body.approval.asked.map(
          (one: { name: string; delivery: { state: string; reason: string | null } }) => [
            one.name,
            `${one.delivery.state} ${one.delivery.reason}`,
          ],
        ),
      );
    };
    await eventually(
      async () => (await deliveries())['Joko Susilo'] === 'failed not_on_whatsapp',
      'the failure',
    );
    await eventually(async () => (await deliveries())['Siti Rahma'] === 'read null', 'the read mark');
    gw.graph.addPhone({ number: shop.person('Joko').number, onWhatsApp: true });
  });

  it('takes the next text after Reject as its reason, once', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    shop.tap('Siti', 'reject');
    await shop.told('Siti', 'Ingin memberi alasan?');
    const { number } = shop.person('Siti');
    gw.graph.world.reply(number, { text: 'Struk belum ada' });
    await shop.told('Siti', 'alasannya sudah diteruskan');
    gw.graph.world.reply(number, { text: 'dan lagi' });
    const rejected = await shop.reaches(till, approval.id, 'rejected');
    expect(rejected.grant).toBeNull();
    expect(rejected.approval.rejection).toEqual({ name: 'Siti Rahma', reason: 'Struk belum ada' });
  });

  it('takes a reason that overtook its Reject on the way', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    const { number } = shop.person('Siti');
    gw.graph.webhooks.knobs.hold = true;
    shop.tap('Siti', 'reject');
    const [held] = takeHeld();
    gw.graph.webhooks.release();
    const unanswered = async () => {
      const { kysely } = gw.gateway.services.engine;
      const texts = kysely.selectFrom('inbound_messages').select('wamid').where('outcome', '=', 'unanswered');
      return (await texts.execute()).length;
    };
    const before = await unanswered();
    // Meta's times are whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    gw.graph.world.reply(number, { text: 'Barang dipakai' });
    await eventually(async () => (await unanswered()) > before, 'the text');
    await deliver(held);
    const rejected = await shop.reaches(till, approval.id, 'rejected');
    expect(rejected.approval.rejection?.reason).toBe('Barang dipakai');
  });

  it('takes no text that was written before the Reject', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    gw.graph.world.reply(shop.person('Siti').number, { text: 'sebentar' });
    shop.tap('Siti', 'reject');
    await shop.told('Siti', 'Ingin memberi alasan?');
    const { body } = await till.get(`/v1/approvals/${approval.id}`);
    expect(body.approval.rejection).toEqual({ name: 'Siti Rahma', reason: null });
  });

  it('refuses a tap from a stranger, from another who was not asked, and with an unknown account', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    const request = await shop.request('Siti');
    const payload = shop.payloadOf(request);
    gw.graph.world.reply(STRANGER, { payload });
    await shop.refused('foreign');
    // The manager knows the shop, but this question was not put to him.
    gw.graph.world.reply(shop.person('Agus').number, { payload });
    await shop.refused('forwarded');
    await shop.told('Agus', 'dikirim kepada orang lain');
    gw.graph.addPhone({ number: STRANGER, hidesNumber: true });
    gw.graph.world.reply(STRANGER, { payload });
    await eventually(async () => (await shop.refusals()).filter((it) => it === 'foreign').length === 2, 'it');
    gw.graph.addPhone({ number: STRANGER, hidesNumber: false });
    expect((await till.get(`/v1/approvals/${approval.id}`)).body.approval.status).toBe('pending');
    expect(await privateWordsTo(STRANGER)).toEqual([]);
  });

  it.each([
    ['made up', 's1.AAAAAAAAAAAAAAAAAAAAAA.a.AAAAAAAAAAAAAAAAAAAAAA'],
    ['no payload of ours', 'Setujui'],
    ['an id', 'approve:0191f3c2-0000-7000-8000-000000000000'],
  ])('refuses a payload that we did not sign: %s', async (_, payload) => {
    gw.graph.world.reply(shop.person('Siti').number, { payload });
    await shop.refused('bad_signature');
    await shop.told('Siti', 'tidak kami kenali');
  });

  it('refuses Reject turned into Approve', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    const payload = shop.payloadOf(await shop.request('Siti'), 1).replace('.r.', '.a.');
    gw.graph.world.reply(shop.person('Siti').number, { payload });
    await shop.refused('bad_signature');
    expect((await till.get(`/v1/approvals/${approval.id}`)).body.approval.status).toBe('pending');
  });

  it('answers a late, a second and a withdrawn tap politely, and records each', async () => {
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    await shop.request('Joko');
    shop.tap('Siti', 'approve');
    await shop.reaches(till, approval.id, 'approved');
    shop.tap('Siti', 'approve');
    await shop.refused('repeated');
    await shop.told('Siti', 'jawaban Anda sudah kami terima');
    shop.tap('Joko', 'reject');
    await shop.refused('late_decided');
    await shop.told('Joko', 'sudah disetujui oleh Siti Rahma');

    const second = await shop.ask(till);
    await shop.request('Joko', 2);
    await till.post(`/v1/approvals/${second.approval.id}/cancel`);
    await shop.told('Joko', 'dibatalkan di kasir');
    shop.tap('Joko', 'approve');
    await shop.refused('late_cancelled');

    await shop.ask(till);
    await shop.request('Joko', 3);
    gw.shiftClock(601_000);
    shop.tap('Joko', 'approve');
    await shop.refused('late_expired');
    await shop.told('Joko', 'terlambat');
    // Requests of earlier tests lapsed with it, and all who were asked are told.
    const { approvals, engine } = gw.gateway.services;
    await eventually(async () => (await approvals.lapseDue()) === 0, 'all lapsed');
    const queued = engine.kysely.selectFrom('messages').select('id').where('state', '=', 'queued');
    await eventually(async () => (await queued.execute()).length === 0, 'all sent');
    await gw.graph.settled();
  });

  it('asks by buttons without a template while the window is open, and by template when it closed meanwhile', async () => {
    const till = await gw.pair();
    const { number } = shop.person('Siti');
    gw.graph.world.reply(number, { text: 'halo' });
    await eventually(
      async () =>
        (await gw.gateway.services.engine.kysely.selectFrom('contact_windows').selectAll().execute()).length >
        0,
      'the window',
    );
    const first = await shop.ask(till);
    const request = await shop.request('Siti');
    expect(request.templateName).toBeUndefined();
    expect(request.rendered.body).toContain('Sisa waktu');
    await till.post(`/v1/approvals/${first.approval.id}/cancel`);
    await shop.told('Siti', 'dibatalkan di kasir');
    // What WhatsApp counts, it counts by itself: to it the window is closed now.
    gw.graph.world.failures.push({ code: 131047, at: 'webhook', to: number, times: 1 });
    const { approval } = await shop.ask(till);
    const again = await shop.request('Siti', 2);
    expect(again.templateName).toBe('saksi_approval_request');
    const { kysely } = gw.gateway.services.engine;
    const rows = await kysely
      .selectFrom('messages')
      .select(['attempts', 'template_only', 'template', 'kind'])
      .where('approval_id', '=', approval.id)
      .where('template_only', '=', true)
      .execute();
    expect(rows).toEqual([
      {
        attempts: 2,
        template_only: true,
        template: 'saksi_approval_request/id',
        kind: 'approval_request',
      },
    ]);
    shop.tap('Siti', 'approve');
    await shop.reaches(till, approval.id, 'approved');
    // What fails next is to be a request, not this.
    await shop.told('Siti', 'Terima kasih');
  });

  it('does not take news of the message that was given up for news of the template', async () => {
    const till = await gw.pair();
    const { number } = shop.person('Siti');
    gw.graph.world.pace.autoRead = false;
    gw.graph.world.reply(number, { text: 'halo' });
    await windowOf();
    gw.graph.world.failures.push({ code: 131047, at: 'webhook', to: number, times: 1 });
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    const { kysely } = gw.gateway.services.engine;
    const message = () =>
      kysely
        .selectFrom('messages')
        .selectAll()
        .where('approval_id', '=', approval.id)
        .where('template_only', '=', true)
        .executeTakeFirst();
    const row = await eventually(
      async () => ((await message())?.state === 'delivered' ? message() : undefined),
      'the template on the phone',
    );
    expect(row.abandoned_wamid).not.toBe(row.wamid);
    const late = { id: row.abandoned_wamid, status: 'read', biz_opaque_callback_data: row.id };
    const value = { statuses: [{ ...late, timestamp: '1790000000', recipient_id: number }] };
    const entry = [{ id: '1', changes: [{ field: 'messages', value }] }];
    await deliver(JSON.stringify({ object: 'whatsapp_business_account', entry }));
    await gw.gateway.services.statuses.apply();
    expect((await message())?.state).toBe('delivered');
  });

  it('falls back to the template at once when WhatsApp refuses it in its answer', async () => {
    const till = await gw.pair();
    const { number } = shop.person('Siti');
    gw.graph.world.reply(number, { text: 'halo' });
    gw.graph.world.failures.push({ code: 131047, at: 'answer', to: number, times: 1 });
    const { kysely } = gw.gateway.services.engine;
    await eventually(
      async () => (await kysely.selectFrom('contact_windows').selectAll().execute()).length > 0,
      'the window',
    );
    await shop.ask(till);
    expect((await shop.request('Siti')).templateName).toBe('saksi_approval_request');
  });

  it('applies a tap once, however often and in how many processes its webhook arrives', async () => {
    const till = await gw.pair();
    await shop.setPolicy((policy) => {
      for (const kind of policy.kinds) for (const tier of kind.tiers) tier.needed = 2;
    });
    const { approval } = await shop.ask(till);
    await shop.request('Siti');
    await shop.request('Joko');
    const before = await shop.refusals();
    gw.graph.webhooks.knobs.hold = true;
    shop.tap('Siti', 'approve');
    const [held] = takeHeld();
    gw.graph.webhooks.release();
    const answers = await Promise.all(Array.from({ length: 6 }, () => deliver(held)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    await shop.told('Siti', '1 dari 2');
    const { inbound } = gw.gateway.services;
    await Promise.all([inbound.handle(), inbound.handle()]);
    expect(await shop.refusals()).toEqual(before);
    shop.tap('Joko', 'approve');
    await shop.reaches(till, approval.id, 'approved');
  });

  it('says the code in a message of its own where policy asks for codes, and nothing else does', async () => {
    await shop.setPolicy((policy) => {
      policy.answer = 'code';
    });
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    const { code } = await gw.codeOf(shop.person('Siti').e164);
    await shop.shown(
      'Siti',
      (it) => it.templateName === 'saksi_approval_request_code' && it.rendered.buttons.length === 0,
      'the request',
    );
    const answer = await till.post(`/v1/approvals/${approval.id}/code`, { code });
    expect(answer.body.approval.status).toBe('approved');
    const { kysely } = gw.gateway.services.engine;
    const rows = await kysely
      .selectFrom('messages')
      .selectAll()
      .where('approval_id', '=', approval.id)
      .execute();
    expect(rows.length).toBe(4);
    expect(JSON.stringify(rows)).not.toContain(code);
    expect(gw.log.join('')).not.toContain(code);
  });

  it('counts the message that came less far where a person gets a request and a code', async () => {
    await shop.setPolicy((policy) => {
      policy.answer = 'code';
    });
    const { number } = shop.person('Siti');
    gw.graph.world.failures.push({ code: 131026, at: 'answer', to: number, times: 1 });
    const till = await gw.pair();
    const { approval } = await shop.ask(till);
    const { kysely } = gw.gateway.services.engine;
    await eventually(async () => {
      const rows = await kysely
        .selectFrom('messages')
        .select('state')
        .where('approval_id', '=', approval.id)
        .execute();
      return rows.filter(({ state }) => state === 'read').length === 3;
    }, 'the other three');
    const { body } = await till.get(`/v1/approvals/${approval.id}`);
    const asked = body.approval.asked as { name: string; delivery: { state: string } }[];
    expect(asked.find(({ name }) => name === 'Siti Rahma')?.delivery.state).toBe('failed');
  });

  it('keeps no number, account or text readable, and logs none', async () => {
    const { number } = shop.person('Siti');
    const { userId } = gw.graph.addPhone({ number });
    gw.graph.world.reply(number, { text: 'rahasia sekali' });
    const { kysely } = gw.gateway.services.engine;
    const rows = await eventually(async () => {
      const all = await kysely.selectFrom('inbound_messages').selectAll().execute();
      return all.every(({ handled_at: at }) => at !== null) ? all : undefined;
    }, 'all handled');
    const windows = await kysely.selectFrom('contact_windows').selectAll().execute();
    const kept = JSON.stringify([rows, windows]);
    for (const secret of ['rahasia', number.slice(2), userId.slice(3)]) {
      expect(kept).not.toContain(secret);
      expect(gw.log.join('')).not.toContain(secret);
    }
  });

  /** Until somebody's window is open. */
  const windowOf = () =>
    eventually(
      async () =>
        (await gw.gateway.services.engine.kysely.selectFrom('contact_windows').selectAll().execute()).length >
        0,
      'the window',
    );
  /** What the simulator holds back, as it would go out. */
  function takeHeld(): string[] {
    return gw.graph.webhooks.takeHeld().filter((body) => body.includes('"messages":['));
  }
  const deliver = (body = '') =>
    call(gw.url, 'POST', '/webhooks/whatsapp', { raw: body, headers: { 'x-hub-signature-256': sign(body) } });
  async function privateWordsTo(number: string): Promise<string[]> {
    const texts = gw.graph.world.messages
      .filter((it) => it.number === number && it.direction === 'to_phone')
      .map((it) => it.rendered.body);
    return texts.filter((text) => /Dewi|50\.000|INV-7/.test(text));
  }
});
