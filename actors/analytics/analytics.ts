import { AttributionBook, Hold, Sum, Term } from '../../engine/market/analytics/attribution-book.js';
import { RunningMoments } from '../../engine/market/analytics/running-moments.js';
import { InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { bytesOf, type Cells } from '../../engine/market/orders/cells.js';
import {
  Liquidity,
  OrderAction,
  OrderStatus,
  RequestStatus,
  Side,
  Strategy,
} from '../../engine/market/orders/codes.js';
import { contractOf } from '../../engine/market/portfolio/contract.js';
import { Found, type FoundMarkout, MARKOUT_SECONDS, Markouts } from '../../engine/market/quoting/markouts.js';
import {
  DELTA_BUCKETS,
  deltaBucket,
  type QuotingSettings,
  TENOR_BUCKETS,
  tenorBucket,
} from '../../engine/market/quoting/settings.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { Fill } from '../../schemas/generated/fill.js';
import { HedgeCost } from '../../schemas/generated/hedge-cost.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { Markout } from '../../schemas/generated/markout.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Performance } from '../../schemas/generated/performance.js';
import { Position } from '../../schemas/generated/position.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { Settlement } from '../../schemas/generated/settlement.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { TickShelf } from '../quoter/tick-shelf.js';
import {
  analytics as analyticsStream,
  exposures,
  log,
  orderStates,
  shownAttributions,
  shownMarkouts,
  shownPerformances,
  theos,
  tops,
} from '../streams.js';

export interface AnalyticsConfig extends DutySettings {
  instruments: number;
  underlyings: number;
  /** Options leave the duty this long before their expiry, seconds. */
  stopBeforeExpirySeconds: number;
}

/** What quotes count towards the duty. */
type DutySettings = Pick<
  QuotingSettings,
  'dutyWidth' | 'dutyTicks' | 'dutyAmount' | 'dutyDeltaLeast' | 'dutyDeltaMost' | 'deltaMost'
>;

const TIMER = 0;
const LOOK_MICROS = 1e6;
/** Looks from one sample of the profit to the next, and samples a year. */
const LOOKS_PER_SAMPLE = 60;
const SAMPLES_A_YEAR = 365 * 24 * 60;
const WATCHED_FILLS = 512;
export const MARKOUT_BUCKETS = TENOR_BUCKETS * DELTA_BUCKETS * 2;

const THEO_BYTES = Theo.sizeOf();
const THEO_PRICE = fieldOffset(Theo, 'price');
const THEO_VOL = fieldOffset(Theo, 'volatility');
const THEO_DELTA = fieldOffset(Theo, 'delta');
const THEO_VEGA = fieldOffset(Theo, 'vega');

/** What our quotes of an option are: [bid, its amount, offer, its amount], its delta, its vega in price units. */
const Own = { BID: 0, BID_AMOUNT: 1, ASK: 2, ASK_AMOUNT: 3, DELTA: 4, VEGA: 5, OPEN: 6, SIZE: 7 } as const;

/** Of an underlying. */
const Pot = {
  INDEX: 0,
  FUNDING: 1,
  HEDGE_COST_USD: 2,
  LAST_SAMPLE: 3,
  SAMPLES: 4,
  GAINS: 5,
  CHANGES: 6,
  LOSS_SQUARES: 7,
  PEAK: 8,
  DRAWDOWN: 9,
  QUOTED: 10,
  WANTED: 11,
  COVERED: 12,
  LOOKS: 13,
  UPDATES: 14,
  FILLS: 15,
  MAKER_FILLS: 16,
  VOLUME: 17,
  VEGA: 18,
  DELTA: 19,
  SINCE: 20,
  EDGE_USD: 21,
  SIZE: 22,
} as const;

/** Rows of the running moments, an underlying. */
const Moment = { PROFIT: 0, VEGA: 1, DELTA: 2, COUNT: 3 } as const;

class Memory {
  readonly book: AttributionBook;
  readonly own: Float64Array;
  readonly pots: Float64Array;
  readonly moments: RunningMoments;
  readonly markouts: Markouts;
  /** By bucket and horizon: [mean, fills]. */
  readonly means: Float64Array;
  readonly shelf: TickShelf;
  readonly underlyings: Underlyings;
  readonly ints: Int32Array;

