/**
 * What a client hears. Arguments are numbers; times are the venue's, when it happened, milliseconds since the Unix epoch. Ticks
 * and lots are of the instrument, as in `Exchange`. What a request has caused is reported before its answer.
 */
export interface SimListener {
  /** The answer to a request: an order's id, or a refusal as a negative number; for `call`, what the call returned. */
  answered(request: number, answer: number, time: number): void;
  /** An own order appeared, changed or ended: see `OrderState` and `CancelReason`. */
  orderChanged(report: SimOrderReport): void;
  /** An own order traded. */
  filled(report: SimFillReport): void;
  /** A level of a followed book changed; 0 lots where it went. `last` with the last of one change. */
  levelChanged(instrument: number, side: number, ticks: number, lots: number, changeId: number, last: boolean): void;
  /** A public trade of a followed instrument. */
  traded(instrument: number, price: number, lots: number, takerSide: number, trade: number, time: number): void;
  /** Market maker protection of a group of the account on an index fired. */
  mmpTriggered(index: number, group: number, time: number): void;
  /** An instrument was listed, or its `LifeCycle` state changed. */
  instrumentChanged(instrument: number, state: number, time: number): void;
}

/** An order as it was at the time of a report. One object is used for all reports: copy what is to be kept. */
export interface SimOrderReport {
  order: number;
  instrument: number;
  side: number;
  state: number;
  ticks: number;
  /** Left, and filled. */
  lots: number;
  filledLots: number;
  cancelReason: number;
  tag: number;
  time: number;
}

/** A trade of an own order. One object is used for all reports: copy what is to be kept. */
export interface SimFillReport {
  trade: number;
  order: number;
  instrument: number;
  side: number;
  price: number;
  lots: number;
  /** Smallest units of the settlement currency; negative for a rebate. */
  fee: number;
  isMaker: boolean;
  tag: number;
  time: number;
}

/** Hears nothing: spread it and say what you hear. */
export const deafListener: SimListener = {
  answered: () => {},
  orderChanged: () => {},
  filled: () => {},
  levelChanged: () => {},
  traded: () => {},
  mmpTriggered: () => {},
  instrumentChanged: () => {},
};
