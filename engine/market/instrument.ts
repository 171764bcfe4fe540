import type { TickStep } from './tick-table.js';

/** Life cycle of an instrument. The codes stand in records. */
export const LifeCycle = {
  UNKNOWN: 0,
  /** Listed, not yet trading. */
  NEW: 1,
  /** Trading. */
  OPEN: 2,
  /** Trading is stopped and may resume. */
  HALTED: 3,
  /** Being settled or delivered; orders are not accepted. */
  SETTLING: 4,
  /** Gone for good. */
  EXPIRED: 5,
} as const;

export type LifeCycleState = (typeof LifeCycle)[keyof typeof LifeCycle];

/** What is traded. The codes stand in definitions. */
export const InstrumentKind = {
  OPTION: 1,
  FUTURE: 2,
  PERPETUAL: 3,
  SPOT: 4,
  OPTION_COMBO: 5,
  FUTURE_COMBO: 6,
  /** A price or volatility index: nothing that can be traded, but it has bars. */
  INDEX: 7,
} as const;

export type InstrumentKindCode = (typeof InstrumentKind)[keyof typeof InstrumentKind];

/** One side of a combination. */
export interface ComboLeg {
  /** The venue's name of the leg. */
  instrument: string;
  /** Amount of the leg per amount of the combination; negative where it is sold. */
  ratio: number;
}

/** What one instrument is, as its venue defines it. */
export interface Instrument {
  venue: number;
  kind: InstrumentKindCode;
  /** The venue's name. */
  name: string;
  /** What is traded, such as BTC. */
  baseCurrency: string;
  /** What prices are in, such as BTC for inverse options and USDC for linear ones. */
  quoteCurrency: string;
  /** What profit is paid in. */
  settlementCurrency: string;
  /** What the strike and the index are in, such as USD. */
  counterCurrency: string;
  /** The venue's name of the index that it settles on. */
  priceIndex: string;
  /** Settled in the base currency. */
  inverse: boolean;
  /** An option's right. */
  right?: 'call' | 'put';
  state: LifeCycleState;
  /** Counter currency; NaN where there is none. */
  strike: number;
  /** Microseconds since the Unix epoch; Infinity for what never expires. */
  expiry: number;
  /** Microseconds since the Unix epoch at which the venue listed it. */
  created: number;
  /** Amount units in one contract. */
  contractSize: number;
  /** Smallest amount of an order, and its step. */
  minimumAmount: number;
  /** Smallest step of the price below the first of `tickSteps`. */
  tickSize: number;
  tickSteps: TickStep[];
  /** Fraction of the amount. */
  makerFee: number;
  /** Fraction of the amount. */
  takerFee: number;
  legs: ComboLeg[];
}

/** The states that may follow each state; a venue that halts an instrument may well reopen it, one that expired never. */
const successors: Record<LifeCycleState, readonly LifeCycleState[]> = {
  [LifeCycle.UNKNOWN]: [LifeCycle.NEW, LifeCycle.OPEN, LifeCycle.HALTED, LifeCycle.SETTLING, LifeCycle.EXPIRED],
  [LifeCycle.NEW]: [LifeCycle.OPEN, LifeCycle.HALTED, LifeCycle.EXPIRED],
  [LifeCycle.OPEN]: [LifeCycle.HALTED, LifeCycle.SETTLING, LifeCycle.EXPIRED],
  // The daily settlement of perpetuals and of options that live on ends where trading resumes.
  [LifeCycle.HALTED]: [LifeCycle.OPEN, LifeCycle.SETTLING, LifeCycle.EXPIRED],
  [LifeCycle.SETTLING]: [LifeCycle.OPEN, LifeCycle.HALTED, LifeCycle.EXPIRED],
  [LifeCycle.EXPIRED]: [],
};

/** In the place of an instrument's id: all instruments of the venue. */
export const EVERY_INSTRUMENT = 0xffffffff;

/** Whether an instrument can go from one state to another; staying is always allowed. */
export function canBecome(from: LifeCycleState, to: LifeCycleState): boolean {
  return from === to || successors[from].includes(to);
}

/**
 * The state of an instrument at a time, from what the venue last said and from the clock: past its expiry an instrument
 * settles, whatever was heard last. Microseconds since the Unix epoch.
 */
export function stateAt(instrument: Pick<Instrument, 'state' | 'expiry'>, now: number): LifeCycleState {
  if (instrument.state === LifeCycle.EXPIRED || now < instrument.expiry) return instrument.state;
  return LifeCycle.SETTLING;
}
