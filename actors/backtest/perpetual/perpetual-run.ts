import { FillBook, type FillSink, Placed, type QueueRuleCode } from '../../../engine/market/fills/index.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { Side } from '../../../engine/market/orders/codes.js';
import { Reason } from '../../../engine/market/quality/reason.js';
import { type CreditSettings, Credits } from '../../session/credits.js';
import { type Latency, LatencySource } from '../../venue-sim/latency.js';
import { OrderDigest } from '../order-digest.js';
import { type BacktestOutcome, emptySeries, MOST_FILLS, type OutcomeMarkout, ratios } from '../outcome.js';
import { clockOffset, type DepthTape, TapeRow } from './depth-tape.js';
import { ASK, BID, GlftMaker, type MakerSettings } from './glft-maker.js';

/** Market maker protection of the perpetual: so much traded within the interval of a first trade pulls both quotes. */
export interface PerpetualProtection {
  intervalMs: number;
  frozenMs: number;
  /** The venue's amount unit, buys and sells added. */
  quantityLimit: number;
}

/** All that a backtest on recorded depth depends on beside the recording: plain data. */
export interface PerpetualSettings {
  seed: number;
  maker: MakerSettings;
  queue: QueueRuleCode;
  /** Of the rules that have one. */
  exponent: number;
  /** Market data to the strategy: the recording's own, or another. */
  data: Latency | { kind: 'recording'; floorMs: number };
  /** From the look that decides to the exchange, and from the exchange back. */
  order: Latency;
  answer: Latency;
  /** Parts of the value traded; negative for a rebate. */
  makerFee: number;
  takerFee: number;
  feeScale: number;
  /** Paid by longs to shorts at 00:00, 08:00 and 16:00 UTC, part of the value. */
  fundingRate: number;
  /** Milliseconds that an order which would take waits. */
  speedBumpMs: number;
  credits: CreditSettings;
  /** Absent: none. */
  protection?: PerpetualProtection;
  lookSeconds: number;
  /** The part of the recording in time that is traded in, from 0 to 1; what is before it is played all the same, for the book. */
  part: readonly [from: number, to: number];
}

const MARKOUT_SECONDS = [1, 10, 60] as const;
const FUNDING_MICROS = 8 * 3_600_000_000;
const BID_SLOT = 0;
const ASK_SLOT = 1;
/** Orders that take end at once, in a slot that never rests. */
const TAKER_SLOT = 2;
const SLOTS = 3;
const RING = 1 << 15;
const MASK = RING - 1;
/** Kinds of a request on its way. */
const Request = { QUOTE: 1, PULL: 2, TAKE: 3, TAKE_NOW: 4 } as const;

/**
 * Making a market in one perpetual on its recorded depth and trades: a strategy that sees the book late, orders that arrive late and wait in queues by
 * a model, and a venue that counts credits, charges fees and funding, and protects. Allocates nothing while it runs but the fills it remembers.
 *
 * The recorded market does not react: amounts should be small beside what is traded.
 */
