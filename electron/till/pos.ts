import type { JsonValue } from '../../shared/audit/chain.ts';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { PosRedemption, PosRedemptionCreate, PosStatus } from '../../shared/pos-link-api.ts';
import { posRedemptionCreateSchema } from '../../shared/pos-link-api.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import type { ChangeNotice } from './change-notice.ts';
import { cancelUnverified, settle } from './closing.ts';
import type { PosPort } from './contract.ts';
import type { Core } from './core.ts';
import { createPosApprovals } from './pos-approvals.ts';
import { createPosCashSales } from './pos-cash-sales.ts';
import { createPosShifts } from './pos-shifts.ts';
import type { Sessions } from './session.ts';
import { isOpen, posStatusOf } from './stages.ts';
import { startAgain, startRedemption } from './start.ts';
import { redemptionView } from './view.ts';

/** The till as a cashier terminal sees it: only what the terminal itself started. */
export function createPosPort(core: Core, sessions: Sessions, notice: ChangeNotice): PosPort {
  const { store } = core;

  function own(redemptionId: string): RedemptionRow {
    const row = store.redemptions.get(redemptionId);
    if (row.startedBy !== 'terminal') throw new SaksiError('redemption_unknown');
    return row;
  }

  async function start(key: string, input: PosRedemptionCreate): Promise<PosRedemption> {
    const wish = parse(input);
    const body = wish as unknown as JsonValue;
    const madeId = store.posKeys.find(key, 'start', body);
    const { capture, ...rest } = wish;
    const request = {
      ...rest,
      staffId: sessions.current()?.staffId ?? null,
      channel: 'whatsapp' as const,
    };
    if (madeId !== null) return posRedemption(core, await repeated(core, own(madeId), request));
    const row = await startRedemption(
      core,
      {
        id: createUuid(core.effects),
        startedBy: 'terminal',
        settle: capture === 'manual' ? 'wait' : 'capture',
        request,
      },
      { key, action: 'start', body },
    );
    return posRedemption(core, row);
  }

  async function close(
    redemptionId: string,
    key: string,
    as: 'capture' | 'cancel',
    act: (row: RedemptionRow) => void,
  ): Promise<PosRedemption> {
    const body = { redemptionId };
    if (store.posKeys.find(key, as, body) === null) act(own(redemptionId));
    return posRedemption(core, own(redemptionId));
  }

  return {
    status: () => ({
      till:
        core.identity === null || core.context === null
          ? null
          : { name: core.identity.tillName, store: core.context.store.name },
      gateway: gatewayState(core),
      busy: store.redemptions.findOpen() !== null,
    }),
    ...createPosApprovals(core, sessions, notice),
    ...createPosCashSales(core, sessions),
    ...createPosShifts(core, sessions),
    start,
    get: (redemptionId) => posRedemption(core, own(redemptionId)),

    follow(redemptionId, listener) {
      own(redemptionId);
      let last = '';
      return notice.listen(() => {
        const redemption = posRedemption(core, own(redemptionId));
        const text = JSON.stringify(redemption);
        if (text === last) return;
        last = text;
        listener(redemption);
      });
    },

    capture: (redemptionId, key) =>
      close(redemptionId, key, 'capture', (row) => {
        // Captured already, or on its way: the same answer as the first time.
        if (row.stage === 'done') return;
        settle(core, row, 'capture', { key, action: 'capture', body: { redemptionId } });
      }),

    cancel: (redemptionId, key) =>
      close(redemptionId, key, 'cancel', (row) => {
        if (row.stage === 'cancelled') return;
        if (row.stage === 'acting' || row.stage === 'awaiting_capture') {
          settle(core, row, 'cancel', { key, action: 'cancel', body: { redemptionId } });
          return;
        }
        cancelUnverified(core, row, 'terminal');
        store.journal.posKey({ key, action: 'cancel', body: { redemptionId } }, row.id);
      }),
  };
}

function parse(input: PosRedemptionCreate): PosRedemptionCreate {
  const parsed = posRedemptionCreateSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? '');
  throw new SaksiError(field === 'amount' ? 'amount_invalid' : 'bad_request', { params: { field } });
}

/** The same key again: the redemption that it made; the same refusal; or, where nobody knows, the same wish. */
function repeated(
  core: Core,
  row: RedemptionRow,
  request: Parameters<typeof startAgain>[2],
): RedemptionRow | Promise<RedemptionRow> {
  const unmade = row.stage === 'failed' && row.gatewayId === null && row.error !== null;
  if (!unmade || row.error === null) return row;
  const error = SaksiError.fromWire(row.error);
  if (!error.retry && error.code !== 'gateway_bad_answer') throw error;
  return startAgain(core, row, request);
}

export function posRedemption(core: Core, row: RedemptionRow): PosRedemption {
  const view = redemptionView(core, row);
  return {
    id: row.id,
    // While a code is being checked the terminal goes on seeing which one is waited for.
    status: posStatusOf(row.stage, view.settlement),
    saleRef: view.saleRef,
    asset: view.asset,
    amount: view.amount,
    currency: view.currency,
    customer: view.customer,
    availableAfter: view.availableAfter,
    triesLeft: view.code?.triesLeft ?? null,
    codeExpiresInMs: isOpen(row) ? (view.code?.expiresInMs ?? null) : null,
    delivery: view.code?.delivery ?? null,
    drawer: view.drawer.state,
    slip: view.slip.state,
    error: view.error,
  };
}

/** A terminal need not know a slow line from a good one: both take its requests. */
function gatewayState({ link }: Core): PosStatus['gateway'] {
  const state = link?.connection.state() ?? 'connecting';
  return state === 'degraded' ? 'online' : state;
}
