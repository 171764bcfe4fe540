import { CreditPool, NotReady } from '../../engine/market/orders/codes.js';
import { KeeperCount } from '../../engine/market/orders/order-keeper.js';
import { tradingStateOf } from '../../engine/market/orders/readiness.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { CreditState } from '../../schemas/generated/credit-state.js';
import { Fill } from '../../schemas/generated/fill.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { SHOWN_FILLS, ShownTrading } from '../streams.js';
import { FULL_AT } from './orders-config.js';
import { INT, type OrdersMemory } from './orders-memory.js';

/** Tells whether new risk may be taken and why not, and what is left of the venue's credits; and shows people both, and the last fills. */
export class StateTeller {
  private readonly context: CoreContext<unknown>;
  private readonly memory: OrdersMemory;
  private readonly credit = new CreditState();
  private readonly trading = new TradingState();

  constructor(context: CoreContext<unknown>, memory: OrdersMemory) {
    this.context = context;
    this.memory = memory;
  }

  /** The last fills stay in sight. */
  showFill(body: number): void {
    const { keeper } = this.memory;
    const key = ShownTrading.FIRST_FILL + (keeper.counts[KeeperCount.FILLS]! % SHOWN_FILLS);
    this.show(key, MessageType.FILL, body, Fill.sizeOf());
  }

  /** Bits of why no new risk may be taken. */
  private reasons(): number {
    const { keeper, reconciler, readiness, otherEngine } = this.memory;
    let reasons = readiness.reasons;
    if (reconciler.ended === 0) reasons |= NotReady.NEVER_RECONCILED;
    if (reconciler.blocks) reasons |= NotReady.RECONCILING;
    if (reconciler.hasFailed) reasons |= NotReady.RECONCILE_FAILED;
    if (keeper.requests.unknown > 0) reasons |= NotReady.REQUESTS_UNKNOWN;
    if (readiness.anyTriggered) reasons |= NotReady.MMP_TRIGGERED;
    if (keeper.orders.live > FULL_AT * keeper.orders.capacity || keeper.counts[KeeperCount.LOST]! > 0) {
      reasons |= NotReady.TABLE_FULL;
    }
    // A picture and its trades are two messages: between them something is always missing.
    if (keeper.counts[KeeperCount.MISSING_LONG]! > 0) reasons |= NotReady.FILLS_MISSING;
    if (reconciler.differing > 0) reasons |= NotReady.POSITIONS_DIFFER;
    if (otherEngine.isThere(keeper.now)) reasons |= NotReady.OTHER_ENGINE;
    return reasons;
  }

  tellState(): void {
    const { ints } = this.memory;
    const reasons = this.reasons();
    if (reasons === ints[INT.TOLD_REASONS]) return;
    const { out } = this.context;
    const state = tradingStateOf(reasons);
    const trading = this.trading.__init(out.emit(MessageType.TRADING_STATE, TradingState.sizeOf()), out.buffer);
    this.fillState(trading, state, reasons);
    ints[INT.TOLD_REASONS] = reasons;
    ints[INT.TOLD_STATE] = state;
    this.show(ShownTrading.STATE, MessageType.TRADING_STATE, trading.bb_pos, TradingState.sizeOf());
  }

  private fillState(trading: TradingState, state: number, reasons: number): void {
    const { ints, keeper, reconciler } = this.memory;
    trading.mutate_state(state);
    trading.mutate_reasons(reasons);
    trading.mutate_previous(ints[INT.TOLD_STATE]!);
    trading.mutate_openOrders(keeper.orders.live);
    trading.mutate_foreignOrders(keeper.counts[KeeperCount.FOREIGN]!);
    trading.mutate_unknownRequests(keeper.requests.unknown);
    trading.mutate_inFlight(keeper.requests.inFlight);
    trading.mutate_reconciliations(reconciler.ended);
    trading.mutate_lastReconciled(reconciler.lastEnded);
    trading.mutate_fills(keeper.counts[KeeperCount.FILLS]!);
    trading.mutate_duplicates(keeper.counts[KeeperCount.DUPLICATES]!);
    trading.mutate_inferred(keeper.counts[KeeperCount.INFERRED]!);
    trading.mutate_missing(keeper.counts[KeeperCount.MISSING]!);
  }

  /** People alone read it: told with every sweep while anything has to be refilled, and not with every request. */
  tellCredits(): void {
    const { credits, meter, ints } = this.memory;
    if (ints[INT.CREDITS_MOVED] === 0) return;
    const { out } = this.context;
    credits.advance(this.context.event.time);
    meter.advance(this.context.event.time);
    ints[INT.CREDITS_MOVED] = credits.areFull ? 0 : 1;
    const told = this.credit.__init(out.emit(MessageType.CREDIT_STATE, CreditState.sizeOf()), out.buffer);
    told.mutate_matching(credits.held(CreditPool.MATCHING));
    told.mutate_matchingBurst(credits.burst(CreditPool.MATCHING));
    told.mutate_matchingRate(credits.rate(CreditPool.MATCHING));
    told.mutate_nonMatching(credits.held(CreditPool.NON_MATCHING));
    told.mutate_nonMatchingBurst(credits.burst(CreditPool.NON_MATCHING));
    told.mutate_nonMatchingRate(credits.rate(CreditPool.NON_MATCHING));
    told.mutate_quotes(credits.held(CreditPool.QUOTES));
    told.mutate_quotesBurst(credits.burst(CreditPool.QUOTES));
    told.mutate_quotesRate(credits.rate(CreditPool.QUOTES));
    told.mutate_massQuotes(credits.held(CreditPool.MASS_QUOTES));
    told.mutate_massQuotesBurst(credits.burst(CreditPool.MASS_QUOTES));
    told.mutate_massQuotesRate(credits.rate(CreditPool.MASS_QUOTES));
    told.mutate_cancelAlls(credits.held(CreditPool.CANCEL_ALL));
    told.mutate_cancelHeadroom(credits.headroom);
    told.mutate_bookChanges(meter.changes);
    told.mutate_orderToVolume(meter.ratio);
    this.show(ShownTrading.CREDITS, MessageType.CREDIT_STATE, told.bb_pos, CreditState.sizeOf());
    // How many orders are open changes more often than the state does.
    this.showState();
  }

  /** The state with its numbers as they are now, for people alone. */
  private showState(): void {
    const latest = this.context.shown[0];
    if (latest === undefined) return;
    const { ints } = this.memory;
    const place = latest.claim(ShownTrading.STATE, MessageType.TRADING_STATE, TradingState.sizeOf()) + HEADER_BYTES;
    const trading = this.trading.__init(place, latest.buffer);
    this.fillState(trading, ints[INT.TOLD_STATE]!, ints[INT.TOLD_REASONS]!);
    latest.publish(ShownTrading.STATE);
  }

  /** A copy of what was told, for people. */
  private show(key: number, type: number, body: number, bytes: number): void {
    const latest = this.context.shown[0];
    if (latest === undefined) return;
    const place = latest.claim(key, type, bytes) + HEADER_BYTES;
    copyBody(this.context.out.buffer, body, latest.buffer, place, bytes);
    latest.publish(key);
  }
}
