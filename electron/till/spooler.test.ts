import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { CopyReason } from '../../shared/bridge.ts';
import { type Desk, openDesk } from '../../test/fixtures/desk.ts';
import { seededRandom } from '../../test/fixtures/fake-clock.ts';
import { RIGHT_CODE } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';
import { DATABASE_FILE, openStore } from '../store/store.ts';

afterEach(removeTempFolders);

type Printing = Desk['gateway']['policy']['printing'];
const MINUTE = 60_000;

/** Signed in, under a policy with these rules for slips. */
async function deskWith(printing: Partial<Printing> = {}): Promise<Desk> {
  const desk = await openDesk();
  Object.assign(desk.gateway.policy.printing, printing);
  desk.gateway.push({ type: 'till.changed' });
  await desk.run();
  await desk.signIn();
  return desk;
}

async function redeem(desk: Desk): Promise<string> {
  const { id } = await desk.begin(1_000);
  await desk.call(desk.till.invoke('redemption.submitCode', { redemptionId: id, code: RIGHT_CODE }));
  await desk.run();
  return id;
}

const reprint = (desk: Desk, redemptionId: string, reason?: CopyReason) =>
  desk.call(desk.till.invoke('redemption.reprint', { redemptionId, ...(reason && { reason }) }));

/** Bodies of the chain's entries of one kind. */
async function chain(desk: Desk, kind: string): Promise<Record<string, unknown>[]> {
  await desk.call(desk.till.stop());
  const store = openStore(desk.dataDir, { clock: desk.clock, random: seededRandom(5) });
  const entries = store.audit.entries().filter((entry) => entry.kind === kind);
  store.close();
  return entries.map(({ body }) => JSON.parse(body));
}

describe('a slip of which nothing left', () => {
  it('prints by itself, once and as the original, when the paper is refilled', async () => {
    const desk = await deskWith();
    desk.devices.tell('printer_paper_out');
    await redeem(desk);
    expect(desk.shown()).toMatchObject({
      settlement: 'confirmed',
      slip: { state: 'waiting', error: { code: 'printer_paper_out' }, goesOn: true },
    });
    desk.devices.tell(null);
    await desk.run();
    await desk.run(MINUTE);
    expect(desk.shown().slip).toMatchObject({ state: 'printed', error: null, copiesLeft: 3 });
    expect(desk.devices.slips).toHaveLength(1);
    expect(desk.devices.slips[0]).not.toContain('SALINAN');
    expect(desk.devices.pulses).toBe(1);
  });

  it('waits for a person once the bound has passed', async () => {
    const desk = await deskWith({ resumeMinutes: 2 });
    desk.devices.tell('printer_cover_open');
    const id = await redeem(desk);
    await desk.run(2 * MINUTE + 1_000);
    desk.devices.tell(null);
    await desk.run();
    expect(desk.devices.slips).toEqual([]);
    expect(desk.shown().slip).toMatchObject({ state: 'waiting', goesOn: false });
    await desk.signIn();
    await reprint(desk, id);
    expect(desk.devices.slips).toHaveLength(1);
    expect(desk.devices.slips[0]).not.toContain('SALINAN');
  });

  it('goes on after a restart, without a drawer', async () => {
    const before = await deskWith();
    before.devices.tell('printer_absent');
    await redeem(before);
    const desk = await before.restart();
    expect(desk.devices.slips).toEqual([]);
    desk.devices.tell(null);
    await desk.run();
    expect(desk.devices.slips).toHaveLength(1);
    expect(desk.devices.pulses).toBe(1);
  });

  it('prints in the order in which it was asked for', async () => {
    const desk = await deskWith();
    desk.devices.tell('printer_absent');
    await redeem(desk);
    await redeem(desk);
    const refs = desk.till.view().recent.map(({ saleRef }) => saleRef);
    desk.devices.tell(null);
    await desk.run();
    expect(desk.devices.slips.map((slip) => refs.findIndex((ref) => slip.includes(ref)))).toEqual([1, 0]);
  });

  it('is tried again only after a while when a printer says that it is ready and takes nothing', async () => {
    const desk = await deskWith();
    let tries = 0;
    const nothing = { ok: false, failure: 'printer_error', sent: 'none', detail: '' } as const;
    Object.defineProperty(desk.devices, 'printing', {
      get: () => {
        tries += 1;
        return nothing;
      },
    });
    await redeem(desk);
    for (let news = 0; news < 20; news += 1) desk.devices.tell(null);
    await desk.run(100);
    expect(tries).toBe(1);
    await desk.run(5_000);
    expect(tries).toBe(2);
  });
});

