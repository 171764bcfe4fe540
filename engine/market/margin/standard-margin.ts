/** A venue's standard margin, as parts of the underlying. */
export interface StandardMarginRates {
  futureInitial: number;
  futureMaintenance: number;
  /** Added to both for each unit of the base currency in the position. */
  futurePerUnit: number;
  /** Initial margin of a short option: the greater of `shortInitial` less how far it is out of the money, and the floor. */
  shortInitial: number;
  shortFloor: number;
  shortMaintenance: number;
}

/** Deribit's, as its pages on margin state them. */
export const STANDARD_MARGIN: StandardMarginRates = {
  futureInitial: 0.02,
  futureMaintenance: 0.01,
  futurePerUnit: 0.000_05,
  shortInitial: 0.15,
  shortFloor: 0.1,
  shortMaintenance: 0.075,
};

/** What a margin is worked out from, in this order in `numbers`. */
export const MARGIN = {
  /** Of the underlying. */
  INDEX: 0,
  STRIKE: 1,
  /** Mark of the option or the future, its own price unit. */
  MARK: 2,
  /** Signed position, and the amounts of open bids and offers, the venue's amount unit. */
  POSITION: 3,
  BIDS: 4,
  OFFERS: 5,
  /** Sum of amount times price of the open bids, the settlement currency. */
  BID_VALUE: 6,
  /** Initial and maintenance margin of one short option, as `ofShort` leaves them in `margins`. */
  SHORT_INITIAL: 7,
  SHORT_MAINTENANCE: 8,
} as const;
const NUMBERS = 9;

/** Margins, in this order in `margins`. */
export const INITIAL = 0;
export const MAINTENANCE = 1;

// Constants of their own: what is read through an object weighs more in compiled code.
const { INDEX, STRIKE, MARK, POSITION, BIDS, OFFERS, BID_VALUE, SHORT_INITIAL, SHORT_MAINTENANCE } = MARGIN;

/**
 * A venue's standard margin of one instrument, in the currency that it settles in: of the largest position that open orders could make, and of what is held. Both the simulated venue and
 * risk reckon with it. Numbers come and go in cells, where nothing boxes them.
 */
export class StandardMargin {
  readonly numbers = new Float64Array(NUMBERS);
  /** [initial, maintenance] that was worked out last. */
  readonly margins = new Float64Array(2);
  private readonly rates: Float64Array;

  constructor(rates: StandardMarginRates) {
    this.rates = Float64Array.of(
      rates.futureInitial,
      rates.futureMaintenance,
      rates.futurePerUnit,
      rates.shortInitial,
      rates.shortFloor,
      rates.shortMaintenance,
    );
  }

  /** Of one short option, by index, strike and mark; of a put in the money maintenance is the more, the dearer it is. */
  ofShort(isCall: boolean, isInverse: boolean): void {
    const { numbers, margins, rates } = this;
    const index = numbers[INDEX]!;
    const mark = numbers[MARK]!;
    const coin = isInverse ? 1 : index;
    const distance = (isCall ? numbers[STRIKE]! - index : index - numbers[STRIKE]!) / index;
    const least = rates[5]! * coin;
    const dear = isCall ? 0 : rates[5]! * mark;
    margins[MAINTENANCE] = (least > dear ? least : dear) + mark;
    const near = rates[3]! - (distance > 0 ? distance : 0);
    const initial = (near > rates[4]! ? near : rates[4]!) * coin + mark;
    margins[INITIAL] = initial > margins[MAINTENANCE]! ? initial : margins[MAINTENANCE]!;
  }

  /** Of options: what may become short, and the premium of what may be bought beyond closing a short. */
  ofOption(): void {
    const { numbers, margins } = this;
    const position = numbers[POSITION]!;
    const bids = numbers[BIDS]!;
    const held = position < 0 ? -position : 0;
    const offered = numbers[OFFERS]! - position;
    const short = offered > held ? offered : held;
    const opening = bids - held;
    const premium = opening > 0 ? (opening / bids) * numbers[BID_VALUE]! : 0;
    margins[INITIAL] = short * numbers[SHORT_INITIAL]! + premium;
    margins[MAINTENANCE] = held * numbers[SHORT_MAINTENANCE]!;
  }

  /** Of futures and perpetuals: a part of the value, and a little more for each coin. None while there is no mark. */
  ofFuture(isInverse: boolean): void {
    const { numbers, margins, rates } = this;
    const position = numbers[POSITION]!;
    const bought = Math.abs(position + numbers[BIDS]!);
    const sold = Math.abs(position - numbers[OFFERS]!);
    const held = Math.abs(position);
    const open = bought > sold ? bought : sold;
    const worst = open > held ? open : held;
    const mark = numbers[MARK]!;
    const coins = isInverse ? (mark > 0 ? 1 / mark : 0) : 1;
    const price = mark > 0 ? (isInverse ? 1 : mark) : 0;
    margins[INITIAL] = worst * coins * price * (rates[0]! + rates[2]! * worst * coins);
    margins[MAINTENANCE] = held * coins * price * (rates[1]! + rates[2]! * held * coins);
  }
}