export class PerpetualRun implements FillSink {
  readonly #tape: DepthTape;
  readonly #settings: PerpetualSettings;
  readonly #book: OrderBook;
  readonly #fills: FillBook;
  readonly #maker: GlftMaker;
  readonly #data: LatencySource | undefined;
  readonly #order: LatencySource;
  readonly #answer: LatencySource;
  readonly #credits: Credits;
  readonly #digest = new OrderDigest();
  readonly #lots: number;
  /** Tops on their way to the strategy: arrival, bid, ask. */
  readonly #topTime = new Float64Array(RING);
  readonly #topBid = new Float64Array(RING);
  readonly #topAsk = new Float64Array(RING);
  #topHead = 0;
  #topTail = 0;
  /** Requests on their way to the exchange: arrival, kind, side, ticks, lots. */
  readonly #askTime = new Float64Array(RING);
  readonly #askKind = new Uint8Array(RING);
  readonly #askSide = new Uint8Array(RING);
  readonly #askTicks = new Float64Array(RING);
  readonly #askLots = new Float64Array(RING);
  #askHead = 0;
  #askTail = 0;
  /** Fills on their way back: arrival, signed lots. */
  readonly #fillTime = new Float64Array(RING);
  readonly #fillLots = new Float64Array(RING);
  #fillHead = 0;
  #fillTail = 0;
  /** What follows is numbers that change with every event: [see `Cell`]. */
  readonly #cells = new Float64Array(CELLS);
  readonly #wantedTicks = new Float64Array(2).fill(Number.NaN);
  readonly #wantedLots = new Float64Array(2);
  #fillCount = 0;
  #makerFills = 0;
  #requests = 0;
  #creditRefusals = 0;
  #postOnlyRefusals = 0;
  #protections = 0;
  readonly #keptTime: number[] = [];
  readonly #keptTicks: number[] = [];
  readonly #keptLots: number[] = [];
  readonly #keptFee: number[] = [];
  readonly #keptMaker: boolean[] = [];
  /** Mids by the look of the strategy, for markouts. */
  #mids = new Float64Array(1 << 12);
  #midCount = 0;

