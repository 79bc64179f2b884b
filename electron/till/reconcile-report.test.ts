import { afterAll, describe, expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { MANAGER_ID } from '../../test/fixtures/fake-gateway.ts';
import { beginOffline, mendLine, openOfflineDesk, SEALED, say } from '../../test/fixtures/offline-desk.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

describe('the comparison of both sides', () => {
  const day = { from: 0, to: 4_000_000_000_000 };
  const empty = { count: 0, sum: 0 };

  it('is for managers, and agrees when the gateway has booked what this till settled', async () => {
    const desk = await openOfflineDesk();
    const { id } = await beginOffline(desk);
    await say(desk, SEALED[0]);
    await mendLine(desk);
    await expect(desk.till.invoke('report.reconcile', day)).rejects.toMatchObject({
      code: 'role_not_allowed',
    });
    await desk.till.invoke('session.signOut', {});
    await desk.signIn(MANAGER_ID);
    const report = async () => (await desk.call(desk.till.invoke('report.reconcile', day))).report;
    const saleRef = desk.till.view().recent[0]?.saleRef;
    expect(await report()).toMatchObject({ agrees: false, missingAtGateway: [saleRef], unsent: 0 });
    desk.gateway.offline.reconciliation = {
      ...desk.gateway.offline.reconciliation,
      gateway: {
        ...desk.gateway.offline.reconciliation.gateway,
        offline: { deposit: { count: 1, sum: 50_000 }, points: empty },
      },
      keys: [id],
    };
    expect(await report()).toMatchObject({
      agrees: true,
      missingAtGateway: [],
      missingAtTill: [],
      till: { offline: { deposit: { count: 1, sum: 50_000 } }, captured: { deposit: empty } },
      chain: { ok: true, countersignedSeq: expect.any(Number) },
    });
    desk.gateway.offline.reconciliation.keys.push('019b0000-0000-7000-8000-00000000abcd');
    expect(await report()).toMatchObject({
      agrees: false,
      missingAtTill: ['019b0000-0000-7000-8000-00000000abcd'],
    });
  });

  it('takes what was not sent yet for no difference', async () => {
    const desk = await openOfflineDesk();
    await beginOffline(desk);
    await say(desk, SEALED[0]);
    desk.gateway.offline.refuseRedemption = new SaksiError('not_ready');
    await mendLine(desk);
    await desk.till.invoke('session.signOut', {});
    await desk.signIn(MANAGER_ID);
    const { report } = await desk.call(desk.till.invoke('report.reconcile', day));
    expect(report).toMatchObject({ agrees: true, unsent: 1, till: { offline: { deposit: { count: 1 } } } });
  });
});
