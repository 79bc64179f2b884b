import { asSaksiError, SaksiError } from '../../shared/errors.ts';
import { normaliseSealedCode, SEALED_LENGTH, type SealedCode } from '../../shared/offline.ts';
import type { RedemptionRow } from '../store/redemption-row.ts';
import { assertMoneyMoves, type Core, contextOf } from './core.ts';
import { handToDevices } from './grant-act.ts';
import { assertStillAllowed } from './offline-rules.ts';
import { isPinRight } from './pin.ts';
import { eligible, type HeldBundle } from './sealed-codes.ts';
import { slipPayload } from './slip.ts';

const LOCK_MAX_MS = 86_400_000;

/**
 * A supervisor says a sealed code. Resolves once its use is on the disk; the devices go on by themselves. Throws
 * `sealed_code_own`, `sealed_code_malformed`, `sealed_code_unknown`, `sealed_code_locked`, `sealed_code_wrong` {triesLeft},
 * `sealed_code_used`, and what a start without a line refuses with.
 */
export async function submitSealed(
  core: Core,
  row: RedemptionRow,
  said: { supervisorId: string; code: string; signedIn: string | null },
): Promise<void> {
  const { desk, store } = core;
  const checking = desk.checkingId === row.id;
  if (row.stage !== 'awaiting_sealed' || checking) {
    throw new SaksiError('redemption_state', { params: { status: checking ? 'checking' : row.stage } });
  }
  assertMoneyMoves(core);
  desk.checkingId = row.id;
  desk.tryError = null;
  core.changed();
  try {
    const right = await findCode(core, core.sealed.usable(), row, said);
    // A newer bundle may have come while the code was hashed: what is not in it is worth nothing.
    const bundle = core.sealed.usable();
    if (!bundle.claims.codes.some(({ id }) => id === right.id)) throw new SaksiError('sealed_code_unknown');
    const present = store.redemptions.get(row.id);
    if (present.stage !== 'awaiting_sealed') {
      throw new SaksiError('redemption_state', { params: { status: present.stage } });
    }
    spend(core, present, bundle, right);
  } catch (error) {
    desk.tryError = { redemptionId: row.id, error: asSaksiError(error).toWire() };
    throw error;
  } finally {
    if (desk.checkingId === row.id) desk.checkingId = null;
    core.changed();
  }
}

/** Every code of this supervisor is hashed at each try, so that the time tells nothing of which. */
async function findCode(
  core: Core,
  { claims }: HeldBundle,
  row: RedemptionRow,
  { supervisorId, code: typed, signedIn }: { supervisorId: string; code: string; signedIn: string | null },
): Promise<SealedCode> {
  // Four eyes: neither who asked nor who stands at the till.
  if (supervisorId === row.staffId || supervisorId === signedIn) throw new SaksiError('sealed_code_own');
  const code = normaliseSealedCode(typed);
  if (code === null) throw new SaksiError('sealed_code_malformed', { params: { length: SEALED_LENGTH } });
  const codes = claims.codes.filter((one) => one.supervisorId === supervisorId);
  if (codes.length === 0 || !eligible(core).some(({ id }) => id === supervisorId)) {
    throw new SaksiError('sealed_code_unknown');
  }
  const { sealedAttempts } = core.store;
  const { tries } = contextOf(core).policy.offline;
  const { failed, lockLeftMs } = sealedAttempts.read();
  if (lockLeftMs > 0) throw locked(lockLeftMs);
  sealedAttempts.countTry();
  const matches = failed < tries ? await Promise.all(codes.map(({ hash }) => isPinRight(code, hash))) : [];
  const right = codes.find((_, index) => matches[index]);
  if (right !== undefined && core.store.sealed.isUsed(right.id)) throw new SaksiError('sealed_code_used');
  if (right !== undefined) return right;
  throw wrong(core, supervisorId, tries - failed - 1);
}

function wrong(core: Core, supervisorId: string, left: number): SaksiError {
  const triesLeft = Math.max(0, left);
  const { audit, sealedAttempts } = core.store;
  audit.record('sealed.wrong', { supervisorId, triesLeft });
  if (triesLeft > 0) return new SaksiError('sealed_code_wrong', { params: { triesLeft } });
  const { lockouts } = sealedAttempts.read();
  const lockMs = Math.min(LOCK_MAX_MS, contextOf(core).policy.offline.lockSeconds * 1000 * 2 ** lockouts);
  sealedAttempts.lock(lockMs);
  return locked(lockMs);
}

function locked(leftMs: number): SaksiError {
  return new SaksiError('sealed_code_locked', { params: { seconds: Math.ceil(leftMs / 1000) } });
}

/** In one turn: the last look at limits and balance, the use on the disk, the first byte to the drawer. */
function spend(core: Core, row: RedemptionRow, { claims, jws }: HeldBundle, code: SealedCode): void {
  assertMoneyMoves(core);
  assertStillAllowed(core, row);
  core.usedWithoutLine();
  const { store, effects, identity } = core;
  const context = contextOf(core);
  const sealedBy = context.staff.find(({ id }) => id === code.supervisorId)?.name ?? '';
  const slip = slipPayload(row, context, identity?.tillName ?? '', effects.clock.now());
  const consumed = store.grants.consumeSealed(
    {
      row,
      codeId: code.id,
      supervisorId: code.supervisorId,
      bundleSerial: claims.serial,
      jws,
      actions: row.offline?.drawer ? ['drawer.open', 'slip.print'] : ['slip.print'],
      slip: { ...slip, sealedBy },
      countedAt: store.time.floor(),
    },
    core.step,
  );
  handToDevices(core, consumed);
}
