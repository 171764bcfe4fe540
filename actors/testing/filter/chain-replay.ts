import { deribitExpiry } from '../../../engine/market/chain-csv.js';
import { type Instrument, InstrumentKind } from '../../../engine/market/instrument.js';
import { inversePrice } from '../../../engine/quant/black76/index.js';
import { SMILE_STRIDE, smileTotalVariance } from '../../../engine/quant/surface/smile.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { SliceFit } from '../../../schemas/generated/slice-fit.js';
import { SurfaceFit } from '../../../schemas/generated/surface-fit.js';
import { FilterWorld } from './filter-world.js';
import { butterflies, calendars, type ToldSmile } from './published-arbitrage.js';
import { instrumentOf } from './synthetic-chain.js';

const YEAR_MICROS = 365 * 86_400e6;
const HOUR_MS = 3_600_000;
const SMILE_AT = fieldOffset(SliceFit, 'theta');
/** Two snapshots further apart than this are not one and the next. */
const LONGEST_GAP_MS = 9 * HOUR_MS;

/** One row of a recorded chain. */
interface Row {
  name: string;
  bid: number;
  ask: number;
  mark: number;
  forward: number;
  index: number;
}

/** The chain of one currency at one moment. */
export interface RecordedChain {
  currency: string;
  /** Milliseconds since the epoch. */
  time: number;
  rows: Row[];
}

/** Chains of one currency from the text of a file of `deribit/chains-2026`, the earliest first. */
export function readChains(text: string, currency: string): RecordedChain[] {
  const [header, ...lines] = text.trimEnd().split('\n');
  const columns = header!.split(',');
  const place = (name: string): number => columns.indexOf(name);
  const at = {
    time: place('ts_ms'),
    name: place('instrument'),
    bid: place('bid'),
    ask: place('ask'),
    mark: place('mark'),
    forward: place('underlying'),
    index: place('index'),
  };
  const chains = new Map<number, RecordedChain>();
  for (const line of lines) {
    const cells = line.split(',');
    const name = cells[at.name]!;
    if (!name.startsWith(`${currency}-`)) continue;
    const time = Number(cells[at.time]);
    let chain = chains.get(time);
    if (chain === undefined) {
      chain = { currency, time, rows: [] };
      chains.set(time, chain);
    }
    chain.rows.push({
      name,
      bid: Number(cells[at.bid]),
      ask: Number(cells[at.ask]),
      mark: Number(cells[at.mark]),
      forward: Number(cells[at.forward]),
      index: Number(cells[at.index]),
    });
  }
  return [...chains.values()].sort((a, b) => a.time - b.time);
}

/** How many of so many quotes a value lay within. */
export interface Share {
  inside: number;
  quotes: number;
}

/** What one snapshot said of the filter. */
export interface SnapshotResult {
  time: number;
  /** Right after the refit: the filter's values, and the venue's marks. */
  fitted: Share;
  mark: Share;
  /** Before it, with only the forwards moved since the last snapshot's refit: the filter's values, and the last smile at its moneyness. */
  carried: Share;
  sticky: Share;
  /** Points of published arbitrage in both. */
  arbitrage: number;
}

/** A fitted smile as the last refit posted it. */
interface Posted {
  years: number;
  smile: Float64Array;
}

const share = (): Share => ({ inside: 0, quotes: 0 });

/**
 * Plays recorded chains through the filter, one currency: at each snapshot first the forwards alone move, then the quotes come and a refit. The
 * forward of an expiry comes as its future's price: the recording has the venue's own forward, which is that or made from futures.
 */
export class ChainReplay {
  private readonly world: FilterWorld;
  private readonly ids = new Map<string, number>();
  private readonly options = new Map<string, Instrument>();
  private readonly expiryOfPlace = new Map<number, number>();
  private posted = new Map<number, Posted>();
  private before = Number.NaN;

