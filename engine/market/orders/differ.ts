import type { Cells } from './cells.js';
import { EVERY_GROUP, NO_QUOTE_SET, OrderFlag, Scope, Side, Strategy } from './codes.js';
import { VENUE_ID_WORDS } from './venue-id.js';

export interface DifferSettings {
  instruments: number;
  /** Quotes that one instrument may have beside each other. */
  quoteSets: number;
}

/** Whole numbers of one side of a line. */
export const SideInt = {
  /** Order that works here, slot of the order table + 1; 0 for none. */
  SLOT: 0,
  RUN: 1,
  INDEX: 2,
  /** Requests on the order whose outcome is not known. */
  REQUESTS: 3,
  /** Intents that the log has not told the fate of. */
  ASKED: 4,
  /** It may be there or not. */
  DOUBTFUL: 5,
  /** Refusals in a row. */
  REFUSALS: 6,
  /** Place among the sides that differ + 1; 0 where it does not. */
  LISTED: 7,
  /** The working order was made by a mass quote. */
  IS_QUOTE: 8,
  /** What it was counted as when it was looked at last: bits of `Counted`. */
  COUNTED: 9,
  /** Place among the open sides + 1, or among the blocked ones, negative; 0 where nothing new may be asked for. */
  OPEN: 10,
  /** Refusals of cancels in a row: what was refused of quotes before makes no cancel wait. */
  CANCEL_REFUSALS: 11,
  VENUE_ID: 12,
  SIZE: 12 + VENUE_ID_WORDS,
} as const;

export const SideNumber = {
  WANT_PRICE: 0,
  WANT_AMOUNT: 1,
  HAVE_PRICE: 2,
  /** May still trade. */
  HAVE_REMAINING: 3,
  HAVE_FILLED: 4,
  ORDER_SEQ: 5,
  /** Distance from the theoretical value, price units. */
  EDGE: 6,
  /** Event time until which nothing new is asked for here; 0 for none. */
  BLOCKED_UNTIL: 7,
  /** Event time until which a cancel that was asked for has time to show. */
  CANCEL_UNTIL: 8,
  SIZE: 9,
} as const;

export const LineInt = { FLAGS: 0, STRATEGY: 1, GROUP: 2, REDUCES: 3, TIME_IN_FORCE: 4, URGENCY: 5, SIZE: 6 } as const;
export const LineNumber = { TOLERANCE: 0, PRICE_VALUE: 1, DELTA: 2, SIZE: 3 } as const;

/** What a side needs. */
export const Need = { NOTHING: 0, PLACE: 1, AMEND: 2, CANCEL: 3 } as const;

/** Classes of urgency: what takes risk away stands before all that is merely worth much. */
export const Urgency = {
  WORTHWHILE: 0,
  /** It makes the position smaller. */
  REDUCES: 1,
  /** It trades at a price that is not wanted any more, or is not wanted at all. */
  ADVERSE: 2,
} as const;

const DUST = 1e-9;

/** What a side that differs counts as. */
const Counted = { CANCEL: 1, SINGLE: 2, MOVED_QUOTE: 4, ADVERSE_MOVE: 8 } as const;
/** Places of the counts. */
const Count = {
  DIFFERING: 0,
  CANCELS: 1,
  SINGLES: 2,
  MOVED_QUOTES: 3,
  OPEN: 4,
  BLOCKED: 5,
  ADVERSE_MOVES: 6,
  SIZE: 7,
} as const;

/**
 * Desired against working. A line is one instrument's quote of one set, or its hedge; a side of it is one order. The differ knows
 * which sides differ and what putting each right is worth; it knows nothing of credits.
 */
export class Differ {
  readonly settings: DifferSettings;
  readonly lines: number;
  readonly sides: number;
  readonly sideInts: Int32Array;
  readonly sideNumbers: Float64Array;
  readonly lineInts: Int32Array;
  readonly lineNumbers: Float64Array;
  /** Sides that differ, in no order. */
  readonly list: Int32Array;
  /** Sides that differ, are wanted, and have nothing under way, in no order: of a whole chain that differs most wait for something. */
  readonly open: Int32Array;
  /** Sides that would be open if they were not blocked. */
  private readonly blocked: Int32Array;
  /** [when the first of them may be open again, or earlier] */
  private readonly release: Float64Array;
  private readonly counts: Int32Array;
  /** Set where a side that was looked at presses; whoever has seen to it sets it back. */
  isPressing = false;
  /** Of the side that was looked at last: what putting it right is worth, USD. */
  readonly value = new Float64Array(1);
  readonly urgency = new Int32Array(1);

