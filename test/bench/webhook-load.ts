/**
 * Meta's side, in a process of its own: sends signed webhooks over connections that are kept, several under way on each, and
 * tells its parent how many were answered with 200 and how long each took. Bodies and signatures are made before the clock runs.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { messageIdOf, wamidOf } from '../fixtures/sent-messages.ts';
import { SIM_DEFAULTS } from '../sim/graph/sim.ts';

export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  /** Under way on one connection at a time. */
  readonly pipelined: number;
  /** Numbers of messages: each gets `sent`, `delivered` and `read`, a webhook each. */
  readonly from: number;
  readonly count: number;
}

export interface LoadReport {
  readonly seconds: number;
  readonly answered: number;
  readonly refused: number;
  /** Milliseconds from the sending of a request to its answer, a sample of them. */
  readonly took: readonly number[];
}

const STATUSES = ['sent', 'delivered', 'read'] as const;
const SAMPLES_MAX = 20_000;
const STATUS_LINE = 'HTTP/1.1 ';

/** As Meta writes one, with all that we do not read. */
function webhook(n: number, status: (typeof STATUSES)[number]): string {
  const pricing = { billable: true, pricing_model: 'PMP', type: 'regular', category: 'authentication' };
  const value = {
    messaging_product: 'whatsapp',
    metadata: {
      display_phone_number: SIM_DEFAULTS.displayPhoneNumber,
      phone_number_id: SIM_DEFAULTS.phoneNumberId,
    },
    contacts: [{ profile: { name: 'Budi Santoso' }, wa_id: '6281234567890', user_id: 'ID.49521838572' }],
    statuses: [
      {
        id: wamidOf(n),
        status,
        timestamp: String(1_790_000_000 + n),
        recipient_id: '6281234567890',
        recipient_user_id: 'ID.49521838572',
        biz_opaque_callback_data: messageIdOf(n),
        pricing,
      },
    ],
  };
  const changes = [{ value, field: 'messages' }];
  return JSON.stringify({
    object: 'whatsapp_business_account',
    entry: [{ id: SIM_DEFAULTS.wabaId, changes }],
  });
}

function requestOf(path: string, body: string): Buffer {
  const signature = createHmac('sha256', SIM_DEFAULTS.appSecret).update(body).digest('hex');
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: facebookexternalua',
    'Content-Type: application/json',
    `X-Hub-Signature-256: sha256=${signature}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Statuses of one message stay some way apart, as on their way from Meta. */
function requestsOf({ path, from, count }: LoadOrder): Buffer[] {
  return STATUSES.flatMap((status) =>
    Array.from({ length: count }, (_, index) => requestOf(path, webhook(from + index, status))),
  );
}

async function send(order: LoadOrder, requests: readonly Buffer[]): Promise<LoadReport> {
  const started = performance.now();
  const took: number[] = [];
  let next = 0;
  let answered = 0;
  let refused = 0;

  async function line(): Promise<void> {
    const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const under: number[] = [];
    let rest = '';
    await new Promise<void>((resolve, reject) => {
      const fill = () => {
        const batch: Buffer[] = [];
        while (under.length < order.pipelined) {
          const request = requests[next];
          if (request === undefined) break;
          next += 1;
          under.push(performance.now());
          batch.push(request);
        }
        if (batch.length > 0) socket.write(Buffer.concat(batch));
        else if (under.length === 0) resolve();
      };
      socket.on('data', (chunk) => {
        rest += chunk.toString('latin1');
        for (;;) {
          const at = rest.indexOf(STATUS_LINE);
          if (at === -1 || rest.length < at + STATUS_LINE.length + 3) break;
          const status = rest.slice(at + STATUS_LINE.length, at + STATUS_LINE.length + 3);
          rest = rest.slice(at + STATUS_LINE.length + 3);
          if (status === '200') answered += 1;
          else refused += 1;
          const since = performance.now() - (under.shift() ?? 0);
          if (took.length < SAMPLES_MAX) took.push(since);
          else if (answered % 16 === 0) took[answered % SAMPLES_MAX] = since;
        }
        // What may be the beginning of the next status line.
        rest = rest.slice(-(STATUS_LINE.length + 3));
        fill();
      });
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the gateway hung up')));
      fill();
    });
    socket.removeAllListeners('close');
    socket.destroy();
  }

  await Promise.all(Array.from({ length: order.connections }, line));
  return { seconds: (performance.now() - started) / 1000, answered, refused, took };
}

let requests: Buffer[] = [];
let order: LoadOrder | null = null;
process.on('message', (message: LoadOrder | 'go') => {
  if (message !== 'go') {
    order = message;
    requests = requestsOf(message);
    process.send?.('ready');
  } else if (order !== null) {
    void send(order, requests).then((report) => process.send?.(report));
  }
});
