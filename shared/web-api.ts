/**
 * Managers on the gateway's own pages, without a till. They sign in as on the customers' page (`SETUP_PATHS`), and ask what a till
 * asks for them, with the session in the place of the till's key and the manager's proof.
 */
export const WEB_PATHS = {
  /** The pages; the view is in the fragment. */
  page: '/web/',
  /** Before the paths of `AUDIT_PATHS`, `FINDINGS_PATHS`, `CASES_PATHS` and `ALERTS_PATHS`. */
  store: '/web/api/stores/:storeId',
} as const;

/** Where a manager's path is found for a session; `role_not_allowed` for a store that is not theirs. */
export const webStorePath = (storeId: string, path: string): string =>
  `${WEB_PATHS.store.replace(':storeId', storeId)}${path}`;
