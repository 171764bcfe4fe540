import { CreditPool, OrderFlag, Side, TimeInForce } from '../../engine/market/orders/codes.js';
import { AS_QUOTE, LineInt, LineNumber, SideInt, SideNumber, URGENT } from '../../engine/market/orders/differ.js';
import type { Planner } from '../../engine/market/orders/planner.js';
import type { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import type { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import type { QuotePull } from '../../schemas/generated/quote-pull.js';
import { type DispatchMemory, INT } from './dispatch-memory.js';
import type { IntentWriter } from './intent-writer.js';

/** What the strategies want: quotes, hedges, and scopes without quotes. */
export class Wishes {
  private readonly memory: DispatchMemory;
  private readonly now: Float64Array;
  private readonly planner: Planner;
  private readonly writer: IntentWriter;

  constructor(memory: DispatchMemory, now: Float64Array, planner: Planner, writer: IntentWriter) {
    this.memory = memory;
    this.now = now;
    this.planner = planner;
    this.writer = writer;
  }

  onDesired(desired: DesiredQuote): void {
    const { differ } = this.memory;
    const line = differ.lineOf(desired.instrument(), desired.quoteSet());
    if (line < 0) return;
    const at = line * LineInt.SIZE;
    const { lineInts, lineNumbers } = differ;
    lineInts[at + LineInt.FLAGS] = desired.flags();
    lineInts[at + LineInt.STRATEGY] = desired.strategy();
    lineInts[at + LineInt.GROUP] = desired.group();
    lineInts[at + LineInt.REDUCES] = desired.reducesSide();
    lineInts[at + LineInt.TIME_IN_FORCE] = TimeInForce.UNTIL_CANCELLED;
    const number = line * LineNumber.SIZE;
    lineNumbers[number + LineNumber.TOLERANCE] = desired.tolerance();
    lineNumbers[number + LineNumber.PRICE_VALUE] = desired.priceValue();
    lineNumbers[number + LineNumber.DELTA] = desired.delta();
    const bid = 2 * line * SideNumber.SIZE;
    const ask = bid + SideNumber.SIZE;
    const { sideNumbers } = differ;
    sideNumbers[bid + SideNumber.WANT_PRICE] = desired.bidPrice();
    sideNumbers[bid + SideNumber.WANT_AMOUNT] = desired.bidAmount();
    sideNumbers[bid + SideNumber.EDGE] = desired.bidEdge();
    sideNumbers[ask + SideNumber.WANT_PRICE] = desired.askPrice();
    sideNumbers[ask + SideNumber.WANT_AMOUNT] = desired.askAmount();
    sideNumbers[ask + SideNumber.EDGE] = desired.askEdge();
    differ.look(2 * line);
    differ.look(2 * line + 1);
  }

  onHedge(hedge: DesiredHedge): void {
    const { differ } = this.memory;
    const line = differ.hedgeLineOf(hedge.instrument());
    if (line < 0) return;
    const at = line * LineInt.SIZE;
    const { lineInts, lineNumbers, sideNumbers } = differ;
    lineInts[at + LineInt.FLAGS] = (hedge.flags() & ~AS_QUOTE) | OrderFlag.HEDGE | URGENT;
    lineInts[at + LineInt.STRATEGY] = hedge.strategy();
    lineInts[at + LineInt.REDUCES] = hedge.side();
    lineInts[at + LineInt.TIME_IN_FORCE] = hedge.timeInForce();
    lineInts[at + LineInt.URGENCY] = hedge.urgency();
    lineNumbers[line * LineNumber.SIZE + LineNumber.TOLERANCE] = hedge.tolerance();
    const amount = hedge.amount();
    lineNumbers[line * LineNumber.SIZE + LineNumber.PRICE_VALUE] = amount > 0 ? hedge.value() / amount : 0;
    for (let side = 2 * line; side <= 2 * line + 1; side++) {
      const wanted = hedge.side() === (differ.isBuy(side) ? Side.BUY : Side.SELL) && hedge.urgency() > 0;
      sideNumbers[side * SideNumber.SIZE + SideNumber.WANT_PRICE] = hedge.price();
      sideNumbers[side * SideNumber.SIZE + SideNumber.WANT_AMOUNT] = wanted ? amount : 0;
      sideNumbers[side * SideNumber.SIZE + SideNumber.EDGE] = 1;
      differ.look(side);
    }
  }

  /** No quotes in a scope: what is wanted goes, and what works there goes by one request. */
  onPull(pull: QuotePull): void {
    const { differ, credits, underlyings, ints } = this.memory;
    const scope = pull.scope();
    const quoteSet = pull.quoteSet();
    this.writer.range[0] = pull.minDelta();
    this.writer.range[1] = pull.maxDelta();
    let working = 0;
    let orders = 0;
    for (let line = 0; line < differ.lines; line++) {
      const underlying = underlyings.of(differ.instrumentOf(line));
      const isIn = differ.isIn(
        line,
        scope,
        pull.instrument(),
        pull.underlying(),
        underlying,
        pull.group(),
        quoteSet,
        this.writer.range,
      );
      // Who pulls his quotes leaves the orders of others: a trader's, and what closes a position.
      if (!isIn || differ.lineInts[line * LineInt.SIZE + LineInt.STRATEGY] !== pull.strategy()) continue;
      for (let side = 2 * line; side <= 2 * line + 1; side++) {
        differ.sideNumbers[side * SideNumber.SIZE + SideNumber.WANT_AMOUNT] = 0;
        differ.look(side);
        if (!differ.isWorking(side) && differ.isIdle(side)) continue;
        working++;
        if (differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 0) orders++;
      }
    }
    if (working === 0 || ints[INT.CAN_SEND] === 0) return;
    credits.advance(this.now[0]!);
    if (credits.held(CreditPool.CANCEL_ALL) < 1) return;
    credits.take(CreditPool.CANCEL_ALL, 1);
    this.planner.markCancelled(scope, pull.instrument(), pull.underlying(), pull.group(), quoteSet, this.writer.range);
    this.writer.cancelScope(scope, pull.instrument(), pull.underlying(), pull.group(), quoteSet, orders > 0);
  }
}
