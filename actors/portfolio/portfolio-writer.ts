import { isOption } from '../../engine/market/portfolio/contract.js';
import {
  DELTA,
  GAMMA,
  NET_DELTA,
  SUM,
  SUM_FIELDS,
  THETA,
  UNIT_FIELDS,
  VEGA,
} from '../../engine/market/portfolio/exposure-book.js';
import {
  BOUGHT,
  FEES,
  FUNDING,
  POSITION_FIELDS,
  REALISED,
  SIZE,
  SOLD,
} from '../../engine/market/portfolio/position-book.js';
import { PROFIT, PROFIT_FIELDS } from '../../engine/market/portfolio/profit-book.js';
import { TIE, TIE_FIELDS, type TieOutBook } from '../../engine/market/portfolio/tie-out.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ExpiryExposure } from '../../schemas/generated/expiry-exposure.js';
import { Position } from '../../schemas/generated/position.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { Settlement } from '../../schemas/generated/settlement.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { MARK, MARK_FIELDS, type PortfolioBook } from './portfolio-book.js';

/** What moved a position, as Position records tell it. */
export const PositionMove = { FILL: 1, OPENING: 2, SETTLEMENT: 3, BOOKED: 4, MARK: 5, FUNDING: 6, UNKNOWN: 7 } as const;

const NO_INDEX = 1 << 2;
const VENUE_GREEKS = 1 << 1;
const POSITIONS_SHOWN = 0;
const EXPOSURES_SHOWN = 1;
const PROFITS_SHOWN = 2;
const TIE_OUTS_SHOWN = 3;
const PERCENT = 0.01;

/** Writes what the portfolio knows into the stage's output, and shows the newest of it. */
export class PortfolioWriter {
  /** Bytes of the largest record. */
  static readonly LARGEST = Math.max(
    Position.sizeOf(),
    ExpiryExposure.sizeOf(),
    UnderlyingExposure.sizeOf(),
    ProfitLoss.sizeOf(),
    Settlement.sizeOf(),
    TieOut.sizeOf(),
  );
  private readonly context: CoreContext<{ underlyings: number }>;
  private readonly book: PortfolioBook;
  private readonly position = new Position();
  private readonly expiry = new ExpiryExposure();
  private readonly underlying = new UnderlyingExposure();
  private readonly profit = new ProfitLoss();
  /** Sums of one underlying, in the order of SUM, while they are added up. */
  private readonly sums = new Float64Array(SUM_FIELDS);
  private readonly touched: Int32Array;

  constructor(context: CoreContext<{ underlyings: number }>, book: PortfolioBook) {
    this.context = context;
    this.book = book;
    this.touched = new Int32Array(context.config.underlyings);
  }

  /** Every expiry that has changed, then every underlying of which one has. */
  tellExposures(): void {
    const { exposures } = this.book;
    const { touched } = this;
    let any = false;
    for (let place = 0; place < exposures.size; place++) {
      if (!exposures.isTouched(place)) continue;
      exposures.settle(place);
      touched[exposures.places.underlyings[place]!] = 1;
      any = true;
      this.tellExpiry(place);
    }
    if (!any) return;
    for (let underlying = 0; underlying < touched.length; underlying++) {
      if (touched[underlying] === 0) continue;
      touched[underlying] = 0;
      this.tellUnderlying(underlying);
    }
  }

  tellPosition(id: number, why: number): void {
    const { context, book, position } = this;
    const { out } = context;
    const body = out.emit(MessageType.POSITION, Position.sizeOf());
    position.__init(body, out.buffer);
    const { positions, exposures, marks } = book;
    const row = id * POSITION_FIELDS;
    const unit = id * UNIT_FIELDS;
    const { cells } = positions;
    const size = cells[row + SIZE]!;
    position.mutate_instrument(id);
    position.mutate_underlying(book.underlyingOf(id));
    position.mutate_kind(book.kinds[id]!);
    position.mutate_why(why);
    position.mutate_size(size);
    positions.averagePrice(id);
    position.mutate_averagePrice(positions.result[0]!);
    position.mutate_bought(cells[row + BOUGHT]!);
    position.mutate_sold(cells[row + SOLD]!);
    position.mutate_realised(cells[row + REALISED]!);
    const place = book.bestMark(id, isOption(positions.contracts[id]!) ? MARK.THEO : MARK.VENUE);
    positions.unrealised(id, marks, place);
    position.mutate_unrealised(positions.result[0]!);
    position.mutate_fees(cells[row + FEES]!);
    position.mutate_funding(cells[row + FUNDING]!);
    position.mutate_mark(marks[place]!);
    position.mutate_markKind(Number.isNaN(marks[place]!) ? 0 : place - id * MARK_FIELDS + 1);
    position.mutate_value(isOption(positions.contracts[id]!) ? size * marks[place]! : 0);
    // What waits for its delivery moves no more.
    const moves = book.expired[id] === 1 ? 0 : size;
    position.mutate_delta(moves * exposures.units[unit + DELTA]!);
    position.mutate_netDelta(moves * exposures.units[unit + NET_DELTA]!);
    position.mutate_gamma(moves * exposures.units[unit + GAMMA]!);
    position.mutate_vega(moves * exposures.units[unit + VEGA]!);
    position.mutate_theta(moves * exposures.units[unit + THETA]!);
    this.show(POSITIONS_SHOWN, id, MessageType.POSITION, body, Position.sizeOf());
  }

