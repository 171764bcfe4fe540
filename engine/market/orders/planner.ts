import { CreditPool, EVERY_GROUP, NO_INSTRUMENT, NO_QUOTE_SET, NO_UNDERLYING, Scope } from './codes.js';
import type { CreditBuckets } from './credit-buckets.js';
import { AS_QUOTE, type Differ, LineInt, Need, SideInt, SideNumber, Urgency } from './differ.js';

export interface PlannerSettings {
  /** Most sides of quotes in one frame: the venue bounds a frame's bytes. */
  quotesPerFrame: number;
  /** Most single requests decided at once. */
  requestsAtOnce: number;
  /** From this many sides of an underlying on, a pull is one mass cancel, unless that would take much that is to stay. */
  massCancelFrom: number;
}

/** Whoever turns decisions into intents. Sides and lines are the differ's. */
export interface PlanSink {
  place(side: number): void;
  amend(side: number): void;
  /** One side of the frame under way: places it, or replaces what is there. */
  quote(side: number): void;
  cancel(side: number): void;
  massCancel(scope: number, instrument: number, underlying: number, ordersToo: boolean): void;
}

/** What the planner has to know of the world: set by whoever calls. */
export interface PlanView {
  /** Event time. */
  readonly now: Float64Array;
  /** Number of an instrument's underlying; -1 where it is not known. */
  underlyingOf(instrument: number): number;
  /** No quotes for now: the venue's protection has struck. */
  isFrozen(group: number): boolean;
  isReady: boolean;
  massQuotesAllowed: boolean;
}

/** A cancel that was asked for has this long to show before it is asked for again. */
export const CANCEL_GRACE_MICROS = 2_000_000;
/** While something differs it is looked at again after this at the latest. */
const LOOK_AGAIN_MICROS = 100_000;
/** Part of what works on an underlying that has to go before all of it does: what is placed again has lost its place, and nothing stands meanwhile. */
const PULLED_SHARE = 1 / 4;
/** Part of the credits of single requests that such cancels may take at once. */
const SINGLES_SHARE = 1 / 2;
/** Underlyings that are pulled at once from which on everything is. */
const EVERYTHING_FROM = 3;
const UNDERLYINGS = 257;
/** Stands above any value in USD: urgency first, then worth. */
const STEP = 1e15;

/**
 * What to ask for now: the updates that are worth most, within the venue's credits, with what takes risk away first. Pulls are
 * mass cancels where there are more than a few: who cancels one by one runs out of credits, and then loses the session.
 */
export class Planner {
  private readonly differ: Differ;
  private readonly credits: CreditBuckets;
  private readonly settings: PlannerSettings;
  private readonly view: PlanView;
  private readonly sink: PlanSink;
  /** By underlying + 1: sides to be pulled. */
  private readonly pulls = new Int32Array(UNDERLYINGS);
  private readonly heapSides: Int32Array;
  private readonly heapKeys: Float64Array;
  private heapSize = 0;
  private readonly key = new Float64Array(1);
  /** Keys of the open sides, by their place in the list, from the look that chose the group; NaN where nothing is to be quoted. */
  private readonly keys: Float64Array;
  private readonly wait = new Float64Array(1);

  constructor(differ: Differ, credits: CreditBuckets, settings: PlannerSettings, view: PlanView, sink: PlanSink) {
    this.differ = differ;
    this.credits = credits;
    this.settings = settings;
    this.view = view;
    this.sink = sink;
    const most = Math.max(settings.quotesPerFrame, settings.requestsAtOnce);
    this.heapSides = new Int32Array(most);
    this.heapKeys = new Float64Array(most);
    this.keys = new Float64Array(differ.sides);
  }

  /** Most intents that one call decides. */
  static most(settings: PlannerSettings): number {
    return settings.quotesPerFrame + 2 * settings.requestsAtOnce + UNDERLYINGS;
  }

  /** @returns microseconds after which to look again; 0 where nothing is left to do */
  plan(): number {
    const { differ, credits, view } = this;
    credits.advance(view.now[0]!);
    if (differ.differing === 0) return 0;
    differ.releaseUntil(view.now);
    this.wait[0] = LOOK_AGAIN_MICROS;
    if (differ.cancels > 0 || !view.isReady || (!view.massQuotesAllowed && differ.movedQuotes > 0)) this.pull();
    if (view.isReady) {
      if (view.massQuotesAllowed) this.quotes();
      if (differ.singles > 0 || !view.massQuotesAllowed) this.singles();
    }
    differ.isPressing = false;
    return differ.differing === 0 ? 0 : this.wait[0]!;
  }

