import { LifeCycle } from '../../engine/market/instrument.js';
import { OrderAction, OrderFlag, Side, TimeInForce } from '../../engine/market/orders/codes.js';
import { Contract, isOption } from '../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import {
  PROTECTED,
  REST,
  REST_FIELDS,
  REST_UNIT_FIELDS,
  UNIT_DELTA,
  UNIT_GAMMA,
  UNIT_VEGA,
} from '../../engine/market/risk/resting-book.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode } from '../../engine/market/risk/risk-states.js';
import { FACT, FACT_FIELDS } from '../../engine/market/risk/risk-table.js';
import { WORST_FIELDS, WORST_LOSS } from '../../engine/market/risk/scenario-scan.js';
import { EngineStateCode } from '../../engine/runtime/supervision/board.js';
import type { OrderIntent } from '../../schemas/generated/order-intent.js';
import { BookState } from '../book/book.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { BASE, BASE_FIELDS, FLAG, METER, type RiskMemory, SCALAR } from './risk-memory.js';

const SECOND_MICROS = 1e6;
const MINUTE_MICROS = 60e6;
/** Vega is counted per 1.00 of volatility and limited per point. */
const POINT = 0.01;
const PERCENT = 0.01;
/** Places of the limits, written out: a look into the table of all of them is a search, and there are twenty in a check. */
const {
  expiryMinutes: LIMIT_EXPIRY_MINUTES,
  underlyingAgeSeconds: LIMIT_UNDERLYING_AGE_SECONDS,
  divergence: LIMIT_DIVERGENCE,
  openOrders: LIMIT_OPEN_ORDERS,
  inFlight: LIMIT_IN_FLIGHT,
  rejectsPerMinute: LIMIT_REJECTS_PER_MINUTE,
  repeatsPerSecond: LIMIT_REPEATS_PER_SECOND,
  requestsPerSecond: LIMIT_REQUESTS_PER_SECOND,
  orderUsd: LIMIT_ORDER_USD,
  hedgeOrderUsd: LIMIT_HEDGE_ORDER_USD,
  fromMark: LIMIT_FROM_MARK,
  fromTheoVol: LIMIT_FROM_THEO_VOL,
  positionUsd: LIMIT_POSITION_USD,
  hedgePositionUsd: LIMIT_HEDGE_POSITION_USD,
  expiryDeltaUsd: LIMIT_EXPIRY_DELTA_USD,
  expiryVega: LIMIT_EXPIRY_VEGA,
  pinUsd: LIMIT_PIN_USD,
  deltaUsd: LIMIT_DELTA_USD,
  vega: LIMIT_VEGA,
  shortGammaUsd: LIMIT_SHORT_GAMMA_USD,
  shortOptionsUsd: LIMIT_SHORT_OPTIONS_USD,
  scenarioLossUsd: LIMIT_SCENARIO_LOSS_USD,
  marginUse: LIMIT_MARGIN_USE,
} = LIMIT;
/** Two rounds may pass before a venue's market maker protection holds. */
const ROUNDS = 2;

/**
 * Every check that an intent must pass, in the order in which they are cheapest to fail. `check` answers a code of `CHECKS`, 0 for
 * none; what was found and the limit stand in `found` and `limit`.
 */
export class IntentChecks {
  readonly found = new Float64Array(1);
  readonly limit = new Float64Array(1);
  /** [event time], set by the stage for every event. */
  readonly now: Float64Array;
  private readonly memory: RiskMemory;
  private readonly price = new Float64Array(1);
  private readonly amount = new Float64Array(1);
  // Doubles that cross calls lie in cells, where nothing boxes them.
  /** Value of one unit of the intent's amount by the index, USD. */
  private readonly usdOfOne = new Float64Array(1);
  /** What the intent would add to what may trade. */
  private readonly added = new Float64Array(1);
  /** What `worstDelta` and `worstVega` found. */
  private readonly worst = new Float64Array(1);
  private readonly tables: TablesOf;
  /** The intent under judgement. */
  private id = 0;
  private row = 0;
  private isSell = false;
  private isHedge = false;
  private isProtected = false;
  private underlying = 0;
  private expiry = 0;

