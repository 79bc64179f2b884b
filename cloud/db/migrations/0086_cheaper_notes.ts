import type { Kysely } from 'kysely';
import { runScript } from './run-script.ts';

/** What was done for each row of many, more cheaply. What it comes to is as before. */
export async function up(db: Kysely<never>): Promise<void> {
  await runScript(db, [DUE, WORDS, BY_KEY]);
}

/**
 * In the place of migration 0032's trigger for each statement, which joined the old and the new rows of a batch, each with each.
 * Nearly no status changes where the money belongs, and the condition is looked at before a function is called.
 */
const DUE = `
  drop trigger messages_credit_due on messages;
  create or replace function note_credit_due() returns trigger language plpgsql as $$
  begin
    insert into credit_due (message_id) values (new.id);
    return null;
  end $$;
  create trigger messages_credit_due after update on messages for each row
    when (new.store_id is not null and old.state <> new.state and (old.state in ('queued', 'failed')
      or new.state in ('queued', 'failed') or new.updated_at > new.expires_at))
    execute function note_credit_due();
`;

/** As in migration 0070, without regular expressions: between two quotes lies a name or a word; only after a word comes one of these. */
const WORDS = `
  create or replace function audit_words(p_kind text, p_sale_ref text, p_staff uuid, p_approver uuid, p_detail text)
    returns tsvector language plpgsql immutable as $$
  declare
    v_text text := p_kind || ' ' || coalesce(p_sale_ref, '');
    v_pieces text[];
    v_piece text;
  begin
    v_pieces := string_to_array(p_detail, '"');
    for i in 2 .. coalesce(cardinality(v_pieces), 0) - 1 loop
      v_piece := v_pieces[i];
      if left(v_pieces[i + 1], 1) in (']', ',', '}') and length(v_piece) between 2 and 64
        and left(v_piece, 1) not between '0' and '9'
        and (substr(v_piece, 9, 1) <> '-' or v_piece !~ '^[0-9a-f]{8}-') then
        v_text := v_text || ' ' || v_piece;
      end if;
    end loop;
    return array_to_tsvector(array_remove(array_remove(string_to_array(
      translate(lower(v_text collate "C"), E' \\t\\r\\n\\f\\x0b!"#$%&''()*+,-./:;<=>?@[\\\\]^_\`{|}~', repeat(' ', 64)), ' ')
      || array[lower(p_sale_ref collate "C"), '@' || p_staff::text, '@' || p_approver::text], null), ''));
  end $$;
`;

/**
 * These go by the keys they are given, a batch at a time. Where a session plans them while a table is still small it reads the whole
 * table instead, and goes on doing so for as long as it lasts.
 */
const BY_KEY = `
  alter function messages_record set enable_seqscan = off;
  alter function statuses_write set enable_seqscan = off;
  alter function statuses_keep set enable_seqscan = off;
  alter function messages_lock set enable_seqscan = off;
  alter function credit_settle set enable_seqscan = off;
  alter function redemptions_capture set enable_seqscan = off;
`;
