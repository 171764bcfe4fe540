import { amountOfLots } from '../lots.js';
import { Side } from '../orders/codes.js';
import { HedgeLimit } from './hedge-rule.js';
import type { HedgingSettings } from './settings.js';

/** What is known of an underlying: both Greeks of all that is held, vega in USD per 1.00 of vol weighted to 30 days, gamma in USD of delta for one percent. */
export const GreekBook = { VEGA: 0, GAMMA: 1, SIZE: 2 } as const;

/** What is known of an option, a contract each: prices in the venue's unit, Greeks as those of the book, `PLAIN_VEGA` without the expiry's weight. */
export const GreekOption = {
  VEGA: 0,
  GAMMA: 1,
  PLAIN_VEGA: 2,
  THEO: 3,
  /** Of others. */
  BID: 4,
  BID_AMOUNT: 5,
  ASK: 6,
  ASK_AMOUNT: 7,
  /** Of taking, price units; USD per price unit; the least amount. */
  FEE: 8,
  MONEY: 9,
  LOT: 10,
  /** Our own quotes: a hedge that meets them is refused. 0 for none. */
  OWN_BID: 11,
  OWN_ASK: 12,
  SIZE: 13,
} as const;

/** The best hedge so far: gain is what makes it the best, cost in USD. */
export const GreekHedge = { PRICE: 0, AMOUNT: 1, REMOVED: 2, COST: 3, GAIN: 4, SIZE: 5 } as const;

/**
 * Which option to hedge a Greek with: it takes others' touch where that removes most for what it costs. A hedge never takes more than is there, never turns the Greek
 * that it hedges, and never leaves more of the other one than its band or than there was.
 */
export class GreekRule {
  readonly book = new Float64Array(GreekBook.SIZE);
  readonly option = new Float64Array(GreekOption.SIZE);
  readonly best = new Float64Array(GreekHedge.SIZE);
  /** Option of the best hedge; -1 for none. */
  chosen = -1;
  side: number = Side.BOTH;
  limit: number = HedgeLimit.NONE;
  /** GreekBook place of the Greek that is hedged. */
  greek: number = GreekBook.VEGA;
  private readonly bands: Float64Array;
  private readonly settings: HedgingSettings;

  constructor(settings: HedgingSettings) {
    this.settings = settings;
    this.bands = Float64Array.of(settings.vegaBand, settings.gammaBandUsd);
  }

  /** Whether either Greek is hedged at all. */
  get isUsed(): boolean {
    return this.bands[0]! > 0 || this.bands[1]! > 0;
  }

  /** Edge of the band of the Greek that is hedged. */
  get band(): number {
    return this.bands[this.greek]!;
  }

  /** Begins to look for a hedge of what stands in `book`: the Greek that is further out of its band. @returns whether one is wanted */
  begin(): boolean {
    const { book, bands, best } = this;
    this.chosen = -1;
    this.limit = HedgeLimit.NONE;
    best.fill(0);
    let furthest = 1;
    let found = false;
    for (let greek = 0; greek < GreekBook.SIZE; greek++) {
      const off = bands[greek]! > 0 ? Math.abs(book[greek]!) / bands[greek]! : 0;
      if (!(off > furthest)) continue;
      furthest = off;
      this.greek = greek;
      found = true;
    }
    this.side = book[this.greek]! > 0 ? Side.SELL : Side.BUY;
    return found;
  }

  /** Weighs the option that stands in `option`. */
  weigh(id: number): void {
    const { option, book, bands, best, settings, greek } = this;
    const sells = this.side === Side.SELL;
    const own = option[sells ? GreekOption.OWN_BID : GreekOption.OWN_ASK]!;
    const price = option[sells ? GreekOption.BID : GreekOption.ASK]!;
    const there = option[sells ? GreekOption.BID_AMOUNT : GreekOption.ASK_AMOUNT]!;
    const each = option[GreekOption.VEGA + greek]!;
    const other = option[GreekOption.VEGA + 1 - greek]!;
    const lot = option[GreekOption.LOT]!;
    if (!(price > 0 && there > 0 && each > 0 && other >= 0 && lot > 0)) return;
    if (own > 0 && (sells ? own >= price : own <= price)) return;
    const away = sells ? option[GreekOption.THEO]! - price : price - option[GreekOption.THEO]!;
    const cost = (away + option[GreekOption.FEE]!) * option[GreekOption.MONEY]!;
    const most = settings.vegaCost * option[GreekOption.PLAIN_VEGA]!;
    if (!(cost < most)) return;
    const wanted = Math.abs(book[greek]!) - settings.leave * bands[greek]!;
    let limit: number = HedgeLimit.NONE;
    let amount = wanted / each;
    if (there < amount) {
      amount = there;
      limit = HedgeLimit.TOUCH;
    }
    const clip = settings.optionClip * lot;
    if (clip < amount) {
      amount = clip;
      limit = HedgeLimit.CLIP;
    }
    // Selling takes the other Greek down and buying up; it may go to its band on either side, or to where it was.
    const held = (sells ? 1 : -1) * book[1 - greek]!;
    const room = Math.max(Math.abs(held), bands[1 - greek]!) + held;
    if (other * amount > room) {
      amount = room / other;
      limit = HedgeLimit.OTHER_GREEK;
    }
    amount = amountOfLots(Math.floor(amount / lot + 1e-9), lot);
    const removed = amount * each;
    const gain = (removed / wanted) * (1 - cost / most);
    if (!(amount > 0 && gain > best[GreekHedge.GAIN]!)) return;
    this.chosen = id;
    this.limit = limit;
    best[GreekHedge.PRICE] = price;
    best[GreekHedge.AMOUNT] = amount;
    best[GreekHedge.REMOVED] = removed;
    best[GreekHedge.COST] = cost * amount;
    best[GreekHedge.GAIN] = gain;
  }
}
