import { acceptToDrawerBench } from './accept-to-drawer.ts';
import { approvalBench } from './approval.ts';
import { auditBenches } from './audit.ts';
import type { Bench } from './bench.ts';
import { codeBenches } from './codes.ts';
import { encodeBench } from './encode.ts';
import { idleCpuBench } from './idle-cpu.ts';
import { jobToLastByteBench } from './job-to-last-byte.ts';
import { messagesBench } from './messages.ts';
import { outboxBenches } from './outbox.ts';
import { webhookBench } from './webhooks.ts';

/** Every benchmark, in the order in which they run. */
export const BENCHES: readonly Bench[] = [
  ...codeBenches,
  acceptToDrawerBench,
  approvalBench,
  messagesBench,
  ...outboxBenches,
  webhookBench,
  ...auditBenches,
  encodeBench,
  jobToLastByteBench,
  idleCpuBench,
];
