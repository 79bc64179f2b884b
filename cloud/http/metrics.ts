/** Prometheus metrics, in a registry of their own so that several gateways fit into one process. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** People take from seconds to the longest expiry, a day. */
const APPROVAL_SECONDS_BUCKETS = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400];

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  /** `outcome`: the status that a redemption reached, or the error code that a request about it got. */
  readonly redemptions: Counter<'outcome'>;
  /** `outcome`: issued, accepted, or the error code of a refused one. */
  readonly codes: Counter<'outcome'>;
  /** `state`: the state that a message reached; `reason` of a failure. */
  readonly messages: Counter<'state' | 'reason'>;
  /** `kind`: one of ours, or `custom`; `outcome`: asked, escalated, the final status, or the error code of a refusal. */
  readonly approvals: Counter<'kind' | 'outcome'>;
  /** From the request to its end. */
  readonly approvalSeconds: Histogram<'kind' | 'outcome'>;
  /** Offline redemptions taken over: booked, flagged (booked, but odd), repeated, or the error code of a refusal. */
  readonly offline: Counter<'outcome'>;
  /** Those that went beyond the wallet. */
  readonly offlineLosses: Counter;
  /** Items of tills' outboxes by kind; `outcome`: done, refused or later. */
  readonly outbox: Counter<'kind' | 'outcome'>;
  readonly webhooks: Counter<'outcome'>;
  readonly queueDepth: Gauge;
  readonly eventClients: Gauge;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'saksi_gateway_' });
  return {
    registry,
    requests: new Histogram({
      name: 'saksi_http_request_seconds',
      help: 'Time from the request to the end of its answer, by route',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS_BUCKETS,
      registers,
    }),
    redemptions: new Counter({
      name: 'saksi_redemptions_total',
      help: 'Redemptions by the status reached or the refusal given',
      labelNames: ['outcome'],
      registers,
    }),
    codes: new Counter({
      name: 'saksi_codes_total',
      help: 'One-time codes issued, accepted, and refused by reason',
      labelNames: ['outcome'],
      registers,
    }),
    messages: new Counter({
      name: 'saksi_messages_total',
      help: 'Messages by the state reached',
      labelNames: ['state', 'reason'],
      registers,
    }),
    approvals: new Counter({
      name: 'saksi_approvals_total',
      help: 'Approvals asked for, escalated, ended and refused, by kind',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    approvalSeconds: new Histogram({
      name: 'saksi_approval_seconds',
      help: 'Time from a request to its decision or other end',
      labelNames: ['kind', 'outcome'],
      buckets: APPROVAL_SECONDS_BUCKETS,
      registers,
    }),
    offline: new Counter({
      name: 'saksi_offline_redemptions_total',
      help: 'Redemptions made without a line, by what became of them',
      labelNames: ['outcome'],
      registers,
    }),
    offlineLosses: new Counter({
      name: 'saksi_offline_losses_total',
      help: 'Redemptions made without a line that went beyond the wallet',
      registers,
    }),
    outbox: new Counter({
      name: 'saksi_outbox_items_total',
      help: 'Items that tills sent from their outboxes, by kind and by what became of them',
      labelNames: ['kind', 'outcome'],
      registers,
    }),
    webhooks: new Counter({
      name: 'saksi_webhooks_total',
      help: 'Webhooks by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    queueDepth: new Gauge({
      name: 'saksi_message_queue_depth',
      help: 'Messages waiting to be sent, all stores',
      registers,
    }),
    eventClients: new Gauge({
      name: 'saksi_event_clients',
      help: 'Tills connected to the event stream of this process',
      registers,
    }),
  };
}
