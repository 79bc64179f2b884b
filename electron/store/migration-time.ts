/** The wall clock at the last mark: what it shows more after a restart has passed, whatever it was set to before. */
export const TIME = `
  ALTER TABLE trusted_time ADD COLUMN wall INTEGER;
`;
