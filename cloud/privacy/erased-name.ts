/** In the place of a name. */
export const ERASED_NAME = '—';
