import { black76Price } from '../../../quant/index.js';
import { Seeded } from '../../../testing/seeded.js';
import { type Instrument, InstrumentKind, LifeCycle } from '../../instrument.js';
import {
  IN_ASK,
  IN_ASK_AMOUNT,
  IN_ASK_VOL,
  IN_BID,
  IN_BID_AMOUNT,
  IN_BID_VOL,
  IN_FORWARD,
  IN_INDEX,
  IN_MARK,
  IN_MARK_VOL,
  IN_OPEN_INTEREST,
} from '../market-watch.js';

/** Who sees the market: event time and number in `clock`, a record's numbers in `input`, then what it was. */
export interface MarketTarget {
  readonly clock: Float64Array;
  readonly input: Float64Array;
  define(id: number, instrument: Instrument): void;
  ticker(id: number): void;
  trade(id: number): void;
}

/** One instrument of the market. */
export interface CleanInstrument {
  id: number;
  underlying: number;
  /** Number of its expiry; -1 for the perpetual. */
  expiry: number;
  definition: Instrument;
}

const INPUTS = 11;
/** When the market begins, microseconds since the Unix epoch: its instruments are listed then. */
export const MARKET_START = Date.UTC(2026, 0, 5) * 1000;
const SECOND = 1e6;
const YEAR_SECONDS = 365 * 86_400;
const BASES = [
  { base: 'BTC', spot: 60_000, strikeStep: 2_000, tick: 0.5 },
  { base: 'ETH', spot: 3_000, strikeStep: 100, tick: 0.05 },
];
const EXPIRY_DAYS = [20, 50];
const STRIKES = 5;
const OPTION_TICK = 0.0001;
const FEE = 0.0003;
/** Correlation of the underlyings' shocks. */
const CORRELATION = 0.7;

/**
 * A market without anything wrong in it: prices diffuse with a volatility that wanders, the smile's level wanders slowly, quotes
 * stand around Black's values a tick or more away, every quote is renewed each second, trades meet the touch. Seeded: the same
 * seed gives the same market.
 */
export class CleanMarket {
  readonly instruments: CleanInstrument[] = [];
  /** By underlying. */
  readonly spot = BASES.map(({ spot }) => spot);
  /** Volatility at the money by expiry: where it is, and where it is drawn to. */
  readonly atm: number[];
  readonly atmMean: number[];
  /** By id: the second until which a quote repeats itself; the second in which bid and offer change places, or the quote is elsewhere. */
  readonly frozenUntil: number[];
  readonly crossedAt: number[];
  readonly shiftedAt: number[];
  readonly shift: number[];
  /** Seconds since the start. */
  second = 0;
  private readonly random: Seeded;
  private readonly target: MarketTarget;
  private readonly last: Float64Array[];
  private readonly logVol: number[];
  private seq = 0;

  constructor(target: MarketTarget, seed: number) {
    this.target = target;
    this.random = new Seeded(seed);
    BASES.forEach(({ base, spot, strikeStep, tick }, underlying) => {
      const add = (expiry: number, definition: Partial<Instrument>): void => {
        const id = this.instruments.length;
        this.instruments.push({ id, underlying, expiry, definition: { ...template(base), ...definition } });
      };
      add(-1, { kind: InstrumentKind.PERPETUAL, name: `${base}-PERPETUAL`, tickSize: tick });
      EXPIRY_DAYS.forEach((days, index) => {
        const expiry = underlying * EXPIRY_DAYS.length + index;
        for (let place = 0; place < STRIKES; place++) {
          const strike = spot + (place - (STRIKES - 1) / 2) * strikeStep;
          for (const right of ['call', 'put'] as const) {
            const name = `${base}-${days}-${strike}-${right === 'call' ? 'C' : 'P'}`;
            const option = { kind: InstrumentKind.OPTION, name, strike, right, tickSize: OPTION_TICK, takerFee: FEE };
            add(expiry, { ...option, expiry: MARKET_START + days * 86_400 * SECOND });
          }
        }
      });
    });
    const count = this.instruments.length;
    this.atm = BASES.flatMap(() => EXPIRY_DAYS.map((days) => 0.5 + 0.001 * days));
    this.atmMean = [...this.atm];
    this.logVol = BASES.map(() => 0);
    this.frozenUntil = new Array<number>(count).fill(-1);
    this.crossedAt = new Array<number>(count).fill(-1);
    this.shiftedAt = new Array<number>(count).fill(-1);
    this.shift = new Array<number>(count).fill(0);
    this.last = this.instruments.map(() => new Float64Array(INPUTS));
    for (const { id, definition } of this.instruments) target.define(id, definition);
  }

  get underlyings(): number {
    return BASES.length;
  }

  /** Event time now, microseconds. */
  get time(): number {
    return MARKET_START + this.second * SECOND;
  }

  /** One second: prices move, then every instrument is quoted once, and some trade. */
  step(): void {
    this.second++;
    const common = this.normal();
    for (let underlying = 0; underlying < BASES.length; underlying++) {
      this.logVol[underlying]! += -0.0002 * this.logVol[underlying]! + 0.004 * this.normal();
      const vol = 0.5 * Math.exp(this.logVol[underlying]!);
      const shock = CORRELATION * common + Math.sqrt(1 - CORRELATION * CORRELATION) * this.normal();
      this.spot[underlying]! *= Math.exp((vol / Math.sqrt(YEAR_SECONDS)) * shock);
    }
    for (let expiry = 0; expiry < this.atm.length; expiry++) {
      this.atm[expiry]! += 0.001 * (this.atmMean[expiry]! - this.atm[expiry]!) + 0.0004 * this.normal();
    }
    for (const instrument of this.instruments) {
      this.quote(instrument);
      if (this.random.chance(instrument.expiry < 0 ? 0.5 : 0.03)) this.tradeAtTouch(instrument.id);
    }
  }

