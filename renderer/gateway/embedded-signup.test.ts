import { describe, expect, it } from 'vitest';
import { isOfMeta, openEmbeddedSignup, readChoice } from './embedded-signup.ts';

const SDK = 'https://connect.facebook.net/en_US/sdk.js';
const CHOICE = { type: 'WA_EMBEDDED_SIGNUP', event: 'FINISH', data: { phone_number_id: '1', waba_id: '2' } };

describe('what Meta’s window says', () => {
  it.each([
    ['https://www.facebook.com', true],
    ['https://web.facebook.com', true],
    ['https://facebook.com', true],
    ['https://connect.facebook.net', true],
    ['http://www.facebook.com', false],
    ['https://www.facebook.com.evil.example', false],
    ['https://evilfacebook.com', false],
    ['https://evil.example', false],
    ['null', false],
    ['', false],
  ])('from %s is believed: %s', (origin, believed) => {
    expect(isOfMeta(origin, SDK)).toBe(believed);
  });

  it('is the choice at the end, and nothing else', () => {
    expect(readChoice(JSON.stringify(CHOICE))).toEqual(CHOICE.data);
    for (const other of [
      CHOICE,
      'not JSON',
      '{}',
      JSON.stringify({ ...CHOICE, event: 'CANCEL' }),
      JSON.stringify({ ...CHOICE, type: 'OTHER' }),
      JSON.stringify({ ...CHOICE, data: { phone_number_id: '1/../2', waba_id: '2' } }),
    ]) {
      expect(readChoice(other)).toBeNull();
    }
  });
});

describe('the dialogue', () => {
  /** A page whose SDK answers as told; `message`: what its window posts first. */
  function pageWith(response: unknown, message?: { origin: string; data: unknown }) {
    const listeners = new Set<(event: unknown) => void>();
    const asked: object[] = [];
    const page = {
      addEventListener: (_: string, listener: (event: unknown) => void) => listeners.add(listener),
      removeEventListener: (_: string, listener: (event: unknown) => void) => listeners.delete(listener),
      FB: {
        init: (options: object) => asked.push(options),
        login(callback: (given: unknown) => void, options: object) {
          asked.push(options);
          if (message !== undefined) for (const listener of listeners) listener(message);
          callback(response);
        },
      },
    };
    return { page: page as unknown as Window, asked, listeners };
  }
  const sdk = { url: SDK, version: 'v25.0', appId: '3', configId: '4' };
  const run = async (page: Window) => (await openEmbeddedSignup(page, sdk))();
  const meta = { origin: 'https://www.facebook.com', data: JSON.stringify(CHOICE) };

  it('asks for a code by the configuration, and puts both answers together', async () => {
    const { page, asked, listeners } = pageWith({ authResponse: { code: 'abc' } }, meta);
    expect(await run(page)).toEqual({ outcome: 'finished', code: 'abc', wabaId: '2', phoneNumberId: '1' });
    expect(asked).toMatchObject([
      { appId: '3', version: 'v25.0' },
      { config_id: '4', response_type: 'code', override_default_response_type: true },
    ]);
    expect(listeners.size).toBe(0);
  });

  it.each([
    ['was closed', { authResponse: null }, meta],
    ['never said which account', { authResponse: { code: 'abc' } }, undefined],
    [
      'was spoken for by a stranger',
      { authResponse: { code: 'abc' } },
      { ...meta, origin: 'https://evil.example' },
    ],
    ['said nothing that we know', 'odd', meta],
  ])('changes nothing when it %s', async (_, response, message) => {
    expect(await run(pageWith(response, message).page)).toEqual({ outcome: 'cancelled' });
  });
});
