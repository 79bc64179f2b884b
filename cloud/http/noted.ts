import { asSaksiError } from '../../shared/errors.ts';
import type { WebSessions } from '../web/sessions.ts';

interface Note {
  readonly sessionId: string;
  readonly what: string;
  /** Never a value or a number. */
  readonly detail?: string | undefined;
}

/** Does it, and notes that it was done, or with which code it was refused. */
export async function noted<T>(
  sessions: Pick<WebSessions, 'note'>,
  { sessionId, what, detail }: Note,
  work: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    result = await work();
  } catch (error) {
    await sessions.note(sessionId, what, `refused: ${asSaksiError(error).code}`);
    throw error;
  }
  await sessions.note(sessionId, what, detail);
  return result;
}
