/** A day of this computer's calendar: from ≤ time < to, in epoch milliseconds. */
export interface Day {
  readonly from: number;
  readonly to: number;
}

/** The day in which a moment lies, `days` later; a day with a change of the clock is shorter or longer. */
export function dayOf(epochMs: number, days = 0): Day {
  const at = new Date(epochMs);
  const start = (more: number) =>
    new Date(at.getFullYear(), at.getMonth(), at.getDate() + days + more).getTime();
  return { from: start(0), to: start(1) };
}

/** '2026-11-24', as a date field has it. */
export function dateText({ from }: Day): string {
  const at = new Date(from);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The day of a date field; null: none was chosen. */
export function dayOfText(text: string): Day | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return null;
  const at = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return Number.isNaN(at.getTime()) ? null : dayOf(at.getTime());
}