  constructor(tape: DepthTape, settings: PerpetualSettings) {
    const { maker, seed, data, order, answer, credits } = settings;
    this.#tape = tape;
    this.#settings = settings;
    this.#book = new OrderBook({ tick: tape.tick, lot: tape.lot, depth: tape.depth });
    this.#fills = new FillBook({
      book: this.#book,
      rule: settings.queue,
      exponent: settings.exponent,
      orders: SLOTS,
      sink: this,
    });
    this.#maker = new GlftMaker(maker, tape.tick.step);
    this.#data = data.kind === 'recording' ? undefined : new LatencySource(data, seed, 'data');
    this.#order = new LatencySource(order, seed, 'orders');
    this.#answer = new LatencySource(answer, seed, 'answers');
    this.#lots = Math.max(1, tape.lot.nearest(maker.amount));
    this.#credits = new Credits(credits, tape.rows === 0 ? 0 : tape.exchangeTime[0]! / 1000);
  }

  /** Plays the whole tape. */
  run(): BacktestOutcome {
    const tape = this.#tape;
    const { maker, data, lookSeconds, seed, part } = this.#settings;
    const book = this.#book;
    const cells = this.#cells;
    if (tape.rows === 0) throw new RangeError(`${tape.source}: expected depth and trades, found none`);
    if (book.apply(tape.records, tape.snapshot) !== Reason.NONE)
      throw new RangeError(`${tape.source}: the snapshot that the recording begins with cannot stand in a book`);
    const offset = data.kind === 'recording' ? clockOffset(tape) - data.floorMs * 1000 : 0;
    const begin = tape.exchangeTime[0]!;
    const length = tape.exchangeTime[tape.rows - 1]! - begin;
    const first = begin + part[0] * length;
    const last = begin + part[1] * length;
    const lookMicros = maker.lookMs * 1000;
    const sampleMicros = lookSeconds * 1e6;
    cells[Cell.NOW] = first;
    cells[Cell.NEXT_FUNDING] = (Math.floor(first / FUNDING_MICROS) + 1) * FUNDING_MICROS;
    cells[Cell.WINDOW_END] = Number.NEGATIVE_INFINITY;
    let nextLook = first + lookMicros;
    let nextSample = first + sampleMicros;
    const series = emptySeries();
    const { kind, exchangeTime } = tape;
    for (let row = 0; row < tape.rows; row++) {
      const time = exchangeTime[row]!;
      if (time > last) break;
      for (;;) {
        const asked = this.#askHead === this.#askTail ? Number.POSITIVE_INFINITY : this.#askTime[this.#askHead & MASK]!;
        // What arrives at the same moment as the market's own change comes after it.
        if (asked < time && asked <= nextLook && asked <= nextSample) {
          cells[Cell.NOW] = asked;
          this.#serve();
        } else if (nextLook < time && nextLook <= nextSample) {
          cells[Cell.NOW] = nextLook;
          this.#look();
          nextLook += lookMicros;
        } else if (nextSample < time) {
          cells[Cell.NOW] = nextSample;
          this.#sample(series);
          nextSample += sampleMicros;
        } else break;
      }
      cells[Cell.NOW] = time;
      if (time >= cells[Cell.NEXT_FUNDING]!) this.#fund();
      if (kind[row] === TapeRow.TRADE) this.#trade(tape.at[row]!);
      else this.#depth(row, offset);
    }
    this.#sample(series);
    return {
      seed,
      from: first / 1000,
      to: cells[Cell.NOW]! / 1000,
      lookSeconds,
      series,
      totals: {
        ...ratios(series.profitUsd, lookSeconds),
        feesUsd: cells[Cell.FEES]!,
        volumeUsd: cells[Cell.VOLUME]!,
        fills: this.#fillCount,
        makerFills: this.#makerFills,
        requests: this.#requests,
      },
      attribution: this.#attribution(),
      markouts: this.#markouts(first, lookMicros),
      fills: this.#keptTime.map((at, place) => ({
        time: at / 1000,
        instrument: tape.instrument,
        side: this.#keptLots[place]! > 0 ? 'buy' : 'sell',
        price: tape.tick.value(this.#keptTicks[place]!),
        amount: tape.lot.value(Math.abs(this.#keptLots[place]!)),
        fee: this.#keptFee[place]!,
        maker: this.#keptMaker[place]!,
      })),
      measures: {
        creditRefusals: this.#creditRefusals,
        postOnlyRefusals: this.#postOnlyRefusals,
        protections: this.#protections,
        staleUpdates: cells[Cell.STALE]!,
        levels: tape.levels,
        inventory: tape.lot.value(Math.abs(cells[Cell.INVENTORY]!)) * Math.sign(cells[Cell.INVENTORY]!),
      },
      events: tape.rows,
      digest: this.#digest.text(),
    };
  }

  /** A fill at the exchange: money moves at once, the strategy hears of it later. */
  filled(slot: number, ticks: number, lots: number, isMaker: boolean): void {
    const cells = this.#cells;
    const { makerFee, takerFee, feeScale, protection } = this.#settings;
    const { tick, lot } = this.#tape;
    const now = cells[Cell.NOW]!;
    const isBuy = slot === TAKER_SLOT ? cells[Cell.TAKER_SIDE] === Side.BUY : slot === BID_SLOT;
    const signed = isBuy ? lots : -lots;
    const price = tick.value(ticks);
    const value = price * lot.value(lots);
    const fee = value * (isMaker ? makerFee : takerFee) * feeScale;
    const mid = this.#mid();
    cells[Cell.EDGE]! += (mid - price) * lot.value(lots) * (isBuy ? 1 : -1);
    cells[Cell.INVENTORY]! += signed;
    cells[Cell.CASH]! -= isBuy ? value : -value;
    cells[Cell.FEES]! += fee;
    cells[Cell.VOLUME]! += value;
    this.#fillCount++;
    if (isMaker) this.#makerFills++;
    this.#digest.add(ticks);
    this.#digest.add(signed);
    this.#digest.add(now);
    if (this.#keptTime.length < MOST_FILLS) {
      this.#keptTime.push(now);
      this.#keptTicks.push(ticks);
      this.#keptLots.push(signed);
      this.#keptFee.push(fee);
      this.#keptMaker.push(isMaker);
    }
    const place = this.#fillTail++ & MASK;
    this.#fillTime[place] = now + this.#answer.next() * 1000;
    this.#fillLots[place] = signed;
    if (protection === undefined || !isMaker) return;
    if (now >= cells[Cell.WINDOW_END]!) {
      cells[Cell.WINDOW_END] = now + protection.intervalMs * 1000;
      cells[Cell.WINDOW_LOTS] = 0;
    }
    cells[Cell.WINDOW_LOTS]! += lots;
    if (lot.value(cells[Cell.WINDOW_LOTS]!) >= protection.quantityLimit) cells[Cell.TRIGGERED] = 1;
  }

  #depth(row: number, offset: number): void {
    const tape = this.#tape;
    const book = this.#book;
    const cells = this.#cells;
    const fault = book.apply(tape.records, tape.at[row]!);
    if (fault !== Reason.NONE) {
      if (fault !== Reason.DUPLICATE) cells[Cell.STALE]! += 1;
      return;
    }
    this.#fills.changed();
    this.#protect();
    const bid = book.bestBid;
    const ask = book.bestAsk;
    const last = (this.#topTail - 1) & MASK;
    // Only what changes the touch is news for this strategy.
    if (this.#topTail > this.#topHead && this.#topBid[last] === bid && this.#topAsk[last] === ask) return;
    const arrives =
      this.#data === undefined ? tape.localTime[row]! - offset : cells[Cell.NOW]! + this.#data.next() * 1000;
    if (this.#topTail - this.#topHead === RING) this.#topHead++;
    const place = this.#topTail++ & MASK;
    this.#topTime[place] = arrives;
    this.#topBid[place] = bid;
    this.#topAsk[place] = ask;
  }

  #trade(place: number): void {
    const { tradeTicks, tradeLots, tradeSide } = this.#tape;
    this.#fills.traded(tradeTicks[place]!, tradeLots[place]!, tradeSide[place]!);
    this.#protect();
  }

  /** Protection that fills have set off pulls the quotes. */
  #protect(): void {
    const cells = this.#cells;
    if (cells[Cell.TRIGGERED] === 0) return;
    cells[Cell.TRIGGERED] = 0;
    cells[Cell.FROZEN_UNTIL] = cells[Cell.NOW]! + this.#settings.protection!.frozenMs * 1000;
    cells[Cell.WINDOW_END] = Number.NEGATIVE_INFINITY;
    this.#protections++;
    this.#fills.cancel(BID_SLOT);
    this.#fills.cancel(ASK_SLOT);
  }

  /** The strategy looks at what it has heard by now, and asks for what it wants. */
  #look(): void {
    const cells = this.#cells;
    const { maker } = this.#settings;
    const now = cells[Cell.NOW]!;
    let seen = false;
    while (this.#topHead < this.#topTail && this.#topTime[this.#topHead & MASK]! <= now) {
      cells[Cell.SEEN_BID] = this.#topBid[this.#topHead & MASK]!;
      cells[Cell.SEEN_ASK] = this.#topAsk[this.#topHead & MASK]!;
      this.#topHead++;
      seen = true;
    }
    while (this.#fillHead < this.#fillTail && this.#fillTime[this.#fillHead & MASK]! <= now) {
      const lots = this.#fillLots[this.#fillHead & MASK]!;
      this.#fillHead++;
      cells[Cell.KNOWN]! += lots;
      // What was filled rests no longer: the quote is asked for anew.
      const side = lots > 0 ? BID : ASK;
      this.#wantedLots[side] = Math.max(0, this.#wantedLots[side]! - Math.abs(lots));
      if (this.#wantedLots[side] === 0) this.#wantedTicks[side] = Number.NaN;
    }
    this.#keepMid();
    if (!seen && !(cells[Cell.SEEN_BID]! > 0)) return;
    const inventory = cells[Cell.KNOWN]! / this.#lots;
    this.#maker.look(cells[Cell.SEEN_BID]!, cells[Cell.SEEN_ASK]!, inventory);
    if (maker.flattenBeyond > 0 && Math.abs(inventory) > maker.flattenBeyond) {
      const isLong = inventory > 0;
      // A few ticks through the touch that is known: by arrival it may have moved.
      const ticks = isLong ? cells[Cell.SEEN_BID]! - CROSS_TICKS : cells[Cell.SEEN_ASK]! + CROSS_TICKS;
      this.#ask(Request.TAKE, isLong ? Side.SELL : Side.BUY, ticks, Math.abs(cells[Cell.KNOWN]!));
    }
    const { quotes } = this.#maker;
    this.#want(BID, Side.BUY, quotes[BID]!);
    this.#want(ASK, Side.SELL, quotes[ASK]!);
  }

  #want(place: number, side: number, ticks: number): void {
    const resting = this.#wantedTicks[place]!;
    if (Number.isNaN(ticks)) {
      if (Number.isNaN(resting)) return;
      this.#wantedTicks[place] = Number.NaN;
      this.#wantedLots[place] = 0;
      this.#ask(Request.PULL, side, 0, 0);
      return;
    }
    const isNear = Math.abs(ticks - resting) <= this.#settings.maker.toleranceTicks;
    if (isNear && this.#wantedLots[place] === this.#lots) return;
    this.#wantedTicks[place] = ticks;
    this.#wantedLots[place] = this.#lots;
    this.#ask(Request.QUOTE, side, ticks, this.#lots);
  }

  #ask(kind: number, side: number, ticks: number, lots: number): void {
    const now = this.#cells[Cell.NOW]!;
    this.#requests++;
    this.#digest.add(ticks);
    this.#digest.add(lots * (side === Side.BUY ? 1 : -1));
    this.#send(now + this.#order.next() * 1000, kind, side, ticks, lots);
  }

  /** Requests arrive in the order in which they were sent. */
  #send(arrives: number, kind: number, side: number, ticks: number, lots: number): void {
    const before = this.#askTail > this.#askHead ? this.#askTime[(this.#askTail - 1) & MASK]! : arrives;
    const place = this.#askTail++ & MASK;
    this.#askTime[place] = Math.max(before, arrives);
    this.#askKind[place] = kind;
    this.#askSide[place] = side;
    this.#askTicks[place] = ticks;
    this.#askLots[place] = lots;
  }

  /** A request arrives at the exchange. */
  #serve(): void {
    const cells = this.#cells;
    const place = this.#askHead++ & MASK;
    const kind = this.#askKind[place]!;
    const side = this.#askSide[place]!;
    const ticks = this.#askTicks[place]!;
    const lots = this.#askLots[place]!;
    const now = cells[Cell.NOW]!;
    const slot = side === Side.BUY ? BID_SLOT : ASK_SLOT;
    if (kind === Request.PULL) {
      // Cancels are never refused.
      this.#fills.cancel(slot);
      return;
    }
    if (kind !== Request.TAKE_NOW && this.#credits.take(1, now / 1000) > 0) {
      this.#creditRefusals++;
      this.#forget(slot);
      return;
    }
    const { speedBumpMs } = this.#settings;
    if (kind === Request.TAKE || kind === Request.TAKE_NOW) {
      if (kind === Request.TAKE && speedBumpMs > 0 && this.#fills.wouldTake(side, ticks)) {
        this.#send(now + speedBumpMs * 1000, Request.TAKE_NOW, side, ticks, lots);
        return;
      }
      cells[Cell.TAKER_SIDE] = side;
      // Never beyond flat: what was filled on the way counts.
      const held = cells[Cell.INVENTORY]!;
      const most = side === Side.SELL ? held : -held;
      if (most > 0) this.#fills.place(TAKER_SLOT, side, ticks, Math.min(lots, most), false, false);
      return;
    }
    const fills = this.#fills;
    if (fills.side[slot] === side && fills.ticks[slot] === ticks && lots <= fills.lots[slot]!) {
      fills.reduce(slot, lots);
      return;
    }
    fills.cancel(slot);
    if (now < cells[Cell.FROZEN_UNTIL]!) {
      this.#forget(slot);
      return;
    }
    if (fills.place(slot, side, ticks, lots, true, true) === Placed.REFUSED) {
      this.#postOnlyRefusals++;
      this.#forget(slot);
    }
  }

  /** The strategy learns that its quote does not rest: it asks again at its next look. */
  #forget(slot: number): void {
    this.#wantedTicks[slot === BID_SLOT ? BID : ASK] = Number.NaN;
  }

  #fund(): void {
    const cells = this.#cells;
    const { lot } = this.#tape;
    cells[Cell.NEXT_FUNDING]! += FUNDING_MICROS;
    const held = cells[Cell.INVENTORY]!;
    cells[Cell.FUNDING]! -= lot.value(held) * this.#mid() * this.#settings.fundingRate;
  }

  /** Half the sum of the touch at the exchange, USD. */
  #mid(): number {
    const book = this.#book;
    return 0.5 * (book.bestBid + book.bestAsk) * this.#tape.tick.step;
  }

  #profit(): number {
    const cells = this.#cells;
    return (
      cells[Cell.CASH]! +
      this.#tape.lot.value(cells[Cell.INVENTORY]!) * this.#mid() -
      cells[Cell.FEES]! +
      cells[Cell.FUNDING]!
    );
  }

  #sample(series: BacktestOutcome['series']): void {
    const cells = this.#cells;
    series.time.push(cells[Cell.NOW]! / 1000);
    series.profitUsd.push(this.#profit());
    series.deltaUsd.push(this.#tape.lot.value(cells[Cell.INVENTORY]!) * this.#mid());
    series.gammaUsd.push(0);
    series.vegaUsd.push(0);
    series.thetaUsd.push(0);
  }

  #keepMid(): void {
    if (this.#midCount === this.#mids.length) {
      const grown = new Float64Array(2 * this.#mids.length);
      grown.set(this.#mids);
      this.#mids = grown;
    }
    this.#mids[this.#midCount++] = this.#mid();
  }

  /** Where the profit is from: edge against the mid at fills, the rest of the market's moves, fees, funding. */
  #attribution(): Record<string, number> {
    const cells = this.#cells;
    const total = this.#profit();
    const edge = cells[Cell.EDGE]!;
    const fees = -cells[Cell.FEES]!;
    const funding = cells[Cell.FUNDING]!;
    return { hedge: total - edge - fees - funding, edge, fees, funding, total };
  }

  #markouts(first: number, lookMicros: number): OutcomeMarkout[] {
    const { tick } = this.#tape;
    return MARKOUT_SECONDS.flatMap((seconds) => {
      let fills = 0;
      let price = 0;
      this.#keptTime.forEach((time, place) => {
        const look = Math.floor((time - first) / lookMicros + (seconds * 1e6) / lookMicros) - 1;
        if (look >= this.#midCount) return;
        fills++;
        price +=
          (this.#mids[Math.max(0, look)]! - tick.value(this.#keptTicks[place]!)) * Math.sign(this.#keptLots[place]!);
      });
      return fills === 0 ? [] : [{ seconds, fills, price: price / fills, vol: 0 }];
    });
  }
}

const CROSS_TICKS = 20;
const Cell = {
  NOW: 0,
  INVENTORY: 1,
  CASH: 2,
  FEES: 3,
  FUNDING: 4,
  VOLUME: 5,
  EDGE: 6,
  KNOWN: 7,
  SEEN_BID: 8,
  SEEN_ASK: 9,
  NEXT_FUNDING: 10,
  WINDOW_END: 11,
  WINDOW_LOTS: 12,
  FROZEN_UNTIL: 13,
  TRIGGERED: 14,
  TAKER_SIDE: 15,
  STALE: 16,
} as const;
const CELLS = 17;
