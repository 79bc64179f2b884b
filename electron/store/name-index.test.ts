import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNameIndex, nameKey } from './name-index.ts';

const change = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  name: fc.option(fc.constantFrom('Ayu', 'ayu p', 'AYU Z', 'Budi', 'Ａyu', 'İnci', ''), { nil: null }),
});

describe('names by their start', () => {
  it('are found as a plain search would, whatever changed before', () => {
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 40 }),
        fc.constantFrom('ay', 'AYU', 'b', 'i', ''),
        (changes, prefix) => {
          const index = createNameIndex();
          const names = new Map<string, string>();
          for (const { id, name } of changes) {
            if (name === null) {
              index.delete(id);
              names.delete(id);
            } else {
              index.set(id, name);
              names.set(id, name);
            }
            const wanted = [...names]
              .filter(([, one]) => nameKey(one).startsWith(nameKey(prefix)))
              .map(([one]) => one);
            expect(index.startingWith(prefix, 20).sort()).toEqual(wanted.sort());
            expect(index.size).toBe(names.size);
          }
        },
      ),
    );
  });

  it('come in the order of names, no more than asked for', () => {
    const index = createNameIndex();
    for (const [id, name] of [
      ['1', 'Ayu C'],
      ['2', 'ayu a'],
      ['3', 'AYU B'],
    ] as const)
      index.set(id, name);
    expect(index.startingWith('ayu', 2)).toEqual(['2', '3']);
  });
});
