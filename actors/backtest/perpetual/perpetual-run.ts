import { FillBook, type FillSink, Placed } from '../../../engine/market/fills/index.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { Side } from '../../../engine/market/orders/codes.js';
import { Reason } from '../../../engine/market/quality/reason.js';
import { Credits } from '../../session/credits.js';
import { LatencySource } from '../../venue-sim/latency.js';
import { OrderDigest } from '../order-digest.js';
import { type BacktestOutcome, emptySeries, ratios } from '../outcome.js';
import { clockOffset, type DepthTape, TapeRow } from './depth-tape.js';
import { PerpetualClient } from './perpetual-client.js';
import { PerpetualGuard } from './perpetual-guard.js';
import { PerpetualLedger } from './perpetual-ledger.js';
import type { PerpetualSettings } from './perpetual-settings.js';
import { Asked, Request, RequestLine } from './request-line.js';

const FUNDING_MICROS = 8 * 3_600_000_000;
const BID_SLOT = 0;
const ASK_SLOT = 1;
/** Orders that take end at once, in a slot that never rests. */
const TAKER_SLOT = 2;
const SLOTS = 3;

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
  /** Our orders in the recorded queues. */
  readonly #fills: FillBook;
  readonly #client: PerpetualClient;
  readonly #requests = new RequestLine();
  readonly #ledger: PerpetualLedger;
  readonly #guard: PerpetualGuard;
  readonly #credits: Credits;
  readonly #digest = new OrderDigest();
  /** Market data's way to the strategy, where it is not the recording's, and that of fills. */
  readonly #data: LatencySource | undefined;
  readonly #answer: LatencySource;
  /** Numbers that change with every event: [see `Cell`]. */
  readonly #cells = new Float64Array(CELLS);
  #takerSide: number = Side.BUY;
  #creditRefusals = 0;
  #postOnlyRefusals = 0;
  #staleUpdates = 0;

  constructor(tape: DepthTape, settings: PerpetualSettings) {
    const { maker, seed, data, answer, credits, queue, exponent, protection } = settings;
    this.#tape = tape;
    this.#settings = settings;
    this.#book = new OrderBook({ tick: tape.tick, lot: tape.lot, depth: tape.depth });
    this.#fills = new FillBook({ book: this.#book, rule: queue, exponent, orders: SLOTS, sink: this });
    const lots = Math.max(1, tape.lot.nearest(maker.amount));
    this.#client = new PerpetualClient(settings, lots, tape.tick.step, this.#requests, this.#digest);
    this.#ledger = new PerpetualLedger(tape, settings, this.#digest);
    this.#guard = new PerpetualGuard(protection, tape.lot);
    this.#data = data.kind === 'recording' ? undefined : new LatencySource(data, seed, 'data');
    this.#answer = new LatencySource(answer, seed, 'answers');
    this.#credits = new Credits(credits, tape.rows === 0 ? 0 : tape.exchangeTime[0]! / 1000);
  }

  /** Plays the whole tape. */
  run(): BacktestOutcome {
    const tape = this.#tape;
    const { maker, data, lookSeconds, part } = this.#settings;
    const cells = this.#cells;
    const requests = this.#requests;
    if (tape.rows === 0) throw new RangeError(`${tape.source}: expected depth and trades, found none`);
    if (this.#book.apply(tape.records, tape.snapshot) !== Reason.NONE)
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
    let nextLook = first + lookMicros;
    let nextSample = first + sampleMicros;
    const series = emptySeries();
    const { kind, exchangeTime } = tape;
    for (let row = 0; row < tape.rows; row++) {
      const time = exchangeTime[row]!;
      if (time > last) break;
      for (;;) {
        const asked = requests.isEmpty ? Number.POSITIVE_INFINITY : requests.cells[requests.front]!;
        // What arrives at the same moment as the market's own change comes after it.
        if (asked < time && asked <= nextLook && asked <= nextSample) {
          cells[Cell.NOW] = asked;
          this.#serve();
        } else if (nextLook < time && nextLook <= nextSample) {
          cells[Cell.NOW] = nextLook;
          this.#ledger.keepMid(this.#mid());
          this.#client.look(nextLook);
          nextLook += lookMicros;
        } else if (nextSample < time) {
          cells[Cell.NOW] = nextSample;
          this.#ledger.sample(series, nextSample, this.#mid());
          nextSample += sampleMicros;
        } else break;
      }
      cells[Cell.NOW] = time;
      if (time >= cells[Cell.NEXT_FUNDING]!) {
        cells[Cell.NEXT_FUNDING]! += FUNDING_MICROS;
        this.#ledger.fund(this.#mid());
      }
      if (kind[row] === TapeRow.TRADE) this.#trade(tape.at[row]!);
      else this.#depth(row, offset);
    }
    this.#ledger.sample(series, cells[Cell.NOW]!, this.#mid());
    return this.#outcome(series, first, lookMicros);
  }

  /** A fill at the exchange: money moves at once, the strategy hears of it later. */
  filled(slot: number, ticks: number, lots: number, isMaker: boolean): void {
    const now = this.#cells[Cell.NOW]!;
    const isBuy = slot === TAKER_SLOT ? this.#takerSide === Side.BUY : slot === BID_SLOT;
    const signed = isBuy ? lots : -lots;
    this.#ledger.fill(now, ticks, signed, isMaker, this.#mid());
    this.#client.filled(now + this.#answer.next() * 1000, signed);
    if (isMaker) this.#guard.traded(lots, now);
  }

  #depth(row: number, offset: number): void {
    const tape = this.#tape;
    const book = this.#book;
    const fault = book.apply(tape.records, tape.at[row]!);
    if (fault !== Reason.NONE) {
      if (fault !== Reason.DUPLICATE) this.#staleUpdates++;
      return;
    }
    this.#fills.changed();
    this.#protect();
    const bid = book.bestBid;
    const ask = book.bestAsk;
    if (!this.#client.isNews(bid, ask)) return;
    const data = this.#data;
    const arrives = data === undefined ? tape.localTime[row]! - offset : this.#cells[Cell.NOW]! + data.next() * 1000;
    this.#client.top(arrives, bid, ask);
  }

  #trade(place: number): void {
    const { tradeTicks, tradeLots, tradeSide } = this.#tape;
    this.#fills.traded(tradeTicks[place]!, tradeLots[place]!, tradeSide[place]!);
    this.#protect();
  }

  /** Protection that fills have set off pulls the quotes. */
  #protect(): void {
    if (!this.#guard.isTriggered) return;
    this.#guard.freeze(this.#cells[Cell.NOW]!);
    this.#fills.cancel(BID_SLOT);
    this.#fills.cancel(ASK_SLOT);
  }

  /** A request arrives at the exchange. */
  #serve(): void {
    const { cells, front } = this.#requests;
    const kind = cells[front + Asked.KIND]!;
    const side = cells[front + Asked.SIDE]!;
    const ticks = cells[front + Asked.TICKS]!;
    const lots = cells[front + Asked.LOTS]!;
    this.#requests.drop();
    if (kind === Request.PULL) {
      // Cancels are never refused.
      this.#fills.cancel(side === Side.BUY ? BID_SLOT : ASK_SLOT);
      return;
    }
    if (kind !== Request.TAKE_NOW && this.#credits.take(1, this.#cells[Cell.NOW]! / 1000) > 0) {
      this.#creditRefusals++;
      this.#client.forget(side);
      return;
    }
    if (kind === Request.QUOTE) this.#quote(side, ticks, lots);
    else this.#take(kind === Request.TAKE, side, ticks, lots);
  }

  #take(mayWait: boolean, side: number, ticks: number, lots: number): void {
    const { speedBumpMs } = this.#settings;
    if (mayWait && speedBumpMs > 0 && this.#fills.wouldTake(side, ticks)) {
      this.#requests.send(this.#cells[Cell.NOW]! + speedBumpMs * 1000, Request.TAKE_NOW, side, ticks, lots);
      return;
    }
    this.#takerSide = side;
    // Never beyond flat: what was filled on the way counts.
    const held = this.#ledger.inventory;
    const most = side === Side.SELL ? held : -held;
    if (most > 0) this.#fills.place(TAKER_SLOT, side, ticks, Math.min(lots, most), false, false);
  }

  #quote(side: number, ticks: number, lots: number): void {
    const fills = this.#fills;
    const slot = side === Side.BUY ? BID_SLOT : ASK_SLOT;
    if (fills.side[slot] === side && fills.ticks[slot] === ticks && lots <= fills.lots[slot]!) {
      fills.reduce(slot, lots);
      return;
    }
    fills.cancel(slot);
    if (this.#guard.isFrozen(this.#cells[Cell.NOW]!)) {
      this.#client.forget(side);
      return;
    }
    if (fills.place(slot, side, ticks, lots, true, true) === Placed.REFUSED) {
      this.#postOnlyRefusals++;
      this.#client.forget(side);
    }
  }

  /** Half the sum of the touch at the exchange, USD. */
  #mid(): number {
    const book = this.#book;
    return 0.5 * (book.bestBid + book.bestAsk) * this.#tape.tick.step;
  }

  #outcome(series: BacktestOutcome['series'], first: number, lookMicros: number): BacktestOutcome {
    const { lookSeconds, seed } = this.#settings;
    const tape = this.#tape;
    const ledger = this.#ledger;
    const held = ledger.inventory;
    return {
      seed,
      from: first / 1000,
      to: this.#cells[Cell.NOW]! / 1000,
      lookSeconds,
      series,
      totals: {
        ...ratios(series.profitUsd, lookSeconds),
        feesUsd: ledger.fees,
        volumeUsd: ledger.volume,
        fills: ledger.fillCount,
        makerFills: ledger.makerFills,
        requests: this.#client.requests,
      },
      attribution: ledger.attribution(this.#mid()),
      markouts: ledger.markouts(first, lookMicros),
      fills: ledger.fills(),
      measures: {
        creditRefusals: this.#creditRefusals,
        postOnlyRefusals: this.#postOnlyRefusals,
        protections: this.#guard.rounds,
        staleUpdates: this.#staleUpdates,
        levels: tape.levels,
        inventory: tape.lot.value(Math.abs(held)) * Math.sign(held),
      },
      events: tape.rows,
      digest: this.#digest.text(),
    };
  }
}

const Cell = { NOW: 0, NEXT_FUNDING: 1 } as const;
const CELLS = 2;
