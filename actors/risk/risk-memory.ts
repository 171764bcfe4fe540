import { ExpiryPlaces } from '../../engine/market/expiry-places.js';
import { MarginBook } from '../../engine/market/margin/margin-book.js';
import { STANDARD_MARGIN } from '../../engine/market/margin/standard-margin.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import { AckLatency } from '../../engine/market/risk/ack-latency.js';
import { BurstGuard } from '../../engine/market/risk/burst-guard.js';
import { ClockOffset } from '../../engine/market/risk/clock-offset.js';
import { FillRates } from '../../engine/market/risk/fill-rates.js';
import { HedgeSlippage } from '../../engine/market/risk/hedge-slippage.js';
import { HeldSums } from '../../engine/market/risk/held-sums.js';
import { checkedLimits, LIMIT_NAMES, type RiskLimits } from '../../engine/market/risk/limits.js';
import { LossGuard } from '../../engine/market/risk/loss-guard.js';
import { MarkoutLosses } from '../../engine/market/risk/markout-losses.js';
import { PendingApprovals } from '../../engine/market/risk/pending-approvals.js';
import { RateMeters } from '../../engine/market/risk/rate-meters.js';
import { RestingBook } from '../../engine/market/risk/resting-book.js';
import { RiskStates } from '../../engine/market/risk/risk-states.js';
import { RiskTable } from '../../engine/market/risk/risk-table.js';
import { ScenarioScan } from '../../engine/market/risk/scenario-scan.js';
import { SecondaryExposure } from '../../engine/market/risk/secondary-exposure.js';
import { StrategyLosses } from '../../engine/market/risk/strategy-losses.js';
import { Underlyings } from '../../engine/market/underlyings.js';

export interface RiskConfig {
  instruments: number;
  expiries: number;
  underlyings: number;
  /** Slots of the orders stage's table. */
  orders: number;
  /** Most intents that one event may bring. */
  intentsAtOnce: number;
  /** Limits in force at the beginning; absent: none, and nothing that adds risk passes. */
  limits?: RiskLimits;
  /** Our own market maker protection. */
  protection: { windowSeconds: number; pauseSeconds: number };
  /** Of what rests under the venue's market maker protection at most this is filled: in USD, USD, and USD per vol point. Two rounds may pass before it holds. */
  venueProtection: { amountUsd: number; deltaUsd: number; vega: number };
}

/** What is held of one expiry or underlying, in this order in its row. */
export const BASE = {
  DELTA: 0,
  VEGA: 1,
  GAMMA: 2,
  SHORT: 3,
  PIN: 4,
  INDEX: 5,
  HEARD: 6,
  FORWARD: 7,
  TOTAL_USD: 8,
  DAY_USD: 9,
  /** Mark of the perpetual that was told last; 0 while none is known. */
  PERPETUAL: 10,
} as const;
export const BASE_FIELDS = 11;

/** Rounds of fills that may pass before a venue's market maker protection holds. */
export const ROUNDS = 2;

/** Single numbers, in this order in `scalars`. */
export const SCALAR = {
  MARGIN_USE: 0,
  LIMIT_VERSION: 1,
  RUN: 2,
  APPROVED: 3,
  REFUSED: 4,
  STEPS: 5,
  /** Approvals that open an order and whose fate is not known: no order of them is counted yet. */
  OPENING: 6,
} as const;
/** Single words, in this order in `flags`. */
export const FLAG = {
  /** State of the engine as the supervisor tells it. */
  ENGINE: 0,
  /** 1 ready as the orders stage says. */
  READY: 1,
  /** 1 where limits are in force. */
  HAS_LIMITS: 2,
  /** 1 while a live engine has not been armed. */
  DISARMED: 3,
  /** Orders that may still trade. */
  OPEN_ORDERS: 4,
  IN_FLIGHT: 5,
  /** 1 while trading live: then alone the log's clock is to be the venue's. */
  LIVE: 6,
  /** 1 while the venue as a whole is closed for trading. */
  VENUE_CLOSED: 7,
} as const;

/** Bits of what rests in a slot. */
export const SLOT = { SELL: 1, PROTECTED: 2, QUOTE: 4 } as const;

/** Meters of `meters`, in this order: all requests, rejects, then one for each side of each instrument; hedges of each underlying come last. */
export const METER = { REQUESTS: 0, REJECTS: 1, SIDES: 2 } as const;