  /** Marks that a cancel of a whole scope is under way. */
  markCancelled(
    scope: number,
    instrument: number,
    underlying: number,
    group: number,
    quoteSet: number,
    range: Float64Array,
  ): number {
    const { differ, view } = this;
    let marked = 0;
    for (let line = 0; line < differ.lines; line++) {
      const bid = 2 * line;
      if (!differ.isWorking(bid) && !differ.isWorking(bid + 1)) continue;
      const of = view.underlyingOf(differ.instrumentOf(line));
      if (!differ.isIn(line, scope, instrument, underlying, of, group, quoteSet, range)) continue;
      for (let side = bid; side <= bid + 1; side++) {
        if (!differ.isWorking(side)) continue;
        differ.sideNumbers[side * SideNumber.SIZE + SideNumber.CANCEL_UNTIL] = view.now[0]! + CANCEL_GRACE_MICROS;
        marked++;
      }
    }
    return marked;
  }

  /** Whether a side has to go, and nobody has asked for that yet. */
  private mustGo(side: number): boolean {
    const { differ, view } = this;
    if (!differ.isWorking(side)) return false;
    const at = side * SideNumber.SIZE;
    if (differ.sideNumbers[at + SideNumber.CANCEL_UNTIL]! > view.now[0]!) return false;
    const need = differ.needOf(side);
    if (need === Need.CANCEL) return true;
    if (need !== Need.AMEND) return false;
    const isQuote = differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 1;
    // What cannot be moved, and would trade at a price that is not wanted, goes.
    if (view.isReady && (!isQuote || view.massQuotesAllowed)) return false;
    differ.weigh(side);
    return differ.urgency[0] === Urgency.ADVERSE;
  }

  private pull(): void {
    const { differ, pulls, view, settings } = this;
    pulls.fill(0);
    let total = 0;
    for (let place = 0; place < differ.differing; place++) {
      const side = differ.list[place]!;
      if (!this.mustGo(side)) continue;
      pulls[view.underlyingOf(differ.instrumentOf(side >> 1)) + 1]! += 1;
      total++;
    }
    if (total === 0) return;
    let many = 0;
    for (let underlying = 0; underlying < UNDERLYINGS; underlying++) {
      if (pulls[underlying]! < settings.massCancelFrom) continue;
      if (this.isFew(underlying)) pulls[underlying] = 0;
      else many++;
    }
    if (many >= EVERYTHING_FROM || pulls[0]! >= settings.massCancelFrom) {
      if (this.massCancel(Scope.EVERYTHING, NO_INSTRUMENT, NO_UNDERLYING)) return;
    }
    for (let underlying = 1; underlying < UNDERLYINGS; underlying++) {
      if (pulls[underlying]! < settings.massCancelFrom) continue;
      if (!this.massCancel(Scope.UNDERLYING, NO_INSTRUMENT, underlying - 1)) break;
    }
    // From the end: a side that is asked for stays in its place, but the list may be reordered by whoever listens.
    for (let place = differ.differing - 1; place >= 0; place--) {
      const side = differ.list[place]!;
      if (this.mustGo(side) && !this.pullOne(side)) break;
    }
  }

  /** Whether what has to go of an underlying, at its place among the pulls, is little of what works there, and can be paid for one by one. */
  private isFew(place: number): boolean {
    const { differ, view, credits, pulls } = this;
    const pulled = pulls[place]!;
    if (pulled > credits.held(CreditPool.MATCHING) * SINGLES_SHARE) return false;
    let working = 0;
    for (let line = 0; line < differ.lines; line++) {
      const works = (differ.isWorking(2 * line) ? 1 : 0) + (differ.isWorking(2 * line + 1) ? 1 : 0);
      if (works > 0 && view.underlyingOf(differ.instrumentOf(line)) + 1 === place) working += works;
    }
    return pulled < working * PULLED_SHARE;
  }

  /** Both sides of a quote by one request where both must go; false where there is no credit for it. */
  private pullOne(side: number): boolean {
    const { differ, credits, view, sink } = this;
    const other = side ^ 1;
    const instrument = differ.instrumentOf(side >> 1);
    const areQuotes = differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 1;
    if (areQuotes && differ.isWorking(other) && this.mustGo(other)) {
      if (this.massCancel(Scope.INSTRUMENT, instrument, NO_UNDERLYING)) return true;
    }
    if (credits.held(CreditPool.MATCHING) < 1) {
      this.waitFor(CreditPool.MATCHING, 1);
      return false;
    }
    credits.take(CreditPool.MATCHING, 1);
    differ.sideNumbers[side * SideNumber.SIZE + SideNumber.CANCEL_UNTIL] = view.now[0]! + CANCEL_GRACE_MICROS;
    sink.cancel(side);
    return true;
  }

