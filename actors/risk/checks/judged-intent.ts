import { LifeCycle } from '../../../engine/market/instrument.js';
import { OrderAction } from '../../../engine/market/orders/codes.js';
import { Contract, isInverse, isOption } from '../../../engine/market/portfolio/contract.js';
import {
  UNIT_DELTA as OF_ONE_DELTA,
  PROTECTED_SIDE,
  REST_UNIT_FIELDS,
  SELL_SIDE,
  SIDES,
} from '../../../engine/market/risk/resting-book.js';
import { FACT, FACT_FIELDS } from '../../../engine/market/risk/risk-table.js';
import { BookState } from '../../book/book.js';
import { UNUSABLE } from '../../filter/filter-flags.js';
import { BASE, BASE_FIELDS, type RiskMemory, ROUNDS } from '../risk-memory.js';
import { StandingVerdicts } from './standing-verdicts.js';

/** Numbers of the intent and of what it is about, in this order in `numbers`. */
export const NUMBER = {
  PRICE: 0,
  AMOUNT: 1,
  /** Value of one unit of the amount by the index, USD. */
  USD_OF_ONE: 2,
  /** Of the underlying, and of the expiry; 0 while it is not known. */
  INDEX: 3,
  FORWARD: 4,
  /** Signed size of our position in the instrument. */
  POSITION: 5,
  /** Amount that rests on the intent's side already. */
  RESTING: 6,
  /** Delta of one unit. */
  UNIT_DELTA: 7,
  /** What the intent would add of delta and vega, signed: units of the underlying, USD per 1.00 of volatility. */
  DELTA: 8,
  VEGA: 9,
  /** What the venue's protection lets through of all that is under it. */
  DELTA_CAP: 10,
  VEGA_CAP: 11,
  /** The tick that holds at the price. */
  TICK: 12,
} as const;
const NUMBERS = 13;
/** Distance from what would be added to what the protection lets through. */
export const CAP = NUMBER.DELTA_CAP - NUMBER.DELTA;

// Constants of this module: reading one through an object takes more than twice as much of V8's budget for inlining.
const { PRICE, AMOUNT, USD_OF_ONE, INDEX, FORWARD, POSITION, RESTING, UNIT_DELTA, DELTA_CAP, VEGA_CAP, TICK } = NUMBER;
const { NONE } = Contract;
const { PLACE, QUOTE } = OrderAction;
const { OPEN } = LifeCycle;
const { STALE, CROSSED } = BookState;
const { INDEX: BASE_INDEX, FORWARD: BASE_FORWARD, DELTA: BASE_DELTA } = BASE;
const { POSITION: FACT_POSITION, THEO: FACT_THEO } = FACT;

/** What additions and subtractions may leave of an amount of nothing. */
const DUST = 1e-9;
/** Number of no instrument. */
const NOTHING = -1;
/** Vega is counted per 1.00 of volatility and bounded per point. */
const POINT = 0.01;

/**
 * The intent that is being judged. What nearly every check asks of it is read once, and kept here; a check that refuses leaves what it found in `found` and its limit in
 * `limit`. Doubles lie in cells, and truth values are 1 or 0: see CONTRIBUTING.md, "Hot code".
 */
export class JudgedIntent {
  readonly found = new Float64Array(1);
  readonly limit = new Float64Array(1);
  /** [event time], set by the stage for every event. */
  readonly now: Float64Array;
  readonly memory: RiskMemory;
  readonly verdicts: StandingVerdicts;
  /** Rows of facts by instrument, and the limits in force. */
  readonly facts: Float64Array;
  readonly limits: Float64Array;
  readonly numbers = new Float64Array(NUMBERS);
  /** What the intent would add to what may trade. */
  readonly added = new Float64Array(1);
  /** Whether what the intent adds of delta is positive. */
  isUp = 0;
  /** What `worstOf` found. */
  readonly worst = new Float64Array(1);
  /** Instrument, and its row among the facts. */
  id = NOTHING;
  row = 0;
  underlying = 0;
  /** Place of its expiry. */
  expiry = 0;
  side = 0;
  flags = 0;
  action = 0;
  isSell = 0;
  isHedge = 0;
  isOption = 0;
  isInverse = 0;
  /** 1 where no standing verdict refuses any intent on the instrument. */
  isClear = 0;
  /** Under the venue's market maker protection. */
  isProtected = 0;

