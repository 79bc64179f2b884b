import { describe, expect, it } from 'vitest';
import { asSaksiError, ERROR_CODES, personSentence, SaksiError, wireErrorSchema } from './errors.ts';
import { ERRORS } from './errors-table.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

describe('the error table', () => {
  it.each(ERROR_CODES)('%s speaks every language with the same parameters', (code) => {
    const spec = ERRORS[code];
    for (const language of ['en', 'id', 'tr'] as const) {
      expect(spec[language].length).toBeGreaterThan(8);
      expect(placeholders(spec[language])).toEqual(placeholders(spec.en));
    }
    expect(new Set([spec.en, spec.id, spec.tr]).size).toBe(3);
    expect(spec.http).toBeGreaterThanOrEqual(400);
    expect(spec.log.length).toBeGreaterThan(3);
  });
});

describe('an error', () => {
  it('crosses the wire and comes back the same', () => {
    const error = new SaksiError('code_wrong', { params: { triesLeft: 2 } });
    const wire = wireErrorSchema.parse(JSON.parse(JSON.stringify({ error: error.toWire() }))).error;
    expect(SaksiError.fromWire(wire)).toMatchObject({
      code: 'code_wrong',
      params: { triesLeft: 2 },
      http: 403,
    });
  });

  it('fills in its parameters for the person', () => {
    expect(personSentence('code_wrong', 'id', { triesLeft: 2 })).toBe(
      'Kode salah, coba lagi. Sisa percobaan: 2.',
    );
  });

  it('that is not ours becomes internal and keeps its cause', () => {
    const cause = new TypeError('x');
    expect(asSaksiError(cause)).toMatchObject({ code: 'internal', cause });
    expect(asSaksiError(new SaksiError('not_found')).code).toBe('not_found');
  });
});
