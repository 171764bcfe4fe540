/**
 * Which expiries the venue lists: the next four days; three Fridays; the last Fridays of three months; the last Fridays of March,
 * June, September and December for a year ahead. All at 08:00 UTC; one that several rules give is listed once, under the longest.
 * What ends within a day no longer counts: its successor is listed a day before. That is how the recorded chains are listed.
 */
export const DAY_MS = 86_400_000;

const EXPIRY_HOUR_MS = 8 * 3_600_000;

/** What an expiry is listed as. */
export const Tenor = { DAILY: 0, WEEKLY: 1, MONTHLY: 2, QUARTERLY: 3 } as const;

export type TenorCode = (typeof Tenor)[keyof typeof Tenor];

export interface ListedExpiry {
  /** Milliseconds since the Unix epoch. */
  time: number;
  tenor: TenorCode;
}

/** How many of each are listed. */
export interface ListingRule {
  daily: number;
  weekly: number;
  monthly: number;
  quarterly: number;
}

const VENUE_LISTING: ListingRule = { daily: 4, weekly: 3, monthly: 3, quarterly: 4 };

/** The next 08:00 UTC after a time, milliseconds. */
export function nextRoll(now: number): number {
  return (Math.floor((now - EXPIRY_HOUR_MS) / DAY_MS) + 1) * DAY_MS + EXPIRY_HOUR_MS;
}

/** Day of the week of a time, 0 for Sunday. */
function weekday(time: number): number {
  // The epoch was a Thursday.
  return (Math.floor(time / DAY_MS) + 4) % 7;
}

/** 08:00 UTC of the last Friday of a month; months beyond December roll over. */
function lastFriday(year: number, month: number): number {
  const lastDay = Date.UTC(year, month + 1, 0) + EXPIRY_HOUR_MS;
  return lastDay - ((weekday(lastDay) + 2) % 7) * DAY_MS;
}

/** The tenor of an expiry by its day alone: what it was first listed as. */
export function tenorOf(expiry: number): TenorCode {
  const day = new Date(expiry);
  if (weekday(expiry) !== 5) return Tenor.DAILY;
  const month = day.getUTCMonth();
  if (expiry !== lastFriday(day.getUTCFullYear(), month)) return Tenor.WEEKLY;
  return month % 3 === 2 ? Tenor.QUARTERLY : Tenor.MONTHLY;
}

/** The expiries listed at a time, earliest first; one at the very time is gone. */
export function listedExpiries(now: number, rule: ListingRule = VENUE_LISTING): ListedExpiry[] {
  const times = new Set<number>();
  const roll = nextRoll(now);
  for (let day = 0; day < rule.daily; day++) times.add(roll + day * DAY_MS);
  const tomorrow = now + DAY_MS;
  const firstDay = nextRoll(tomorrow);
  const friday = firstDay + ((12 - weekday(firstDay)) % 7) * DAY_MS;
  for (let week = 0; week < rule.weekly; week++) times.add(friday + week * 7 * DAY_MS);
  const today = new Date(now);
  const year = today.getUTCFullYear();
  const month = today.getUTCMonth();
  let monthly = 0;
  let quarterly = 0;
  for (let ahead = 0; monthly < rule.monthly || quarterly < rule.quarterly; ahead++) {
    const time = lastFriday(year, month + ahead);
    if (time <= tomorrow) continue;
    if (monthly++ < rule.monthly) times.add(time);
    if ((month + ahead) % 3 === 2 && quarterly++ < rule.quarterly) times.add(time);
  }
  return [...times].sort((a, b) => a - b).map((time) => ({ time, tenor: tenorOf(time) }));
}
