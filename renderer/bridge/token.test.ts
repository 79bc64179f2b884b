import { expect, test } from 'vitest';
import { takeToken } from './token.ts';

function place(hash: string, kept: string | null) {
  const stored = new Map<string, string>(kept === null ? [] : [['saksi.token', kept]]);
  const addresses: string[] = [];
  return {
    addresses,
    stored,
    location: { hash, pathname: '/', search: '?a=1' },
    history: {
      replaceState: (_: unknown, __: string, address?: string | URL | null) => {
        addresses.push(String(address));
      },
    },
    storage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => {
        stored.set(key, value);
      },
    },
  };
}

test('taken from the hash, out of the address bar, kept for a reload', () => {
  const page = place('#token=abc123', 'older');
  expect(takeToken(page)).toBe('abc123');
  expect(page.addresses).toEqual(['/?a=1']);
  expect([...page.stored.values()]).toEqual(['abc123']);
});

test('a reload uses the kept one and leaves the address alone', () => {
  const page = place('', 'abc123');
  expect(takeToken(page)).toBe('abc123');
  expect(page.addresses).toEqual([]);
});

test('none: null', () => {
  expect(takeToken(place('', null))).toBeNull();
  expect(takeToken(place('#token=', null))).toBeNull();
});
