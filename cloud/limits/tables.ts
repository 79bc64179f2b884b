import type { Generated } from 'kysely';

/** What a sending number may do, as configured and as Meta said (migration 0033). */
export interface SendNumbersTable {
  number_id: string;
  /** 0: not limited here. */
  per_second: Generated<number>;
  slowed_to: number | null;
  /** Epoch ms. */
  slowed_until: number | null;
  /** 0: not limited here. */
  pair_period_ms: Generated<number>;
  pair_burst: Generated<number>;
  /** Null: unlimited, or not known yet. */
  daily_people: number | null;
  quality: string | null;
  updated_at: number;
}

/** Until when (epoch ms, with fractions) a number, or a number towards a person, owes. */
export interface SendBucketsTable {
  number_id: string;
  free_at: number;
}
export interface SendPairsTable {
  number_id: string;
  contact: string;
  free_at: number;
}

/** Who was written to outside their window since when (epoch ms). */
export interface SendPeopleTable {
  portfolio: string;
  contact: string;
  since: number;
}

declare module '../db/schema.ts' {
  interface Database {
    send_numbers: SendNumbersTable;
    send_buckets: SendBucketsTable;
    send_pairs: SendPairsTable;
    send_people: SendPeopleTable;
  }
}
