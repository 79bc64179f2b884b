import { type Kysely, sql } from 'kysely';

/**
 * Runs SQL scripts of several statements each, in order. Statements are sent one by one, because the extended
 * protocol takes only one at a time; they end with a semicolon at a line's end, outside `$$` bodies.
 */
export async function runScript(db: Kysely<never>, scripts: readonly string[]): Promise<void> {
  for (const statement of scripts.flatMap(splitStatements)) await sql.raw(statement).execute(db);
}

function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let current: string[] = [];
  let inBody = false;
  for (const line of script.split('\n')) {
    if ((line.split('$$').length - 1) % 2 === 1) inBody = !inBody;
    current.push(line);
    if (!inBody && line.trimEnd().endsWith(';')) {
      statements.push(current.join('\n'));
      current = [];
    }
  }
  const rest = current.join('\n').trim();
  if (rest !== '') throw new Error(`migration script ends without a semicolon: ${rest.slice(0, 80)}`);
  return statements;
}