  constructor(memory: RiskMemory, now: Float64Array) {
    this.memory = memory;
    this.now = now;
    this.tables = { facts: memory.table.facts, limits: memory.limits };
  }

  check(intent: OrderIntent): number {
    const { memory } = this;
    this.found[0] = 0;
    this.limit[0] = 0;
    this.id = intent.instrument();
    if (this.id >= memory.table.capacity || memory.table.contracts[this.id] === Contract.NONE) {
      return RiskCode.UNKNOWN_INSTRUMENT;
    }
    this.take(intent);
    return (
      this.control(intent) ||
      this.validity(intent) ||
      this.ownOrders(intent) ||
      this.health() ||
      this.flow() ||
      this.worth() ||
      this.exposure()
    );
  }

  /** What the intent would add to what may still trade, in `added[0]`: a quote replaces the one that stands there. */
  addition(intent: OrderIntent, added: Float64Array): void {
    const resting = this.memory.resting.resting(this.id, this.isSell);
    const extra = intent.action() === OrderAction.QUOTE ? this.amount[0]! - resting : this.amount[0]!;
    added[0] = extra > 0 ? extra : 0;
  }

  /** Bit 0 sell, bit 1 under protection: of the intent that was checked last. */
  get side(): number {
    return (this.isSell ? 1 : 0) | (this.isProtected ? 2 : 0);
  }

  get instrument(): number {
    return this.id;
  }

  private take(intent: OrderIntent): void {
    const { memory } = this;
    this.row = this.id * FACT_FIELDS;
    this.price[0] = intent.price();
    this.amount[0] = intent.amount();
    this.isSell = intent.side() === Side.SELL;
    this.isHedge = (intent.flags() & OrderFlag.HEDGE) !== 0;
    this.isProtected = (intent.flags() & OrderFlag.MMP) !== 0;
    this.underlying = memory.underlyings.of(this.id);
    this.expiry = memory.places.of(this.id);
    const isInUsd = memory.table.contracts[this.id] === Contract.FUTURE_INVERSE;
    this.usdOfOne[0] = isInUsd ? 1 : memory.ofUnderlying[this.underlying * BASE_FIELDS + BASE.INDEX]!;
  }

  private control(intent: OrderIntent): number {
    const { flags, states } = this.memory;
    if (flags[FLAG.HAS_LIMITS] === 0) return RiskCode.NO_LIMITS;
    if (flags[FLAG.DISARMED] === 1) return RiskCode.DISARMED;
    if (flags[FLAG.READY] === 0) return RiskCode.NOT_READY;
    let mode = states.worst(intent.strategy(), this.underlying, this.expiry);
    const engine = flags[FLAG.ENGINE]!;
    if (engine === EngineStateCode.REDUCING && mode < RiskMode.REDUCING) mode = RiskMode.REDUCING;
    if (mode === RiskMode.HALTED || (engine !== EngineStateCode.ACTIVE && engine !== EngineStateCode.REDUCING)) {
      return RiskCode.HALTED;
    }
    if (mode === RiskMode.REDUCING && !this.reduces()) return RiskCode.REDUCING;
    if ((intent.flags() & OrderFlag.REDUCE_ONLY) !== 0 && !this.reducesPosition()) return RiskCode.REDUCE_ONLY;
    return 0;
  }

  /** Whether the intent only takes risk away: of its own position, or, for a hedge, of the underlying's delta. */
  private reduces(): boolean {
    if (this.reducesPosition()) return true;
    if (!this.isHedge) return false;
    const { memory } = this;
    const base = this.underlying * BASE_FIELDS;
    const held = memory.ofUnderlying[base + BASE.DELTA]!;
    const adds = this.deltaOfAll();
    return held > 0 ? adds < 0 && held + adds >= 0 : adds > 0 && held + adds <= 0;
  }

  private reducesPosition(): boolean {
    const position = this.tables.facts[this.row + FACT.POSITION]!;
    const total = this.amount[0]! + this.restingOfOthers();
    return this.isSell ? position > 0 && total <= position : position < 0 && total <= -position;
  }

  /** What rests on the intent's side already; a quote replaces it. */
  private restingOfOthers(): number {
    return this.isProtected ? 0 : this.memory.resting.resting(this.id, this.isSell);
  }

