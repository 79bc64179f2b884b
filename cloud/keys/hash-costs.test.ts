import { expect, it, vi } from 'vitest';
import { systemRandom } from '../../shared/effects.ts';

it('a guess costs memory and time, as it says beside the hash', async () => {
  vi.doUnmock('./hash-costs.ts');
  vi.resetModules();
  const { hashPin } = await import('../admin/pin.ts');
  // OWASP's least for scrypt: 32 MiB, three times over.
  expect(await hashPin('4821', systemRandom)).toMatchObject({ algorithm: 'scrypt', n: 32_768, r: 8, p: 3 });
  const { SEALED_COST } = await import('./hash-costs.ts');
  expect(SEALED_COST).toEqual({ n: 32_768, r: 8, p: 1 });
});
