import type { JsonValue } from '../../shared/audit/chain.ts';
import { SaksiError } from '../../shared/errors.ts';
import { type PosShift, posShiftCloseSchema, posShiftOpenSchema } from '../../shared/pos-link-api.ts';
import { blinded } from './cash-report.ts';
import { closeShift, countCash, openShift, xReport } from './cash-shift.ts';
import { countStanding, staffName } from './cash-shift-rules.ts';
import type { PosPort } from './contract.ts';
import type { Core } from './core.ts';
import type { Sessions } from './session.ts';

type PosShifts = Pick<PosPort, 'shift' | 'openShift' | 'closeShift' | 'xReport' | 'zReport'>;

/** The cashier's shift as a terminal drives it. Who does it is who is signed in at the till. */
export function createPosShifts(core: Core, sessions: Sessions): PosShifts {
  const { store } = core;

  function shift(): PosShift {
    const open = store.cashShifts.open();
    const last = store.cashShifts.lastClosed();
    return {
      open:
        open === null
          ? null
          : {
              ...{ id: open.id, cashier: staffName(core, open.cashierId), openedAt: open.opened.at },
              ...{ currency: open.opened.currency, float: open.float },
              counted: countStanding(open)?.counted ?? null,
            },
      last: last === null ? null : { id: last.id, zNo: last.zNo, closedAt: last.closedAt, left: last.left },
    };
  }

  return {
    shift,

    async openShift(key, input) {
      const { count } = parse(posShiftOpenSchema, input);
      const posKey = { key, action: 'shift.open', body: { count } as unknown as JsonValue };
      if (store.posKeys.find(key, posKey.action, posKey.body) === null) {
        openShift(core, sessions.require(), count, posKey);
      }
      return shift();
    },

    async closeShift(key, input) {
      const { count, left, reason } = parse(posShiftCloseSchema, input);
      const posKey = { key, action: 'shift.close', body: { count, left, reason } as unknown as JsonValue };
      const closedId = store.posKeys.find(key, posKey.action, posKey.body);
      const closed = closedId === null ? null : store.cashShifts.closed(closedId);
      if (closed !== null) return closed.report;
      const session = sessions.require();
      // Asked again because a yes was lacking: the same count stands, it is none more.
      const standing = countStanding(store.cashShifts.requireOpen());
      if (standing === null || standing.stale || standing.counted !== count.sum)
        countCash(core, session, count);
      return closeShift(core, session, { left: left ?? count.sum, reason }, posKey).report;
    },

    xReport: () => xReport(core, sessions.require()),

    zReport() {
      const session = sessions.require();
      const last = store.cashShifts.lastClosed();
      if (last === null) throw new SaksiError('cash_shift_none');
      return blinded(last.report, session);
    },
  };
}

function parse<S extends typeof posShiftOpenSchema | typeof posShiftCloseSchema>(schema: S, input: unknown) {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data as ReturnType<S['parse']>;
  const field = String(parsed.error.issues[0]?.path[0] ?? '');
  throw new SaksiError('bad_request', { params: { field } });
}
