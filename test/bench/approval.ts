import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { createDevices, deviceConfigSchema } from '../../electron/devices/config.ts';
import type { TillView } from '../../shared/bridge.ts';
import { systemEffects } from '../../shared/effects.ts';
import { DEFAULT_POLICY } from '../../shared/policy.ts';
import { startCluster } from '../fixtures/postgres-cluster.ts';
import { eventually, openShop, openTill, type Shop, type ShopTill } from '../fixtures/shop.ts';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';
import { type Bench, type BenchResult, quantile, result } from './bench.ts';
import { milliseconds, type SerialLines, withSerialLines } from './serial-lines.ts';

/**
 * From the sending of Meta's signed webhook with a supervisor's tap, to the drawer's pulse at the far end of a serial line
 * in another process. In between: HTTP, the signature, the decision committed on PostgreSQL, the grant signed and pushed
 * to the till, checked there, its use committed at synchronous=FULL, the drawer's bytes. Floor, taking turns: the same
 * body's HMAC checked, one row committed on the same PostgreSQL, one row at FULL, a raw serial write.
 */
const ROUNDS = 150;
const WARM_UP = 20;

export const approvalBench: Bench = {
  names: ['approval.webhook_to_drawer', 'approval.webhook_to_drawer_p99'],
  about:
    'a tap arriving by webhook to the drawer pulse, against a signature check, a gateway and a till commit, a serial write',
  mark: '≤ 3',
  async run(): Promise<Record<string, BenchResult>> {
    const cluster = await startCluster({ durable: true });
    try {
      const databaseUrl = await cluster.createDatabase();
      const { took, floor } = await withSerialLines((lines) => measure(lines, databaseUrl));
      const at = (q: number) => result(quantile(took, q), 'ms', quantile(floor, q), took.length);
      return { 'approval.webhook_to_drawer': at(0.5), 'approval.webhook_to_drawer_p99': at(0.99) };
    } finally {
      await cluster.stop();
    }
  },
};

async function measure(lines: SerialLines, databaseUrl: string) {
  const shop = await openShop({ databaseUrl });
  const transport = { kind: 'serial', path: lines.tillPath } as const;
  const desk = await openTill({
    dataDir: join(lines.folder, 'till'),
    devices: createDevices(deviceConfigSchema.parse({ printer: { transport } }), systemEffects),
  });
  const floorDb = new pg.Client({ connectionString: databaseUrl });
  await floorDb.connect();
  try {
    await prepare(shop, desk);
    await floorDb.query('create table bench_floor (id bigserial primary key, body text not null)');
    const took: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
      const tap = await askedTap(shop, desk);
      const pulse = lines.nextPulse();
      const from = process.hrtime.bigint();
      const answer = await fetch(`${shop.gatewayUrl}/webhooks/whatsapp`, tap);
      const mine = milliseconds(from, await pulse);
      if (answer.status !== 200) throw new Error(`the webhook was answered ${answer.status}`);
      await dismissed(desk);
      const bareFrom = process.hrtime.bigint();
      if (signature(tap.body) !== tap.headers['x-hub-signature-256']) throw new Error('signature');
      await floorDb.query('insert into bench_floor (body) values ($1)', [tap.body]);
      const bare = milliseconds(bareFrom, await lines.floor());
      if (round < WARM_UP) continue;
      took.push(mine);
      floor.push(bare);
    }
    return { took, floor };
  } finally {
    await floorDb.end();
    await desk.stop();
    await shop.close();
  }
}

async function prepare(shop: Shop, desk: ShopTill): Promise<void> {
  const { approvals } = DEFAULT_POLICY;
  const kinds = approvals.kinds.map((kind) => ({ ...kind, repeat: { count: 1000, windowSeconds: 60 } }));
  const policy = { ...DEFAULT_POLICY, approvals: { ...approvals, kinds } };
  await shop.gateway.services.admin.run('policy set', { storeId: shop.demo.storeId, policy });
  const pairingCode = await shop.pairingCode();
  await desk.till.invoke('pairing.pair', { gatewayUrl: shop.gatewayUrl, pairingCode });
  const cashier = shop.demo.staff.find(({ role }) => role === 'cashier');
  if (cashier === undefined) throw new Error('no cashier');
  await desk.till.invoke('session.signIn', { staffId: cashier.id, pin: cashier.pin });
  await desk.until((view) => view.status.printer.state === 'ready', 'a ready printer');
  await desk.until((view) => view.status.gateway.state === 'online', 'the line');
}

/** Asks for an opening without a sale, and makes the webhook with which the asked supervisor's phone will say yes. */
async function askedTap(shop: Shop, desk: ShopTill) {
  const before = shop.graph.world.messages.length;
  await desk.till.invoke('approval.start', {
    kind: 'no_sale',
    amount: null,
    basisPoints: null,
    reason: { key: 'change_money', text: null },
    note: '',
    saleRef: null,
  });
  const message = await eventually(async () => {
    const fresh = shop.graph.world.messages.slice(before);
    return (
      fresh.find(({ rendered }) =>
        rendered.buttons.some(({ kind }) => kind === 'quick_reply' || kind === 'reply'),
      ) ?? null
    );
  }, 'the request on a phone');
  await desk.until(
    (view) => /^(delivered|read)$/.test(view.approvals[0]?.asked[0]?.delivery.state ?? ''),
    'its delivery',
  );
  const body = tapBody(shop, message);
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': signature(body) },
    body,
  };
}

function tapBody(shop: Shop, message: Shop['graph']['world']['messages'][number]): string {
  const button = message.rendered.buttons[0];
  if (button?.kind !== 'quick_reply' && button?.kind !== 'reply') throw new Error('no button to tap');
  const phone = message.number;
  const id = `wamid.bench${crypto.randomUUID()}`;
  const seconds = String(Math.floor(Date.now() / 1000));
  const reply =
    button.kind === 'quick_reply'
      ? { type: 'button', button: { payload: button.payload, text: button.label } }
      : {
          type: 'interactive',
          interactive: { type: 'button_reply', button_reply: { id: button.id, title: button.label } },
        };
  const { displayPhoneNumber, phoneNumberId, wabaId } = SIM_DEFAULTS;
  const userId = shop.graph.world.phones.get(phone)?.userId;
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: displayPhoneNumber, phone_number_id: phoneNumberId },
    contacts: [{ profile: { name: 'x' }, wa_id: phone, user_id: userId }],
    messages: [
      {
        from: phone,
        from_user_id: userId,
        id,
        timestamp: seconds,
        context: { from: displayPhoneNumber, id: message.wamid },
        ...reply,
      },
    ],
  };
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: wabaId, changes: [{ field: 'messages', value }] }],
  });
}

const signature = (body: string) =>
  `sha256=${createHmac('sha256', SIM_DEFAULTS.appSecret).update(body).digest('hex')}`;

async function dismissed(desk: ShopTill): Promise<void> {
  const settled = (view: TillView) => view.approvals[0]?.stage === 'approved';
  const { approvals } = await desk.until(settled, 'the approval done');
  const [approval] = approvals;
  if (approval !== undefined) await desk.till.invoke('approval.dismiss', { approvalId: approval.id });
}
