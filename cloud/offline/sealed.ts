/** Issuing sealed codes: to supervisors over WhatsApp, to tills as slow hashes in a signed bundle. */
import type { Selectable } from 'kysely';
import { SaksiError } from '../../shared/errors.ts';
import { createUuid } from '../../shared/ids.ts';
import type { SealedBundle } from '../../shared/offline.ts';
import type { SealedBundlesTable } from '../db/offline-tables.ts';
import type { TillIdentity } from '../redemptions/context.ts';
import type { OfflineContext, Trx } from './context.ts';
import { createCodeMaker, type MadeCode } from './make-codes.ts';
import { type Plan, planCodes } from './plan.ts';
import { readTill, type TillState } from './read-till.ts';

/** The plan may change while codes are hashed; each time it is made anew. */
const ATTEMPTS = 4;
/** A till that was told and did not ask is looked at again after this long: it may be offline. */
const LOOK_AGAIN_MS = 3_600_000;
const LOOK_BATCH = 100;
/** `sealed_bundles.content` of a till that may spend nothing without a line. */
const NOTHING = 'nothing';

export interface SealedService {
  /**
   * The till's bundle, made anew when another is due; null: nothing may be spent without a line. New codes are issued only
   * to a till that asks, so that nobody holds codes which their till never heard of.
   */
  bundleFor(till: TillIdentity): Promise<string | null>;
  /** Ends codes that are worth nothing any more, and tells tills that another bundle is due. Bounded; for many gateways at once. */
  lookDue(): Promise<void>;
}

