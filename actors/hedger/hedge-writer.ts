import { GreekBook, GreekHedge, type GreekRule } from '../../engine/market/hedging/greek-rule.js';
import { HedgeInput, HedgeOutput, type HedgeRule, HedgeUrgency } from '../../engine/market/hedging/hedge-rule.js';
import { OrderFlag, Strategy, TimeInForce } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { MessageType } from '../../schemas/message-type.js';
import { showLatest } from '../stage-parts/show-latest.js';
import { Pot, Reason } from './hedge-rows.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';

/** Writes the hedges that are wanted, with their why. */
export class HedgeWriter {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly hedge = new DesiredHedge();

  constructor(context: CoreContext<HedgerConfig>, memory: HedgerMemory) {
    this.context = context;
    this.memory = memory;
  }

  /** A hedge of delta, as the rule has just decided it. */
  tellDelta(underlying: number, id: number, rule: HedgeRule): void {
    const { hedge } = this;
    const { pots } = this.memory;
    const { hedging } = this.context.config;
    const { output, input } = rule;
    const at = underlying * Pot.SIZE;
    const body = this.begin(underlying, id);
    const crosses = rule.urgency === HedgeUrgency.CROSS;
    hedge.mutate_target(pots[at + Pot.TARGET]!);
    hedge.mutate_urgency(rule.urgency);
    hedge.mutate_side(rule.side);
    hedge.mutate_flags(crosses ? OrderFlag.HEDGE : OrderFlag.HEDGE | OrderFlag.POST_ONLY);
    hedge.mutate_timeInForce(crosses ? TimeInForce.IMMEDIATE_OR_CANCEL : TimeInForce.UNTIL_CANCELLED);
    hedge.mutate_reason(pots[at + Pot.ASKED]! > 0 ? Reason.OPERATOR : Reason.BAND);
    hedge.mutate_price(output[HedgeOutput.PRICE]!);
    hedge.mutate_amount(output[HedgeOutput.AMOUNT]!);
    hedge.mutate_tolerance(crosses ? 0 : 2 * input[HedgeInput.TICK]!);
    const move = (input[HedgeInput.PRICE]! * pots[at + Pot.VOL]!) / Math.sqrt(365);
    const variance = output[HedgeOutput.UNITS]! * move * (output[HedgeOutput.UNITS]! * move);
    hedge.mutate_variance(variance);
    hedge.mutate_value(hedging.aversion * 0.5 * variance + output[HedgeOutput.COST]!);
    hedge.mutate_bandLow(output[HedgeOutput.LOW]!);
    hedge.mutate_bandHigh(output[HedgeOutput.HIGH]!);
    hedge.mutate_cost(output[HedgeOutput.COST]!);
    hedge.mutate_maxClip(hedging.mostClipUsd);
    hedge.mutate_minClip(hedging.leastClipUsd);
    hedge.mutate_bindingLimit(rule.limit);
    this.show(underlying, body);
  }

  /** A hedge of vega or gamma and its why: band and inventory are those of the Greek that it hedges. */
  tellGreek(underlying: number, rule: GreekRule): void {
    const { hedge } = this;
    const { best } = rule;
    const body = this.begin(underlying, rule.chosen);
    hedge.mutate_urgency(HedgeUrgency.CROSS);
    hedge.mutate_side(rule.side);
    hedge.mutate_flags(OrderFlag.HEDGE);
    hedge.mutate_timeInForce(TimeInForce.IMMEDIATE_OR_CANCEL);
    hedge.mutate_reason(rule.greek === GreekBook.VEGA ? Reason.VEGA : Reason.GAMMA);
    hedge.mutate_price(best[GreekHedge.PRICE]!);
    hedge.mutate_amount(best[GreekHedge.AMOUNT]!);
    hedge.mutate_value(best[GreekHedge.REMOVED]! * this.context.config.hedging.vegaCost);
    hedge.mutate_target(0);
    hedge.mutate_bandLow(-rule.band);
    hedge.mutate_bandHigh(rule.band);
    hedge.mutate_cost(best[GreekHedge.COST]!);
    hedge.mutate_bindingLimit(rule.limit);
    hedge.mutate_bindingValue(rule.book[rule.greek]!);
    this.show(underlying, body);
  }

  /** No hedge on an instrument any more. */
  tellNone(underlying: number, id: number): void {
    const { hedge } = this;
    const body = this.begin(underlying, id);
    hedge.mutate_target(this.memory.pots[underlying * Pot.SIZE + Pot.TARGET]!);
    hedge.mutate_price(Number.NaN);
    hedge.mutate_timeInForce(TimeInForce.UNTIL_CANCELLED);
    this.show(underlying, body);
  }

  /** What stands in every hedge. @returns where its body is */
  private begin(underlying: number, id: number): number {
    const { hedge, memory } = this;
    const { pots } = memory;
    const { out } = this.context;
    const at = underlying * Pot.SIZE;
    const body = out.emit(MessageType.DESIRED_HEDGE, DesiredHedge.sizeOf());
    hedge.__init(body, out.buffer);
    hedge.mutate_instrument(id);
    hedge.mutate_strategy(Strategy.HEDGER);
    hedge.mutate_delta(memory.deltaOf(underlying));
    hedge.mutate_gamma(pots[at + Pot.GAMMA]!);
    hedge.mutate_forward(pots[at + Pot.INDEX]!);
    hedge.mutate_volatility(pots[at + Pot.VOL]!);
    hedge.mutate_exposureSeq(pots[at + Pot.EXPOSURE_SEQ]!);
    return body;
  }

  private show(underlying: number, body: number): void {
    showLatest(this.context, 0, underlying, MessageType.DESIRED_HEDGE, body, DesiredHedge.sizeOf());
  }
}
