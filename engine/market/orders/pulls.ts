import { CreditPool, EVERY_GROUP, NO_INSTRUMENT, NO_QUOTE_SET, NO_UNDERLYING, Scope } from './codes.js';
import type { CreditBuckets } from './credit-buckets.js';
import { type Differ, Need, SideInt, SideNumber, Urgency } from './differ.js';
import type { CreditWait, PlannerSettings, PlanSink, PlanView } from './plan.js';

/** A cancel that was asked for has this long to show before it is asked for again. */
const CANCEL_GRACE_MICROS = 2_000_000;
/** Part of what works on an underlying that has to go before all of it does: what is placed again has lost its place, and nothing stands meanwhile. */
const PULLED_SHARE = 1 / 4;
/** Part of the credits of single requests that such cancels may take at once. */
const SINGLES_SHARE = 1 / 2;
/** Underlyings that are pulled at once from which on everything is. */
const EVERYTHING_FROM = 3;
/** Underlyings that there is room for, and one for what has none. */
export const PULLED_UNDERLYINGS = 257;
/** An empty range of deltas, for scopes that have none. */
const NO_RANGE = new Float64Array(2);

/** What has to go: mass cancels where it is more than a few, because who cancels one by one runs out of credits, and then loses the session. */
export class Pulls {
  private readonly differ: Differ;
  private readonly credits: CreditBuckets;
  private readonly settings: PlannerSettings;
  private readonly view: PlanView;
  private readonly sink: PlanSink;
  private readonly wait: CreditWait;
  /** By underlying + 1: sides to be pulled. */
  private readonly pulls = new Int32Array(PULLED_UNDERLYINGS);

  constructor(
    differ: Differ,
    credits: CreditBuckets,
    settings: PlannerSettings,
    view: PlanView,
    sink: PlanSink,
    wait: CreditWait,
  ) {
    this.differ = differ;
    this.credits = credits;
    this.settings = settings;
    this.view = view;
    this.sink = sink;
    this.wait = wait;
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
    // Where a hedge stands it takes risk away, though less well.
    const isRefused = differ.isHeldUp(side) && !differ.isHedge(side >> 1);
    // What cannot be moved, and would trade at a price that is not wanted, goes.
    if (!isRefused && view.isReady && (!isQuote || view.massQuotesAllowed)) return false;
    differ.weigh(side);
    return differ.urgency[0] === Urgency.ADVERSE;
  }

  pull(): void {
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
    for (let underlying = 0; underlying < PULLED_UNDERLYINGS; underlying++) {
      if (pulls[underlying]! < settings.massCancelFrom) continue;
      if (this.isFew(underlying)) pulls[underlying] = 0;
      else many++;
    }
    if (many >= EVERYTHING_FROM || pulls[0]! >= settings.massCancelFrom) {
      if (this.massCancel(Scope.EVERYTHING, NO_INSTRUMENT, NO_UNDERLYING)) return;
    }
    for (let underlying = 1; underlying < PULLED_UNDERLYINGS; underlying++) {
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
      this.wait.until(CreditPool.MATCHING, 1);
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
      this.wait.until(CreditPool.CANCEL_ALL, 1);
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
}
