import { groupNameOf, quoteSetName } from '../../execution/deribit/encoder.js';
import type {
  OrderMessage,
  PortfolioMessage,
  PositionMessage,
  TradeMessage,
} from '../../execution/deribit/messages.js';
import { idText } from '../../venue-sim/api/encode/ids.js';
import { rounded } from '../../venue-sim/api/encode/number.js';
import { cancelReasonName, orderStateName, timeInForceNames } from '../../venue-sim/api/encode/order.js';
import { MarginModel, OrderFlag, OrderState, Side } from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';

/** A trade of the account, kept for as long as the venue is asked for it: its own ring of all trades forgets. */
export interface OwnTrade {
  trade: number;
  order: number;
  instrument: number;
  /** Milliseconds since the Unix epoch, by the venue's clock as it stamps. */
  timestamp: number;
  message: TradeMessage;
}

/** What the venue says of one account's orders, trades and positions: the venue's own words without their JSON. */
export class VenueMessages {
  /** What the venue's stamps are off by, milliseconds. */
  shiftMs = 0;
  readonly #exchange: Exchange;
  readonly #account: number;
  /** By slot of the exchange: whose label it is, the label, and of a quote its mass quote and its set. */
  readonly #labelled: Float64Array;
  readonly #labels: string[] = [];
  readonly #quoteIds: number[] = [];
  readonly #byLabel = new Map<string, number>();
  #expected = '';

  constructor(exchange: Exchange, account: number) {
    this.#exchange = exchange;
    this.#account = account;
    this.#labelled = new Float64Array(exchange.orders.capacity);
  }

  /** The order that is placed next has this label: its first trades come before its id is known. */
  expect(label: string): void {
    this.#expected = label;
  }

  /** An order of the account has a label from now on. */
  label(order: number, label: string): void {
    this.#expected = '';
    const slot = this.#own(order);
    this.#labels[slot] = label;
    this.#byLabel.set(label, order);
  }

  /** A mass quote has placed or changed an order. */
  quoted(order: number, quoteId: number): void {
    this.#quoteIds[this.#own(order)] = quoteId;
  }

  /** The newest order of a label; 0 for none. */
  orderOf(label: string): number {
    return this.#byLabel.get(label) ?? 0;
  }

  stamp(milliseconds: number): number {
    return Math.floor(milliseconds + this.shiftMs);
  }

