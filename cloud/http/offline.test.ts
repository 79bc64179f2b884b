import { decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { beforeEach, expect, it } from 'vitest';
import { uuidSchema } from '../../shared/ids.ts';
import { OFFLINE_PATHS, SEALED_TYP, sealedBundleSchema } from '../../shared/offline.ts';
import { describeGateway, eventually, type TillClient, wish } from '../../test/fixtures/gateway.ts';
import { olderTransactionsEnded } from '../../test/fixtures/older-transactions.ts';
import { hashSealedCode } from '../offline/make-codes.ts';

/** Hashing is slow on purpose, and the demo shop has three who hold codes. */
const TIMEOUT_MS = 60_000;
const CODE = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/g;

describeGateway('the time without a line', (getGateway) => {
  beforeEach(async () => {
    await getGateway().gateway.services.engine.kysely.deleteFrom('contact_windows').execute();
  });
  const services = () => getGateway().gateway.services;
  const db = () => services().engine.kysely;
  const bundleOf = async (till: TillClient) => {
    const { status, body } = await till.get(OFFLINE_PATHS.sealedCodes);
    expect(status).toBe(200);
    const { publicKey } = services().identity;
    const key = await importJWK(publicKey, 'EdDSA');
    const { payload } = await jwtVerify(body.bundle, key, { typ: SEALED_TYP, audience: till.tillId });
    expect(decodeProtectedHeader(body.bundle)).toMatchObject({ alg: 'EdDSA', kid: publicKey.kid });
    return sealedBundleSchema.parse(payload);
  };
  const waiting = () =>
    db()
      .selectFrom('messages')
      .select(['id', 'content_sealed', 'staff_id'])
      .where('kind', '=', 'sealed_codes')
      .where('state', '=', 'queued')
      .execute();
  const phone = (name: string) => {
    const found = getGateway().demo.staff.find((one) => one.name.startsWith(name));
    if (found?.phone == null) throw new Error(`no ${name}`);
    return { ...found, number: found.phone.slice(1) };
  };
  const shown = (number: string) =>
    getGateway().graph.world.messages.filter(
      (it) => it.number === number && it.direction === 'to_phone' && it.shownAtMs !== undefined,
    );

  it(
    'gives codes to supervisors in one message for all tills, and forgets them when they arrived',
    async () => {
      const gw = getGateway();
      const [one, two] = [await gw.pair('Kasir 1'), await gw.pair('Kasir 2')];
      const bundles = [await bundleOf(one), await bundleOf(two)];
      expect(bundles.map(({ codes }) => codes.length)).toEqual([9, 9]);
      const messages = await waiting();
      // One for each of the three who hold codes.
      expect(messages).toHaveLength(3);
      const siti = phone('Siti');
      for (const { id } of messages) await services().sendMessage(id);
      const text = await eventually(
        () => shown(siti.number).find((it) => it.templateName === 'saksi_sealed_codes')?.rendered.body,
        'codes',
      );
      expect(text).toMatch(/Toko Saksi.*Kasir 1: .*Kasir 2: /);
      const codes = text.match(CODE) ?? [];
      expect(codes).toHaveLength(6);
      const mine = bundles[1]?.codes.filter(({ supervisorId }) => supervisorId === siti.id) ?? [];
      const [clear] = codes.slice(3);
      const tried = await Promise.all(
        mine.map(async ({ hash }) => {
          const again = await hashSealedCode(
            (clear ?? '').replace('-', ''),
            Buffer.from(hash.salt, 'base64url'),
          );
          return again.hash === hash.hash;
        }),
      );
      expect(tried.filter(Boolean)).toHaveLength(1);

      await eventually(async () => {
        const rows = await db()
          .selectFrom('messages')
          .select('content_sealed')
          .where('kind', '=', 'sealed_codes')
          .execute();
        return rows.every((row) => row.content_sealed === null);
      }, 'forgotten codes');
      const tables = [
        'messages',
        'sealed_codes',
        'sealed_bundles',
        'till_events',
        'inbound_messages',
      ] as const;
      const kept = JSON.stringify(
        await Promise.all(tables.map((table) => db().selectFrom(table).selectAll().execute())),
      );
      for (const code of codes) {
        for (const form of [code, code.replace('-', '')]) {
          expect(kept).not.toContain(form);
          expect(gw.log.join('')).not.toContain(form);
        }
      }
    },
    TIMEOUT_MS,
  );

  it(
    'writes free of charge to who has just written, and by template once that window turns out closed',
    async () => {
      const gw = getGateway();
      const joko = phone('Joko');
      const till = await gw.pair('Kasir 3');
      const fresh = () => shown(joko.number).filter((it) => it.rendered.body.includes('Kasir 3: '));
      const openWindow = async () => {
        await db().deleteFrom('contact_windows').execute();
        await db().updateTable('inbound_messages').set({ replied: false }).execute();
        gw.graph.world.reply(joko.number, { text: 'halo' });
        await eventually(
          async () => (await db().selectFrom('contact_windows').selectAll().execute()).length > 0,
          'window',
        );
      };
      await openWindow();
      await bundleOf(till);
      for (const { id } of await waiting()) await services().sendMessage(id);
      const message = await eventually(() => fresh()[0], 'free codes');
      expect(message.templateName).toBeUndefined();
      expect(message.rendered.body.match(CODE)).toHaveLength(3);

      await openWindow();
      await services().offline.operator.renew({ tillId: till.tillId });
      await bundleOf(till);
      gw.graph.world.failures.push({ code: 131047, at: 'webhook', to: joko.number, times: 1 });
      for (const { id } of await waiting()) await services().sendMessage(id);
      const again = await eventually(
        () => fresh().find((it) => it.templateName === 'saksi_sealed_codes'),
        'template',
      );
      expect(again.rendered.body.match(CODE)).toHaveLength(3);
    },
    TIMEOUT_MS,
  );

  it(
    'books what was spent, tells the customer and the manager, and answers for it',
    async () => {
      const gw = getGateway();
      const till = await gw.pair('Kasir 4');
      const tillIdentity = { tillId: till.tillId, storeId: gw.demo.storeId };
      const bundle = await bundleOf(till);
      const siti = phone('Siti');
      const code = bundle.codes.find(({ supervisorId }) => supervisorId === siti.id);
      const customer = gw.demo.customers[5];
      if (code === undefined || customer === undefined) throw new Error('no code or customer');
      const spentAt = Date.now() - 60_000;
      const spent = {
        ...{
          id: crypto.randomUUID(),
          sealedCodeId: code.id,
          bundleSerial: bundle.serial,
          supervisorId: siti.id,
        },
        ...{ customerId: customer.id, asset: 'deposit', amount: 50_000, currency: 'IDR', saleRef: 'OFF-1' },
        ...{
          staffId: null,
          drawer: false,
          spentAt,
          slip: 'printed',
          believed: { available: 90_000, ageMs: 1 },
        },
      } as never;
      expect(await services().offline.applyOffline(tillIdentity, 'k', spent)).toBe('booked');
      const told = await eventually(
        () => shown(customer.phone.slice(1)).find((it) => it.templateName === 'saksi_offline_spent'),
        'word to the customer',
      );
      // In the customer's own language: 40,000 was there.
      expect(told.rendered.body).toMatch(/50\.000.*OFF-1.*Şimdiki bakiye: Rp\s0\./);
      const alert = await eventually(
        () => shown(phone('Agus').number).find((it) => it.templateName === 'saksi_offline_loss'),
        'alert to the manager',
      );
      expect(alert.rendered.body).toMatch(/Kasir 4.*Mehmet Yılmaz.*50\.000.*10\.000.*OFF-1.*Siti Rahma/);

      // Online, in the same time by the till's clock.
      const created = await till.post('/v1/redemptions', wish(gw, 0, { amount: 2000 }));
      const { id } = created.body.redemption;
      const { code: digits } = await gw.codeOf(gw.demo.customers[0]?.phone ?? '');
      await till.post(`/v1/redemptions/${id}/verify`, { code: digits });
      await till.post(`/v1/redemptions/${id}/capture`, { settledAt: spentAt + 1, slip: 'printed' });
      const hash = 'a'.repeat(64);
      const signed = await till.post(OFFLINE_PATHS.auditHead, { seq: 7, hash, prefix: null }, null);
      expect([signed.status, signed.body.countersigned]).toEqual([200, expect.stringMatching(/^ey/)]);
      const behind = await till.post(OFFLINE_PATHS.auditHead, { seq: 3, hash, prefix: null }, null);
      expect([behind.status, behind.body.error.code]).toEqual([409, 'audit_head_behind']);

      const query = (from: number, to: number) =>
        till.get(`${OFFLINE_PATHS.reconciliation}?from=${from}&to=${to}`);
      const { body } = await query(spentAt, spentAt + 2);
      const nothing = { count: 0, sum: 0 };
      const spentId = uuidSchema.parse((spent as { id: string }).id);
      expect(body).toMatchObject({
        gateway: {
          captured: { deposit: { count: 1, sum: 2000 }, points: nothing },
          offline: { deposit: { count: 1, sum: 50_000 }, points: nothing },
          cancelled: { count: 0 },
        },
        keys: [id, spentId],
        losses: [
          {
            redemptionId: spentId,
            customerName: 'Mehmet Yılmaz',
            amount: 50_000,
            loss: 10_000,
            saleRef: 'OFF-1',
          },
        ],
        head: { seq: 7, hash },
      });
      expect((await query(spentAt, spentAt + 1)).body.keys).toEqual([spentId]);
      expect((await query(spentAt + 2, spentAt + 9)).body).toMatchObject({
        keys: [],
        losses: [],
        head: { seq: 7 },
      });
      const other = await gw.pair('Kasir 5');
      const theirs = await other.get(`${OFFLINE_PATHS.reconciliation}?from=0&to=${spentAt * 2}`);
      expect(theirs.body).toMatchObject({ keys: [], losses: [], head: null });
      expect((await services().admin.run('ledger check', {})).ok).toBe(true);
    },
    TIMEOUT_MS,
  );

  it('tells tills by their pings that wallets changed', async () => {
    const gw = getGateway();
    const till = await gw.pair('Kasir 6');
    const { body: place } = await till.get('/v1/till');
    expect(place.cacheTagKey).toBe(services().offline.wallets.tagKeyOf(gw.demo.storeId));
    const { kysely } = services().engine;
    await olderTransactionsEnded(kysely);
    const first = (await till.get(`${OFFLINE_PATHS.wallets}?after=0`)).body;
    expect(first.wallets).toHaveLength(gw.demo.customers.length);
    const customer = { id: gw.demo.customers[3]?.id ?? '' };
    const key = `wallet-${till.tillId}`;
    const store = { storeId: gw.demo.storeId, customer };
    await services().admin.run('wallet credit', { ...store, asset: 'points', amount: 3 as never, key });
    await olderTransactionsEnded(kysely);
    const reader = await till.events();
    const ping = await eventually(
      () => reader.seen.find(({ type, data }) => type === 'ping' && data.walletCursor > first.next),
      'a ping that tells of it',
    );
    const second = (await till.get(`${OFFLINE_PATHS.wallets}?after=${first.next}`)).body;
    expect(second.wallets.map((one: { customer: { id: string } }) => one.customer.id)).toEqual([customer.id]);
    expect(second.next).toBe(ping.data.walletCursor);
    reader.close();
  });

  it('is closed to whoever is no till, and to what makes no sense', async () => {
    const gw = getGateway();
    const till = await gw.pair('Kasir 7');
    for (const path of [
      OFFLINE_PATHS.sealedCodes,
      OFFLINE_PATHS.wallets,
      `${OFFLINE_PATHS.reconciliation}?from=0&to=1`,
    ]) {
      expect((await fetch(gw.url + path)).status).toBe(401);
    }
    const refused = async (promise: Promise<{ status: number; body: { error?: { code: string } } }>) => {
      const { status, body } = await promise;
      return [status, body.error?.code];
    };
    expect(await refused(till.get(`${OFFLINE_PATHS.wallets}?after=-1`))).toEqual([400, 'bad_request']);
    expect(await refused(till.get(`${OFFLINE_PATHS.wallets}?after=x`))).toEqual([400, 'bad_request']);
    expect(await refused(till.get(OFFLINE_PATHS.reconciliation))).toEqual([400, 'bad_request']);
    const head = { seq: 1, hash: 'nope', prefix: null };
    expect(await refused(till.post(OFFLINE_PATHS.auditHead, head, null))).toEqual([400, 'bad_request']);
    const paths = Object.keys((await (await fetch(`${gw.url}/openapi.json`)).json()).paths);
    for (const name of ['sealedCodes', 'auditHead', 'wallets', 'reconciliation'] as const) {
      expect(paths).toContain(OFFLINE_PATHS[name]);
    }
    const metrics = await (await fetch(`${gw.url}/metrics`)).text();
    expect(metrics).toContain('saksi_offline_redemptions_total{outcome="booked"} 1\n');
    expect(metrics).toContain('saksi_offline_losses_total 1\n');
  });
});
