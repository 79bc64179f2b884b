/** How busy a day of the made year is. Day 0 is 1 January 2026. */

/** Ramadan 1447 AH, and the days of Eid after it: 18 February to 19 March, 20 to 24 March 2026. */
const RAMADAN = { from: 48, to: 78, eid: 83 };

export const isRamadan = (day: number) => day % 365 >= RAMADAN.from && day % 365 < RAMADAN.to;

/** Shops stay open longer in the last ten days, whatever their policy says. */
export const isLongEvening = (day: number) => day % 365 >= RAMADAN.to - 10 && day % 365 < RAMADAN.to;

/** Counting the stock, all together after closing: the last day of every month or so. */
export const isStocktaking = (day: number) => day % 30 === 29;

/** Sales over those of an ordinary day. */
export function busyness(day: number): number {
  const ofYear = day % 365;
  const weekday = (day + 4) % 7;
  const weekend = weekday === 0 || weekday === 6 ? 1.45 : weekday === 5 ? 1.15 : 0.9;
  // Wages come on the 25th.
  const ofMonth = ofYear % 30.4;
  const payday = ofMonth >= 24 && ofMonth < 29 ? 1.35 : 1;
  const season = 1 + 0.1 * Math.sin((2 * Math.PI * (ofYear - 270)) / 365) + (ofYear > 345 ? 0.3 : 0);
  const ramadan = isRamadan(day) ? 1.3 : ofYear >= RAMADAN.to && ofYear < RAMADAN.eid ? 0.5 : 1;
  return weekend * payday * season * ramadan;
}