  /** An order as it stands; undefined where the venue has forgotten it. */
  order(id: number): OrderMessage | undefined {
    const { orders, instruments, config } = this.#exchange;
    const slot = orders.slotOf(id);
    if (slot < 0) return undefined;
    const instrument = orders.instrument[slot]!;
    const definition = instruments.definitions[instrument]!;
    const flags = orders.flags[slot]!;
    const filledLots = orders.filledLots[slot]!;
    const state = orders.state[slot]!;
    const isQuote = (flags & OrderFlag.QUOTE) !== 0;
    const isKnown = this.#labelled[slot] === id;
    const message: OrderMessage = {
      order_id: idText(definition.settlementCurrency, id, 0),
      order_state: orderStateName(state),
      instrument_name: definition.name,
      direction: orders.side[slot] === Side.BUY ? 'buy' : 'sell',
      price: instruments.priceOf(instrument, orders.ticks[slot]!),
      amount: instruments.amountOf(instrument, orders.lots[slot]! + filledLots),
      filled_amount: instruments.amountOf(instrument, filledLots),
      average_price:
        filledLots === 0 ? 0 : (orders.filledTicks[slot]! / filledLots) * instruments.tickSize[instrument]!,
      label: isKnown ? (this.#labels[slot] ?? '') : '',
      post_only: (flags & OrderFlag.POST_ONLY) !== 0,
      reduce_only: (flags & OrderFlag.REDUCE_ONLY) !== 0,
      mmp: (flags & OrderFlag.MMP) !== 0,
      mmp_cancelled: (flags & OrderFlag.MMP_CANCELLED) !== 0,
      replaced: (flags & OrderFlag.REPLACED) !== 0,
      is_liquidation: (flags & OrderFlag.LIQUIDATION) !== 0,
      time_in_force: timeInForceNames[orders.timeInForce[slot]!]!,
      creation_timestamp: this.stamp(orders.createdAt[slot]!),
      last_update_timestamp: this.stamp(orders.changedAt[slot]!),
    };
    const reason = state === OrderState.CANCELLED ? cancelReasonName(orders.cancelReason[slot]!) : undefined;
    if (reason !== undefined) message.cancel_reason = reason;
    if (isQuote) {
      message.quote = true;
      message.quote_set_id = quoteSetName(orders.quoteSet[slot]!);
      message.mmp_group = groupNameOf(config.indices[instruments.index[instrument]!]!.name);
      message.quote_id = String(isKnown ? (this.#quoteIds[slot] ?? 0) : 0);
    }
    return message;
  }

  /** A trade that the venue still remembers, as the account sees it on one of its sides. */
  trade(id: number, isTaker: boolean): OwnTrade {
    const { trades, orders, instruments, accounts } = this.#exchange;
    const slot = trades.slotOf(id);
    const instrument = trades.instrument[slot]!;
    const definition = instruments.definitions[instrument]!;
    const order = (isTaker ? trades.takerOrder : trades.makerOrder)[slot]!;
    const units = accounts.unitsPer[instruments.currency[instrument]!]!;
    const fee = (isTaker ? trades.takerFee : trades.makerFee)[slot]! / units;
    const orderSlot = orders.slotOf(order);
    const flags = orderSlot < 0 ? 0 : orders.flags[orderSlot]!;
    const timestamp = this.stamp(trades.time[slot]!);
    const unlabelled = isTaker ? this.#expected : '';
    const message: TradeMessage = {
      trade_id: idText(definition.settlementCurrency, id, 0),
      order_id: idText(definition.settlementCurrency, order, 0),
      instrument_name: definition.name,
      direction: (trades.takerSide[slot] === Side.BUY) === isTaker ? 'buy' : 'sell',
      price: trades.price[slot]!,
      amount: instruments.amountOf(instrument, trades.lots[slot]!),
      timestamp,
      trade_seq: trades.sequence[slot]!,
      fee: rounded(fee, 8),
      fee_currency: definition.settlementCurrency,
      liquidity: isTaker ? 'T' : 'M',
      label: orderSlot >= 0 && this.#labelled[orderSlot] === order ? (this.#labels[orderSlot] ?? '') : unlabelled,
      mark_price: trades.markPrice[slot]!,
      index_price: rounded(trades.indexPrice[slot]!, 2),
      mmp: (flags & OrderFlag.MMP) !== 0,
    };
    if (instruments.isFuture[instrument] !== 1) message.underlying_price = rounded(trades.forward[slot]!, 4);
    if ((flags & OrderFlag.QUOTE) !== 0) message.quote_set_id = quoteSetName(orders.quoteSet[orderSlot]!);
    if (trades.liquidation[slot] !== 0) message.liquidation = 'M';
    return { trade: id, order, instrument, timestamp, message };
  }

  position(instrument: number): PositionMessage {
    const { positions, instruments, accounts, now } = this.#exchange;
    const record = positions.recordOf(this.#account, instrument);
    const lots = record < 0 ? 0 : positions.lots[record]!;
    const value = record < 0 ? 0 : positions.entryValue[record]!;
    const isFuture = instruments.isFuture[instrument] === 1;
    const isInverse = isFuture && instruments.inverse[instrument] === 1;
    const units = accounts.unitsPer[instruments.currency[instrument]!]!;
    const money = (amount: number): number => rounded(amount / units, 8);
    const average = lots === 0 || value === 0 ? 0 : isInverse ? -lots / value : value / lots;
    const mark = instruments.mark(instrument, now);
    const size = instruments.amountOf(instrument, lots);
    const inBase = isInverse && mark > 0 ? size / mark : size;
    const profit = lots === 0 ? 0 : isInverse ? size * (1 / average - 1 / mark) : size * (mark - average);
    const realised = record < 0 ? 0 : positions.realised[record]! + positions.sessionFunding[record]!;
    return {
      instrument_name: instruments.definitions[instrument]!.name,
      size,
      ...(isFuture ? { size_currency: rounded(inBase, 8) } : {}),
      average_price: rounded(average, 8),
      mark_price: mark,
      floating_profit_loss: rounded(profit, 8),
      realized_profit_loss: money(realised),
      ...(isFuture ? { realized_funding: record < 0 ? 0 : money(positions.sessionFunding[record]!) } : {}),
      delta: rounded(inBase * (isFuture ? 1 : instruments.delta(instrument, now)), 8),
    };
  }

  /** Instruments of a currency that the account has anything to do with. */
  held(currency: number): number[] {
    const { positions, instruments } = this.#exchange;
    const found: number[] = [];
    for (
      let record = positions.firstOfAccount[this.#account]!;
      record >= 0;
      record = positions.nextOfAccount[record]!
    ) {
      const instrument = positions.instrument[record]!;
      if (positions.lots[record] !== 0 && instruments.currency[instrument] === currency) found.push(instrument);
    }
    return found;
  }

  /** Open orders of the account, by instrument. */
  open(isMeant: (slot: number) => boolean = () => true): number[] {
    const { positions, orders } = this.#exchange;
    const found: number[] = [];
    for (
      let record = positions.firstOfAccount[this.#account]!;
      record >= 0;
      record = positions.nextOfAccount[record]!
    ) {
      for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) {
        if (isMeant(slot)) found.push(orders.id[slot]!);
      }
    }
    return found;
  }

  funds(currency: number): PortfolioMessage {
    const { accounts, config } = this.#exchange;
    const margin = this.#exchange.margin(this.#account, currency);
    const coins = (value: number): number => rounded(value, 8);
    const profit = coins(margin.sessionProfit);
    return {
      currency: config.currencies[currency]!.name,
      balance: coins(margin.balance),
      equity: coins(margin.equity),
      margin_balance: coins(margin.marginBalance),
      available_funds: coins(margin.availableFunds),
      initial_margin: coins(margin.initialMargin),
      maintenance_margin: coins(margin.maintenanceMargin),
      projected_initial_margin: coins(margin.initialMargin),
      projected_maintenance_margin: coins(margin.maintenanceMargin),
      options_value: coins(margin.optionValue),
      futures_pl: profit,
      session_upl: profit,
      session_rpl: 0,
      total_pl: profit,
      options_pl: 0,
      spot_reserve: 0,
      fee_balance: 0,
      cross_collateral_enabled: false,
      portfolio_margining_enabled: accounts.margin[this.#account] === MarginModel.PORTFOLIO,
    };
  }

  #own(order: number): number {
    const slot = this.#exchange.orders.slotOf(order);
    if (this.#labelled[slot] !== order) {
      this.#labelled[slot] = order;
      this.#labels[slot] = '';
      this.#quoteIds[slot] = 0;
    }
    return slot;
  }
}