  /** A trade of an instrument at a price of the caller's choice. */
  print(id: number, price: number, amount: number): void {
    const { input } = this.target;
    this.event();
    input[0] = price;
    input[1] = amount;
    this.target.trade(id);
  }

  /** Numbers of the last quote of an instrument. */
  quoted(id: number): Float64Array {
    return this.last[id]!;
  }

  private quote({ id, underlying, expiry, definition }: CleanInstrument): void {
    const { input } = this.target;
    const numbers = this.last[id]!;
    if (this.second > this.frozenUntil[id]!) {
      if (expiry < 0) this.quotePerpetual(numbers, underlying);
      else this.quoteOption(numbers, underlying, expiry, definition);
    }
    input.set(numbers);
    if (this.second === this.crossedAt[id]) {
      input[IN_BID] = numbers[IN_ASK]! + 2 * definition.tickSize;
      input[IN_ASK] = numbers[IN_BID]!;
    }
    if (this.second === this.shiftedAt[id]) {
      input[IN_BID]! += this.shift[id]!;
      input[IN_ASK]! += this.shift[id]!;
    }
    this.event();
    this.target.ticker(id);
  }

  private quotePerpetual(numbers: Float64Array, underlying: number): void {
    const spot = this.spot[underlying]!;
    const { tick } = BASES[underlying]!;
    const bid = Math.floor(spot / tick) * tick - tick * this.random.below(2);
    numbers[IN_BID] = bid;
    numbers[IN_ASK] = bid + tick * (1 + this.random.below(3));
    numbers[IN_BID_AMOUNT] = 10 * (1 + this.random.below(50_000));
    numbers[IN_ASK_AMOUNT] = 10 * (1 + this.random.below(50_000));
    numbers[IN_MARK] = spot;
    numbers[IN_MARK_VOL] = Number.NaN;
    numbers[IN_BID_VOL] = Number.NaN;
    numbers[IN_ASK_VOL] = Number.NaN;
    numbers[IN_FORWARD] = spot;
    numbers[IN_INDEX] = spot * (1 + 1e-5 * this.normal());
    numbers[IN_OPEN_INTEREST] = 1e8;
  }

  private quoteOption(numbers: Float64Array, underlying: number, expiry: number, definition: Instrument): void {
    const spot = this.spot[underlying]!;
    const years = (definition.expiry - this.time) / SECOND / YEAR_SECONDS;
    const forward = spot * Math.exp(0.05 * years);
    const root = Math.sqrt(years);
    const x = Math.log(definition.strike / forward) / root;
    const vol = this.atm[expiry]! - 0.03 * x + 0.05 * x * x;
    const value = black76Price(forward, definition.strike, years, vol, definition.right === 'call') / forward;
    const away = -x / vol + 0.5 * vol * root;
    const vega = (Math.exp(-0.5 * away * away) / Math.sqrt(2 * Math.PI)) * root;
    const half = 0.0002 + 0.008 * value * (0.5 + this.random.next());
    const bid = Math.max(OPTION_TICK, Math.floor((value - half) / OPTION_TICK) * OPTION_TICK);
    const ask = Math.max(bid + OPTION_TICK, Math.ceil((value + half) / OPTION_TICK) * OPTION_TICK);
    numbers[IN_BID] = bid;
    numbers[IN_ASK] = ask;
    numbers[IN_BID_AMOUNT] = 0.1 * (1 + this.random.below(500));
    numbers[IN_ASK_AMOUNT] = 0.1 * (1 + this.random.below(500));
    numbers[IN_MARK] = value;
    numbers[IN_MARK_VOL] = vol;
    numbers[IN_BID_VOL] = Math.max(0.01, vol + (bid - value) / vega);
    numbers[IN_ASK_VOL] = vol + (ask - value) / vega;
    numbers[IN_FORWARD] = forward;
    numbers[IN_INDEX] = spot;
    numbers[IN_OPEN_INTEREST] = 1000;
  }

  private tradeAtTouch(id: number): void {
    const numbers = this.last[id]!;
    const isBuy = this.random.chance(0.5);
    const amount = (isBuy ? numbers[IN_ASK_AMOUNT]! : numbers[IN_BID_AMOUNT]!) * (0.1 + 0.9 * this.random.next());
    this.print(id, isBuy ? numbers[IN_ASK]! : numbers[IN_BID]!, amount);
  }

  private event(): void {
    this.target.clock[0] = this.time;
    this.target.clock[1] = ++this.seq;
  }

  private normal(): number {
    return Math.sqrt(-2 * Math.log1p(-this.random.next())) * Math.cos(2 * Math.PI * this.random.next());
  }
}

function template(base: string): Instrument {
  return {
    venue: 1,
    kind: InstrumentKind.OPTION,
    name: '',
    baseCurrency: base,
    quoteCurrency: base,
    settlementCurrency: base,
    counterCurrency: 'USD',
    priceIndex: `${base.toLowerCase()}_usd`,
    inverse: true,
    state: LifeCycle.OPEN,
    strike: Number.NaN,
    expiry: Number.POSITIVE_INFINITY,
    created: MARKET_START,
    contractSize: 1,
    minimumAmount: 0.1,
    tickSize: OPTION_TICK,
    tickSteps: [],
    makerFee: FEE,
    takerFee: 0.0005,
    legs: [],
  };
}