  constructor(cells: Cells, settings: DifferSettings) {
    this.settings = settings;
    this.lines = settings.instruments * (settings.quoteSets + 1);
    this.sides = 2 * this.lines;
    this.sideInts = cells.int32(this.sides * SideInt.SIZE, 'side ints', SideInt);
    this.sideNumbers = cells.float64(this.sides * SideNumber.SIZE, 'side numbers', SideNumber);
    this.lineInts = cells.int32(this.lines * LineInt.SIZE, 'line ints', LineInt);
    this.lineNumbers = cells.float64(this.lines * LineNumber.SIZE, 'line numbers', LineNumber);
    this.list = cells.int32(this.sides, 'list');
    this.open = cells.int32(this.sides, 'open');
    this.blocked = cells.int32(this.sides, 'blocked');
    this.release = cells.float64(1, 'release');
    this.counts = cells.int32(Count.SIZE, 'differ: counts', Count);
  }

  get differing(): number {
    return this.counts[Count.DIFFERING]!;
  }

  /** How many sides `open` holds. */
  get opened(): number {
    return this.counts[Count.OPEN]!;
  }

  /** Sides that work and are not wanted. */
  get cancels(): number {
    return this.counts[Count.CANCELS]!;
  }

  /** Sides that differ and are no quotes of a mass quote. */
  get singles(): number {
    return this.counts[Count.SINGLES]!;
  }

  /** Quotes of a mass quote that work and stand wrong. */
  get movedQuotes(): number {
    return this.counts[Count.MOVED_QUOTES]!;
  }

  /** Sides that work, are wanted, and would trade at a price or to an amount that is not wanted any more. */
  get adverseMoves(): number {
    return this.counts[Count.ADVERSE_MOVES]!;
  }

  /** Sides that wait because what they asked for was refused. */
  get heldUp(): number {
    return this.counts[Count.BLOCKED]!;
  }

  /** Whether a side waits because what it asked for was refused. */
  isHeldUp(side: number): boolean {
    return this.sideInts[side * SideInt.SIZE + SideInt.OPEN]! < 0;
  }

  /** Line of an instrument's quote set; -1 where there is none. */
  lineOf(instrument: number, quoteSet: number): number {
    const { instruments, quoteSets } = this.settings;
    if (instrument < 0 || instrument >= instruments || quoteSet < 0 || quoteSet >= quoteSets) return -1;
    return instrument * (quoteSets + 1) + quoteSet;
  }

  hedgeLineOf(instrument: number): number {
    const { instruments, quoteSets } = this.settings;
    return instrument < 0 || instrument >= instruments ? -1 : instrument * (quoteSets + 1) + quoteSets;
  }

  /** Line that an order belongs to by what it says of itself; -1 where it is nobody's here. */
  lineOfOrder(instrument: number, flags: number, strategy: number, quoteSet: number): number {
    if ((flags & OrderFlag.FOREIGN) !== 0) return -1;
    if ((flags & OrderFlag.HEDGE) !== 0 || strategy === Strategy.HEDGER) return this.hedgeLineOf(instrument);
    return quoteSet >>> 0 === NO_QUOTE_SET ? -1 : this.lineOf(instrument, quoteSet);
  }

  instrumentOf(line: number): number {
    return (line / (this.settings.quoteSets + 1)) | 0;
  }

  quoteSetOf(line: number): number {
    const set = line % (this.settings.quoteSets + 1);
    return set === this.settings.quoteSets ? NO_QUOTE_SET : set;
  }

  isHedge(line: number): boolean {
    return line % (this.settings.quoteSets + 1) === this.settings.quoteSets;
  }

  sideOf(line: number, side: number): number {
    return 2 * line + (side === Side.BUY ? 0 : 1);
  }

  isBuy(side: number): boolean {
    return (side & 1) === 0;
  }

  isWorking(side: number): boolean {
    return this.sideInts[side * SideInt.SIZE + SideInt.SLOT] !== 0;
  }

  isWanted(side: number): boolean {
    const at = side * SideNumber.SIZE;
    return (
      this.sideNumbers[at + SideNumber.WANT_AMOUNT]! > 0 && !Number.isNaN(this.sideNumbers[at + SideNumber.WANT_PRICE]!)
    );
  }

  /** Nothing is under way, so something new may be asked for. */
  isIdle(side: number): boolean {
    const at = side * SideInt.SIZE;
    const { sideInts } = this;
    return (
      sideInts[at + SideInt.REQUESTS] === 0 &&
      sideInts[at + SideInt.ASKED] === 0 &&
      sideInts[at + SideInt.DOUBTFUL] === 0
    );
  }

