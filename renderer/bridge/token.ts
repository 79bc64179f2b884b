const STORAGE_KEY = 'saksi.token';

export interface TokenPlace {
  readonly location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  readonly history: Pick<History, 'replaceState'>;
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
}

/**
 * The browser host's token: read once from `#token=…`, taken out of the address bar, and kept for this tab so
 * that a reload works. Null when the page was opened without one.
 */
export function takeToken({ location, history, storage }: TokenPlace): string | null {
  const fresh = new URLSearchParams(location.hash.replace(/^#/, '')).get('token');
  if (fresh === null || fresh === '') return storage.getItem(STORAGE_KEY);
  storage.setItem(STORAGE_KEY, fresh);
  history.replaceState(null, '', location.pathname + location.search);
  return fresh;
}
