import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CUSTOMER_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

const wish = { customerId: CUSTOMER_ID, asset: 'deposit', amount: 50_000, drawer: true } as const;

describe('the countersigned head', () => {
  const oldCopy = { trouble: [{ kind: 'old_copy', stopsMoney: true }] };

  it('is asked for when the line comes up, and every ten minutes', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    expect(desk.gateway.offline.heads).toHaveLength(1);
    await desk.signIn();
    await desk.clock.leap(11 * 60_000);
    await desk.run(60_000);
    expect(desk.gateway.offline.heads.length).toBeGreaterThan(1);
    expect(desk.till.view().trouble).toEqual([]);
  });

  it('finds a restored old copy of the disk, and no money moves, also after a restart', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    const copy = `${desk.dataDir}-old`;
    cpSync(desk.dataDir, copy, { recursive: true });
    await desk.signIn();
    await desk.begin();
    await desk.restart().then(async (next) => {
      await next.run(5_000);
      await next.call(next.till.stop());
    });
    const { clock, gateway, devices } = desk;
    const old = await openDesk({ clock, gateway, devices, dataDir: copy });
    await old.run(5_000);
    expect(old.till.view()).toMatchObject(oldCopy);
    await old.signIn();
    await expect(old.call(old.till.invoke('redemption.start', wish))).rejects.toMatchObject({
      code: expect.stringMatching(/^audit_head_/),
    });
    gateway.trouble.set('*', 'down');
    const again = await old.restart();
    expect(again.till.view()).toMatchObject(oldCopy);
  });

  it('that this till did not hear of is looked for in its own chain', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    const lost = desk.gateway.offline.heads.length;
    desk.gateway.trouble.set('/v1/audit-head', 'lose_answer');
    await desk.signIn();
    await desk.clock.leap(11 * 60_000);
    await desk.run(60_000);
    expect(desk.gateway.offline.heads.length).toBeGreaterThan(lost);
    desk.gateway.trouble.clear();
    await desk.signIn();
    await desk.run(60_000);
    expect(desk.till.view().trouble).toEqual([]);
  });
});
