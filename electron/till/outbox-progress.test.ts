import { expect, it } from 'vitest';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { createDrainProgress } from './outbox-progress.ts';

it('says nothing of a backlog that is gone before anybody could read of it', () => {
  const progress = createDrainProgress(new FakeClock());
  progress.sending(20);
  expect(progress.view()).toBeNull();
});

it('counts what went, of how many, at the rate of the last seconds', async () => {
  const clock = new FakeClock();
  const progress = createDrainProgress(clock);
  progress.sending(1_000);
  expect(progress.view()).toEqual({ sent: 0, of: 1_000, perSecond: 0 });
  await clock.advance(2_000);
  progress.sent(200);
  expect(progress.view()).toEqual({ sent: 200, of: 1_000, perSecond: 100 });
  // Some came meanwhile.
  progress.sending(850);
  await clock.advance(10_000);
  progress.sent(100);
  expect(progress.view()).toEqual({ sent: 300, of: 1_050, perSecond: 10 });
  progress.sent(750);
  expect(progress.view()).toBeNull();
});

it('ends when the gateway takes nothing, and begins anew', async () => {
  const clock = new FakeClock();
  const progress = createDrainProgress(clock);
  progress.sending(500);
  await clock.advance(1_000);
  progress.sent(200);
  progress.over();
  expect(progress.view()).toBeNull();
  progress.sending(300);
  expect(progress.view()).toEqual({ sent: 0, of: 300, perSecond: 0 });
});
