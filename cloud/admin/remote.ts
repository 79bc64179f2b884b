/** Hands an operator's command to the gateway that has the embedded database open. Loads nothing of the gateway itself. */
import axios from 'axios';
import { SaksiError, wireErrorSchema } from '../../shared/errors.ts';
import type { AdminCommand } from './admin.ts';
import type { LockHolder } from './folder-lock.ts';

const CALL_TIMEOUT_MS = 30_000;

/** @throws SaksiError what the command was refused with; gateway_unreachable when nobody is there */
export async function callAdmin(
  address: NonNullable<LockHolder['admin']>,
  command: AdminCommand,
  input: unknown,
): Promise<unknown> {
  const answer = await axios
    .post<unknown>(
      `${address.url}/run`,
      { command, input },
      {
        headers: { authorization: `Bearer ${address.token}` },
        timeout: CALL_TIMEOUT_MS,
        proxy: false,
        validateStatus: () => true,
      },
    )
    .catch((error: unknown) => {
      // The axios error holds the token in its `config`: only its name travels on.
      throw new SaksiError('gateway_unreachable', { cause: new Error(axiosCode(error)) });
    });
  if (answer.status === 200) return (answer.data as { result: unknown }).result;
  const refusal = wireErrorSchema.safeParse(answer.data);
  throw refusal.success ? SaksiError.fromWire(refusal.data.error) : new SaksiError('gateway_bad_answer');
}

function axiosCode(error: unknown): string {
  return axios.isAxiosError(error) ? (error.code ?? 'no answer') : 'no answer';
}