  /** A fill of what nobody has defined: it is told, so that it is not lost silently. */
  tellUnknown(id: number): void {
    const { out } = this.context;
    const position = this.position.__init(out.emit(MessageType.POSITION, Position.sizeOf()), out.buffer);
    position.mutate_instrument(id);
    position.mutate_underlying(0xffffffff);
    position.mutate_why(PositionMove.UNKNOWN);
    position.mutate_averagePrice(Number.NaN);
    position.mutate_mark(Number.NaN);
  }

  tellSettlement(
    id: number,
    basis: number,
    size: number,
    delivery: number,
    payoff: number,
    profit: number,
    fee: number,
  ): void {
    const { context, book } = this;
    const { out } = context;
    const settlement = new Settlement().__init(out.emit(MessageType.SETTLEMENT, Settlement.sizeOf()), out.buffer);
    settlement.mutate_instrument(id);
    settlement.mutate_underlying(book.underlyingOf(id));
    settlement.mutate_basis(basis);
    settlement.mutate_size(size);
    settlement.mutate_deliveryPrice(delivery);
    settlement.mutate_payoff(payoff);
    settlement.mutate_profit(profit);
    settlement.mutate_fee(fee);
    settlement.mutate_itm(isOption(book.positions.contracts[id]!) && payoff > 0 ? 1 : 0);
    settlement.mutate_expiry(book.exposures.places.times[book.exposures.places.of(id)]!);
  }

  tellProfit(underlying: number): void {
    const { context, book, profit } = this;
    const { out } = context;
    const body = out.emit(MessageType.PROFIT_LOSS, ProfitLoss.sizeOf());
    profit.__init(body, out.buffer);
    const { cells, totals } = book.profits;
    const row = underlying * PROFIT_FIELDS;
    book.profits.total(underlying);
    const total = totals[0]!;
    profit.mutate_underlying(underlying);
    profit.mutate_markKind(MARK.THEO + 1);
    profit.mutate_currency0(book.currencies[underlying * 2]! >>> 0);
    profit.mutate_currency1(book.currencies[underlying * 2 + 1]! >>> 0);
    profit.mutate_realised(cells[row + PROFIT.REALISED]!);
    profit.mutate_unrealised(cells[row + PROFIT.UNREALISED]!);
    profit.mutate_unrealisedMark(cells[row + PROFIT.UNREALISED_MARK]!);
    profit.mutate_unrealisedMid(cells[row + PROFIT.UNREALISED_MID]!);
    profit.mutate_fees(cells[row + PROFIT.FEES]!);
    profit.mutate_funding(cells[row + PROFIT.FUNDING]!);
    profit.mutate_total(total);
    profit.mutate_totalUsd(book.inCoin[underlying] === 1 ? total * book.indexes[underlying]! : total);
    profit.mutate_edge(cells[row + PROFIT.EDGE]!);
    profit.mutate_volumeUsd(cells[row + PROFIT.VOLUME_USD]!);
    profit.mutate_fills(cells[row + PROFIT.FILLS]!);
    profit.mutate_index(book.indexes[underlying]!);
    profit.mutate_settled(cells[row + PROFIT.SETTLED]!);
    profit.mutate_dayTotal(total - cells[row + PROFIT.DAY_START]!);
    profit.mutate_peak(cells[row + PROFIT.PEAK]!);
    this.show(PROFITS_SHOWN, underlying, MessageType.PROFIT_LOSS, body, ProfitLoss.sizeOf());
  }

  tellTieOut(tieOut: TieOutBook, place: number, state: number, reconcile: number): void {
    const { out } = this.context;
    const told = new TieOut().__init(out.emit(MessageType.TIE_OUT, TieOut.sizeOf()), out.buffer);
    const row = place * TIE_FIELDS;
    const { cells, look } = tieOut;
    told.mutate_currency0(tieOut.names[2 * place]! >>> 0);
    told.mutate_currency1(tieOut.names[2 * place + 1]! >>> 0);
    told.mutate_state(state);
    told.mutate_reconcile(reconcile);
    told.mutate_venueEquity(look[0]!);
    told.mutate_venueChange(cells[row + TIE.CHANGE]!);
    told.mutate_ourChange(cells[row + TIE.OUR_CHANGE]!);
    told.mutate_difference(cells[row + TIE.DIFFERENCE]!);
    told.mutate_tolerance(cells[row + TIE.TOLERANCE]!);
    told.mutate_fees(look[2]! - cells[row + TIE.BASE_FEES]!);
    told.mutate_funding(look[3]! - cells[row + TIE.BASE_FUNDING]!);
    told.mutate_realised(look[4]! - cells[row + TIE.BASE_REALISED]!);
    told.mutate_baselineTime(cells[row + TIE.BASE_TIME]!);
    this.show(TIE_OUTS_SHOWN, place, MessageType.TIE_OUT, told.bb_pos, TieOut.sizeOf());
  }