  private massCancel(scope: number, instrument: number, underlying: number): boolean {
    const { credits, sink } = this;
    if (credits.held(CreditPool.CANCEL_ALL) < 1) {
      this.waitFor(CreditPool.CANCEL_ALL, 1);
      return false;
    }
    credits.take(CreditPool.CANCEL_ALL, 1);
    const ordersToo = this.anyOrderMustGo();
    this.markCancelled(scope, instrument, underlying, EVERY_GROUP, NO_QUOTE_SET, NO_RANGE);
    sink.massCancel(scope, instrument, underlying, ordersToo);
    return true;
  }

  /** Whether something that must go is no quote, so that a cancel of quotes would not reach it. */
  private anyOrderMustGo(): boolean {
    const { differ } = this;
    for (let place = 0; place < differ.differing; place++) {
      const side = differ.list[place]!;
      const isQuote = differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 1;
      if (!isQuote && !differ.isHedge(side >> 1) && this.mustGo(side)) return true;
    }
    return false;
  }

  private quotes(): void {
    const { differ, credits, settings, sink } = this;
    // Half of the mass quotes that can be saved up are kept for what presses.
    const kept = Math.max(1, credits.burst(CreditPool.MASS_QUOTES) / 2);
    const held = credits.held(CreditPool.MASS_QUOTES);
    if (held < (differ.isPressing ? 1 : kept)) {
      this.waitFor(CreditPool.MASS_QUOTES, kept);
      return;
    }
    const group = this.groupOfBest();
    if (group < 0) return;
    if (held < kept && this.key[0]! < Urgency.ADVERSE * STEP) {
      this.waitFor(CreditPool.MASS_QUOTES, kept);
      return;
    }
    const most = Math.min(settings.quotesPerFrame, Math.floor(credits.held(CreditPool.QUOTES)));
    if (most < 1) {
      this.waitFor(CreditPool.QUOTES, 1);
      return;
    }
    this.heapSize = 0;
    for (let place = 0; place < differ.opened; place++) {
      const side = differ.open[place]!;
      const key = this.keys[place]!;
      if (Number.isNaN(key) || differ.lineInts[(side >> 1) * LineInt.SIZE + LineInt.GROUP] !== group) continue;
      this.key[0] = key;
      this.offer(side, most);
    }
    credits.take(CreditPool.MASS_QUOTES, 1);
    credits.take(CreditPool.QUOTES, this.heapSize);
    this.sortHeap();
    for (let place = 0; place < this.heapSize; place++) sink.quote(this.heapSides[place]!);
  }

  /** Protection group of the quote that is worth most now; its key is left in `key`. -1 where there is none. */
  private groupOfBest(): number {
    const { differ, key, keys } = this;
    let best = -1;
    let bestKey = Number.NEGATIVE_INFINITY;
    for (let place = 0; place < differ.opened; place++) {
      const side = differ.open[place]!;
      keys[place] = Number.NaN;
      if (!this.isQuotable(side)) continue;
      this.weigh(side);
      keys[place] = key[0]!;
      if (key[0]! > bestKey) {
        bestKey = key[0]!;
        best = side;
      }
    }
    key[0] = bestKey;
    return best < 0 ? -1 : differ.lineInts[(best >> 1) * LineInt.SIZE + LineInt.GROUP]!;
  }

  private isQuotable(side: number): boolean {
    const { differ, view } = this;
    const line = side >> 1;
    if ((differ.lineInts[line * LineInt.SIZE + LineInt.FLAGS]! & AS_QUOTE) === 0) return false;
    if (this.isGoing(side)) return false;
    if (differ.isWorking(side) && differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 0) return false;
    return !view.isFrozen(differ.lineInts[line * LineInt.SIZE + LineInt.GROUP]!);
  }

  /** Whether a cancel of a side is under way: what works there is about to go. */
  private isGoing(side: number): boolean {
    const { differ, view } = this;
    return (
      differ.sideNumbers[side * SideNumber.SIZE + SideNumber.CANCEL_UNTIL]! > view.now[0]! && differ.isWorking(side)
    );
  }

