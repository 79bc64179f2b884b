import { sql } from 'kysely';
import { openDatabase } from '/work/wt-timeline/cloud/db/engine.ts';
import { readCharts } from '/work/wt-timeline/cloud/audit/charts.ts';
import { startCluster } from '/work/wt-timeline/test/fixtures/postgres-cluster.ts';
import { storeRow } from '/work/wt-timeline/test/fixtures/redemption-world.ts';
import { DEFAULT_POLICY } from '/work/wt-timeline/shared/policy.ts';
const N = Number(process.argv[2] ?? 500000);
const cluster = await startCluster({ durable: false });
try {
  const engine = await openDatabase({ databaseUrl: await cluster.createDatabase() });
  const db = engine.kysely;
  const idOf = (kind: string, n: string) => `('${kind}-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`;
  const stores = ['00000001-0000-7000-8000-000000000000','00000001-0000-7000-8000-000000000001'];
  for (const s of stores) await db.insertInto('stores').values(storeRow(s, DEFAULT_POLICY, 1)).execute();
  const step = Math.floor(365*86400000/N);
  for (const storeId of stores) for (let from=1; from<=N; from+=50000) await sql`insert into audit_events (chain_id, seq, at, source, kind, body, prev_hash, hash, store_id, till_id, staff_id,
        approver_id, customer_id, sale_ref, subject_id, asset, amount, outcome)
      select ${storeId===stores[0]?1:2}, n, 1700000000000 + n * ${step}::bigint, 'gateway',
        (array['redemption.requested', 'code.sent', 'redemption.authorised', 'redemption.captured', 'drawer.opened',
          'slip.printed', 'approval.voted', 'approval.approved', 'session.signed_in', 'code.wrong'])[1 + n % 10],
        '{"amount":1000,"approverId":null,"asset":"deposit","customerId":null,"detail":{"ms":' || n % 90000 || ',"slip":"printed","action":"' || (array['void', 'discount', 'refund', 'no_sale'])[1 + (n/10) % 4] || '"},"outcome":"ok","saleRef":"S-123","staffId":null,"storeId":null,"subjectId":null,"tillId":null}',
        ${Buffer.alloc(32)}, ${Buffer.alloc(32)}, ${storeId}::uuid, ${sql.raw(idOf('00000002', 'n % 4'))},
        ${sql.raw(idOf('00000003', '(n / 10) % 20'))},
        case when n % 10 = 6 then ${sql.raw(idOf('00000003', '(n / 10) % 5'))} end,
        ${sql.raw(idOf('00000004', '(n * 7919) % 50000'))}, 'INV-' || n / 10, ${sql.raw(idOf('00000005', 'n / 10'))},
        'deposit', 1000 + (n * 104729) % 5000000, 'ok'
      from generate_series(${from}::bigint, ${Math.min(from+49999,N)}::bigint) n`.execute(db);
  await sql`vacuum analyze audit_events`.execute(db);
  for (let i=0;i<4;i++){ const t=performance.now(); const c=await readCharts(db,{storeId:stores[0]!,staffId:stores[0]!},{from:1700000000000,to:1700000000000+365*86400000}); console.log(Math.round(performance.now()-t),'ms',c.total); }
  if (process.argv[3]) { const {rows}=await sql.raw(process.argv[3]).execute(db); console.log(rows); }
  await engine.close();
} finally { await cluster.stop(); }