  /** Looks at a side again: call it whenever what is wanted, what works or what is under way here has changed. */
  look(side: number): void {
    const from = side * SideInt.SIZE;
    const { sideInts, list, counts } = this;
    const need = this.needOf(side);
    const differs = need !== Need.NOTHING;
    const listed = sideInts[from + SideInt.LISTED]!;
    if (differs) {
      this.weighAs(side, need);
      if (this.urgency[0] === Urgency.ADVERSE) this.isPressing = true;
    }
    this.count(side, need);
    if (differs && need !== Need.CANCEL && this.isIdle(side)) this.openUp(side);
    else this.close(side);
    if (differs === listed > 0) return;
    if (differs) {
      list[counts[Count.DIFFERING]!] = side;
      counts[Count.DIFFERING]! += 1;
      sideInts[from + SideInt.LISTED] = counts[Count.DIFFERING]!;
      return;
    }
    const last = list[counts[Count.DIFFERING]! - 1]!;
    list[listed - 1] = last;
    sideInts[last * SideInt.SIZE + SideInt.LISTED] = listed;
    sideInts[from + SideInt.LISTED] = 0;
    counts[Count.DIFFERING]! -= 1;
  }

  /** An intent is under way for a side: nothing new may be asked for there until the log has told its fate. */
  ask(side: number): void {
    this.sideInts[side * SideInt.SIZE + SideInt.ASKED]! += 1;
    this.close(side);
  }

  /** The fate of an intent is known: look at the side afterwards. */
  answer(side: number): void {
    this.sideInts[side * SideInt.SIZE + SideInt.ASKED]! -= 1;
  }

  /** Counts a side that was weighed, by what it needs. */
  private count(side: number, need: number): void {
    const from = side * SideInt.SIZE;
    const { sideInts, counts } = this;
    let now = 0;
    if (need !== Need.NOTHING) {
      if (need === Need.CANCEL) now = Counted.CANCEL;
      if ((this.lineInts[(side >> 1) * LineInt.SIZE + LineInt.FLAGS]! & AS_QUOTE) === 0) now |= Counted.SINGLE;
      if (need === Need.AMEND) {
        if (sideInts[from + SideInt.IS_QUOTE] === 1) now |= Counted.MOVED_QUOTE;
        if (this.urgency[0] === Urgency.ADVERSE) now |= Counted.ADVERSE_MOVE;
      }
    }
    const before = sideInts[from + SideInt.COUNTED]!;
    if (now === before) return;
    sideInts[from + SideInt.COUNTED] = now;
    counts[Count.CANCELS]! += (now & 1) - (before & 1);
    counts[Count.SINGLES]! += ((now >> 1) & 1) - ((before >> 1) & 1);
    counts[Count.MOVED_QUOTES]! += ((now >> 2) & 1) - ((before >> 2) & 1);
    counts[Count.ADVERSE_MOVES]! += ((now >> 3) & 1) - ((before >> 3) & 1);
  }

  /** Sides that were blocked until now are open again. @param now [event time] */
  releaseUntil(now: Float64Array): void {
    const { blocked, sideNumbers, counts, release } = this;
    if (counts[Count.BLOCKED] === 0 || release[0]! > now[0]!) return;
    release[0] = Number.POSITIVE_INFINITY;
    for (let place = counts[Count.BLOCKED]! - 1; place >= 0; place--) {
      const side = blocked[place]!;
      const until = side * SideNumber.SIZE + SideNumber.BLOCKED_UNTIL;
      if (sideNumbers[until]! <= now[0]!) this.unblock(side);
      else if (sideNumbers[until]! < release[0]!) release[0] = sideNumbers[until]!;
    }
  }

  /** Nothing holds a side up any more but what is under way. */
  unblock(side: number): void {
    this.sideNumbers[side * SideNumber.SIZE + SideNumber.BLOCKED_UNTIL] = 0;
    if (this.sideInts[side * SideInt.SIZE + SideInt.OPEN]! < 0) this.openUp(side);
  }

  private openUp(side: number): void {
    const at = side * SideInt.SIZE + SideInt.OPEN;
    const { sideInts, counts, release } = this;
    const until = this.sideNumbers[side * SideNumber.SIZE + SideNumber.BLOCKED_UNTIL]!;
    if (until > 0) {
      if (counts[Count.BLOCKED] === 0 || until < release[0]!) release[0] = until;
      if (sideInts[at]! < 0) return;
      this.close(side);
      this.blocked[counts[Count.BLOCKED]!] = side;
      counts[Count.BLOCKED]! += 1;
      sideInts[at] = -counts[Count.BLOCKED]!;
      return;
    }
    if (sideInts[at]! > 0) return;
    this.close(side);
    this.open[counts[Count.OPEN]!] = side;
    counts[Count.OPEN]! += 1;
    sideInts[at] = counts[Count.OPEN]!;
  }

