import { expect, it } from 'vitest';
import { SaksiError } from '../../shared/errors.ts';
import { FakeClock } from '../../test/fixtures/fake-clock.ts';
import { BATCHES_AT_ONCE, BATCHES_PER_TILL, createOutboxLimits } from './limits.ts';

const refusal = (work: () => unknown) => {
  try {
    work();
    return null;
  } catch (error) {
    return error instanceof SaksiError ? [error.code, error.params] : error;
  }
};

it('lets a till send so many batches a minute, without regard to the others', async () => {
  const clock = new FakeClock();
  const limits = createOutboxLimits(clock);
  for (let n = 0; n < BATCHES_PER_TILL.count; n += 1) limits.attempt('a');
  await clock.advance(20_000);
  expect(refusal(() => limits.attempt('a'))).toEqual(['too_many_requests', { seconds: 40 }]);
  expect(refusal(() => limits.attempt('b'))).toBeNull();
  await clock.advance(40_000);
  expect(refusal(() => limits.attempt('a'))).toBeNull();
});

it('works on so many batches of a till at once, and on the next when one has ended, however it ended', async () => {
  const limits = createOutboxLimits(new FakeClock());
  const ends: ((error?: Error) => void)[] = [];
  const hang = () =>
    limits.alongside(
      'a',
      () =>
        new Promise<void>((resolve, reject) => {
          ends.push((error) => (error === undefined ? resolve() : reject(error)));
        }),
    );
  const running = Array.from({ length: BATCHES_AT_ONCE }, hang);
  const ok = async () => 'ok';
  await expect(limits.alongside('a', ok)).rejects.toMatchObject({
    code: 'too_many_requests',
    params: { seconds: 1 },
  });
  await expect(limits.alongside('b', ok)).resolves.toBe('ok');
  ends[0]?.(new Error('the database went'));
  await expect(running[0]).rejects.toThrow('the database went');
  await expect(limits.alongside('a', ok)).resolves.toBe('ok');
  for (const end of ends.slice(1)) end();
  await Promise.all(running.slice(1));
});
