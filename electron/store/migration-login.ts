/** Codes at sign-in: for whom the gateway lets this till be remembered. */
export const LOGIN = `
  CREATE TABLE remembered_logins (
    staff_id TEXT PRIMARY KEY,
    -- As the gateway signed it: read from here and checked at each sign-in.
    jws TEXT NOT NULL,
    taken_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