  constructor(start: number) {
    this.world = new FilterWorld(start * 1000 - 1e6, {
      instruments: 4096,
      underlyings: 1,
      publishTicks: 0,
      publishVol: 0,
      staleIndexSeconds: 2,
      staleQuoteSeconds: 3,
      // A coin may well move by more in six hours than is believable from one tick to the next.
      forwardJump: 0.5,
      expiries: 96,
      optionsPerExpiry: 320,
    });
    this.world.onFit = (fit, buffer) => {
      this.posted = new Map();
      for (let index = 0; index < fit.count(); index++) {
        const at = SurfaceFit.sizeOf() + index * SliceFit.sizeOf();
        const slice = new SliceFit().__init(at, buffer);
        const smile = Float64Array.from({ length: SMILE_STRIDE }, (_, number) =>
          buffer.readFloat64(at + SMILE_AT + 8 * number),
        );
        this.posted.set(this.expiryOfPlace.get(slice.expiry()) ?? 0, { years: slice.years(), smile });
      }
    };
  }

  /** One snapshot: the first has no `carried` and no `sticky`. */
  play(chain: RecordedChain): SnapshotResult {
    const { world } = this;
    const now = chain.time * 1000;
    world.advance(now);
    const rows = chain.rows.filter(({ name, forward }) => this.expiryOf(name) - now > 60e6 && forward > 0);
    this.defineNew(chain.currency, rows);
    this.moveForwards(chain.currency, rows);
    const result: SnapshotResult = {
      time: chain.time,
      fitted: share(),
      mark: share(),
      carried: share(),
      sticky: share(),
      arbitrage: 0,
    };
    const follows = chain.time - this.before < LONGEST_GAP_MS;
    this.before = chain.time;
    if (follows) {
      result.arbitrage += this.arbitrage(rows);
      this.judgeCarried(rows, now, result);
    }
    for (const { name, bid, ask, index } of rows) {
      // The forward is there already, by its future.
      world.ticker(this.ids.get(name)!, { bid, ask, index, kind: 3 });
    }
    world.advance(now + 1.5e6);
    this.judgeFitted(rows, result);
    result.arbitrage += this.arbitrage(rows);
    return result;
  }

  private expiryOf(name: string): number {
    return deribitExpiry(name.split('-')[1]!) * 1000;
  }

  private define(name: string, instrument: Instrument): void {
    const id = this.ids.size;
    this.ids.set(name, id);
    this.world.define(id, instrument);
  }

  private defineNew(currency: string, rows: readonly Row[]): void {
    const common = {
      baseCurrency: currency,
      settlementCurrency: currency,
      priceIndex: `${currency.toLowerCase()}_usd`,
    };
    const perpetual = `${currency}-PERPETUAL`;
    if (!this.ids.has(perpetual)) {
      const expiry = Number.POSITIVE_INFINITY;
      this.define(perpetual, instrumentOf(perpetual, { ...common, kind: InstrumentKind.PERPETUAL, expiry }));
    }
    for (const { name } of rows) {
      if (this.ids.has(name)) continue;
      const [, date, strikeText, right] = name.split('-');
      const expiry = this.expiryOf(name);
      const future = `${currency}-${date}`;
      if (!this.ids.has(future))
        this.define(future, instrumentOf(future, { ...common, kind: InstrumentKind.FUTURE, expiry }));
      const instrument = instrumentOf(name, {
        ...common,
        quoteCurrency: currency,
        kind: InstrumentKind.OPTION,
        expiry,
        strike: Number(strikeText!.replace('d', '.')),
        right: right === 'C' ? 'call' : 'put',
        tickSize: currency === 'BTC' ? 0.0001 : 0.0005,
      });
      this.options.set(name, instrument);
      this.define(name, instrument);
    }
  }

  /** The perpetual at the index, then each expiry's future at the venue's forward. */
  private moveForwards(currency: string, rows: readonly Row[]): void {
    const { world } = this;
    const index = rows.find((row) => row.index > 0)?.index ?? rows[0]!.forward;
    const around = (price: number): { bid: number; ask: number } => ({
      bid: price * (1 - 1e-6),
      ask: price * (1 + 1e-6),
    });
    world.ticker(this.ids.get(`${currency}-PERPETUAL`)!, { ...around(index), index });
    const told = new Set<string>();
    for (const { name, forward } of rows) {
      const future = `${currency}-${name.split('-')[1]}`;
      if (told.has(future)) continue;
      told.add(future);
      world.ticker(this.ids.get(future)!, { ...around(forward), index });
    }
  }

  /** Two-sided and out of the money. */
  private *judged(rows: readonly Row[]): Iterable<{ row: Row; option: Instrument; id: number }> {
    for (const row of rows) {
      const option = this.options.get(row.name)!;
      if (row.bid > 0 && row.ask > 0 && (option.right === 'call') === option.strike >= row.forward) {
        yield { row, option, id: this.ids.get(row.name)! };
      }
    }
  }

