/** What a pane is about: as much of an instrument as was said. */
export interface Target {
  underlying?: string;
  /** As the venue writes it: 27MAR26. */
  expiry?: string;
  /** Strike, USD. */
  strike?: number;
  right?: 'C' | 'P';
}

/** The word for every underlying, where one was said before. */
export const ALL = 'ALL';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** A day as the venue writes it: 27MAR26. @param micros microseconds since the Unix epoch */
export function expiryName(micros: number): string {
  if (!Number.isFinite(micros)) return 'PERP';
  const day = new Date(micros / 1000);
  return `${day.getUTCDate()}${MONTHS[day.getUTCMonth()]}${String(day.getUTCFullYear()).slice(2)}`;
}

/** Whether a word is a day as the venue writes it. */
export function isExpiry(word: string): boolean {
  const month = /^\d{1,2}([A-Z]{3})\d{2}$/.exec(word)?.[1];
  return month !== undefined && MONTHS.includes(month);
}

/** What a pane is about once something was said to it: what was not said stays as it was, and ALL leaves nothing of it. */
export function turned(before: Target, said: Target): Target {
  const { underlying, ...rest } = said;
  return underlying === ALL ? rest : { ...before, ...said };
}

/** The part of a target that a function takes. @param usage how its command may be written: `[UND] [EXPIRY] OMON` */
export function takenBy(usage: string, { underlying, expiry, strike, right }: Target): Target {
  return {
    ...(usage.includes('[UND]') && underlying !== undefined ? { underlying } : {}),
    ...(usage.includes('[EXPIRY]') && expiry !== undefined ? { expiry } : {}),
    ...(usage.includes('[STRIKE]') && strike !== undefined ? { strike } : {}),
    ...(usage.includes('[C|P]') && right !== undefined ? { right } : {}),
  };
}

export function targetText({ underlying, expiry, strike, right }: Target): string {
  return [underlying, expiry, strike === undefined ? undefined : String(strike), right]
    .filter((part) => part)
    .join(' ');
}