  private close(side: number): void {
    const { sideInts, open, blocked, counts } = this;
    const at = side * SideInt.SIZE + SideInt.OPEN;
    const place = sideInts[at]!;
    if (place === 0) return;
    sideInts[at] = 0;
    if (place > 0) {
      const last = open[counts[Count.OPEN]! - 1]!;
      counts[Count.OPEN]! -= 1;
      if (last === side) return;
      open[place - 1] = last;
      sideInts[last * SideInt.SIZE + SideInt.OPEN] = place;
    } else {
      const last = blocked[counts[Count.BLOCKED]! - 1]!;
      counts[Count.BLOCKED]! -= 1;
      if (last === side) return;
      blocked[-place - 1] = last;
      sideInts[last * SideInt.SIZE + SideInt.OPEN] = place;
    }
  }

  /** What a side needs, whatever is under way. */
  needOf(side: number): number {
    const working = this.isWorking(side);
    if (!this.isWanted(side)) return working ? Need.CANCEL : Need.NOTHING;
    if (!working) return Need.PLACE;
    const at = side * SideNumber.SIZE;
    const { sideNumbers, lineNumbers } = this;
    const off = sideNumbers[at + SideNumber.WANT_PRICE]! - sideNumbers[at + SideNumber.HAVE_PRICE]!;
    const tolerance = lineNumbers[(side >> 1) * LineNumber.SIZE + LineNumber.TOLERANCE]!;
    if (Math.abs(off) > tolerance + DUST) return Need.AMEND;
    const more = sideNumbers[at + SideNumber.WANT_AMOUNT]! - sideNumbers[at + SideNumber.HAVE_REMAINING]!;
    return Math.abs(more) > DUST ? Need.AMEND : Need.NOTHING;
  }

  /** Works out `value` and `urgency` of putting a side right. */
  weigh(side: number): void {
    this.weighAs(side, this.needOf(side));
  }

  private weighAs(side: number, need: number): void {
    const at = side * SideNumber.SIZE;
    const line = side >> 1;
    const { sideNumbers, lineNumbers, lineInts, value, urgency } = this;
    const buys = this.isBuy(side);
    const worth = lineNumbers[line * LineNumber.SIZE + LineNumber.PRICE_VALUE]!;
    const wanted = sideNumbers[at + SideNumber.WANT_PRICE]!;
    const have = sideNumbers[at + SideNumber.HAVE_PRICE]!;
    const amount = sideNumbers[at + SideNumber.WANT_AMOUNT]!;
    const remaining = sideNumbers[at + SideNumber.HAVE_REMAINING]!;
    const edge = sideNumbers[at + SideNumber.EDGE]!;
    const reduces = lineInts[line * LineInt.SIZE + LineInt.REDUCES] === (buys ? Side.BUY : Side.SELL);
    const isUrgent = (lineInts[line * LineInt.SIZE + LineInt.FLAGS]! & URGENT) !== 0;
    if (need === Need.CANCEL) {
      value[0] = remaining * worth;
      urgency[0] = Urgency.ADVERSE;
      return;
    }
    urgency[0] = reduces ? Urgency.REDUCES : Urgency.WORTHWHILE;
    if (need === Need.PLACE) {
      value[0] = edge * amount * worth;
    } else {
      // Worse for us than what we want now: whoever trades with it takes what we would not give.
      const given = buys ? have - wanted : wanted - have;
      value[0] = Math.abs(have - wanted) * remaining * worth + edge * Math.abs(amount - remaining) * worth;
      if (given > DUST || amount < remaining - DUST) urgency[0] = Urgency.ADVERSE;
    }
    if (isUrgent) urgency[0] = Urgency.ADVERSE;
  }

  /** Whether a line is in a scope; `delta` bounds count for a delta range only. */
  isIn(
    line: number,
    scope: number,
    instrument: number,
    underlying: number,
    underlyingOfLine: number,
    group: number,
    quoteSet: number,
    range: Float64Array,
  ): boolean {
    if (this.isHedge(line)) return false;
    if (group !== EVERY_GROUP && this.lineInts[line * LineInt.SIZE + LineInt.GROUP] !== group) return false;
    if (quoteSet >>> 0 !== NO_QUOTE_SET && this.quoteSetOf(line) !== quoteSet) return false;
    switch (scope) {
      case Scope.INSTRUMENT:
        return this.instrumentOf(line) === instrument;
      case Scope.UNDERLYING:
        return underlyingOfLine === underlying;
      case Scope.DELTA_RANGE: {
        const delta = this.lineNumbers[line * LineNumber.SIZE + LineNumber.DELTA]!;
        return delta >= range[0]! && delta <= range[1]!;
      }
      default:
        return true;
    }
  }
}

/** Bit of a DesiredQuote's flags. */
export const URGENT = 1 << 8;
/** Bit of a DesiredQuote's flags: it goes as a quote in a mass quote. */
export const AS_QUOTE = OrderFlag.QUOTE;