describe('a slip without a grant', () => {
  it('is not printed after a restart, and holds up no other', async () => {
    const before = await deskWith();
    before.devices.tell('printer_absent');
    await redeem(before);
    const { id } = await before.begin(1_000);
    await before.call(before.till.stop());
    const db = new Database(join(before.dataDir, DATABASE_FILE));
    // Somebody who has the disk puts a slip in front of the one that waits, for a code that nobody said.
    db.prepare(
      `INSERT INTO slip_jobs (id, redemption_id, copy_no, state, bytes_sent, payload, created_at)
       SELECT 0, ?, 0, 'waiting', 'none', payload, created_at FROM slip_jobs WHERE state = 'waiting'`,
    ).run(id);
    db.close();
    const desk = await before.restart();
    desk.devices.tell(null);
    await desk.run();
    expect(desk.devices.slips).toHaveLength(1);
    const failed = await chain(desk, 'slip.failed');
    expect(failed).toEqual([expect.objectContaining({ id, job: 0, error: 'grant_action_not_allowed' })]);
  });
});

describe('a slip of which something may have left', () => {
  it('is not printed by itself, whatever the printer says', async () => {
    const desk = await deskWith();
    desk.devices.printing = { ok: false, failure: 'printer_unplugged', sent: 'some', detail: '' };
    await redeem(desk);
    desk.devices.printing = { ok: true };
    desk.devices.tell('printer_absent');
    desk.devices.tell(null);
    await desk.run(MINUTE);
    expect(desk.devices.slips).toEqual([]);
    expect(desk.shown().slip).toMatchObject({ state: 'failed', error: { code: 'printer_unplugged' } });
  });
});

describe('the second printer', () => {
  it('takes the slip when the first is away for longer than the bound, and the first never prints it', async () => {
    const desk = await deskWith({ fallbackAfterSeconds: 10 });
    desk.devices.addFallback();
    desk.devices.tell('printer_paper_out');
    await redeem(desk);
    await desk.run(9_000);
    expect(desk.devices.elsewhere).toEqual([]);
    await desk.run(1_000);
    expect(desk.devices.elsewhere).toHaveLength(1);
    expect(desk.shown().slip).toMatchObject({ state: 'printed', onFallback: true });
    desk.devices.tell(null);
    await desk.run(MINUTE);
    expect([desk.devices.slips.length, desk.devices.elsewhere.length]).toEqual([0, 1]);
  });

  it('is not asked when the first is back before', async () => {
    const desk = await deskWith({ fallbackAfterSeconds: 10 });
    desk.devices.addFallback();
    desk.devices.tell('printer_paper_out');
    await redeem(desk);
    await desk.run(9_000);
    desk.devices.tell(null);
    await desk.run(MINUTE);
    expect([desk.devices.slips.length, desk.devices.elsewhere.length]).toEqual([1, 0]);
    expect(desk.shown().slip.onFallback).toBe(false);
  });

  it('takes it at once when a person asks', async () => {
    const desk = await deskWith({ fallbackAfterSeconds: 600 });
    desk.devices.addFallback();
    desk.devices.tell('printer_absent');
    const id = await redeem(desk);
    await reprint(desk, id);
    expect([desk.devices.slips.length, desk.devices.elsewhere.length]).toEqual([0, 1]);
  });
});

describe('copies', () => {
  it('are limited per person and day over all slips, and the refusal says so', async () => {
    const desk = await deskWith({ copiesPerDay: 2 });
    const [first, second] = [await redeem(desk), await redeem(desk)];
    await reprint(desk, first);
    await reprint(desk, second);
    await expect(reprint(desk, second)).rejects.toMatchObject({
      code: 'copies_exhausted_today',
      params: { limit: 2 },
    });
    expect(desk.devices.slips).toHaveLength(4);
  });

  it('need a reason where the policy asks, and the chain keeps who and why', async () => {
    const desk = await deskWith({ copyReason: true });
    const id = await redeem(desk);
    expect(desk.shown().slip.reasonNeeded).toBe(true);
    await expect(reprint(desk, id)).rejects.toMatchObject({ code: 'copy_reason_needed' });
    await reprint(desk, id, 'lost');
    expect(desk.devices.slips[1]).toContain('SALINAN');
    const entries = await chain(desk, 'slip.reprint');
    expect(entries).toEqual([expect.objectContaining({ id, copy: 1, reason: 'lost' })]);
    expect(entries[0]?.staffId).toEqual(expect.any(String));
  });
});
