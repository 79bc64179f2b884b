/** The newest word on the line, without reading the chain: by the very condition of the query. */
export const LINE = `
  CREATE INDEX audit_line ON audit (seq) WHERE kind IN ('line.lost', 'line.back');
`;