  /** Delta that the whole amount would add, units of the underlying. */
  private deltaOfAll(): number {
    const { resting } = this.memory;
    const delta = this.amount[0]! * resting.units[this.id * REST_UNIT_FIELDS + UNIT_DELTA]!;
    return this.isSell ? -delta : delta;
  }

  private validity(intent: OrderIntent): number {
    const { table } = this.memory;
    const { facts, limits } = this.tables;
    // Written so that a NaN is refused.
    if (!(this.amount[0]! > 0 && this.amount[0]! < Number.POSITIVE_INFINITY)) return RiskCode.AMOUNT;
    if (!(this.price[0]! > 0 && this.price[0]! < Number.POSITIVE_INFINITY)) return RiskCode.PRICE;
    if (intent.side() !== Side.BUY && intent.side() !== Side.SELL) return RiskCode.MALFORMED;
    if (intent.timeInForce() > TimeInForce.FILL_OR_KILL) return RiskCode.MALFORMED;
    if (table.states[this.id] !== LifeCycle.OPEN) return RiskCode.NOT_TRADING;
    const left = facts[this.row + FACT.EXPIRY]! - this.now[0]!;
    if (!(left > limits[LIMIT_EXPIRY_MINUTES]! * MINUTE_MICROS) && !this.reduces()) {
      return this.refused(RiskCode.EXPIRING, left / MINUTE_MICROS, limits[LIMIT_EXPIRY_MINUTES]!);
    }
    if (!table.isOnTick(this.id, this.price))
      return this.refused(RiskCode.TICK, this.price[0]!, facts[this.row + FACT.TICK]!);
    if (!table.isLot(this.id, this.amount)) {
      return this.refused(RiskCode.LEAST_AMOUNT, this.amount[0]!, facts[this.row + FACT.LEAST_AMOUNT]!);
    }
    // Only what the venue would refuse: a bid above its band, an offer below it.
    if (!this.isSell && this.price[0]! > facts[this.row + FACT.MAX_PRICE]!) {
      return this.refused(RiskCode.VENUE_BAND, this.price[0]!, facts[this.row + FACT.MAX_PRICE]!);
    }
    if (this.isSell && this.price[0]! < facts[this.row + FACT.MIN_PRICE]!) {
      return this.refused(RiskCode.VENUE_BAND, this.price[0]!, facts[this.row + FACT.MIN_PRICE]!);
    }
    return 0;
  }

  /** Never against ourselves. Quotes move together, and the venue takes the two sides of one in the order that does not cross them. */
  private ownOrders(intent: OrderIntent): number {
    const { facts } = this.tables;
    const against = this.isSell ? FACT.OWN_BID : FACT.OWN_ASK;
    if (this.crosses(against)) {
      return this.refused(RiskCode.SELF_MATCH, this.price[0]!, facts[this.row + against]!);
    }
    if (intent.action() === OrderAction.QUOTE) return 0;
    const quoted = this.isSell ? FACT.QUOTED_BID : FACT.QUOTED_ASK;
    if (!this.crosses(quoted)) return 0;
    return this.refused(RiskCode.SELF_MATCH, this.price[0]!, facts[this.row + quoted]!);
  }

  /** An amendment of ours was approved: our best order on its side is where it goes. */
  moveOwn(): void {
    this.tables.facts[this.row + (this.isSell ? FACT.OWN_ASK : FACT.OWN_BID)] = this.price[0]!;
  }

  private crosses(fact: number): boolean {
    const own = this.tables.facts[this.row + fact]!;
    return this.isSell ? this.price[0]! <= own : this.price[0]! >= own;
  }

