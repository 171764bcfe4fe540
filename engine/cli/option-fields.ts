import { InputError } from './csv.js';

function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** A finite number above zero (or from zero on), such as a forward, a strike or a price. */
export function parsePositive(text: string, place: string, name: string, zeroToo = false): number {
  const value = numberOf(text);
  if (value > 0 || (zeroToo && value === 0)) return value;
  throw new InputError(`${place}: ${name}: expected a number ${zeroToo ? '>= 0' : '> 0'}, found '${text}'`);
}

/** Any finite number. */
export function parseNumber(text: string, place: string, name: string): number {
  const value = numberOf(text);
  if (Number.isFinite(value)) return value;
  throw new InputError(`${place}: ${name}: expected a number, found '${text}'`);
}

const YEARS_PER_UNIT: Record<string, number> = { '': 1, y: 1, d: 1 / 365, h: 1 / 8760, m: 1 / 525_600 };

/** A time in years of 365 days: `0.25`, `0.25y`, `30d`, `12h` or `5m`. */
export function parseYears(text: string, place: string): number {
  const [, amount, unit] = /^(.*?)\s*([ydhm]?)$/i.exec(text) ?? [];
  const value = numberOf(amount ?? '') * (YEARS_PER_UNIT[(unit ?? '').toLowerCase()] ?? Number.NaN);
  if (value >= 0) return value;
  throw new InputError(`${place}: years: expected a time such as 0.25, 30d, 12h or 5m, found '${text}'`);
}

/** A volatility as a fraction: `0.55` or `55%`. */
export function parseVol(text: string, place: string): number {
  const percent = text.endsWith('%');
  const value = numberOf(percent ? text.slice(0, -1).trim() : text) / (percent ? 100 : 1);
  if (value >= 0) return value;
  throw new InputError(`${place}: vol: expected a volatility such as 0.55 or 55%, found '${text}'`);
}

/** `call`, `put`, `c` or `p`, in any case: whether it is a call. */
export function parseIsCall(text: string, place: string): boolean {
  const type = text.toLowerCase();
  if (type === 'call' || type === 'c') return true;
  if (type === 'put' || type === 'p') return false;
  throw new InputError(`${place}: type: expected call or put, found '${text}'`);
}
