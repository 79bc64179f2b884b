import { parseArgs } from 'node:util';
import fastify from 'fastify';
import { systemClock } from '../../../shared/effects.ts';
import { VirtualMpop } from './mpop.ts';
import { mpopPage } from './page.ts';
import { connectPty, hasSocat } from './pty.ts';
import { listenTcp } from './server.ts';

/** `node test/sim/mpop/main.ts [--tcp 9100] [--http 8790] [--pty]`: the virtual mPOP by itself. */
const { values } = parseArgs({
  options: {
    tcp: { type: 'string', default: '9100' },
    http: { type: 'string', default: '8790' },
    pty: { type: 'boolean', default: false },
  },
});

const mpop = new VirtualMpop({ clock: systemClock });
const tcp = await listenTcp(mpop, Number(values.tcp));
const labels = [`tcp 127.0.0.1:${tcp.port}`];

if (values.pty && !hasSocat()) throw new Error('--pty needs socat');
const pty = values.pty ? await connectPty(mpop) : null;
if (pty !== null) labels.push(`serial ${pty.path}`);

const app = fastify();
await app.register(mpopPage({ mpop, label: labels.join(', ') }));
const address = await app.listen({ host: '127.0.0.1', port: Number(values.http) });
console.log(`virtual mPOP: ${labels.join(', ')}; page ${address}/`);

async function stop(): Promise<void> {
  await app.close();
  await pty?.close();
  await tcp.close();
}
process.once('SIGINT', () => void stop());
process.once('SIGTERM', () => void stop());