  private health(): number {
    const { memory } = this;
    const { limits } = this.tables;
    const base = this.underlying * BASE_FIELDS;
    const silent = (this.now[0]! - memory.ofUnderlying[base + BASE.HEARD]!) / SECOND_MICROS;
    if (!(silent <= limits[LIMIT_UNDERLYING_AGE_SECONDS]!)) {
      return this.refused(RiskCode.UNDERLYING_STALE, silent, limits[LIMIT_UNDERLYING_AGE_SECONDS]!);
    }
    const book = memory.table.books[this.id]!;
    if (book === BookState.STALE || book === BookState.CROSSED) return RiskCode.BOOK_STALE;
    if (!isOption(memory.table.contracts[this.id]!)) return 0;
    if (Number.isNaN(this.tables.facts[this.row + FACT.THEO]!) || (memory.table.theoFlags[this.id]! & UNUSABLE) !== 0) {
      return RiskCode.THEO_UNUSABLE;
    }
    const index = memory.ofUnderlying[base + BASE.INDEX]!;
    const forward = memory.ofExpiry[this.expiry * BASE_FIELDS + BASE.FORWARD]!;
    const apart = forward > 0 && index > 0 ? Math.abs(forward / index - 1) : 0;
    if (apart > limits[LIMIT_DIVERGENCE]!) return this.refused(RiskCode.DIVERGENCE, apart, limits[LIMIT_DIVERGENCE]!);
    return 0;
  }

  private flow(): number {
    const { memory, now } = this;
    const { flags, meters, limits } = memory;
    if (flags[FLAG.OPEN_ORDERS]! >= limits[LIMIT_OPEN_ORDERS]!) {
      return this.refused(RiskCode.OPEN_ORDERS, flags[FLAG.OPEN_ORDERS]!, limits[LIMIT_OPEN_ORDERS]!);
    }
    if (flags[FLAG.IN_FLIGHT]! >= limits[LIMIT_IN_FLIGHT]! || memory.pending.isFull) {
      return this.refused(RiskCode.IN_FLIGHT, flags[FLAG.IN_FLIGHT]!, limits[LIMIT_IN_FLIGHT]!);
    }
    if (!meters.allows(METER.REJECTS, now, limits, LIMIT_REJECTS_PER_MINUTE, MINUTE_MICROS)) {
      return this.refused(RiskCode.REJECT_STORM, 0, limits[LIMIT_REJECTS_PER_MINUTE]!);
    }
    if (!this.isHedge && memory.burst.isPaused(this.underlying, now)) return RiskCode.LOCAL_MMP;
    const side = METER.SIDES + 2 * this.id + (this.isSell ? 1 : 0);
    if (!meters.allows(side, now, limits, LIMIT_REPEATS_PER_SECOND, SECOND_MICROS)) {
      return this.refused(RiskCode.REPEAT, 0, limits[LIMIT_REPEATS_PER_SECOND]!);
    }
    if (!meters.allows(METER.REQUESTS, now, limits, LIMIT_REQUESTS_PER_SECOND, SECOND_MICROS)) {
      return this.refused(RiskCode.RATE, 0, limits[LIMIT_REQUESTS_PER_SECOND]!);
    }
    return 0;
  }

  /** The intent has passed: it counts for the rates. */
  count(): void {
    const { meters } = this.memory;
    meters.count(METER.REQUESTS);
    meters.count(METER.SIDES + 2 * this.id + (this.isSell ? 1 : 0));
  }

  /** Prices that a person would call a mistake, and values that are too large for one order. */
  private worth(): number {
    const { memory } = this;
    const { facts, limits } = this.tables;
    const price = this.price[0]!;
    const isAnOption = isOption(memory.table.contracts[this.id]!);
    const usd = this.amount[0]! * this.usdOfOne[0]!;
    const most = limits[isAnOption ? LIMIT_ORDER_USD : LIMIT_HEDGE_ORDER_USD]!;
    if (!(usd <= most)) return this.refused(isAnOption ? RiskCode.NOTIONAL : RiskCode.HEDGE_CLIP, usd, most);
    const opposite = facts[this.row + FACT.MARK]!;
    if (!isAnOption) {
      const wrong = this.isSell ? 1 - price / opposite : price / opposite - 1;
      if (wrong > limits[LIMIT_FROM_MARK]!)
        return this.refused(RiskCode.FAR_FROM_MARK, wrong, limits[LIMIT_FROM_MARK]!);
      return 0;
    }
    const theo = facts[this.row + FACT.THEO]!;
    const forward = memory.ofExpiry[this.expiry * BASE_FIELDS + BASE.FORWARD]!;
    const inverse = memory.table.contracts[this.id] === Contract.OPTION_INVERSE;
    const vega = facts[this.row + FACT.VEGA]! / (inverse ? forward : 1);
    const wrong = this.isSell ? theo - price : price - theo;
    const allowed = vega * limits[LIMIT_FROM_THEO_VOL]! + facts[this.row + FACT.TICK_1]!;
    if (!(wrong <= allowed)) return this.refused(RiskCode.FAR_FROM_THEO, wrong, allowed);
    const exercise = facts[this.row + FACT.RIGHT]! * (forward - facts[this.row + FACT.STRIKE]!);
    const intrinsic = exercise > 0 ? exercise / (inverse ? forward : 1) : 0;
    if (this.isSell && price < intrinsic - facts[this.row + FACT.TICK_1]!) {
      return this.refused(RiskCode.BELOW_INTRINSIC, price, intrinsic);
    }
    return 0;
  }

