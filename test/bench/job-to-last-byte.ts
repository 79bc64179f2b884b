import { join } from 'node:path';
import { createDevices, createTransport, deviceConfigSchema } from '../../electron/devices/config.ts';
import type { Transport } from '../../electron/devices/transport.ts';
import { systemEffects } from '../../shared/effects.ts';
import { amountSchema } from '../../shared/money.ts';
import { CUSTOMER_ID, RIGHT_CODE } from '../fixtures/fake-gateway.ts';
import { eventually } from '../fixtures/shop.ts';
import { type OpenTill, openTill } from './bare-till.ts';
import { type Bench, quantile, result } from './bench.ts';
import { milliseconds, withSerialLines } from './serial-lines.ts';

/**
 * From a slip's permit (the commit of its grant's use) to the last byte of the slip at the far end of a PTY, in another
 * process. In between: the job marked as printing at synchronous=FULL, the printer asked whether it is there, the slip
 * encoded and written in chunks. Floor, taking turns: all bytes of that very job in one raw write to a serial port, to
 * the far end of another PTY of the same process. Both lines are read at the speed of the port, 115,200 baud; `_unpaced` is
 * the same on lines without a speed, where nothing but the till's own doing shows.
 */
const ROUNDS = 100;
const WARM_UP = 10;

/** The same transport, with what was written to it. */
function recorded(transport: Transport | null, written: Uint8Array[]): Transport | null {
  if (transport === null) return null;
  const { write } = transport;
  return {
    ...transport,
    write(bytes, timeoutMs) {
      written.push(bytes);
      return write(bytes, timeoutMs);
    },
  };
}

async function redeem({ till, gateway }: OpenTill): Promise<void> {
  gateway.ping();
  const wish = {
    customerId: CUSTOMER_ID,
    asset: 'deposit',
    amount: amountSchema.parse(100),
    drawer: false,
  } as const;
  const { redemptionId } = await till.invoke('redemption.start', wish);
  await till.invoke('redemption.submitCode', { redemptionId, code: RIGHT_CODE });
  await eventually(
    async () => till.view().redemption?.settlement === 'confirmed' || null,
    'the capture',
    () => till.view(),
  );
}

const measure = (pace: 'paced' | 'unpaced') =>
  withSerialLines(async (lines) => {
    const written: Uint8Array[] = [];
    let permitAt = 0n;
    const devices = createDevices(
      deviceConfigSchema.parse({ printer: { transport: { kind: 'serial', path: lines.tillPath } } }),
      systemEffects,
      { createTransport: (config, effects) => recorded(createTransport(config, effects), written) },
    );
    const open = await openTill(join(lines.folder, 'till'), devices, (step) => {
      if (step !== 'grant_consumed') return;
      permitAt = process.hrtime.bigint();
      written.length = 0;
    });
    const took: number[] = [];
    const floor: number[] = [];
    for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
      const end = lines.nextSlipEnd();
      await redeem(open);
      const mine = milliseconds(permitAt, await end);
      const job = Buffer.concat(written);
      const from = process.hrtime.bigint();
      const bare = milliseconds(from, await lines.slipFloor(job));
      if (round < WARM_UP) continue;
      took.push(mine);
      floor.push(bare);
    }
    await open.till.stop();
    return { took, floor };
  }, pace);

export const jobToLastByteBench: Bench = {
  names: ['devices.job_to_last_byte', 'devices.job_to_last_byte_p99', 'devices.job_to_last_byte_unpaced'],
  about:
    "a slip's permit to its last byte at the far end of a PTY, against the same bytes in one raw serial write",
  mark: '≤ 1.5',
  async run() {
    const at = ({ took, floor }: Measured, q: number) =>
      result(quantile(took, q), 'ms', quantile(floor, q), took.length);
    const paced = await measure('paced');
    return {
      'devices.job_to_last_byte': at(paced, 0.5),
      'devices.job_to_last_byte_p99': at(paced, 0.99),
      'devices.job_to_last_byte_unpaced': at(await measure('unpaced'), 0.5),
    };
  },
};
type Measured = Awaited<ReturnType<typeof measure>>;
