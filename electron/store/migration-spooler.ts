/** The queue of slips: which printer had one, and who asked for a copy and why. */
export const SPOOLER = `
  -- Where it was sent last; null: nowhere yet.
  ALTER TABLE slip_jobs ADD COLUMN printed_on TEXT CHECK (printed_on IN ('printer', 'fallback'));
  -- Who asked for a copy and why; the time that had surely passed (trusted-time.ts), so that no clock frees a limit.
  ALTER TABLE slip_jobs ADD COLUMN staff_id TEXT;
  ALTER TABLE slip_jobs ADD COLUMN reason TEXT;
  ALTER TABLE slip_jobs ADD COLUMN counted_at INTEGER;
  CREATE INDEX slip_jobs_copies ON slip_jobs (staff_id, counted_at) WHERE copy_no > 0;
`;
