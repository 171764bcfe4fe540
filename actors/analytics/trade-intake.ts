import { Hold, Sum, Term } from '../../engine/market/analytics/attribution-book.js';
import { Liquidity, Side } from '../../engine/market/orders/codes.js';
import { SettlementBasis } from '../../engine/market/portfolio/settlement-basis.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { Fill } from '../../schemas/generated/fill.js';
import { HedgeCost } from '../../schemas/generated/hedge-cost.js';
import { Position } from '../../schemas/generated/position.js';
import { Settlement } from '../../schemas/generated/settlement.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import type { AnalyticsConfig, AnalyticsMemory } from './analytics-memory.js';
import { Pot } from './analytics-rows.js';
import type { FillMarkouts } from './fill-markouts.js';

/** Positions that differ by less than this part, or this much, are one. */
const SAME_PART = 1e-9;
const SAME_SIZE = 1e-12;

/** Everything that changes what is held: fills, trades that were booked by hand, positions that were there, deliveries. Tells what each hedge cost. */
export class TradeIntake {
  private readonly context: CoreContext<AnalyticsConfig>;
  private readonly memory: AnalyticsMemory;
  private readonly markouts: FillMarkouts;
  private readonly fill = new Fill();
  private readonly booked = new BookedTrade();
  private readonly position = new Position();
  private readonly settlement = new Settlement();
  private readonly hedgeCost = new HedgeCost();

  constructor(context: CoreContext<AnalyticsConfig>, memory: AnalyticsMemory, markouts: FillMarkouts) {
    this.context = context;
    this.memory = memory;
    this.markouts = markouts;
  }

  takeFill(buffer: ViewBuffer, body: number): void {
    const { fill, memory } = this;
    fill.__init(body, buffer);
    const id = fill.instrument();
    const underlying = memory.underlyingOf(id);
    if (underlying < 0) return;
    const { book, pots } = memory;
    const at = underlying * Pot.SIZE;
    const index = pots[at + Pot.INDEX]!;
    const isUsd = memory.shelf.isInverse(id) && memory.isFuture(id);
    const edges = book.sums[underlying * Sum.SIZE + Term.EDGE]!;
    const costs = book.sums[underlying * Sum.SIZE + Term.HEDGE_COST]!;
    book.trade[0] = fill.side() === Side.BUY ? fill.amount() : -fill.amount();
    book.trade[1] = fill.price();
    book.trade[2] = fill.fee();
    book.book(id);
    pots[at + Pot.FILLS]! += 1;
    pots[at + Pot.VOLUME]! += Math.abs(fill.amount()) * (isUsd ? 1 : index);
    if (fill.liquidity() !== Liquidity.TAKER) pots[at + Pot.MAKER_FILLS]! += 1;
    const money = memory.shelf.isInverse(id) ? index : 1;
    if (memory.isFuture(id)) {
      this.tellHedgeCost(id, underlying, (costs - book.sums[underlying * Sum.SIZE + Term.HEDGE_COST]!) * money, money);
      return;
    }
    pots[at + Pot.EDGE_USD]! += (book.sums[underlying * Sum.SIZE + Term.EDGE]! - edges) * money;
    if (fill.amount() > 0) this.markouts.watch(id, fill);
  }

  private tellHedgeCost(id: number, underlying: number, slippageUsd: number, money: number): void {
    const { fill, hedgeCost, memory } = this;
    const { out } = this.context;
    const { pots, book } = memory;
    const feeUsd = fill.fee() * money;
    pots[underlying * Pot.SIZE + Pot.HEDGE_COST_USD]! += slippageUsd + feeUsd;
    hedgeCost.__init(out.emit(MessageType.HEDGE_COST, HedgeCost.sizeOf()), out.buffer);
    hedgeCost.mutate_instrument(id);
    hedgeCost.mutate_underlying(underlying);
    hedgeCost.mutate_side(fill.side());
    hedgeCost.mutate_liquidity(fill.liquidity());
    hedgeCost.mutate_price(fill.price());
    hedgeCost.mutate_mid(book.holds[id * Hold.FIELDS + Hold.VALUE]!);
    hedgeCost.mutate_amount(fill.amount());
    hedgeCost.mutate_slippageUsd(slippageUsd);
    hedgeCost.mutate_feeUsd(feeUsd);
    const units = memory.shelf.isInverse(id) ? fill.amount() / fill.price() : fill.amount();
    hedgeCost.mutate_deltaTraded(fill.side() === Side.BUY ? units : -units);
    hedgeCost.mutate_costUsd(pots[underlying * Pot.SIZE + Pot.HEDGE_COST_USD]!);
  }

  takeBooked(buffer: ViewBuffer, body: number): void {
    const { booked, memory } = this;
    booked.__init(body, buffer);
    const { trade } = memory.book;
    trade[0] = booked.side() === Side.BUY ? booked.amount() : -booked.amount();
    trade[1] = booked.price();
    trade[2] = booked.fee();
    const isSound = Number.isFinite(trade[0]!) && trade[1]! > 0 && Number.isFinite(trade[2]!);
    if (isSound && memory.has(booked.instrument())) memory.book.book(booked.instrument());
  }

  /** What the portfolio holds and was not traded here: a position that was there at the beginning. */
  takePosition(buffer: ViewBuffer, body: number): void {
    const { position, memory } = this;
    position.__init(body, buffer);
    const id = position.instrument();
    if (!memory.has(id) || memory.book.underlyingOf(id) < 0) return;
    const missing = position.size() - memory.book.holds[id * Hold.FIELDS + Hold.SIZE]!;
    if (Math.abs(missing) <= SAME_PART * Math.abs(position.size()) + SAME_SIZE) return;
    const now = memory.book.holds[id * Hold.FIELDS + Hold.VALUE_NOW]!;
    const { trade } = memory.book;
    trade[0] = missing;
    trade[1] = now > 0 ? now : position.averagePrice();
    trade[2] = 0;
    if (trade[1]! > 0) memory.book.book(id);
  }

  takeSettlement(buffer: ViewBuffer, body: number): void {
    const { settlement, memory } = this;
    settlement.__init(body, buffer);
    if (!memory.has(settlement.instrument())) return;
    memory.book.trade[2] = settlement.fee();
    if (settlement.basis() === SettlementBasis.CORRECTION) {
      memory.book.correctDelivery(settlement.instrument(), settlement.profit());
      return;
    }
    memory.book.trade[0] = settlement.payoff();
    memory.book.deliver(settlement.instrument());
  }
}
