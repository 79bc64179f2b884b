import { SaksiError } from '../../shared/errors.ts';
import { type Core, linkOf } from './core.ts';

/** Reads what changed in the store's wallets since the last time, to the end, for the time without a line. */
export async function readWallets(core: Core): Promise<void> {
  const { customers, sealed } = core.store;
  for (;;) {
    const { cursor } = customers.state();
    // Before it is asked for: what the gateway had booked by then is in the answer.
    const booked = sealed.booked();
    const [askedAt, asked] = [core.store.time.floor(), customers.asking()];
    const { wallets, gone, next, more } = await linkOf(core).client.wallets(cursor);
    if (more && next <= cursor) throw new SaksiError('gateway_bad_answer', { params: { field: 'next' } });
    core.store.takeWallets({ wallets, gone, next, askedAt, asked, booked, last: !more });
    core.changed();
    if (!more) return;
  }
}
