/**
 * Runs the simulator alone: `node test/sim/graph/main.ts --port 8791 --phone "+6281234567890=Budi"`.
 * Prints one line of JSON with its address and what a gateway needs to talk to it.
 */
import { parseArgs } from 'node:util';
import { createGraphSim, SIM_DEFAULTS } from './sim.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8791' },
    host: { type: 'string', default: '127.0.0.1' },
    seed: { type: 'string', default: '1' },
    /** Where webhooks go; can be set later with `PUT /_sim/webhook`. */
    webhook: { type: 'string' },
    /** `number=name`, any number of times. */
    phone: { type: 'string', multiple: true, default: [] },
    business: { type: 'string', default: SIM_DEFAULTS.businessName },
  },
});

const sim = createGraphSim({
  seed: Number(values.seed),
  account: { businessName: values.business },
  phones: values.phone.map((it) => {
    const [number = '', name] = it.split('=');
    return { number, ...(name === undefined ? {} : { name }) };
  }),
});
if (values.webhook !== undefined) sim.setWebhook(values.webhook);

const url = await sim.listen(Number(values.port), values.host);
console.log(JSON.stringify({ ...SIM_DEFAULTS, url, businessName: values.business }));

async function stop(): Promise<void> {
  await sim.close();
  process.exit(0);
}
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
