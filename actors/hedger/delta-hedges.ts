import { HedgeInput, HedgeOutput, HedgeRule, HedgeUrgency } from '../../engine/market/hedging/hedge-rule.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { CheapestHedge } from './cheapest-hedge.js';
import { Pot, Row } from './hedge-rows.js';
import type { HedgeWriter } from './hedge-writer.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';

/** Part of a hedge's amount that may be missing from the order that works. */
const AMOUNT_TOLERANCE = 0.1;

/** The hedges of delta that are wanted, one an underlying, told where they have changed. */
export class DeltaHedges {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly cheapest: CheapestHedge;
  private readonly writer: HedgeWriter;
  private readonly rule: HedgeRule;

  constructor(context: CoreContext<HedgerConfig>, memory: HedgerMemory, cheapest: CheapestHedge, writer: HedgeWriter) {
    this.context = context;
    this.memory = memory;
    this.cheapest = cheapest;
    this.writer = writer;
    this.rule = new HedgeRule(context.config.hedging);
  }

  /** Decides anew on an underlying. */
  consider(underlying: number): void {
    const { memory, rule } = this;
    const { pots } = memory;
    const at = underlying * Pot.SIZE;
    const { time } = this.context.event;
    // The futures that are left are closed themselves: nothing is left to hedge.
    const isClosed = pots[at + Pot.CLOSING] === 1 && !this.holdsOptions(underlying);
    const excess = memory.deltaOf(underlying) - pots[at + Pot.TARGET]!;
    const id = isClosed || memory.isBlind(underlying) ? -1 : this.cheapest.find(underlying, excess < 0, time);
    if (id < 0) {
      pots[at + Pot.OUTSIDE] = 0;
      this.want(underlying, -1);
      return;
    }
    this.gather(underlying, id);
    if (rule.decide(pots[at + Pot.ASKED]!)) {
      if (pots[at + Pot.OUTSIDE] === 0) pots[at + Pot.OUTSIDE] = time;
      this.want(underlying, id);
    } else {
      pots[at + Pot.OUTSIDE] = 0;
      // A trader's hedge is done; the delta that he asked for is the one that is kept from now on.
      pots[at + Pot.ASKED] = 0;
      this.want(underlying, -1);
    }
  }

  /** Puts what is known before the rule. */
  private gather(underlying: number, id: number): void {
    const { memory } = this;
    const { pots, rows, shelf } = memory;
    const { input } = this.rule;
    const at = underlying * Pot.SIZE;
    const row = id * Row.SIZE;
    const { time } = this.context.event;
    input[HedgeInput.DELTA] = memory.deltaOf(underlying);
    input[HedgeInput.TARGET] = pots[at + Pot.TARGET]!;
    input[HedgeInput.GAMMA] = pots[at + Pot.GAMMA]!;
    input[HedgeInput.BID] = rows[row + Row.BID]!;
    input[HedgeInput.ASK] = rows[row + Row.ASK]!;
    input[HedgeInput.PRICE] = (rows[row + Row.BID]! + rows[row + Row.ASK]!) / 2;
    input[HedgeInput.COST] = this.cheapest.cost[0]!;
    input[HedgeInput.WAITED] = pots[at + Pot.OUTSIDE]! > 0 ? (time - pots[at + Pot.OUTSIDE]!) / 1e6 : 0;
    input[HedgeInput.TICK] = shelf.ticks(id)!.gridAt(rows[row + Row.BID]!).step;
    input[HedgeInput.LOT] = shelf.minimum(id);
    input[HedgeInput.INVERSE] = shelf.isInverse(id) ? 1 : 0;
    input[HedgeInput.OWN] = pots[at + Pot.INSTRUMENT] === id + 1 ? pots[at + Pot.PRICE]! : Number.NaN;
  }

  private holdsOptions(underlying: number): boolean {
    const { rows, shelf, underlyings } = this.memory;
    for (let id = 0; id < this.context.config.instruments; id++) {
      if (rows[id * Row.SIZE + Row.POSITION] === 0 || shelf.kind(id) !== InstrumentKind.OPTION) continue;
      if (underlyings.of(id) === underlying) return true;
    }
    return false;
  }

  /** The hedge that is wanted on an instrument, told where it has changed; -1 for none. */
  private want(underlying: number, id: number): void {
    const { rule, writer } = this;
    const { pots } = this.memory;
    const at = underlying * Pot.SIZE;
    const before = pots[at + Pot.INSTRUMENT]! - 1;
    if (before >= 0 && before !== id) {
      writer.tellNone(underlying, before);
      pots[at + Pot.INSTRUMENT] = 0;
    }
    if (id < 0) return;
    // A little less than is wanted is left alone where it rests: a change is a message, and the place in the queue.
    const amount = rule.output[HedgeOutput.AMOUNT]!;
    const least = rule.urgency === HedgeUrgency.CROSS ? amount : (1 - AMOUNT_TOLERANCE) * amount;
    const isEnough = pots[at + Pot.AMOUNT]! <= amount && pots[at + Pot.AMOUNT]! >= least;
    const isAsBefore =
      before === id &&
      isEnough &&
      pots[at + Pot.SIDE] === rule.side &&
      pots[at + Pot.PRICE] === rule.output[HedgeOutput.PRICE] &&
      pots[at + Pot.URGENCY] === rule.urgency;
    if (isAsBefore) return;
    pots[at + Pot.INSTRUMENT] = id + 1;
    pots[at + Pot.SIDE] = rule.side;
    pots[at + Pot.PRICE] = rule.output[HedgeOutput.PRICE]!;
    pots[at + Pot.AMOUNT] = rule.output[HedgeOutput.AMOUNT]!;
    pots[at + Pot.URGENCY] = rule.urgency;
    writer.tellDelta(underlying, id, rule);
  }
}
