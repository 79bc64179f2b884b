import type { BridgeInput, BridgeMethod, SaksiBridge, TillView } from '../shared/bridge.ts';
import { type PosRedemption, posRedemptionSchema } from '../shared/pos-link-api.ts';
import { type DemoShop, viewWhere } from '../test/fixtures/demo-shop.ts';

const AMOUNT = 50_000;

/**
 * One whole redemption through the real HTTP and device path, without a screen: a cashier terminal starts it over the POS
 * link, the code is read on the customer's phone and typed at the till. Prints each step with its time.
 * @returns whether every step held; the failing one is printed
 */
export async function runSmoke(shop: DemoShop, startMs: number): Promise<boolean> {
  const { bridge, demo, mpop, phonesUrl } = shop;
  const [cashier] = demo.staff;
  const [customer] = demo.customers;
  if (bridge === null || cashier === undefined || customer === undefined) throw new Error('no demo to drive');
  const phone = customer.phone.slice(1);
  report('gateway, phones, printer and till are up, the till is paired', startMs);
  let redemption: PosRedemption | null = null;
  let code = '';

  const steps: [string, () => Promise<void>][] = [
    ['gateway is ready', async () => expectStatus(`${shop.gatewayUrl}/readyz`, 200)],
    ['printer reports ready', () => untilView(bridge, (view) => view.status.printer.state === 'ready')],
    [
      'cashier signs in by PIN',
      () => call(bridge, 'session.signIn', { staffId: cashier.id, pin: cashier.pin }),
    ],
    [
      'terminal starts the redemption over the POS link',
      async () => {
        redemption = await pos(shop, '/v1/redemptions', {
          customer: { phone: customer.phone },
          asset: 'deposit',
          amount: AMOUNT,
          saleRef: 'SMOKE-1',
          drawer: true,
        });
      },
    ],
    [
      "code arrives on the customer's phone",
      async () => {
        const answer = await fetch(`${phonesUrl}/_sim/phones/${phone}/latest-code?wait_ms=10000`);
        code = ((await answer.json()) as { code?: string }).code ?? '';
        demand(/^\d{6}$/.test(code), 'six digits on the phone');
      },
    ],
    [
      'till shows that it was delivered',
      () =>
        untilView(bridge, (view) => /^(delivered|read)$/.test(view.redemption?.code?.delivery.state ?? '')),
    ],
    [
      'a wrong code is refused',
      async () => {
        const wrong = code === '000000' ? '000001' : '000000';
        const answer = await bridge.invoke('redemption.submitCode', {
          redemptionId: idOf(redemption),
          code: wrong,
        });
        demand(!answer.ok && answer.error.code === 'code_wrong', 'code_wrong');
        demand(mpop.drawerPulses.length === 0 && mpop.slips.length === 0, 'no device moved');
      },
    ],
    [
      'the right code is accepted',
      () => call(bridge, 'redemption.submitCode', { redemptionId: idOf(redemption), code }),
    ],
    [
      'drawer opens, slip prints, capture is confirmed',
      async () => {
        await untilView(
          bridge,
          ({ redemption: shown }) => shown?.stage === 'done' && shown.settlement === 'confirmed',
        );
        demand(mpop.drawerPulses.length === 1, 'one pulse at the drawer');
        demand(mpop.slips.length === 1, 'one slip on the paper');
        demand(mpop.errors.length === 0, `no unknown bytes at the printer: ${JSON.stringify(mpop.errors)}`);
      },
    ],
    [
      'terminal sees it captured',
      async () => {
        const answer = await pos(shop, `/v1/redemptions/${idOf(redemption)}`);
        demand(
          answer.status === 'captured' && answer.slip === 'printed' && answer.drawer === 'opened',
          'captured',
        );
      },
    ],
    [
      'wallet is charged once and the books balance',
      async () => {
        const { admin } = shop.gateway.services;
        const wallet = await admin.run('wallet show', {
          storeId: demo.storeId,
          customer: { id: customer.id },
        });
        const deposit = wallet.balances.find(({ asset }) => asset === 'deposit');
        demand(deposit?.available === customer.deposit - AMOUNT && deposit.reserved === 0, 'the balance');
        demand((await admin.run('ledger check', {})).ok, 'the ledger');
      },
    ],
  ];

  for (const [name, run] of steps) {
    const from = performance.now();
    try {
      await run();
    } catch (error) {
      process.stdout.write(
        `  FAILED      ${name}: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      return false;
    }
    report(name, performance.now() - from);
  }
  process.stdout.write('  redemption complete\n');
  return true;
}

function report(name: string, ms: number): void {
  process.stdout.write(`  ${String(Math.round(ms)).padStart(6)} ms   ${name}\n`);
}

function demand(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`);
}

const idOf = (redemption: PosRedemption | null): string => redemption?.id ?? '';

async function call<M extends BridgeMethod>(
  bridge: SaksiBridge,
  method: M,
  input: BridgeInput<M>,
): Promise<void> {
  const answer = await bridge.invoke(method, input);
  if (!answer.ok) throw new Error(`${answer.error.code} ${JSON.stringify(answer.error.params)}`);
}

async function untilView(bridge: SaksiBridge, fits: (view: TillView) => boolean): Promise<void> {
  await viewWhere(bridge, fits, 'this');
}

async function expectStatus(url: string, status: number): Promise<void> {
  const answer = await fetch(url);
  demand(answer.status === status, `status ${status}, not ${answer.status}`);
}

/** A call of the POS link: POST where there is a body. */
async function pos({ posLink }: DemoShop, path: string, body?: object): Promise<PosRedemption> {
  if (posLink === null) throw new Error('no POS link');
  const answer = await fetch(`${posLink.url}${path}`, {
    headers: {
      authorization: `Bearer ${posLink.token}`,
      ...(body === undefined
        ? {}
        : { 'content-type': 'application/json', 'idempotency-key': 'smoke-redemption-1' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`the POS link answered ${answer.status}: ${await answer.text()}`);
  return posRedemptionSchema.parse(await answer.json());
}
