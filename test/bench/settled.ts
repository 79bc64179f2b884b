import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../cloud/db/engine.ts';

const LOOK_EVERY_MS = 50;

/**
 * Waits until a running gateway has done what follows from what was made before the clock runs: those events linked, those
 * messages' credit settled. It is not what is measured.
 */
export async function settled(engine: Pick<Engine, 'script'>): Promise<void> {
  for (;;) {
    const [left] = await engine.script(
      'select (select count(*) from audit_staged) + (select count(*) from credit_due) as rows',
    );
    if (Number(left?.rows) === 0) return;
    await sleep(LOOK_EVERY_MS);
  }
}
