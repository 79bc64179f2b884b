import { expect, test } from 'vitest';
import { classifyError, ERROR_RULES, WhatsAppError } from './errors.ts';

test.each([
  [0, 'no', 'not_connected'],
  [190, 'no', 'not_connected'],
  [10, 'no', 'not_connected'],
  [4, 'backoff', 'wait_moment'],
  [80007, 'backoff', 'wait_moment'],
  [130429, 'backoff', 'wait_moment'],
  [131056, 'after_pair_window', 'wait_person_limit'],
  [131048, 'no', 'other_channel'],
  [131049, 'no', 'other_channel'],
  [131026, 'no', 'not_on_whatsapp'],
  [131030, 'no', 'test_number_not_registered'],
  [131031, 'no', 'account_locked'],
  [131042, 'no', 'payment_problem'],
  [133010, 'no', 'number_not_registered'],
  [131000, 'backoff', 'wait_moment'],
  [131016, 'backoff', 'wait_moment'],
  [131057, 'backoff', 'wait_moment'],
  [100, 'no', 'our_fault'],
  [131021, 'no', 'wrong_number'],
  [132000, 'no', 'our_fault'],
  [132001, 'no', 'template_missing'],
  [132015, 'no', 'template_paused'],
  [368, 'no', 'account_locked'],
] as const)('code %i: retry %s, reason %s', (code, retry, reason) => {
  expect(classifyError({ code })).toMatchObject({ retry, reason });
});

test('200 to 299 are permissions, their neighbours are not', () => {
  for (const code of [200, 250, 299]) expect(classifyError({ code }).meaning).toBe('permission_missing');
  for (const code of [199, 300]) expect(classifyError({ code }).meaning).toBe('unknown');
});

test('an unknown code is judged by its HTTP status, a known one never', () => {
  const unknown = 999_999;
  expect(classifyError({ code: unknown, httpStatus: 401 })).toMatchObject({
    retry: 'no',
    reason: 'not_connected',
  });
  expect(classifyError({ code: unknown, httpStatus: 400 })).toMatchObject({
    retry: 'no',
    reason: 'our_fault',
  });
  expect(classifyError({ code: unknown, httpStatus: 429 })).toMatchObject({ retry: 'backoff' });
  expect(classifyError({ code: unknown, httpStatus: 503 })).toMatchObject({ retry: 'backoff' });
  expect(classifyError({ code: unknown })).toMatchObject({ retry: 'no', reason: 'unknown' });
  expect(classifyError({ code: 190, httpStatus: 503 })).toMatchObject({
    retry: 'no',
    reason: 'not_connected',
  });
});

test('what a person or Meta must mend first is never sent again by itself', () => {
  const retried = [...ERROR_RULES].filter(([, rule]) => rule.retry !== 'no').map(([code]) => code);
  expect(retried.sort((a, b) => a - b)).toEqual([1, 2, 4, 80007, 130429, 131000, 131016, 131056, 131057]);
});

test('the message of an error names the code and nothing that Meta wrote', () => {
  const error = new WhatsAppError({ code: 131026, details: 'Meta text about 6281', httpStatus: 400 });
  expect(error.message).toBe('WhatsApp refused the message (code 131026, HTTP 400)');
  expect(error.rule.reason).toBe('not_on_whatsapp');
});
