import type { Language } from '../../shared/errors.ts';

export const POINTS_WORD: Record<Language, string> = { id: 'poin', en: 'points', tr: 'puan' };
