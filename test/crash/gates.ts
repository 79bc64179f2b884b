import pg from 'pg';
import { eventually } from '../fixtures/gateway.ts';

/**
 * Where a gateway can be held: triggers in the test's database that wait for a lock, which the test takes to close a
 * gate. The gateway itself knows nothing of it. `handling`: a message from a person is kept and committed, its handling has
 * begun. `…ing`: inside the transaction, something is written. `…_commit`: all is written and the commit was asked for.
 * `fetching`: a batch was taken, nothing is sent. `noting`: WhatsApp took the message, nothing is noted.
 */
const GATES = {
  handling: 'trigger {} before insert or update on contact_windows',
  deciding: 'trigger {} after insert on approval_votes',
  deciding_commit: 'constraint trigger {} after insert on approval_votes deferrable initially deferred',
  creating: 'trigger {} after insert on redemptions',
  creating_commit: 'constraint trigger {} after insert on redemptions deferrable initially deferred',
  verifying: 'trigger {} after update on redemptions',
  verifying_commit: 'constraint trigger {} after update on redemptions deferrable initially deferred',
  capturing: 'trigger {} after update on redemptions',
  capturing_commit: 'constraint trigger {} after update on redemptions deferrable initially deferred',
  fetching: 'trigger {} after insert on message_batches',
  noting: 'trigger {} before update on messages',
  absorbing_commit: 'constraint trigger {} after insert on message_events deferrable initially deferred',
} as const;
export type Gate = keyof typeof GATES;

const ONLY_WHEN: Partial<Record<Gate, string>> = {
  verifying: "new.status = 'authorised' and old.status <> new.status",
  verifying_commit: "new.status = 'authorised' and old.status <> new.status",
  capturing: "new.status = 'captured' and old.status <> new.status",
  capturing_commit: "new.status = 'captured' and old.status <> new.status",
  noting: "old.state = 'queued' and new.state = 'accepted'",
};

const GATE_FUNCTION = `
  create function crash_gate() returns trigger language plpgsql as $$
  begin
    perform pg_advisory_xact_lock_shared(hashtext(tg_argv[0]), hashtext(current_setting('application_name')));
    return new;
  end $$`;

export interface Gates {
  /** From now on this gateway's sessions wait there. */
  close(gate: Gate, gateway: string): Promise<void>;
  /** Whether none of this gateway's sessions has a statement under way or a transaction open. */
  idle(gateway: string): Promise<boolean>;
  /** Resolves once a session of that gateway waits at a gate. */
  reached(gateway: string): Promise<void>;
  /**
   * To be called when the gateway is dead. `aborted`: its sessions are ended where they wait, as when PostgreSQL finds the
   * connection gone. `committed`: what they were asked to do before the death goes through, though nobody hears of it.
   */
  open(gate: Gate, gateway: string, end: 'aborted' | 'committed'): Promise<void>;
  end(): Promise<void>;
}

export async function createGates(databaseUrl: string): Promise<Gates> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'gates' });
  await client.connect();
  await client.query(GATE_FUNCTION);
  for (const [gate, definition] of Object.entries(GATES)) {
    const when = ONLY_WHEN[gate as Gate];
    const condition = when === undefined ? '' : `when (${when})`;
    const trigger = definition.replace('{}', `crash_${gate}`);
    await client.query(`create ${trigger} for each row ${condition} execute function crash_gate('${gate}')`);
  }
  const key = '(hashtext($1), hashtext($2))';
  const sessions = async (gateway: string, where: string): Promise<number> => {
    const { rows } = await client.query(
      `select count(*)::integer as count from pg_stat_activity where application_name = $1 and ${where}`,
      [gateway],
    );
    return rows[0].count;
  };
  return {
    close: async (gate, gateway) =>
      void (await client.query(`select pg_advisory_lock${key}`, [gate, gateway])),
    idle: async (gateway) => (await sessions(gateway, "state <> 'idle'")) === 0,
    async reached(gateway) {
      // Of a gate, not of another such lock that gateways take: the writers of audit chains have one.
      const waiting = `exists (select 1 from pg_locks l where l.pid = pg_stat_activity.pid and not l.granted
        and l.locktype = 'advisory' and l.objsubid = 2 and l.objid = (hashtext($1)::bigint & 4294967295)::oid)`;
      await eventually(async () => (await sessions(gateway, waiting)) >= 1, `${gateway} at its gate`);
    },
    async open(gate, gateway, end) {
      if (end === 'aborted') {
        await client.query(
          'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
          [gateway],
        );
        await eventually(async () => (await sessions(gateway, 'true')) === 0, 'the end of its sessions');
      }
      await client.query(`select pg_advisory_unlock${key}`, [gate, gateway]);
      await eventually(async () => (await sessions(gateway, 'true')) === 0, 'the end of its sessions');
    },
    end: () => client.end(),
  };
}
