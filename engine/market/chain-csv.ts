import { inverseImpliedVol } from '../quant/implied-vol/index.js';

/** One strike of an expiry: out of the money, with vols as fractions; a side without a quote is NaN. */
export interface ChainQuote {
  K: number;
  bidIv: number;
  askIv: number;
  /** The venue's own mark; NaN where the file has none. */
  markIv: number;
}

export interface ChainExpiry {
  /** As the file calls it. */
  label: string;
  T: number;
  F: number;
  quotes: ChainQuote[];
}

/** The options of one underlying at one moment. */
export interface Chain {
  /** Currency and time, or empty where the file names none. */
  currency: string;
  /** Milliseconds since the epoch; NaN where the file has none. */
  time: number;
  expiries: ChainExpiry[];
}

const YEAR_MS = 365 * 86_400_000;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** Expiry of a Deribit date such as `16JAN26`: 08:00 UTC. NaN for anything else. */
export function deribitExpiry(date: string): number {
  const parts = /^(\d{1,2})([A-Z]{3})(\d{2})$/.exec(date);
  const month = parts === null ? -1 : MONTHS.indexOf(parts[2]!);
  return parts === null || month < 0 ? Number.NaN : Date.UTC(2000 + Number(parts[3]), month, Number(parts[1]), 8);
}

const number = (text: string | undefined): number => (text === undefined || text === '' ? Number.NaN : Number(text));

/**
 * Option chains from CSV, in one of two layouts, told apart by the header:
 * - vols: `expiry,T,forward,strike,type,bid_iv,ask_iv` (one chain; lines that start with # are comments)
 * - venue: `ts_ms,instrument,bid,ask,mark_iv,underlying` with coin prices and names such as `BTC-16JAN26-100000-C` (a chain for every time
 *   and currency)
 *
 * Only options out of the money are kept. @throws RangeError that names the line and what was expected.
 */
export function parseChains(text: string): Chain[] {
  const lines = text.split('\n');
  let header: string[] | undefined;
  let reader: ChainReader | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!.trim();
    if (line === '' || line.startsWith('#')) continue;
    const cells = line.split(',');
    if (header === undefined || reader === undefined) {
      header = cells;
      reader = cells.includes('instrument')
        ? new VenueReader(columns(cells, VENUE))
        : new VolReader(columns(cells, VOLS));
      continue;
    }
    if (cells.length !== header.length) {
      throw new RangeError(`chain CSV line ${index + 1}: expected ${header.length} cells, found ${cells.length}`);
    }
    reader.add(cells, index + 1);
  }
  const chains = reader?.chains() ?? [];
  if (chains.length === 0) throw new RangeError('chain CSV: expected a header and at least one option, found none');
  for (const chain of chains) {
    chain.expiries.sort((a, b) => a.T - b.T);
    for (const expiry of chain.expiries) expiry.quotes.sort((a, b) => a.K - b.K);
  }
  return chains;
}

const VOLS = ['expiry', 'T', 'forward', 'strike', 'type', 'bid_iv', 'ask_iv'] as const;
const VENUE = ['ts_ms', 'instrument', 'bid', 'ask', 'mark_iv', 'underlying'] as const;

function columns<Name extends string>(header: readonly string[], names: readonly Name[]): Record<Name, number> {
  const missing = names.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new RangeError(
      `chain CSV header: ${missing.join(', ')} not found; expected the columns ${VOLS.join(',')} or ${VENUE.join(',')}`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, header.indexOf(name)])) as Record<Name, number>;
}

interface ChainReader {
  add(cells: readonly string[], line: number): void;
  chains(): Chain[];
}

/** The expiry of a chain with this label, made when it is new. */
function expiryOf(chain: Map<string, ChainExpiry>, label: string, T: number, F: number): ChainExpiry {
  let expiry = chain.get(label);
  if (expiry === undefined) {
    expiry = { label, T, F, quotes: [] };
    chain.set(label, expiry);
  }
  return expiry;
}

class VolReader implements ChainReader {
  private readonly expiries = new Map<string, ChainExpiry>();
  private readonly at: Record<(typeof VOLS)[number], number>;

  constructor(at: Record<(typeof VOLS)[number], number>) {
    this.at = at;
  }

  add(cells: readonly string[], line: number): void {
    const { at } = this;
    const type = cells[at.type]!;
    const F = number(cells[at.forward]);
    const K = number(cells[at.strike]);
    if (type !== 'C' && type !== 'P')
      throw new RangeError(`chain CSV line ${line}: type must be C or P, found '${type}'`);
    if ((type === 'C') !== K >= F) return;
    const expiry = expiryOf(this.expiries, cells[at.expiry]!, number(cells[at.T]), F);
    expiry.quotes.push({ K, bidIv: number(cells[at.bid_iv]), askIv: number(cells[at.ask_iv]), markIv: Number.NaN });
  }

  chains(): Chain[] {
    const expiries = [...this.expiries.values()];
    return expiries.length === 0 ? [] : [{ currency: '', time: Number.NaN, expiries }];
  }
}

class VenueReader implements ChainReader {
  private readonly found = new Map<string, { currency: string; time: number; expiries: Map<string, ChainExpiry> }>();
  private readonly at: Record<(typeof VENUE)[number], number>;

  constructor(at: Record<(typeof VENUE)[number], number>) {
    this.at = at;
  }

  add(cells: readonly string[], line: number): void {
    const { at } = this;
    const name = cells[at.instrument]!;
    const [currency = '', date = '', strike = '', type = ''] = name.split('-');
    const time = number(cells[at.ts_ms]);
    const K = Number(strike.replace('d', '.'));
    const F = number(cells[at.underlying]);
    const T = (deribitExpiry(date) - time) / YEAR_MS;
    if (!(K > 0) || Number.isNaN(T) || (type !== 'C' && type !== 'P')) {
      throw new RangeError(
        `chain CSV line ${line}: expected an option such as BTC-16JAN26-100000-C and its time, found '${name}'`,
      );
    }
    const isCall = type === 'C';
    if (!(T > 0 && F > 0) || isCall !== K >= F) return;
    const key = `${time} ${currency}`;
    let chain = this.found.get(key);
    if (chain === undefined) {
      chain = { currency, time, expiries: new Map() };
      this.found.set(key, chain);
    }
    const expiry = expiryOf(chain.expiries, date, T, F);
    expiry.quotes.push({
      K,
      bidIv: inverseImpliedVol(number(cells[at.bid]), F, K, T, isCall),
      askIv: inverseImpliedVol(number(cells[at.ask]), F, K, T, isCall),
      markIv: number(cells[at.mark_iv]),
    });
  }

  chains(): Chain[] {
    return [...this.found.values()].map(({ currency, time, expiries }) => ({
      currency,
      time,
      expiries: [...expiries.values()],
    }));
  }
}