export function createSealedService(context: OfflineContext): SealedService {
  const { engine, effects, events, contactKey } = context;
  const { clock } = effects;
  const db = engine.kysely;
  const makeCodes = createCodeMaker(effects.random);
  /** A till whose line is slow asks again before the hashes are there: it gets the same ones. */
  const underWay = new Map<string, Promise<string | null>>();

  function bundleFor(till: TillIdentity): Promise<string | null> {
    const { tillId } = till;
    const before = underWay.get(tillId);
    if (before !== undefined) return before;
    const made = issue(till).finally(() => underWay.delete(tillId));
    underWay.set(tillId, made);
    return made;
  }

  async function issue(till: TillIdentity): Promise<string | null> {
    await db
      .insertInto('sealed_bundles')
      .values({ till_id: till.tillId, store_id: till.storeId, serial: 0, content: NOTHING, look_at: 0 })
      .onConflict((conflict) => conflict.column('till_id').doNothing())
      .execute();
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const state = await readTill(db, contactKey, till.tillId, clock.now());
      const wanted = planCodes(state.plan).make;
      // Hashing takes long, so no transaction waits for it.
      const made = new Map<string, MadeCode[]>();
      await Promise.all(wanted.map(async ({ staffId, count }) => made.set(staffId, await makeCodes(count))));
      const done = await db.transaction().execute((trx) => write(trx, till, made));
      if (done === null) continue;
      if (made.size > 0) context.queued();
      return done.signed;
    }
    throw new SaksiError('not_ready');
  }

  /** Null: what is to be made is not what was made. */
  async function write(
    trx: Trx,
    till: TillIdentity,
    made: ReadonlyMap<string, readonly MadeCode[]>,
  ): Promise<{ signed: string | null } | null> {
    const bundle = await lockBundle(trx, till.tillId);
    if (bundle === undefined) return null;
    const now = clock.now();
    const state = await readTill(trx, contactKey, till.tillId, now);
    const plan = planCodes(state.plan);
    const fits = ({ staffId, count }: Plan['make'][number]) => made.get(staffId)?.length === count;
    if (plan.make.length !== made.size || !plan.make.every(fits)) return null;
    await endCodes(trx, plan.end, bundle.serial, now);
    for (const { staffId } of plan.make) {
      await give(trx, till, state, { staffId, made: made.get(staffId) ?? [], plan, now });
    }
    return renew(trx, till, state, { bundle, plan, now });
  }

  /** One person's new codes: their rows, and the message that says them. */
  async function give(
    trx: Trx,
    { tillId, storeId }: TillIdentity,
    state: TillState,
    { staffId, made, plan, now }: { staffId: string; made: readonly MadeCode[]; plan: Plan; now: number },
  ): Promise<void> {
    const person = state.people.find((one) => one.staffId === staffId);
    if (person === undefined || plan.expiresAt === null) throw new Error('codes planned for nobody');
    const expiresAt = plan.expiresAt;
    const { store, till, timezone, language } = state;
    const messageId = await context.sealedCodes.add(trx, {
      ...{ storeId, staffId, address: person.address, language, store, timezone },
      codes: { tillId, till, codes: made.map(({ code }) => code), until: expiresAt },
    });
    await trx
      .insertInto('sealed_codes')
      .values(
        made.map(({ hash }) => ({
          id: createUuid(effects),
          store_id: storeId,
          till_id: tillId,
          staff_id: staffId,
          contact: person.contact,
          hash: JSON.stringify(hash),
          state: 'unused' as const,
          message_id: messageId,
          issued_at: now,
          expires_at: expiresAt,
          ended_at: null,
          last_serial: null,
        })),
      )
      .execute();
  }

  /** Signs the next bundle when it would differ from the newest. */
  async function renew(
    trx: Trx,
    { tillId, storeId }: TillIdentity,
    state: TillState,
    { bundle, plan, now }: { bundle: Selectable<SealedBundlesTable>; plan: Plan; now: number },
  ): Promise<{ signed: string | null }> {
    const codes = await unusedCodes(trx, tillId);
    const content = contentOf(state, codes, plan.expiresAt);
    const common = { look_at: plan.lookAt, announced: false, expires_at: plan.expiresAt };
    if (content === bundle.content) {
      await trx.updateTable('sealed_bundles').set(common).where('till_id', '=', tillId).execute();
      return { signed: bundle.signed };
    }
    const expiresAt = plan.expiresAt;
    if (content === NOTHING || expiresAt === null) {
      const row = { ...common, content: NOTHING, signed: null };
      await trx.updateTable('sealed_bundles').set(row).where('till_id', '=', tillId).execute();
      return { signed: null };
    }
    const { policy, currency } = state;
    const serial = bundle.serial + 1;
    const { limits } = policy.offline;
    const claims: SealedBundle = {
      iss: context.identity.gatewayId,
      aud: tillId,
      storeId,
      serial,
      iat: Math.floor(now / 1000),
      exp: Math.floor(expiresAt / 1000),
      ...{ policyVersion: policy.version, currency, limits },
      codes: codes.map(({ id, staff_id: supervisorId, hash }) => {
        if (hash === null) throw new Error(`unused sealed code ${id} without its hash`);
        return { id, supervisorId, hash };
      }),
    };
    const signed = context.identity.signSealed(claims);
    await trx
      .insertInto('sealed_issues')
      .values({
        ...{ till_id: tillId, serial, policy_version: policy.version, limits: JSON.stringify(limits) },
        ...{ issued_at: now, expires_at: expiresAt },
      })
      .execute();
    await trx
      .updateTable('sealed_bundles')
      .set({ ...common, content, signed, serial })
      .where('till_id', '=', tillId)
      .execute();
    return { signed };
  }

  async function lookDue(): Promise<void> {
    const due = await db
      .selectFrom('sealed_bundles')
      .select('till_id')
      .where('look_at', '<=', clock.now())
      .orderBy('look_at')
      .limit(LOOK_BATCH)
      .execute();
    const told: string[] = [];
    for (const { till_id: tillId } of due) {
      if (await db.transaction().execute((trx) => lookAt(trx, tillId))) told.push(tillId);
    }
    if (told.length > 0) events.committed(told);
  }

  /** @returns whether the till was told */
  async function lookAt(trx: Trx, tillId: string): Promise<boolean> {
    const now = clock.now();
    // Its row first, as whatever appends an event does.
    await trx.selectFrom('tills').select('id').where('id', '=', tillId).forNoKeyUpdate().execute();
    const bundle = await trx
      .selectFrom('sealed_bundles')
      .selectAll()
      .where('till_id', '=', tillId)
      .where('look_at', '<=', now)
      .forNoKeyUpdate()
      .skipLocked()
      .executeTakeFirst();
    // Another gateway has it in hand, or it was looked at meanwhile.
    if (bundle === undefined) return false;
    const state = await readTill(trx, contactKey, tillId, now);
    const plan = planCodes(state.plan);
    // What is replaced holds until the till has the new ones.
    const over = plan.end.filter(({ as }) => as !== 'replaced');
    await endCodes(trx, over, bundle.serial, now);
    const content = contentOf(state, await unusedCodes(trx, tillId), plan.expiresAt);
    const differs = plan.make.length > 0 || content !== bundle.content;
    const tell = differs && !bundle.announced && state.revoked_at === null;
    await trx
      .updateTable('sealed_bundles')
      .set({
        look_at: differs ? now + LOOK_AGAIN_MS : plan.lookAt,
        ...(tell ? { announced: true } : {}),
      })
      .where('till_id', '=', tillId)
      .execute();
    if (tell) await events.append(trx, tillId, { type: 'sealed.changed' });
    return tell;
  }

  return { bundleFor, lookDue };
}

function lockBundle(trx: Trx, tillId: string) {
  return trx
    .selectFrom('sealed_bundles')
    .selectAll()
    .where('till_id', '=', tillId)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** Codes leave the next bundle: `serial` is the last that holds them. */
async function endCodes(trx: Trx, codes: Plan['end'], serial: number, now: number): Promise<void> {
  for (const as of ['expired', 'revoked', 'replaced'] as const) {
    const ids = codes.filter((code) => code.as === as).map(({ id }) => id);
    if (ids.length === 0) continue;
    await trx
      .updateTable('sealed_codes')
      .set({ state: as, hash: null, ended_at: now, last_serial: serial })
      .where('id', 'in', ids)
      .where('state', '=', 'unused')
      .execute();
  }
}

function unusedCodes(trx: Trx, tillId: string) {
  return trx
    .selectFrom('sealed_codes')
    .select(['id', 'staff_id', 'hash'])
    .where('till_id', '=', tillId)
    .where('state', '=', 'unused')
    .orderBy('id')
    .execute();
}

/** All that a bundle says, but its number and time. */
function contentOf(
  { policy, currency }: TillState,
  codes: readonly { readonly id: string }[],
  expiresAt: number | null,
): string {
  if (codes.length === 0 || expiresAt === null) return NOTHING;
  const ids = codes.map(({ id }) => id);
  return JSON.stringify([policy.version, currency, policy.offline.limits, Math.floor(expiresAt / 1000), ids]);
}
