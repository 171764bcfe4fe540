import { OrderFlag, Side } from '../../../engine/market/orders/codes.js';
import { Contract } from '../../../engine/market/portfolio/contract.js';
import { REST_UNIT_FIELDS, UNIT_DELTA } from '../../../engine/market/risk/resting-book.js';
import { FACT, FACT_FIELDS } from '../../../engine/market/risk/risk-table.js';
import type { OrderIntent } from '../../../schemas/generated/order-intent.js';
import { BASE, BASE_FIELDS, type RiskMemory } from '../risk-memory.js';

/** Two rounds may pass before a venue's market maker protection holds. */
const ROUNDS = 2;
/** Vega is counted per 1.00 of volatility and bounded per point. */
const POINT = 0.01;

/** What the intent would add, and what the venue's protection lets through of all that is under it, in this order in `move`: units of the underlying, USD per 1.00 of volatility, USD. */
export const MOVE = { DELTA: 0, VEGA: 1, DELTA_CAP: 2, VEGA_CAP: 3, TWO_ROUNDS_USD: 4 } as const;

/**
 * The intent that is under judgement, with what every check asks of it; `found` and `limit` say what a check found where it refuses. Doubles that cross calls lie in
 * cells, where nothing boxes them.
 */
export class JudgedIntent {
  readonly found = new Float64Array(1);
  readonly limit = new Float64Array(1);
  /** [event time], set by the stage for every event. */
  readonly now: Float64Array;
  readonly memory: RiskMemory;
  /** Fields of the memory that nearly every check reads. */
  readonly tables: { facts: Float64Array; limits: Float64Array };
  readonly price = new Float64Array(1);
  readonly amount = new Float64Array(1);
  /** Value of one unit of the intent's amount by the index, USD. */
  readonly usdOfOne = new Float64Array(1);
  /** What the intent would add to what may trade. */
  readonly added = new Float64Array(1);
  readonly move = new Float64Array(5);
  /** Whether what the intent adds of delta is positive. */
  isUp = false;
  /** What `worstDelta` and `worstVega` found. */
  readonly worst = new Float64Array(1);
  /** Instrument, and its row among the facts. */
  id = 0;
  row = 0;
  isSell = false;
  isHedge = false;
  /** Under the venue's market maker protection. */
  isProtected = false;
  underlying = 0;
  /** Place of its expiry. */
  expiry = 0;

  constructor(memory: RiskMemory, now: Float64Array) {
    this.memory = memory;
    this.now = now;
    this.tables = { facts: memory.table.facts, limits: memory.limits };
    const { venueProtection } = memory.config;
    this.move[MOVE.TWO_ROUNDS_USD] = ROUNDS * venueProtection.deltaUsd;
    this.move[MOVE.VEGA_CAP] = (ROUNDS * venueProtection.vega) / POINT;
  }

  /** Takes an intent of a defined instrument in, whose id stands in `id`. */
  take(intent: OrderIntent): void {
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

  /** Whether the intent only takes risk away: of its own position, or, for a hedge, of the underlying's delta. */
  reduces(): boolean {
    if (this.reducesPosition()) return true;
    if (!this.isHedge) return false;
    const { memory } = this;
    const base = this.underlying * BASE_FIELDS;
    const held = memory.ofUnderlying[base + BASE.DELTA]!;
    const adds = this.deltaOfAll();
    return held > 0 ? adds < 0 && held + adds >= 0 : adds > 0 && held + adds <= 0;
  }

  reducesPosition(): boolean {
    const position = this.tables.facts[this.row + FACT.POSITION]!;
    const total = this.amount[0]! + this.restingOfOthers();
    return this.isSell ? position > 0 && total <= position : position < 0 && total <= -position;
  }

  /** What rests on the intent's side already; a quote replaces it. */
  restingOfOthers(): number {
    return this.isProtected ? 0 : this.memory.resting.resting(this.id, this.isSell);
  }

  /** Delta that the whole amount would add, units of the underlying. */
  private deltaOfAll(): number {
    const { resting } = this.memory;
    const delta = this.amount[0]! * resting.units[this.id * REST_UNIT_FIELDS + UNIT_DELTA]!;
    return this.isSell ? -delta : delta;
  }

  /** A check refuses: its code, with what was found and the limit. */
  refused(code: number, found: number, limit: number): number {
    this.found[0] = found;
    this.limit[0] = limit;
    return code;
  }
}
