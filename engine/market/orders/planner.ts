import { BestSides } from './best-sides.js';
import { CreditPool } from './codes.js';
import type { CreditBuckets } from './credit-buckets.js';
import { AS_QUOTE, type Differ, LineInt, SideInt, SideNumber, Urgency } from './differ.js';
import { CreditWait, type PlannerSettings, type PlanSink, type PlanView } from './plan.js';
import { PULLED_UNDERLYINGS, Pulls } from './pulls.js';

export type { PlannerSettings, PlanSink, PlanView } from './plan.js';

/** While something differs it is looked at again after this at the latest. */
const LOOK_AGAIN_MICROS = 100_000;
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
  private readonly pulls: Pulls;
  private readonly wait: CreditWait;
  private readonly key = new Float64Array(1);
  private readonly best: BestSides;
  /** Keys of the open sides, by their place in the list, from the look that chose the group; NaN where nothing is to be quoted. */
  private readonly keys: Float64Array;

  constructor(differ: Differ, credits: CreditBuckets, settings: PlannerSettings, view: PlanView, sink: PlanSink) {
    this.differ = differ;
    this.credits = credits;
    this.settings = settings;
    this.view = view;
    this.sink = sink;
    this.wait = new CreditWait(credits);
    this.pulls = new Pulls(differ, credits, settings, view, sink, this.wait);
    this.best = new BestSides(Math.max(settings.quotesPerFrame, settings.requestsAtOnce), this.key);
    this.keys = new Float64Array(differ.sides);
  }

  /** Most intents that one call decides. */
  static most(settings: PlannerSettings): number {
    return settings.quotesPerFrame + 2 * settings.requestsAtOnce + PULLED_UNDERLYINGS;
  }

  /** @returns microseconds after which to look again; 0 where nothing is left to do */
  plan(): number {
    const { differ, credits, view } = this;
    credits.advance(view.now[0]!);
    if (differ.differing === 0) return 0;
    differ.releaseUntil(view.now);
    this.wait.micros[0] = LOOK_AGAIN_MICROS;
    if (differ.cancels > 0 || (differ.adverseMoves > 0 && this.isStuck())) this.pulls.pull();
    if (view.isReady) {
      if (view.massQuotesAllowed) this.quotes();
      if (differ.singles > 0 || !view.massQuotesAllowed) this.singles();
    }
    differ.isPressing = false;
    return differ.differing === 0 ? 0 : this.wait.micros[0]!;
  }

  /** Marks that a cancel of a whole scope is under way. @returns sides that it is to take */
  markCancelled(
    scope: number,
    instrument: number,
    underlying: number,
    group: number,
    quoteSet: number,
    range: Float64Array,
  ): number {
    return this.pulls.markCancelled(scope, instrument, underlying, group, quoteSet, range);
  }

  /** Whether some of what works wrong may be beyond moving: then what would trade against us has to go. */
  private isStuck(): boolean {
    const { differ, view } = this;
    return differ.heldUp > 0 || !view.isReady || (!view.massQuotesAllowed && differ.movedQuotes > 0);
  }

  private quotes(): void {
    const { differ, credits, settings, sink, best } = this;
    // Half of the mass quotes that can be saved up are kept for what presses.
    const kept = Math.max(1, credits.burst(CreditPool.MASS_QUOTES) / 2);
    const held = credits.held(CreditPool.MASS_QUOTES);
    if (held < (differ.isPressing ? 1 : kept)) {
      this.wait.until(CreditPool.MASS_QUOTES, kept);
      return;
    }
    const group = this.groupOfBest();
    if (group < 0) return;
    if (held < kept && this.key[0]! < Urgency.ADVERSE * STEP) {
      this.wait.until(CreditPool.MASS_QUOTES, kept);
      return;
    }
    const most = Math.min(settings.quotesPerFrame, Math.floor(credits.held(CreditPool.QUOTES)));
    if (most < 1) {
      this.wait.until(CreditPool.QUOTES, 1);
      return;
    }
    best.size = 0;
    for (let place = 0; place < differ.opened; place++) {
      const side = differ.open[place]!;
      const key = this.keys[place]!;
      if (Number.isNaN(key) || differ.lineInts[(side >> 1) * LineInt.SIZE + LineInt.GROUP] !== group) continue;
      this.key[0] = key;
      best.offer(side, most);
    }
    credits.take(CreditPool.MASS_QUOTES, 1);
    credits.take(CreditPool.QUOTES, best.size);
    best.sort();
    for (let place = 0; place < best.size; place++) sink.quote(best.sides[place]!);
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
    const { differ, credits, settings, view, sink, best } = this;
    const spare = credits.held(CreditPool.MATCHING) - credits.headroom;
    // What presses may use half of what is kept for cancels.
    const pressing = credits.held(CreditPool.MATCHING) - credits.headroom / 2;
    const most = Math.min(settings.requestsAtOnce, Math.floor(pressing));
    if (spare < 1 && !(differ.isPressing && pressing >= 1)) {
      this.wait.until(CreditPool.MATCHING, credits.headroom + 1);
      return;
    }
    best.size = 0;
    for (let place = 0; place < differ.opened; place++) {
      const side = differ.open[place]!;
      const wantsQuote = (differ.lineInts[(side >> 1) * LineInt.SIZE + LineInt.FLAGS]! & AS_QUOTE) !== 0;
      if (wantsQuote && view.massQuotesAllowed) continue;
      if (differ.isWorking(side) && differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 1) continue;
      if (this.isGoing(side)) continue;
      if (wantsQuote && view.isFrozen(differ.lineInts[(side >> 1) * LineInt.SIZE + LineInt.GROUP]!)) continue;
      this.weigh(side);
      best.offer(side, most);
    }
    best.sort();
    for (let place = 0; place < best.size; place++) {
      const isPressing = best.keys[place]! >= Urgency.ADVERSE * STEP;
      if (place + 1 > spare && !isPressing) {
        this.wait.until(CreditPool.MATCHING, credits.headroom + 1);
        return;
      }
      const side = best.sides[place]!;
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
}