  constructor(cells: Cells, { instruments, underlyings }: AnalyticsConfig) {
    this.book = new AttributionBook(cells, instruments, underlyings);
    this.own = cells.float64(instruments * Own.SIZE);
    this.pots = cells.float64(underlyings * Pot.SIZE);
    this.moments = new RunningMoments(cells, underlyings * Moment.COUNT);
    this.markouts = new Markouts(cells, WATCHED_FILLS);
    this.means = cells.float64(2 * MARKOUT_BUCKETS * MARKOUT_SECONDS.length);
    this.shelf = new TickShelf(cells.float64(TickShelf.cellsOf(instruments)), instruments);
    this.underlyings = new Underlyings(cells, instruments);
    // [started, looks]
    this.ints = cells.int32(2);
  }
}

/** Where profit comes from, what becomes of fills, and whether the duty to quote is met. It decides nothing. */
class Analytics implements CoreActor, FoundMarkout {
  private readonly context: CoreContext<AnalyticsConfig>;
  private readonly memory: Memory;
  private readonly now = new Float64Array(1);
  private readonly duty: Float64Array;
  private readonly run = new TheoRun();
  private readonly top = new BookTop();
  private readonly ticker = new Ticker();
  private readonly fill = new Fill();
  private readonly booked = new BookedTrade();
  private readonly update = new OrderUpdate();
  private readonly request = new RequestUpdate();
  private readonly position = new Position();
  private readonly profit = new ProfitLoss();
  private readonly settlement = new Settlement();
  private readonly exposure = new UnderlyingExposure();
  private readonly state = new InstrumentState();
  private readonly attribution = new Attribution();
  private readonly markout = new Markout();
  private readonly score = new Performance();
  private readonly hedgeCost = new HedgeCost();

  constructor(context: CoreContext<AnalyticsConfig>) {
    const { config, state } = context;
    this.context = context;
    this.memory = new Memory(state, config);
    // biome-ignore format: in the order of Duty
    this.duty = Float64Array.of(
      config.dutyWidth, config.dutyTicks, config.dutyAmount, config.dutyDeltaLeast,
      Math.min(config.dutyDeltaMost, config.deltaMost), config.stopBeforeExpirySeconds * 1e6,
    );
  }

  static stateBytes(config: AnalyticsConfig): number {
    return bytesOf((cells: Cells) => new Memory(cells, config));
  }