  private tellExpiry(place: number): void {
    const { context, book, expiry } = this;
    const { out } = context;
    const { exposures } = book;
    expiry.__init(out.emit(MessageType.EXPIRY_EXPOSURE, ExpiryExposure.sizeOf()), out.buffer);
    const { sums } = exposures;
    const row = place * SUM_FIELDS;
    expiry.mutate_underlying(exposures.places.underlyings[place]!);
    expiry.mutate_instruments(sums[row + SUM.POSITIONS]!);
    expiry.mutate_expiry(exposures.places.times[place]!);
    expiry.mutate_delta(sums[row + SUM.DELTA]!);
    expiry.mutate_netDelta(sums[row + SUM.NET_DELTA]!);
    expiry.mutate_gamma(sums[row + SUM.GAMMA]!);
    expiry.mutate_vega(sums[row + SUM.VEGA]!);
    expiry.mutate_weightedVega(sums[row + SUM.WEIGHTED_VEGA]!);
    expiry.mutate_theta(sums[row + SUM.THETA]!);
    expiry.mutate_vanna(sums[row + SUM.VANNA]!);
    expiry.mutate_volga(sums[row + SUM.VOLGA]!);
    expiry.mutate_wingVega(sums[row + SUM.WING_VEGA]!);
    expiry.mutate_skewVega(sums[row + SUM.SKEW_VEGA]!);
    expiry.mutate_shortAmount(sums[row + SUM.SHORT_AMOUNT]!);
    expiry.mutate_pinAmount(sums[row + SUM.PIN_AMOUNT]!);
    expiry.mutate_value(sums[row + SUM.VALUE]!);
    expiry.mutate_forward(exposures.forwards[place]!);
  }

  private tellUnderlying(underlying: number): void {
    const { context, book, sums, underlying: told } = this;
    const { exposures } = book;
    sums.fill(0);
    for (let place = 0; place < exposures.size; place++) {
      if (exposures.places.underlyings[place] !== underlying) continue;
      for (let field = 0; field < SUM_FIELDS; field++) sums[field]! += exposures.sums[place * SUM_FIELDS + field]!;
    }
    const index = book.indexes[underlying]!;
    const { out } = context;
    const body = out.emit(MessageType.UNDERLYING_EXPOSURE, UnderlyingExposure.sizeOf());
    told.__init(body, out.buffer);
    told.mutate_underlying(underlying);
    told.mutate_positions(sums[SUM.POSITIONS]!);
    told.mutate_flags(this.flagsOf(underlying));
    told.mutate_index(index);
    told.mutate_delta(sums[SUM.DELTA]!);
    told.mutate_netDelta(sums[SUM.NET_DELTA]!);
    told.mutate_optionDelta(sums[SUM.OPTION_DELTA]!);
    told.mutate_hedgeDelta(sums[SUM.DELTA]! - sums[SUM.OPTION_DELTA]!);
    told.mutate_gamma(sums[SUM.GAMMA]!);
    told.mutate_dollarGamma(sums[SUM.GAMMA]! * index * PERCENT * index);
    told.mutate_vega(sums[SUM.VEGA]!);
    told.mutate_weightedVega(sums[SUM.WEIGHTED_VEGA]!);
    told.mutate_theta(sums[SUM.THETA]!);
    told.mutate_vanna(sums[SUM.VANNA]!);
    told.mutate_volga(sums[SUM.VOLGA]!);
    told.mutate_value(sums[SUM.VALUE]!);
    told.mutate_deltaUsd(sums[SUM.DELTA]! * index);
    told.mutate_skewVega(sums[SUM.SKEW_VEGA]!);
    this.show(EXPOSURES_SHOWN, underlying, MessageType.UNDERLYING_EXPOSURE, body, UnderlyingExposure.sizeOf());
  }

  private flagsOf(underlying: number): number {
    const { book } = this;
    const { positions } = book;
    let flags = book.indexes[underlying]! > 0 ? 0 : NO_INDEX;
    for (let index = 0; index < positions.held; index++) {
      const id = positions.heldIds[index]!;
      if (book.underlyingOf(id) !== underlying || !isOption(positions.contracts[id]!)) continue;
      if (Number.isNaN(book.marks[id * MARK_FIELDS + MARK.THEO]!)) flags |= VENUE_GREEKS;
    }
    return flags;
  }

  private show(edge: number, key: number, type: number, body: number, bytes: number): void {
    const shown: LatestWriter | undefined = this.context.shown[edge];
    if (shown === undefined) return;
    copyBody(this.context.out.buffer, body, shown.buffer, shown.claim(key, type, bytes) + HEADER_BYTES, bytes);
    shown.publish(key);
  }
}
