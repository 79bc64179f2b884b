import { cpSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { AUDIT_ENTRIES_MAX } from '../../shared/audit/entries.ts';
import { openDesk } from '../../test/fixtures/desk.ts';
import { CUSTOMER_PHONE } from '../../test/fixtures/fake-offline.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

describe("the till's audit entries", () => {
  it('come up after the line does, and what is new a little later, once each and in order', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    const { offline } = desk.gateway;
    await desk.signIn();
    await desk.begin();
    await desk.run(40_000);
    const kinds = offline.entries.map(({ kind }) => kind);
    expect(kinds).toContain('session.signed_in');
    expect(kinds).toContain('redemption.requested');
    expect(new Set(offline.entries.map(({ hash }) => hash)).size).toBe(kinds.length);
    const text = JSON.stringify(offline.entries);
    const names = [...desk.gateway.context().staff, desk.gateway.customer].map(({ name }) => name);
    for (const secret of [CUSTOMER_PHONE.slice(-9), ...names]) expect(text).not.toContain(secret);
  });

  it('go on where the gateway stands, also after answers that got lost, and in batches', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    const { offline } = desk.gateway;
    const had = offline.entries.length;
    for (let n = 0; n < AUDIT_ENTRIES_MAX / 2 + 10; n += 1) {
      await desk.signIn();
      await desk.call(desk.till.invoke('session.signOut', {}));
    }
    desk.gateway.trouble.set('/v1/audit-entries', 'lose_answer');
    await desk.run(40_000);
    desk.gateway.trouble.clear();
    await desk.run(40_000);
    expect(offline.entries.length).toBeGreaterThan(had + AUDIT_ENTRIES_MAX);
    const signedIn = offline.entries.filter(({ kind }) => kind === 'session.signed_in');
    expect(signedIn).toHaveLength(AUDIT_ENTRIES_MAX / 2 + 10);
  });

  it('of another chain than the gateway has stop all money, as a forked head does', async () => {
    const desk = await openDesk();
    await desk.run(2_000);
    const copy = `${desk.dataDir}-old`;
    cpSync(desk.dataDir, copy, { recursive: true });
    await desk.signIn();
    await desk.run(40_000);
    await desk.call(desk.till.stop());
    const { clock, gateway, devices } = desk;
    // The head alone would not tell: it was not countersigned since.
    gateway.trouble.set('/v1/audit-head', 'down');
    const old = await openDesk({ clock, gateway, devices, dataDir: copy });
    await old.signIn();
    await old.run(40_000);
    expect(old.till.view()).toMatchObject({ trouble: [{ kind: 'old_copy', stopsMoney: true }] });
  });
});
