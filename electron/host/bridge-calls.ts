import { BRIDGE, type BridgeInput, type BridgeMethod, type BridgeResult } from '../../shared/bridge.ts';
import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import type { ServerLog } from '../loopback/log.ts';
import { parseInput } from '../loopback/refusals.ts';
import type { Till } from '../till/contract.ts';

/**
 * One call from the screen, whose sender the host has checked: input and answer both go through their schemas, and
 * every refusal comes back as a value. What the screen learns of an unexpected error is the code `internal`.
 */
export async function handleBridgeCall(
  till: Pick<Till, 'invoke'>,
  method: unknown,
  input: unknown,
  log: ServerLog,
): Promise<BridgeResult<BridgeMethod>> {
  try {
    const known = knownMethod(method);
    const parsed = parseInput(BRIDGE[known].input, input) as BridgeInput<typeof known>;
    const answer = await till.invoke(known, parsed);
    return { ok: true, value: BRIDGE[known].output.parse(answer) };
  } catch (error) {
    const refusal = asSaksiError(error);
    const details = { method: String(method).slice(0, 64), code: refusal.code };
    if (refusal.code === 'internal') log.error({ ...details, err: error }, 'bridge call failed');
    else log.info(details, 'bridge call refused');
    return { ok: false, error: refusal.toWire() };
  }
}

function knownMethod(method: unknown): BridgeMethod {
  if (typeof method === 'string' && Object.hasOwn(BRIDGE, method)) return method as BridgeMethod;
  throw new SaksiError('bad_request', { params: { field: 'method' } });
}