/** Everything that the risk stage remembers. */
export class RiskMemory {
  readonly config: RiskConfig;
  readonly table: RiskTable;
  readonly underlyings: Underlyings;
  readonly places: ExpiryPlaces;
  readonly resting: RestingBook;
  readonly pending: PendingApprovals;
  readonly states: RiskStates;
  readonly meters: RateMeters;
  readonly burst: BurstGuard;
  readonly losses: LossGuard;
  readonly scenarios: ScenarioScan;
  readonly secondary: SecondaryExposure;
  readonly acks: AckLatency;
  readonly clock: ClockOffset;
  readonly fillRates: FillRates;
  readonly markouts: MarkoutLosses;
  readonly slippage: HedgeSlippage;
  readonly heldSums: HeldSums;
  readonly strategyLosses: StrategyLosses;
  readonly margins: MarginBook;
  /** What the options of each instrument and of each expiry have made, USD at the index when they were told. */
  readonly profits: Float64Array;
  readonly expiryProfits: Float64Array;
  /** Code that each underlying's quotes were pulled for by its fills; 0 while they are well. */
  readonly pulledFor: Int32Array;
  /** Two words of the name of the coin that each underlying settles in; zeros where it is dollars, or not known. */
  readonly currencies: Int32Array;
  /** What is held of each underlying: change of its value in USD for 1.00 a year of carry of all expiries. */
  readonly rhos: Float64Array;
  /** Place of the first hedge meter. */
  readonly hedgeMeters: number;
  /** Limits in force, in the order of LIMITS. */
  readonly limits: Float64Array;
  /** What is held, rows of BASE_FIELDS by expiry and by underlying. */
  readonly ofExpiry: Float64Array;
  readonly ofUnderlying: Float64Array;
  /** By slot of the orders stage: instrument + 1, 0 for none; bits of SLOT; amount that counts; price. */
  readonly slotInstruments: Int32Array;
  readonly slotSides: Int32Array;
  readonly slotAmounts: Float64Array;
  readonly slotPrices: Float64Array;
  readonly scalars: Float64Array;
  readonly flags: Int32Array;

  constructor(cells: Cells, config: RiskConfig) {
    const { instruments, expiries, underlyings, orders } = config;
    this.config = config;
    this.table = new RiskTable(cells, instruments);
    this.underlyings = new Underlyings(cells, instruments);
    this.places = new ExpiryPlaces(cells, instruments, expiries);
    this.resting = new RestingBook(cells, instruments, expiries, underlyings);
    this.pending = new PendingApprovals(cells);
    this.states = new RiskStates(cells, underlyings, expiries);
    this.meters = new RateMeters(cells, METER.SIDES + 2 * instruments + underlyings, METER);
    this.hedgeMeters = METER.SIDES + 2 * instruments;
    this.burst = new BurstGuard(cells, underlyings, config.protection.windowSeconds, config.protection.pauseSeconds);
    this.losses = new LossGuard(cells);
    this.scenarios = new ScenarioScan(cells, underlyings);
    this.secondary = new SecondaryExposure(
      cells,
      this.table,
      this.resting,
      this.places,
      underlyings,
      config.venueProtection,
    );
    this.acks = new AckLatency(cells);
    this.clock = new ClockOffset(cells);
    this.fillRates = new FillRates(cells, underlyings);
    this.markouts = new MarkoutLosses(cells, underlyings);
    this.slippage = new HedgeSlippage(cells);
    this.heldSums = new HeldSums(cells, this.table, this.resting, underlyings);
    this.strategyLosses = new StrategyLosses(cells, this.table);
    this.margins = new MarginBook(cells, this.table, instruments, STANDARD_MARGIN);
    this.profits = cells.float64(instruments, 'profits');
    this.expiryProfits = cells.float64(expiries, 'expiry profits');
    this.pulledFor = cells.int32(underlyings, 'pulled for');
    this.currencies = cells.int32(2 * underlyings, 'currencies');
    this.rhos = cells.float64(underlyings, 'rhos');
    this.limits = cells.float64(LIMIT_NAMES.length, 'limits', LIMIT_NAMES);
    this.ofExpiry = cells.float64(expiries * BASE_FIELDS, 'of expiry', BASE);
    this.ofUnderlying = cells.float64(underlyings * BASE_FIELDS, 'of underlying', BASE);
    this.slotInstruments = cells.int32(orders, 'slot instruments');
    this.slotSides = cells.int32(orders, 'slot sides', SLOT);
    this.slotAmounts = cells.float64(orders, 'slot amounts');
    this.slotPrices = cells.float64(orders, 'slot prices');
    this.scalars = cells.float64(8, 'risk memory: scalars', SCALAR);
    this.flags = cells.int32(8, 'risk memory: flags', FLAG);
    if (config.limits === undefined) return;
    const limits = checkedLimits(config.limits);
    LIMIT_NAMES.forEach((name, place) => {
      this.limits[place] = limits[name];
    });
    this.flags[FLAG.HAS_LIMITS] = 1;
  }
}
