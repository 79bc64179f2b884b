import { expect, test } from 'vitest';
import { openPrinterShop, resultWithin } from '../../../test/fixtures/printer-shop.ts';
import { escPosLanguage } from '../../../test/sim/escpos/escpos.ts';
import { drawerPulse } from './commands.ts';
import { escPos } from './dialect.ts';

test('a printer that confirms nothing: the slip is sent and never counts as printed', async () => {
  const { clock, printer, session } = await openPrinterShop(
    { language: escPosLanguage('no_answer') },
    escPos,
  );
  const slip = escPos.encode({ elements: [{ kind: 'text', text: 'Toko Maju' }] }, 32);
  const result = await resultWithin(clock, 5_000, session.print(slip));
  expect(result).toMatchObject({ ok: false, failure: 'printer_timeout', sent: 'all' });
  await clock.advance(5_000);
  expect(printer.slips).toHaveLength(1);
});

test.each([1, 2] as const)('the pulse for connector %s, in units of 2 ms', (connector) => {
  const times = { onTime: 20, offTime: 40 };
  expect([...drawerPulse(times, connector)]).toEqual([0x1b, 0x70, connector - 1, 100, 200]);
  expect(() => drawerPulse({ onTime: 0, offTime: 1 }, connector)).toThrow(RangeError);
});
