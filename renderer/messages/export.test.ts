import { expect, it } from 'vitest';
import type { LoggedMessage } from '../../shared/message-log.ts';
import { toCsv, toJson } from './export.ts';

const MESSAGE: LoggedMessage = {
  id: '0197a000-0000-7000-8000-000000000001',
  at: Date.UTC(2026, 10, 26, 3, 0, 0),
  kind: 'code',
  channel: 'whatsapp',
  state: 'failed',
  reason: 'not_on_whatsapp',
  template: 'saksi_redemption_code/id',
  attempts: 1,
  phoneMasked: '+62•••••••7890',
  recipient: 'Budi "Bud" Santoso, Jr.',
  tillName: 'Kasir 1',
  causedBy: '=HYPERLINK("http://evil.test")',
  saleRef: null,
  cost: { state: 'spent', amount: 367, currency: 'IDR' },
  history: [
    { state: 'sent', at: Date.UTC(2026, 10, 26, 3, 0, 1), code: null },
    { state: 'failed', at: Date.UTC(2026, 10, 26, 3, 0, 9), code: 131026 },
  ],
};

it('writes one line a message, quoted where it must be, and no formula', () => {
  const [head, line, rest] = toCsv([MESSAGE]).split('\r\n');
  expect(head).toBe(
    '\uFEFFat,kind,channel,state,reason,recipient,phoneMasked,tillName,causedBy,saleRef,template,attempts,cost,currency,costState,sentAt,deliveredAt,readAt,failedAt,errorCode,id',
  );
  expect(line).toBe(
    `2026-11-26T03:00:00.000Z,code,whatsapp,failed,not_on_whatsapp,"Budi ""Bud"" Santoso, Jr.",'+62•••••••7890,Kasir 1,"'=HYPERLINK(""http://evil.test"")",,saksi_redemption_code/id,1,367,IDR,spent,2026-11-26T03:00:01.000Z,,,2026-11-26T03:00:09.000Z,131026,${MESSAGE.id}`,
  );
  expect(rest).toBe('');
});

it('writes what a message cost in whole units of the currency, and nothing where it is not known', () => {
  const costOf = (cost: LoggedMessage['cost']) => toCsv([{ ...MESSAGE, cost }]).split('\r\n')[1];
  expect(costOf({ state: 'held', amount: 123, currency: 'TRY' })).toContain(',1,1.23,TRY,held,');
  expect(costOf({ state: 'free', amount: 0, currency: 'IDR' })).toContain(',1,0,IDR,free,');
  expect(costOf(null)).toContain(',1,,,,2026');
});

it('writes JSON that reads back as it was', () => {
  expect(JSON.parse(toJson([MESSAGE]))).toEqual([MESSAGE]);
});