  onRestore(): void {
    this.memory.shelf.restore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.THEO_RUN:
        this.onTheos(buffer, body);
        break;
      case MessageType.BOOK_TOP:
        this.onTop(buffer, body);
        break;
      case MessageType.TICKER:
        this.onTicker(buffer, body);
        break;
      case MessageType.UNDERLYING_EXPOSURE:
        this.onExposure(buffer, body);
        break;
      case MessageType.ORDER_UPDATE:
        this.onUpdate(buffer, body);
        break;
      case MessageType.REQUEST_UPDATE:
        this.onRequest(buffer, body);
        break;
      default:
        this.onRare(type, buffer, offset);
    }
  }

  onTimer(): void {
    const { memory } = this;
    const { config, event } = this.context;
    this.now[0] = event.time;
    this.context.schedule(TIMER, event.time + LOOK_MICROS);
    memory.markouts.look(this.now, memory.book.holds, Hold.FIELDS, Hold.VALUE_NOW, this);
    for (let id = 0; id < memory.shelf.end; id++) {
      if (memory.book.holds[id * Hold.FIELDS + Hold.SIZE] !== 0) memory.book.look(id);
    }
    memory.ints[1]! += 1;
    for (let underlying = 0; underlying < Math.min(config.underlyings, memory.underlyings.size); underlying++) {
      this.lookAt(underlying);
    }
  }

  onMarkout(): void {
    const { memory, markout } = this;
    const { out } = this.context;
    const { found } = memory.markouts;
    const bucket = found[Found.BUCKET]!;
    const at = 2 * (bucket * MARKOUT_SECONDS.length + found[Found.HORIZON]!);
    memory.means[at + 1]! += 1;
    memory.means[at]! += (found[Found.VOL]! - memory.means[at]!) / memory.means[at + 1]!;
    const body = out.emit(MessageType.MARKOUT, Markout.sizeOf());
    markout.__init(body, out.buffer);
    markout.mutate_instrument(found[Found.INSTRUMENT]!);
    markout.mutate_side(found[Found.SIGN]! > 0 ? Side.BUY : Side.SELL);
    const half = Math.floor(bucket / 2);
    markout.mutate_bucket(Math.floor(half / DELTA_BUCKETS) * 10 + (half % DELTA_BUCKETS) * 2 + (bucket % 2));
    markout.mutate_seconds(MARKOUT_SECONDS[found[Found.HORIZON]!]!);
    markout.mutate_price(found[Found.PRICE]!);
    markout.mutate_vol(found[Found.VOL]!);
    markout.mutate_amount(found[Found.AMOUNT]!);
    markout.mutate_number(found[Found.NUMBER]!);
    markout.mutate_bucketMean(memory.means[at]!);
    markout.mutate_bucketFills(memory.means[at + 1]!);
    this.show(2, bucket * MARKOUT_SECONDS.length + found[Found.HORIZON]!, MessageType.MARKOUT, body, Markout.sizeOf());
  }

  private onRare(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
      case MessageType.INSTRUMENT_STATE:
        this.state.__init(body, buffer);
        if (this.state.instrument() < this.context.config.instruments) {
          this.memory.own[this.state.instrument() * Own.SIZE + Own.OPEN] =
            this.state.state() === LifeCycle.OPEN ? 1 : 0;
        }
        break;
      case MessageType.FILL:
        this.onFill(buffer, body);
        break;
      case MessageType.BOOKED_TRADE:
        this.onBooked(buffer, body);
        break;
      case MessageType.POSITION:
        this.onPosition(buffer, body);
        break;
      case MessageType.SETTLEMENT:
        this.onSettlement(buffer, body);
        break;
      case MessageType.PROFIT_LOSS:
        this.onProfit(buffer, body);
        break;
    }
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { memory } = this;
    const { config, event } = this.context;
    if (memory.ints[0] === 0) {
      memory.ints[0] = 1;
      this.context.schedule(TIMER, event.time + LOOK_MICROS);
    }
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    const underlying = memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (id >= config.instruments || underlying < 0 || underlying >= config.underlyings) return;
    memory.shelf.define(id, instrument);
    memory.book.define(id, contractOf(instrument), underlying, instrument.strike, instrument.right === 'call');
    memory.own[id * Own.SIZE + Own.OPEN] = instrument.state === LifeCycle.OPEN ? 1 : 0;
  }

  private onTheos(buffer: ViewBuffer, body: number): void {
    const { run, memory } = this;
    const { view } = buffer;
    const { holds } = memory.book;
    run.__init(body, buffer);
    const forward = run.forward();
    const years = run.years();
    let at = body + TheoRun.sizeOf();
    for (let left = run.count(); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= this.context.config.instruments) continue;
      const row = id * Hold.FIELDS;
      holds[row + Hold.VALUE_NOW] = view.getFloat64(at + THEO_PRICE, true);
      holds[row + Hold.VOL_NOW] = view.getFloat64(at + THEO_VOL, true);
      holds[row + Hold.FORWARD_NOW] = forward;
      holds[row + Hold.YEARS_NOW] = years;
      memory.own[id * Own.SIZE + Own.DELTA] = view.getFloat64(at + THEO_DELTA, true);
      const money = memory.shelf.isInverse(id) ? forward : 1;
      memory.own[id * Own.SIZE + Own.VEGA] = view.getFloat64(at + THEO_VEGA, true) / money;
      memory.book.moved(id);
    }
  }

  private isFuture(id: number): boolean {
    const kind = this.memory.shelf.kind(id);
    return kind === InstrumentKind.PERPETUAL || kind === InstrumentKind.FUTURE;
  }

  private onTop(buffer: ViewBuffer, body: number): void {
    const { top, memory } = this;
    top.__init(body, buffer);
    const id = top.instrument();
    if (id >= this.context.config.instruments || top.state() !== BookState.LIVE || !this.isFuture(id)) return;
    const mid = (top.bidPrice() + top.askPrice()) / 2;
    if (!(mid > 0)) return;
    memory.book.holds[id * Hold.FIELDS + Hold.VALUE_NOW] = mid;
    memory.book.moved(id);
  }

  private onTicker(buffer: ViewBuffer, body: number): void {
    const { ticker, memory } = this;
    ticker.__init(body, buffer);
    const id = ticker.instrument();
    if (id >= this.context.config.instruments) return;
    const underlying = memory.underlyings.of(id);
    if (underlying < 0 || underlying >= this.context.config.underlyings) return;
    if (ticker.indexPrice() > 0) memory.pots[underlying * Pot.SIZE + Pot.INDEX] = ticker.indexPrice();
  }

  private onExposure(buffer: ViewBuffer, body: number): void {
    const { exposure, memory } = this;
    exposure.__init(body, buffer);
    if (exposure.underlying() >= this.context.config.underlyings) return;
    const at = exposure.underlying() * Pot.SIZE;
    memory.pots[at + Pot.VEGA] = exposure.weightedVega();
    memory.pots[at + Pot.DELTA] = exposure.netDelta();
  }

  private onProfit(buffer: ViewBuffer, body: number): void {
    const { profit, memory } = this;
    profit.__init(body, buffer);
    if (profit.underlying() >= this.context.config.underlyings) return;
    memory.book.sums[profit.underlying() * Sum.SIZE + Term.FUNDING] = profit.funding();
  }

  private onFill(buffer: ViewBuffer, body: number): void {
    const { fill, memory } = this;
    fill.__init(body, buffer);
    const id = fill.instrument();
    if (id >= this.context.config.instruments) return;
    const underlying = memory.underlyings.of(id);
    if (underlying < 0 || underlying >= this.context.config.underlyings) return;
    const { book, pots, own, markouts } = memory;
    const buys = fill.side() === Side.BUY;
    const at = underlying * Pot.SIZE;
    const index = pots[at + Pot.INDEX]!;
    const isUsd = memory.shelf.isInverse(id) && this.isFuture(id);
    const edges = book.sums[underlying * Sum.SIZE + Term.EDGE]!;
    const costs = book.sums[underlying * Sum.SIZE + Term.HEDGE_COST]!;
    book.trade[0] = buys ? fill.amount() : -fill.amount();
    book.trade[1] = fill.price();
    book.trade[2] = fill.fee();
    book.book(id);
    pots[at + Pot.FILLS]! += 1;
    pots[at + Pot.VOLUME]! += Math.abs(fill.amount()) * (isUsd ? 1 : index);
    if (fill.liquidity() !== Liquidity.TAKER) pots[at + Pot.MAKER_FILLS]! += 1;
    const money = memory.shelf.isInverse(id) ? index : 1;
    if (this.isFuture(id)) {
      this.tellHedgeCost(id, underlying, (costs - book.sums[underlying * Sum.SIZE + Term.HEDGE_COST]!) * money, money);
      return;
    }
    pots[at + Pot.EDGE_USD]! += (book.sums[underlying * Sum.SIZE + Term.EDGE]! - edges) * money;
    if (!(fill.amount() > 0)) return;
    const { input } = markouts;
    input[0] = fill.price();
    input[1] = own[id * Own.SIZE + Own.VEGA]!;
    input[2] = this.context.event.time;
    input[3] = fill.amount();
    input[4] = fill.number();
    const tenor = tenorBucket(book.holds[id * Hold.FIELDS + Hold.YEARS_NOW]!);
    const delta = deltaBucket(Math.abs(own[id * Own.SIZE + Own.DELTA]!));
    markouts.add(id, buys, 2 * (tenor * DELTA_BUCKETS + delta) + (fill.liquidity() === Liquidity.TAKER ? 1 : 0));
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

  private onBooked(buffer: ViewBuffer, body: number): void {
    const { booked, memory } = this;
    booked.__init(body, buffer);
    const { trade } = memory.book;
    trade[0] = booked.side() === Side.BUY ? booked.amount() : -booked.amount();
    trade[1] = booked.price();
    trade[2] = booked.fee();
    const isKnown = booked.instrument() < this.context.config.instruments;
    if (isKnown && Number.isFinite(trade[0]!) && trade[1]! > 0 && Number.isFinite(trade[2]!)) {
      memory.book.book(booked.instrument());
    }
  }

  /** What the portfolio holds and was not traded here: a position that was there at the beginning. */
  private onPosition(buffer: ViewBuffer, body: number): void {
    const { position, memory } = this;
    position.__init(body, buffer);
    const id = position.instrument();
    if (id >= this.context.config.instruments || memory.book.underlyingOf(id) < 0) return;
    const missing = position.size() - memory.book.holds[id * Hold.FIELDS + Hold.SIZE]!;
    if (Math.abs(missing) <= 1e-9 * Math.abs(position.size()) + 1e-12) return;
    const now = memory.book.holds[id * Hold.FIELDS + Hold.VALUE_NOW]!;
    const { trade } = memory.book;
    trade[0] = missing;
    trade[1] = now > 0 ? now : position.averagePrice();
    trade[2] = 0;
    if (trade[1]! > 0) memory.book.book(id);
  }

  private onSettlement(buffer: ViewBuffer, body: number): void {
    const { settlement, memory } = this;
    settlement.__init(body, buffer);
    if (settlement.instrument() >= this.context.config.instruments) return;
    memory.book.trade[0] = settlement.payoff();
    memory.book.deliver(settlement.instrument());
  }

  /** Our own quotes as they stand at the venue. */
  private onUpdate(buffer: ViewBuffer, body: number): void {
    const { update, memory } = this;
    update.__init(body, buffer);
    const id = update.instrument();
    if (update.strategy() !== Strategy.QUOTER || id >= this.context.config.instruments) return;
    const at = id * Own.SIZE + (update.side() === Side.BUY ? Own.BID : Own.ASK);
    const rests = update.status() === OrderStatus.OPEN || update.status() === OrderStatus.PARTLY_FILLED;
    memory.own[at] = update.price();
    memory.own[at + 1] = rests ? update.remaining() : 0;
  }

  private onRequest(buffer: ViewBuffer, body: number): void {
    const { request, memory } = this;
    request.__init(body, buffer);
    if (request.status() !== RequestStatus.SENT) return;
    const action = request.action();
    if (action !== OrderAction.PLACE && action !== OrderAction.AMEND && action !== OrderAction.QUOTE) return;
    const underlying = memory.underlyings.of(request.instrument());
    if (underlying >= 0 && underlying < this.context.config.underlyings)
      memory.pots[underlying * Pot.SIZE + Pot.UPDATES]! += 1;
  }

  private lookAt(underlying: number): void {
    const { memory } = this;
    const { pots, book, moments } = memory;
    const at = underlying * Pot.SIZE;
    if (pots[at + Pot.SINCE] === 0) pots[at + Pot.SINCE] = this.now[0]!;
    const money = this.isCoin(underlying) ? pots[at + Pot.INDEX]! : 1;
    const total = book.total(underlying);
    const totalUsd = total * money;
    if (totalUsd > pots[at + Pot.PEAK]!) pots[at + Pot.PEAK] = totalUsd;
    pots[at + Pot.DRAWDOWN] = Math.max(pots[at + Pot.DRAWDOWN]!, pots[at + Pot.PEAK]! - totalUsd);
    moments.add(underlying * Moment.COUNT + Moment.VEGA, pots[at + Pot.VEGA]!);
    moments.add(underlying * Moment.COUNT + Moment.DELTA, pots[at + Pot.DELTA]!);
    if (memory.ints[1]! % LOOKS_PER_SAMPLE === 0) this.sample(underlying, totalUsd);
    this.countDuty(underlying);
    this.tellAttribution(underlying, total, totalUsd);
    this.tellPerformance(underlying, totalUsd);
  }

  private sample(underlying: number, totalUsd: number): void {
    const { pots, moments } = this.memory;
    const at = underlying * Pot.SIZE;
    const gain = totalUsd - pots[at + Pot.LAST_SAMPLE]!;
    pots[at + Pot.LAST_SAMPLE] = totalUsd;
    pots[at + Pot.SAMPLES]! += 1;
    if (gain > 0) pots[at + Pot.GAINS]! += 1;
    if (gain !== 0) pots[at + Pot.CHANGES]! += 1;
    if (gain < 0) pots[at + Pot.LOSS_SQUARES]! += gain * gain;
    moments.add(underlying * Moment.COUNT + Moment.PROFIT, gain);
  }

  private isCoin(underlying: number): boolean {
    for (let id = 0; id < this.memory.shelf.end; id++) {
      if (this.memory.underlyings.of(id) === underlying) return this.memory.shelf.isInverse(id);
    }
    return false;
  }

  private quotedNow = 0;
  private wantedNow = 0;

  /** Options of the duty, and how many of them have both quotes at the venue, near enough and large enough. */
  private countDuty(underlying: number): void {
    const { memory, duty } = this;
    const { own, shelf, book } = memory;
    let quoted = 0;
    let wanted = 0;
    for (let id = 0; id < shelf.end; id++) {
      if (shelf.kind(id) !== InstrumentKind.OPTION || memory.underlyings.of(id) !== underlying) continue;
      const row = id * Own.SIZE;
      const delta = Math.abs(own[row + Own.DELTA]!);
      const value = book.holds[id * Hold.FIELDS + Hold.VALUE_NOW]!;
      if (own[row + Own.OPEN] === 0 || !(value > 0) || delta < duty[3]! || delta > duty[4]!) continue;
      if (this.now[0]! >= shelf.expiry(id) - duty[5]!) continue;
      wanted++;
      const least = duty[2]! * shelf.minimum(id) - 1e-9;
      if (!(own[row + Own.BID_AMOUNT]! >= least && own[row + Own.ASK_AMOUNT]! >= least)) continue;
      const width = own[row + Own.ASK]! - own[row + Own.BID]!;
      // What is near enough whatever the tick is need not ask for it.
      if (width <= duty[0]! * value) {
        quoted++;
        continue;
      }
      const tick = shelf.ticks(id)?.gridAt(value).step ?? 0;
      const widest = Math.max(duty[0]! * value, duty[1]! * tick);
      // Each side was rounded outwards by up to a tick.
      if (width <= widest + 2 * tick) quoted++;
    }
    const at = underlying * Pot.SIZE;
    memory.pots[at + Pot.QUOTED]! += quoted;
    memory.pots[at + Pot.WANTED]! += wanted;
    memory.pots[at + Pot.LOOKS]! += wanted > 0 ? 1 : 0;
    memory.pots[at + Pot.COVERED]! += wanted > 0 && quoted === wanted ? 1 : 0;
    this.quotedNow = quoted;
    this.wantedNow = wanted;
  }

  private tellAttribution(underlying: number, total: number, totalUsd: number): void {
    const { attribution: told, memory } = this;
    const { out } = this.context;
    const { sums } = memory.book;
    const at = underlying * Sum.SIZE;
    const body = out.emit(MessageType.ATTRIBUTION, Attribution.sizeOf());
    told.__init(body, out.buffer);
    told.mutate_underlying(underlying);
    told.mutate_fills(sums[at + Sum.FILLS]!);
    told.mutate_delta(sums[at + Term.DELTA]!);
    told.mutate_hedge(sums[at + Term.HEDGE]!);
    told.mutate_gamma(sums[at + Term.GAMMA]!);
    told.mutate_vega(sums[at + Term.VEGA]!);
    told.mutate_theta(sums[at + Term.THETA]!);
    told.mutate_vanna(sums[at + Term.VANNA]!);
    told.mutate_volga(sums[at + Term.VOLGA]!);
    told.mutate_edge(sums[at + Term.EDGE]!);
    told.mutate_hedgeCost(sums[at + Term.HEDGE_COST]!);
    told.mutate_fees(sums[at + Term.FEES]!);
    told.mutate_funding(sums[at + Term.FUNDING]!);
    told.mutate_settled(sums[at + Term.SETTLED]!);
    told.mutate_residual(sums[at + Term.RESIDUAL]!);
    told.mutate_total(total);
    told.mutate_totalUsd(totalUsd);
    told.mutate_marked(memory.book.marked(underlying));
    told.mutate_index(memory.pots[underlying * Pot.SIZE + Pot.INDEX]!);
    told.mutate_absolute(sums[at + Sum.ABSOLUTE]!);
    told.mutate_absoluteResidual(sums[at + Sum.ABSOLUTE_RESIDUAL]!);
    this.show(0, underlying, MessageType.ATTRIBUTION, body, Attribution.sizeOf());
  }

  private tellPerformance(underlying: number, totalUsd: number): void {
    const { score: told, memory } = this;
    const { out } = this.context;
    const { pots, moments } = memory;
    const at = underlying * Pot.SIZE;
    const row = underlying * Moment.COUNT;
    const mean = moments.mean(row + Moment.PROFIT);
    const deviation = moments.deviation(row + Moment.PROFIT);
    const downside = Math.sqrt(pots[at + Pot.LOSS_SQUARES]! / Math.max(1, pots[at + Pot.SAMPLES]!));
    const annual = Math.sqrt(SAMPLES_A_YEAR);
    const body = out.emit(MessageType.PERFORMANCE, Performance.sizeOf());
    told.__init(body, out.buffer);
    told.mutate_underlying(underlying);
    told.mutate_quotes(this.quotedNow);
    told.mutate_wanted(this.wantedNow);
    told.mutate_seconds((this.now[0]! - pots[at + Pot.SINCE]!) / 1e6);
    told.mutate_totalUsd(totalUsd);
    told.mutate_sharpe(deviation > 0 ? (annual * mean) / deviation : 0);
    told.mutate_sortino(downside > 0 ? (annual * mean) / downside : 0);
    told.mutate_drawdownUsd(pots[at + Pot.DRAWDOWN]!);
    told.mutate_hitRate(pots[at + Pot.CHANGES]! > 0 ? pots[at + Pot.GAINS]! / pots[at + Pot.CHANGES]! : 0);
    told.mutate_spreadUsd(pots[at + Pot.EDGE_USD]!);
    told.mutate_uptime(pots[at + Pot.WANTED]! > 0 ? pots[at + Pot.QUOTED]! / pots[at + Pot.WANTED]! : 0);
    told.mutate_covered(pots[at + Pot.LOOKS]! > 0 ? pots[at + Pot.COVERED]! / pots[at + Pot.LOOKS]! : 0);
    told.mutate_updates(pots[at + Pot.UPDATES]!);
    told.mutate_orderToVolume(pots[at + Pot.FILLS]! > 0 ? pots[at + Pot.UPDATES]! / pots[at + Pot.FILLS]! : 0);
    told.mutate_fills(pots[at + Pot.FILLS]!);
    told.mutate_makerFills(pots[at + Pot.MAKER_FILLS]!);
    told.mutate_volumeUsd(pots[at + Pot.VOLUME]!);
    told.mutate_vegaMean(moments.mean(row + Moment.VEGA));
    told.mutate_vegaDeviation(moments.deviation(row + Moment.VEGA));
    told.mutate_deltaDeviation(moments.deviation(row + Moment.DELTA));
    this.show(1, underlying, MessageType.PERFORMANCE, body, Performance.sizeOf());
  }

  private show(edge: number, key: number, type: number, body: number, bytes: number): void {
    const shown: LatestWriter | undefined = this.context.shown[edge];
    if (shown === undefined) return;
    copyBody(this.context.out.buffer, body, shown.buffer, shown.claim(key, type, bytes) + HEADER_BYTES, bytes);
    shown.publish(key);
  }
}

export function analytics(config: AnalyticsConfig): CoreDefinition {
  const markouts = WATCHED_FILLS * MARKOUT_SECONDS.length;
  return defineStage<AnalyticsConfig>({
    name: 'analytics',
    reads: [log, tops, theos, orderStates, exposures],
    writes: analyticsStream,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.QUOTE,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_STATE,
      MessageType.CREDIT_STATE,
      MessageType.EXPIRY_EXPOSURE,
    ],
    config,
    // A look at everything; or the costs of hedges, of which one event tells fewer.
    burst: {
      records: markouts + 2 * config.underlyings,
      bodyBytes: markouts * Markout.sizeOf() + config.underlyings * (Attribution.sizeOf() + Performance.sizeOf()),
    },
    shows: [
      shownAttributions(config.underlyings),
      shownPerformances(config.underlyings),
      shownMarkouts(MARKOUT_BUCKETS * MARKOUT_SECONDS.length),
    ],
    stateBytes: Analytics.stateBytes(config),
    timers: 1,
    create: (context) => new Analytics(context),
  });
}
