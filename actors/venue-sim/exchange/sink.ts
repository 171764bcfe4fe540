/**
 * What the exchange tells, in the order in which it happens. Arguments are small integers; what they name is read from the
 * exchange's columns during the call. A sink must not call the exchange's commands from within: it would see half an event.
 */
export interface ExchangeSink {
  /** An order appeared, changed or ended: `orders.slotOf(order)`. */
  orderChanged(order: number): void;
  /** A trade was printed: `trades.slotOf(trade)`. Both orders' changes follow. */
  traded(trade: number): void;
  /**
   * Levels of one book changed in one step: `changes` holds them, `count` many. The chain of change ids is
   * `books.previousChangeId(instrument)` to `books.changeId(instrument)`.
   */
  bookChanged(instrument: number, count: number): void;
  /** A position changed by a trade, a settlement or a delivery. */
  positionChanged(account: number, instrument: number): void;
  /** A balance changed by a trade, a fee, funding, a settlement or a deposit. */
  accountChanged(account: number, currency: number): void;
  /** Market maker protection of a group (0: orders outside groups) of an account on an index fired. */
  mmpTriggered(account: number, index: number, group: number): void;
  /** An instrument's `LifeCycle` state changed. */
  instrumentChanged(instrument: number): void;
  /** Session profit, or the delivery of an expired instrument, was paid: `settlements.slotOf(settlement)`. */
  settled(settlement: number): void;
}

/** Hears nothing. */
export const silentSink: ExchangeSink = {
  orderChanged: () => {},
  traded: () => {},
  bookChanged: () => {},
  positionChanged: () => {},
  accountChanged: () => {},
  mmpTriggered: () => {},
  instrumentChanged: () => {},
  settled: () => {},
};
