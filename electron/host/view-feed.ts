import { type TillView, tillViewSchema } from '../../shared/bridge.ts';
import type { ServerLog } from '../loopback/log.ts';
import type { Till } from '../till/contract.ts';

/**
 * Calls `send` with the present view at once and at every change; the answer stops it. Only what the schema names goes
 * to the screen: a view outside it is our own mistake, is logged and not sent.
 */
export function feedViews(
  till: Pick<Till, 'view' | 'onView'>,
  log: ServerLog,
  send: (view: TillView) => void,
): () => void {
  const sendChecked = (view: TillView) => {
    const checked = tillViewSchema.safeParse(view);
    if (checked.success) send(checked.data);
    else log.error({ err: checked.error }, 'the view does not fit its schema');
  };
  const stop = till.onView(sendChecked);
  sendChecked(till.view());
  return stop;
}
