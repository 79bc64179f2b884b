import { join } from 'node:path';
import { createDevices, deviceConfigSchema } from '../../electron/devices/config.ts';
import { systemEffects } from '../../shared/effects.ts';
import { amountSchema } from '../../shared/money.ts';
import { CUSTOMER_ID, RIGHT_CODE } from '../fixtures/fake-gateway.ts';
import { eventually } from '../fixtures/shop.ts';
import { type OpenTill, openTill } from './bare-till.ts';
import { type Bench, quantile, result } from './bench.ts';
import { milliseconds, withSerialLines } from './serial-lines.ts';

/**
 * From the gateway's answer that accepts the code (in the till's hands as bytes, not yet read) to the drawer's pulse at the
 * far end of a PTY, in another process. Floor: one commit with synchronous=FULL of one small row, then the same five bytes
 * written to a serial port by themselves, at the far end of another PTY of the same process. Both take turns.
 */
const ROUNDS = 300;
const WARM_UP = 30;

async function redeem({ till, gateway }: OpenTill, pulse: Promise<bigint>): Promise<number> {
  gateway.ping();
  const amount = amountSchema.parse(100);
  const wish = { customerId: CUSTOMER_ID, asset: 'deposit', amount, drawer: true } as const;
  const { redemptionId } = await till.invoke('redemption.start', wish);
  let acceptedAt = 0n;
  gateway.onAnswer = (answered) => {
    if (answered.endsWith('/verify')) acceptedAt = process.hrtime.bigint();
  };
  await till.invoke('redemption.submitCode', { redemptionId, code: RIGHT_CODE });
  const took = milliseconds(acceptedAt, await pulse);
  const settled = () => till.view().redemption?.settlement === 'confirmed' || null;
  await eventually(
    async () => settled(),
    'the capture',
    () => till.view(),
  );
  return took;
}

const measure = () =>
  withSerialLines(async (lines) => {
    const printer = { transport: { kind: 'serial', path: lines.tillPath } };
    const devices = createDevices(deviceConfigSchema.parse({ printer }), systemEffects);
    const open = await openTill(join(lines.folder, 'till'), devices);
    const took: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
      const mine = await redeem(open, lines.nextPulse());
      const from = process.hrtime.bigint();
      const bare = milliseconds(from, await lines.floor());
      if (round < WARM_UP) continue;
      took.push(mine);
      floor.push(bare);
    }
    await open.till.stop();
    return { took, floor };
  });

export const acceptToDrawerBench: Bench = {
  names: ['redemption.accept_to_drawer', 'redemption.accept_to_drawer_p99'],
  about:
    'accepted code to drawer pulse at the far end of a PTY, against one FULL commit and a raw serial write',
  mark: '≤ 3',
  async run() {
    const { took, floor } = await measure();
    const at = (q: number) => result(quantile(took, q), 'ms', quantile(floor, q), took.length);
    return {
      'redemption.accept_to_drawer': at(0.5),
      'redemption.accept_to_drawer_p99': at(0.99),
    };
  },
};
