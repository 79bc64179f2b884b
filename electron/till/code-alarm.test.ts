import { afterAll, expect, it } from 'vitest';
import { openDesk } from '../../test/fixtures/desk.ts';
import { SUPERVISOR_ID } from '../../test/fixtures/fake-gateway.ts';
import { removeTempFolders } from '../../test/fixtures/temp-folder.ts';

afterAll(removeTempFolders);

it('a code that nobody asked for is shown over a restart, until a supervisor has seen it', async () => {
  let desk = await openDesk();
  const alarm = {
    id: '019b0000-0000-7000-8000-000000000777',
    about: 'redemption',
    saleRef: 'S-1',
    at: 1,
  } as const;
  desk.gateway.push({ type: 'code.unrequested', alarm });
  desk.gateway.push({ type: 'code.unrequested', alarm });
  await desk.run();
  expect(desk.till.view().codeAlarms).toEqual([alarm]);
  desk = await desk.restart();
  expect(desk.till.view().codeAlarms).toEqual([alarm]);
  const seen = () => desk.till.invoke('alarm.seen', { alarmId: alarm.id });
  await expect(seen()).rejects.toMatchObject({ code: 'not_signed_in' });
  await desk.signIn();
  await expect(seen()).rejects.toMatchObject({ code: 'role_not_allowed' });
  await desk.till.invoke('session.signOut', {});
  await desk.signIn(SUPERVISOR_ID);
  await seen();
  expect(desk.till.view().codeAlarms).toEqual([]);
});