  private judgeCarried(rows: readonly Row[], now: number, { carried, sticky }: SnapshotResult): void {
    for (const { row, option, id } of this.judged(rows)) {
      const theo = this.world.theo(id);
      const posted = this.posted.get(option.expiry);
      if (theo === undefined || posted === undefined) continue;
      const years = (option.expiry - now) / YEAR_MICROS;
      const k = Math.log(option.strike / row.forward);
      const vol = Math.sqrt(smileTotalVariance(posted.smile, 0, k) / posted.years);
      count(carried, theo.price, row);
      count(sticky, inversePrice(row.forward, option.strike, years, vol, option.right === 'call'), row);
    }
  }

  private judgeFitted(rows: readonly Row[], { fitted, mark }: SnapshotResult): void {
    for (const [expiry, place] of this.placesOf(rows)) this.expiryOfPlace.set(place, expiry);
    for (const { row, id } of this.judged(rows)) {
      const theo = this.world.theo(id);
      if (theo === undefined) continue;
      count(fitted, theo.price, row);
      count(mark, row.mark, row);
    }
  }

  /** The filter's index of each expiry. */
  private placesOf(rows: readonly Row[]): Map<number, number> {
    const places = new Map<number, number>();
    const expiries = new Set(rows.map(({ name }) => this.expiryOf(name)));
    for (let place = 0; place < this.world.config.expiries; place++) {
      const time = this.world.expiry(place)?.expiryTime() ?? 0;
      if (expiries.has(time)) places.set(time, place);
    }
    return places;
  }

  /** Arbitrage among the values that are in force now. */
  private arbitrage(rows: readonly Row[]): number {
    const smiles = new Map<number, ToldSmile>();
    const sorted = [...rows].sort((a, b) => this.options.get(a.name)!.strike - this.options.get(b.name)!.strike);
    for (const { name } of sorted) {
      const option = this.options.get(name)!;
      const theo = this.world.theo(this.ids.get(name)!);
      if (theo === undefined || theo.confidence === 0) continue;
      const isCall = option.right === 'call';
      const m = option.strike / theo.forward;
      if (isCall !== m >= 1) continue;
      let smile = smiles.get(option.expiry);
      if (smile === undefined) {
        smile = { years: theo.years, moneyness: [], call: [] };
        smiles.set(option.expiry, smile);
      }
      smile.moneyness.push(m);
      smile.call.push(isCall ? theo.price : theo.price + 1 - m);
    }
    const ordered = [...smiles.values()].sort((a, b) => a.years - b.years);
    return ordered.reduce(
      (sum, smile, index) => sum + butterflies(smile) + (index > 0 ? calendars(ordered[index - 1]!, smile) : 0),
      0,
    );
  }
}

function count(into: Share, price: number, { bid, ask }: Row): void {
  into.quotes++;
  if (price >= bid && price <= ask) into.inside++;
}

/** Shares of many snapshots taken together, and the mean and standard error of paired differences of `carried` and `sticky`. */
export function summarise(results: readonly SnapshotResult[]): {
  fitted: number;
  mark: number;
  carried: number;
  sticky: number;
  gain: number;
  gainError: number;
  pairs: number;
  arbitrage: number;
} {
  const pooled = (pick: (result: SnapshotResult) => Share): number => {
    const inside = results.reduce((sum, result) => sum + pick(result).inside, 0);
    return inside / results.reduce((sum, result) => sum + pick(result).quotes, 0);
  };
  const differences = results
    .filter(({ carried }) => carried.quotes > 0)
    .map(({ carried, sticky }) => (carried.inside - sticky.inside) / carried.quotes);
  const gain = differences.reduce((sum, each) => sum + each, 0) / differences.length;
  const squares = differences.reduce((sum, each) => sum + (each - gain) * (each - gain), 0);
  return {
    fitted: pooled(({ fitted }) => fitted),
    mark: pooled(({ mark }) => mark),
    carried: pooled(({ carried }) => carried),
    sticky: pooled(({ sticky }) => sticky),
    gain,
    gainError: Math.sqrt(squares / (differences.length - 1) / differences.length),
    pairs: differences.length,
    arbitrage: results.reduce((sum, { arbitrage }) => sum + arbitrage, 0),
  };
}
