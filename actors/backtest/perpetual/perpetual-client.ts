import { Side } from '../../../engine/market/orders/codes.js';
import { LatencySource } from '../../venue-sim/latency.js';
import type { OrderDigest } from '../order-digest.js';
import { DelayLine } from './delay-line.js';
import { ASK, BID, GlftMaker } from './glft-maker.js';
import type { PerpetualSettings } from './perpetual-settings.js';
import { Request, type RequestLine } from './request-line.js';

/** Cells of news on its way. */
const Top = { TIME: 0, BID: 1, ASK: 2 } as const;
const Filled = { TIME: 0, LOTS: 1 } as const;
/** How far through the touch that is known an order goes that takes: by its arrival that may have moved. */
const CROSS_TICKS = 20;

/** The strategy with what it knows, which is late, and its requests, which are late too. Times are microseconds. */
export class PerpetualClient {
  requests = 0;
  readonly #settings: PerpetualSettings;
  readonly #maker: GlftMaker;
  readonly #out: RequestLine;
  readonly #digest: OrderDigest;
  readonly #way: LatencySource;
  /** Lots of a quote. */
  readonly #lots: number;
  /** Tops and fills on their way here. */
  readonly #tops = new DelayLine(3);
  readonly #fills = new DelayLine(2);
  /** [best bid that is known, best ask, inventory in lots] */
  readonly #known = new Float64Array(3);
  /** What should rest on each side. */
  readonly #wantedTicks = new Float64Array(2).fill(Number.NaN);
  readonly #wantedLots = new Float64Array(2);

  /** @param lots of a quote @param tick of the price */
  constructor(settings: PerpetualSettings, lots: number, tick: number, out: RequestLine, digest: OrderDigest) {
    this.#settings = settings;
    this.#lots = lots;
    this.#out = out;
    this.#digest = digest;
    this.#maker = new GlftMaker(settings.maker, tick);
    this.#way = new LatencySource(settings.order, settings.seed, 'orders');
  }

  /** Whether a touch is news: only what changes it is. */
  isNews(bid: number, ask: number): boolean {
    const tops = this.#tops;
    return tops.isEmpty || tops.cells[tops.back + Top.BID] !== bid || tops.cells[tops.back + Top.ASK] !== ask;
  }

  /** It will be known that the touch is another. */
  top(arrives: number, bid: number, ask: number): void {
    const { cells } = this.#tops;
    const row = this.#tops.add();
    cells[row + Top.TIME] = arrives;
    cells[row + Top.BID] = bid;
    cells[row + Top.ASK] = ask;
  }

  /** It will be known that signed lots were filled. */
  filled(arrives: number, lots: number): void {
    const row = this.#fills.add();
    this.#fills.cells[row + Filled.TIME] = arrives;
    this.#fills.cells[row + Filled.LOTS] = lots;
  }

  /** Learns that a quote does not rest: it asks again at its next look. */
  forget(side: number): void {
    this.#wantedTicks[side === Side.BUY ? BID : ASK] = Number.NaN;
  }

  /** Takes in what has arrived by now, and asks for what it wants. */
  look(now: number): void {
    const known = this.#known;
    const { maker } = this.#settings;
    const hasSeen = this.#hear(now);
    if (!hasSeen && !(known[SEEN_BID]! > 0)) return;
    const inventory = known[INVENTORY]! / this.#lots;
    this.#maker.look(known[SEEN_BID]!, known[SEEN_ASK]!, inventory);
    if (maker.flattenBeyond > 0 && Math.abs(inventory) > maker.flattenBeyond) {
      const isLong = inventory > 0;
      const ticks = isLong ? known[SEEN_BID]! - CROSS_TICKS : known[SEEN_ASK]! + CROSS_TICKS;
      this.#ask(now, Request.TAKE, isLong ? Side.SELL : Side.BUY, ticks, Math.abs(known[INVENTORY]!));
    }
    const { quotes } = this.#maker;
    this.#want(now, BID, Side.BUY, quotes[BID]!);
    this.#want(now, ASK, Side.SELL, quotes[ASK]!);
  }

  /** Whether a top was among it. */
  #hear(now: number): boolean {
    const known = this.#known;
    const tops = this.#tops;
    const fills = this.#fills;
    let hasSeen = false;
    for (; tops.next <= now; tops.drop()) {
      known[SEEN_BID] = tops.cells[tops.front + Top.BID]!;
      known[SEEN_ASK] = tops.cells[tops.front + Top.ASK]!;
      hasSeen = true;
    }
    for (; fills.next <= now; fills.drop()) {
      const lots = fills.cells[fills.front + Filled.LOTS]!;
      known[INVENTORY]! += lots;
      // What was filled rests no longer: the quote is asked for anew.
      const side = lots > 0 ? BID : ASK;
      this.#wantedLots[side] = Math.max(0, this.#wantedLots[side]! - Math.abs(lots));
      if (this.#wantedLots[side] === 0) this.#wantedTicks[side] = Number.NaN;
    }
    return hasSeen;
  }

  #want(now: number, place: number, side: number, ticks: number): void {
    const resting = this.#wantedTicks[place]!;
    if (Number.isNaN(ticks)) {
      if (Number.isNaN(resting)) return;
      this.#wantedTicks[place] = Number.NaN;
      this.#wantedLots[place] = 0;
      this.#ask(now, Request.PULL, side, 0, 0);
      return;
    }
    const isNear = Math.abs(ticks - resting) <= this.#settings.maker.toleranceTicks;
    if (isNear && this.#wantedLots[place] === this.#lots) return;
    this.#wantedTicks[place] = ticks;
    this.#wantedLots[place] = this.#lots;
    this.#ask(now, Request.QUOTE, side, ticks, this.#lots);
  }

  #ask(now: number, kind: number, side: number, ticks: number, lots: number): void {
    this.requests++;
    this.#digest.add(ticks);
    this.#digest.add(lots * (side === Side.BUY ? 1 : -1));
    this.#out.send(now + this.#way.next() * 1000, kind, side, ticks, lots);
  }
}

const SEEN_BID = 0;
const SEEN_ASK = 1;
const INVENTORY = 2;