  constructor(memory: RiskMemory, now: Float64Array) {
    this.memory = memory;
    this.now = now;
    this.verdicts = new StandingVerdicts(memory, now);
    this.facts = memory.table.facts;
    this.limits = memory.limits;
    this.numbers[VEGA_CAP] = (ROUNDS * memory.config.venueProtection.vega) / POINT;
  }

  /** Reads what is known of an instrument, unless it was the last one: the two sides of a quote follow each other. @returns false for one that nobody has defined */
  turnTo(id: number): boolean {
    if (id === this.id && this.verdicts.isCurrent()) return true;
    const { memory } = this;
    const { table } = memory;
    if (id >= table.capacity || table.contracts[id] === NONE) return false;
    const contract = table.contracts[id]!;
    this.id = id;
    this.row = id * FACT_FIELDS;
    this.isOption = isOption(contract) ? 1 : 0;
    this.isInverse = isInverse(contract) ? 1 : 0;
    this.underlying = memory.underlyings.of(id);
    this.expiry = memory.places.of(id);
    this.verdicts.look(this.underlying, this.expiry);
    this.lookUp(contract);
    this.isClear = this.verdicts.clear[this.expiry] === 1 && this.isTrusted() ? 1 : 0;
    return true;
  }

  /** Reads what depends on the side and the price as well; both must be set. */
  lookUpSide(): void {
    const { numbers, id, memory } = this;
    const { amounts } = memory.resting;
    const side = id * SIDES + (this.isSell ? SELL_SIDE : 0);
    numbers[RESTING] = amounts[side]! + amounts[side + PROTECTED_SIDE]!;
    numbers[TICK] = this.facts[memory.table.placeOfTick(id, numbers, PRICE)]!;
  }

  private lookUp(contract: number): void {
    const { numbers, id, row, facts, underlying, memory } = this;
    const index = memory.ofUnderlying[underlying * BASE_FIELDS + BASE_INDEX]!;
    numbers[INDEX] = index;
    numbers[USD_OF_ONE] = contract === Contract.FUTURE_INVERSE ? 1 : index;
    numbers[FORWARD] = memory.ofExpiry[this.expiry * BASE_FIELDS + BASE_FORWARD]!;
    numbers[POSITION] = facts[row + FACT_POSITION]!;
    numbers[UNIT_DELTA] = memory.resting.units[id * REST_UNIT_FIELDS + OF_ONE_DELTA]!;
    numbers[DELTA_CAP] = this.verdicts.deltaCaps[underlying]!;
  }

  /** Whether the instrument trades, and its book and theoretical value are to be trusted. */
  private isTrusted(): boolean {
    const { id } = this;
    const { table } = this.memory;
    const book = table.books[id]!;
    if (table.states[id] !== OPEN || book === STALE || book === CROSSED) return false;
    return (
      !this.isOption || (!Number.isNaN(this.facts[this.row + FACT_THEO]!) && (table.theoFlags[id]! & UNUSABLE) === 0)
    );
  }

  /** Whether the intent makes an order more: a quote does where nothing rests that it would replace. */
  opens(): boolean {
    return this.action === PLACE || (this.action === QUOTE && this.numbers[RESTING]! < DUST);
  }

  /** Whether the intent only takes risk away: of its own position, or, for a hedge, of the underlying's delta. */
  reduces(): boolean {
    if (this.reducesPosition()) return true;
    if (!this.isHedge) return false;
    const { numbers } = this;
    const held = this.memory.ofUnderlying[this.underlying * BASE_FIELDS + BASE_DELTA]!;
    const delta = numbers[AMOUNT]! * numbers[UNIT_DELTA]!;
    const adds = this.isSell ? -delta : delta;
    return held > 0 ? adds < 0 && held + adds >= 0 : adds > 0 && held + adds <= 0;
  }

  reducesPosition(): boolean {
    const { numbers } = this;
    const position = numbers[POSITION]!;
    // What rests on the side already is filled too, unless a quote replaces it.
    const total = numbers[AMOUNT]! + (this.isProtected ? 0 : numbers[RESTING]!);
    return this.isSell ? position > 0 && total <= position : position < 0 && total <= -position;
  }

  /** A check refuses: its code, with what was found and the limit. */
  refused(code: number, found: number, limit: number): number {
    this.found[0] = found;
    this.limit[0] = limit;
    return code;
  }

  /** A standing verdict refuses. */
  refusedAsJudged(verdict: number): number {
    this.verdicts.tell(this.underlying, verdict, this.found, this.limit);
    return this.verdicts.codeOf(this.underlying, verdict);
  }
}