  private singles(): void {
    const { differ, credits, settings, view, sink } = this;
    const spare = credits.held(CreditPool.MATCHING) - credits.headroom;
    // What presses may use half of what is kept for cancels.
    const pressing = credits.held(CreditPool.MATCHING) - credits.headroom / 2;
    const most = Math.min(settings.requestsAtOnce, Math.floor(pressing));
    if (spare < 1 && !(differ.isPressing && pressing >= 1)) {
      this.waitFor(CreditPool.MATCHING, credits.headroom + 1);
      return;
    }
    this.heapSize = 0;
    for (let place = 0; place < differ.opened; place++) {
      const side = differ.open[place]!;
      const wantsQuote = (differ.lineInts[(side >> 1) * LineInt.SIZE + LineInt.FLAGS]! & AS_QUOTE) !== 0;
      if (wantsQuote && view.massQuotesAllowed) continue;
      if (differ.isWorking(side) && differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 1) continue;
      if (this.isGoing(side)) continue;
      if (wantsQuote && view.isFrozen(differ.lineInts[(side >> 1) * LineInt.SIZE + LineInt.GROUP]!)) continue;
      this.weigh(side);
      this.offer(side, most);
    }
    this.sortHeap();
    for (let place = 0; place < this.heapSize; place++) {
      const isPressing = this.heapKeys[place]! >= Urgency.ADVERSE * STEP;
      if (place + 1 > spare && !isPressing) {
        this.waitFor(CreditPool.MATCHING, credits.headroom + 1);
        return;
      }
      const side = this.heapSides[place]!;
      credits.take(CreditPool.MATCHING, 1);
      if (differ.isWorking(side)) sink.amend(side);
      else sink.place(side);
    }
  }

  private weigh(side: number): void {
    const { differ, key } = this;
    differ.weigh(side);
    const value = differ.value[0]!;
    // Written so that a worth that is no number counts as none.
    key[0] = differ.urgency[0]! * STEP + (value > 0 ? Math.min(value, STEP / 2) : 0);
  }

  /** Keeps the `most` sides of the highest keys: a heap whose top is the least of them. The side's key stands in `key`. */
  private offer(side: number, most: number): void {
    const { heapSides, heapKeys, key } = this;
    let at: number;
    if (this.heapSize < most) {
      at = this.heapSize++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isLess(key[0]!, side, heapKeys[parent]!, heapSides[parent]!)) break;
        heapKeys[at] = heapKeys[parent]!;
        heapSides[at] = heapSides[parent]!;
        at = parent;
      }
    } else {
      if (!isLess(heapKeys[0]!, heapSides[0]!, key[0]!, side)) return;
      at = this.sift(0, this.heapSize, side);
    }
    heapKeys[at] = key[0]!;
    heapSides[at] = side;
  }

  /** Place, from `at` down, for the entry of `key` and `side` in a heap of this size. */
  private sift(from: number, size: number, side: number): number {
    const { heapSides, heapKeys, key } = this;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) return at;
      if (
        child + 1 < size &&
        isLess(heapKeys[child + 1]!, heapSides[child + 1]!, heapKeys[child]!, heapSides[child]!)
      ) {
        child++;
      }
      if (!isLess(heapKeys[child]!, heapSides[child]!, key[0]!, side)) return at;
      heapKeys[at] = heapKeys[child]!;
      heapSides[at] = heapSides[child]!;
      at = child;
    }
  }

  /** Turns the heap into a list, the highest key first. */
  private sortHeap(): void {
    const { heapSides, heapKeys, key } = this;
    for (let size = this.heapSize - 1; size > 0; size--) {
      const least = heapSides[0]!;
      const leastKey = heapKeys[0]!;
      const side = heapSides[size]!;
      key[0] = heapKeys[size]!;
      const at = this.sift(0, size, side);
      heapSides[at] = side;
      heapKeys[at] = key[0]!;
      heapSides[size] = least;
      heapKeys[size] = leastKey;
    }
  }

  private waitFor(pool: number, amount: number): void {
    const wait = Math.max(1000, this.credits.waitFor(pool, amount));
    if (wait < this.wait[0]!) this.wait[0] = wait;
  }
}

/** An empty range of deltas, for scopes that have none. */
const NO_RANGE = new Float64Array(2);

/** Equal keys go by the side's number, so that the order is the same everywhere. */
function isLess(leftKey: number, left: number, rightKey: number, right: number): boolean {
  return leftKey < rightKey || (leftKey === rightKey && left > right);
}