  /** What would be held if all that rests, this intent with it, were filled on the side that it makes worse. */
  private exposure(): number {
    const { memory } = this;
    const { facts, limits } = this.tables;
    const resting = memory.resting.resting(this.id, this.isSell);
    // A quote's amount is what shall be open when the request arrives: what rests now may have been filled on its way.
    const amount = this.amount[0]! + (this.isProtected ? resting : this.restingOfOthers());
    const position = facts[this.row + FACT.POSITION]!;
    const after = Math.abs(this.isSell ? position - amount : position + amount) * this.usdOfOne[0]!;
    const isAnOption = isOption(memory.table.contracts[this.id]!);
    const most = limits[isAnOption ? LIMIT_POSITION_USD : LIMIT_HEDGE_POSITION_USD]!;
    // Whatever is filled of it, a position that is too large becomes no larger: that much may be asked for to make it smaller.
    if (after > most && after > Math.abs(position) * this.usdOfOne[0]!)
      return this.refused(RiskCode.POSITION, after, most);
    this.added[0] = this.isProtected ? Math.max(0, this.amount[0]! - resting) : this.amount[0]!;
    return this.ofExpiry() || this.ofUnderlying() || this.ofEverything();
  }

  private ofExpiry(): number {
    const { memory } = this;
    const { limits } = this.tables;
    if (!isOption(memory.table.contracts[this.id]!)) return 0;
    const index = memory.ofUnderlying[this.underlying * BASE_FIELDS + BASE.INDEX]!;
    const held = memory.ofExpiry;
    const base = this.expiry * BASE_FIELDS;
    const sums = memory.resting.ofExpiry;
    this.worstDelta(held, base, sums, this.expiry * REST_FIELDS);
    const delta = this.worst[0]! * index;
    if (delta > limits[LIMIT_EXPIRY_DELTA_USD]!)
      return this.refused(RiskCode.EXPIRY_DELTA, delta, limits[LIMIT_EXPIRY_DELTA_USD]!);
    this.worstVega(held, base, sums, this.expiry * REST_FIELDS);
    const vega = this.worst[0]! * POINT;
    if (vega > limits[LIMIT_EXPIRY_VEGA]!) return this.refused(RiskCode.EXPIRY_VEGA, vega, limits[LIMIT_EXPIRY_VEGA]!);
    const pin = held[base + BASE.PIN]! * index;
    if (pin > limits[LIMIT_PIN_USD]! && !this.reducesPosition())
      return this.refused(RiskCode.PIN, pin, limits[LIMIT_PIN_USD]!);
    return 0;
  }

