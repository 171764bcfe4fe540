import { OrderAction, OrderFlag, Side } from '../../engine/market/orders/codes.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import type { OrderIntent } from '../../schemas/generated/order-intent.js';
import { controlCheck } from './checks/control.js';
import { exposureCheck } from './checks/exposure.js';
import { fillQualityCheck } from './checks/fill-quality.js';
import { countRequest, flowCheck, rateCheck } from './checks/flow.js';
import { healthCheck } from './checks/health.js';
import { countHedge, hedgeCheck } from './checks/hedges.js';
import { JudgedIntent, NUMBER } from './checks/judged-intent.js';
import { orderSizeCheck } from './checks/order-size.js';
import { priceDistanceCheck } from './checks/price-distance.js';
import { moveOwnBest, selfMatchCheck } from './checks/self-match.js';
import { gridCheck, validityCheck } from './checks/validity.js';
import type { RiskMemory } from './risk-memory.js';

const { PRICE, AMOUNT, RESTING } = NUMBER;
const { SELL } = Side;
const { HEDGE, MMP } = OrderFlag;

/**
 * Every check that an intent must pass, in the order in which they are cheapest to fail. `check` answers a code of `CHECKS`, 0 for
 * none; what was found and the limit stand in `found` and `limit`.
 */
export class IntentChecks {
  readonly found: Float64Array;
  readonly limit: Float64Array;
  private readonly judged: JudgedIntent;

  /** @param now [event time], set by the stage for every event */
  constructor(memory: RiskMemory, now: Float64Array) {
    this.judged = new JudgedIntent(memory, now);
    this.found = this.judged.found;
    this.limit = this.judged.limit;
  }

  /** Takes the intent in and judges it: larger than what V8 compiles into a caller, on purpose, as `exposureCheck` says. */
  check(intent: OrderIntent): number {
    const { judged } = this;
    const { numbers } = judged;
    judged.found[0] = 0;
    judged.limit[0] = 0;
    if (!judged.turnTo(intent.instrument())) return RiskCode.UNKNOWN_INSTRUMENT;
    const side = intent.side();
    const flags = intent.flags();
    judged.side = side;
    judged.flags = flags;
    judged.action = intent.action();
    judged.isSell = side === SELL ? 1 : 0;
    judged.isHedge = (flags & HEDGE) === 0 ? 0 : 1;
    judged.isProtected = (flags & MMP) === 0 ? 0 : 1;
    numbers[PRICE] = intent.price();
    numbers[AMOUNT] = intent.amount();
    judged.lookUpSide();
    return (
      controlCheck(judged, intent) ||
      validityCheck(judged, intent) ||
      gridCheck(judged) ||
      selfMatchCheck(judged) ||
      healthCheck(judged) ||
      flowCheck(judged) ||
      rateCheck(judged) ||
      fillQualityCheck(judged) ||
      hedgeCheck(judged) ||
      orderSizeCheck(judged) ||
      priceDistanceCheck(judged) ||
      exposureCheck(judged)
    );
  }

  /** The stage has heard something that is no intent: what was found of the market and of the book may not hold any more. */
  forget(): void {
    this.judged.verdicts.forget();
  }

  /** The intent has passed: it counts for the rates. */
  count(): void {
    countRequest(this.judged);
    countHedge(this.judged);
  }

  /** What the intent would add to what may still trade, in `added[0]`: a quote replaces the one that stands there. */
  addition(added: Float64Array): void {
    const { judged } = this;
    const { numbers } = judged;
    const amount = numbers[AMOUNT]!;
    const extra = judged.action === OrderAction.QUOTE ? amount - numbers[RESTING]! : amount;
    added[0] = extra > 0 ? extra : 0;
  }

  /** An amendment of ours was approved: our best order on its side is where it goes. */
  moveOwn(): void {
    moveOwnBest(this.judged);
  }

  /** Bit 0 sell, bit 1 under protection, bit 2 opens an order: of the intent that was checked last. */
  get side(): number {
    const { judged } = this;
    return (judged.isSell ? 1 : 0) | (judged.isProtected ? 2 : 0) | (judged.opens() ? 4 : 0);
  }

  get instrument(): number {
    return this.judged.id;
  }
}
