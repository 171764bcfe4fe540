/** Microseconds since the Unix epoch of the end of a perpetual. */
export const NEVER = Number.POSITIVE_INFINITY;

/** What a Deribit instrument name says. Expiries are microseconds since the Unix epoch, at 08:00 UTC of their day. */
export type InstrumentName =
  | { kind: 'spot'; base: string; quote: string }
  | { kind: 'perpetual'; base: string; quote: string | undefined }
  | { kind: 'future'; base: string; quote: string | undefined; expiry: number }
  | {
      kind: 'option';
      base: string;
      quote: string | undefined;
      expiry: number;
      strike: number;
      right: 'call' | 'put';
    }
  | {
      kind: 'combo';
      base: string;
      quote: string | undefined;
      /** The venue's code, such as CS (call spread), STRD (straddle), FS (future spread). */
      strategy: string;
      /** In the name's order; NEVER is the perpetual. */
      expiries: number[];
      /** In the name's order; none for futures. */
      strikes: number[];
    };

const MONTHS: readonly string[] = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** The venue's options and futures expire at this hour, UTC. */
const EXPIRY_HOUR = 8;

/** `25MAR23` or `6AUG21` as microseconds since the Unix epoch at 08:00 UTC; undefined where there is no such day. */
export function parseExpiry(text: string): number | undefined {
  const parts = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(text);
  if (parts === null) return undefined;
  const day = Number(parts[1]);
  const month = MONTHS.indexOf(parts[2]);
  if (month < 0) return undefined;
  const time = new Date(Date.UTC(2000 + Number(parts[3]), month, day, EXPIRY_HOUR));
  // Days past the month's end would roll over into the next.
  return time.getUTCDate() === day && time.getUTCMonth() === month ? time.getTime() * 1000 : undefined;
}

/** The venue's way of writing the day of an expiry: no leading zero. */
export function formatExpiry(expiry: number): string {
  const day = new Date(expiry / 1000);
  return `${day.getUTCDate()}${MONTHS[day.getUTCMonth()]}${String(day.getUTCFullYear()).slice(-2)}`;
}

/** `0d625` as 0.625; undefined where it is no strike. */
function parseStrike(text: string): number | undefined {
  if (!/^\d+(?:d\d+)?$/.test(text)) return undefined;
  const strike = Number(text.replace('d', '.'));
  return strike > 0 ? strike : undefined;
}

/** 0.625 as `0d625`. A strike is at least 0.000001: below, and from 1e21 on, a number has no plain notation. */
function formatStrike(strike: number): string {
  return String(strike).replace('.', 'd');
}

/** What an instrument name of Deribit says, or undefined where it is none. */
export function parseInstrumentName(name: string): InstrumentName | undefined {
  const [pair = '', ...parts] = name.split('-');
  const currencies = /^([A-Z0-9]+)(?:_([A-Z0-9]+))?$/.exec(pair);
  if (currencies === null) return undefined;
  const base = currencies[1]!;
  const quote = currencies[2];
  const [first, second, third] = parts;
  if (first === undefined) return quote === undefined ? undefined : { kind: 'spot', base, quote };
  if (first === 'PERPETUAL') return parts.length === 1 ? { kind: 'perpetual', base, quote } : undefined;

  const expiry = parseExpiry(first);
  if (expiry === undefined) return parseCombo(base, quote, parts);
  if (parts.length === 1) return { kind: 'future', base, quote, expiry };
  const strike = parseStrike(second ?? '');
  if (parts.length !== 3 || strike === undefined || (third !== 'C' && third !== 'P')) return undefined;
  return { kind: 'option', base, quote, expiry, strike, right: third === 'C' ? 'call' : 'put' };
}

/** `BTC-CS-19MAY26-70000_75000`, `BTC-FS-30SEP22_PERP`, `BTC-STRD-30SEP22-20000`. */
function parseCombo(base: string, quote: string | undefined, parts: readonly string[]): InstrumentName | undefined {
  const [strategy = '', days = '', prices, ...more] = parts;
  if (!/^[A-Z][A-Z0-9]*$/.test(strategy) || more.length > 0) return undefined;
  const expiries = days.split('_').map((day) => (day === 'PERP' ? NEVER : parseExpiry(day)));
  const strikes = prices === undefined ? [] : prices.split('_').map(parseStrike);
  if (!expiries.every((expiry) => expiry !== undefined)) return undefined;
  if (!strikes.every((strike) => strike !== undefined)) return undefined;
  return { kind: 'combo', base, quote, strategy, expiries, strikes };
}

/** The venue's name of an instrument. */
export function formatInstrumentName(instrument: InstrumentName): string {
  const { base, quote } = instrument;
  const pair = quote === undefined ? base : `${base}_${quote}`;
  switch (instrument.kind) {
    case 'spot':
      return pair;
    case 'perpetual':
      return `${pair}-PERPETUAL`;
    case 'future':
      return `${pair}-${formatExpiry(instrument.expiry)}`;
    case 'option': {
      const right = instrument.right === 'call' ? 'C' : 'P';
      return `${pair}-${formatExpiry(instrument.expiry)}-${formatStrike(instrument.strike)}-${right}`;
    }
    case 'combo': {
      const days = instrument.expiries.map((expiry) => (expiry === NEVER ? 'PERP' : formatExpiry(expiry))).join('_');
      const strikes = instrument.strikes.map(formatStrike).join('_');
      return `${pair}-${instrument.strategy}-${days}${strikes === '' ? '' : `-${strikes}`}`;
    }
  }
}
