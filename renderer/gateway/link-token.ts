/** The token of a sign-in link stands behind the #, which no browser sends anywhere; it is taken off the address at once. */
export function takeLinkToken(
  location: Pick<Location, 'hash' | 'pathname'>,
  history: History,
): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return null;
  history.replaceState(null, '', location.pathname);
  return token;
}