  private ofUnderlying(): number {
    const { memory } = this;
    const added = this.added[0]!;
    const { limits } = this.tables;
    const held = memory.ofUnderlying;
    const base = this.underlying * BASE_FIELDS;
    const row = this.underlying * REST_FIELDS;
    const sums = memory.resting.ofUnderlying;
    const index = held[base + BASE.INDEX]!;
    this.worstDelta(held, base, sums, row);
    const delta = this.worst[0]! * index;
    if (delta > limits[LIMIT_DELTA_USD]! && !(this.isHedge && this.reduces())) {
      return this.refused(RiskCode.DELTA, delta, limits[LIMIT_DELTA_USD]!);
    }
    if (!isOption(memory.table.contracts[this.id]!)) return 0;
    this.worstVega(held, base, sums, row);
    const vega = this.worst[0]! * POINT;
    if (vega > limits[LIMIT_VEGA]!) return this.refused(RiskCode.VEGA, vega, limits[LIMIT_VEGA]!);
    if (!this.isSell) return 0;
    const unit = this.id * REST_UNIT_FIELDS;
    const gamma =
      held[base + BASE.GAMMA]! +
      sums[row + REST.GAMMA_DOWN]! +
      sums[row + PROTECTED + REST.GAMMA_DOWN]! -
      added * memory.resting.units[unit + UNIT_GAMMA]!;
    const dollarGamma = -gamma * index * PERCENT * index;
    if (dollarGamma > limits[LIMIT_SHORT_GAMMA_USD]! && !this.reducesPosition()) {
      return this.refused(RiskCode.GAMMA, dollarGamma, limits[LIMIT_SHORT_GAMMA_USD]!);
    }
    const short =
      (held[base + BASE.SHORT]! + sums[row + REST.SHORT_UP]! + sums[row + PROTECTED + REST.SHORT_UP]! + added) * index;
    if (short > limits[LIMIT_SHORT_OPTIONS_USD]! && !this.reducesPosition()) {
      return this.refused(RiskCode.SHORT_OPTIONS, short, limits[LIMIT_SHORT_OPTIONS_USD]!);
    }
    return 0;
  }

  private ofEverything(): number {
    const { memory } = this;
    const { limits } = this.tables;
    if (this.reduces()) return 0;
    const loss = memory.scenarios.worst[this.underlying * WORST_FIELDS + WORST_LOSS]!;
    if (loss > limits[LIMIT_SCENARIO_LOSS_USD]!)
      return this.refused(RiskCode.SCENARIO, loss, limits[LIMIT_SCENARIO_LOSS_USD]!);
    const use = memory.scalars[SCALAR.MARGIN_USE]!;
    if (use > limits[LIMIT_MARGIN_USE]!) return this.refused(RiskCode.MARGIN, use, limits[LIMIT_MARGIN_USE]!);
    return 0;
  }

  /** Delta on the side that the intent makes worse, positive, units of the underlying; negative where that side is short of it. */
  private worstDelta(held: Float64Array, base: number, sums: Float64Array, row: number): void {
    const { memory } = this;
    const unit = memory.resting.units[this.id * REST_UNIT_FIELDS + UNIT_DELTA]!;
    const delta = this.isSell ? -this.added[0]! * unit : this.added[0]! * unit;
    const index = memory.ofUnderlying[this.underlying * BASE_FIELDS + BASE.INDEX]!;
    const cap = (ROUNDS * memory.config.venueProtection.deltaUsd) / (index > 0 ? index : 1);
    const isUp = this.isSell ? unit < 0 : unit > 0;
    const sum = isUp ? REST.DELTA_UP : REST.DELTA_DOWN;
    const open = held[base + BASE.DELTA]! + sums[row + sum]! + (this.isProtected ? 0 : delta);
    const shielded = sums[row + PROTECTED + sum]! + (this.isProtected ? delta : 0);
    this.worst[0] = isUp ? open + Math.min(shielded, cap) : -(open + Math.max(shielded, -cap));
  }

  /** The same for vega, USD per 1.00 of volatility. */
  private worstVega(held: Float64Array, base: number, sums: Float64Array, row: number): void {
    const { memory } = this;
    const vega =
      this.added[0]! * memory.resting.units[this.id * REST_UNIT_FIELDS + UNIT_VEGA]! * (this.isSell ? -1 : 1);
    const cap = (ROUNDS * memory.config.venueProtection.vega) / POINT;
    const sum = this.isSell ? REST.VEGA_DOWN : REST.VEGA_UP;
    const open = held[base + BASE.VEGA]! + sums[row + sum]! + (this.isProtected ? 0 : vega);
    const shielded = sums[row + PROTECTED + sum]! + (this.isProtected ? vega : 0);
    this.worst[0] = this.isSell ? -(open + Math.max(shielded, -cap)) : open + Math.min(shielded, cap);
  }

  private refused(code: number, found: number, limit: number): number {
    this.found[0] = found;
    this.limit[0] = limit;
    return code;
  }
}

interface TablesOf {
  facts: Float64Array;
  limits: Float64Array;
}
