import type { VirtualLog } from '../../../../actors/virtual-run/virtual-log.js';
import { BookUpdate } from '../../../../schemas/generated/book-update.js';
import { Level } from '../../../../schemas/generated/level.js';
import { Ticker } from '../../../../schemas/generated/ticker.js';
import { MessageType } from '../../../../schemas/message-type.js';
import { type Instrument, InstrumentKind, LifeCycle } from '../../../market/instrument.js';
import { encodeInstrument } from '../../../market/instrument-codec.js';
import { HEADER_BYTES } from '../../../runtime/edge/record.js';
import type { HistoryRow } from '../../../store/history/history-row.js';
import { asListed } from './listed.js';
import type { Snapshot } from './snapshots.js';

const MS = 1000;
export const MOST_INSTRUMENTS = 4096;
/** Files tell no amounts: so many least amounts stand behind each price. */
const DISPLAYED_LOTS = 10;

/** Tells the log what a snapshot says: definitions when an instrument is seen first, books and tickers. */
export class ChainMarket {
  readonly ids = new Map<string, { id: number; instrument: Instrument }>();
  private readonly log: VirtualLog;
  private changeId = 0;
  /** What is told of the underlying, again and again while a market stands. */
  private pulses: { id: number; bid: number; ask: number; index: number }[] = [];

  constructor(log: VirtualLog) {
    this.log = log;
  }

  /** One snapshot, with the marks that were recorded beside it. */
  tell({ time, rows }: Snapshot, marks: readonly HistoryRow[]): void {
    this.pulses = [];
    const indices = new Map<string, number>();
    for (const { instrument, body } of rows)
      if (body.indexPrice! > 0) indices.set(instrument.baseCurrency, body.indexPrice!);
    for (const { instrument, body } of marks) this.hedgeMarket(instrument, body.markPrice!, indices);
    for (const row of rows) this.option(row, time);
  }

  /** What is known of the underlying, once more. */
  pulse(): void {
    for (const { id, bid, ask, index } of this.pulses) this.ticker(id, bid, ask, Number.NaN, Number.NaN, index);
  }

  /** Names of the price indices, in the order in which the core numbers them. */
  indexNames(): string[] {
    return [...new Set([...this.ids.values()].map(({ instrument }) => instrument.priceIndex))];
  }

  /** A perpetual or a future at its mark, a tick wide: nothing else of it was recorded. */
  private hedgeMarket(deduced: Instrument, mark: number, indices: ReadonlyMap<string, number>): void {
    if (!(mark > 0)) return;
    const id = this.idOf(deduced);
    if (id === undefined) return;
    const { tickSize } = this.ids.get(deduced.name)!.instrument;
    const bid = Math.floor(mark / tickSize) * tickSize;
    const ask = bid + tickSize;
    const index = indices.get(deduced.baseCurrency) ?? mark;
    this.book(id, bid, ask, 1e5);
    this.ticker(id, bid, ask, mark, Number.NaN, index);
    this.pulses.push({ id, bid, ask, index });
  }

  private option({ instrument, body }: HistoryRow, time: number): void {
    if (instrument.kind !== InstrumentKind.OPTION || !(body.underlyingPrice! > 0)) return;
    if (instrument.expiry <= time * MS) return;
    const id = this.idOf(instrument);
    if (id === undefined) return;
    const listed = this.ids.get(instrument.name)!.instrument;
    const bid = body.bidPrice! > 0 ? body.bidPrice! : Number.NaN;
    const ask = body.askPrice! > 0 ? body.askPrice! : Number.NaN;
    this.book(id, bid, ask, DISPLAYED_LOTS * listed.minimumAmount);
    this.ticker(id, bid, ask, body.markPrice!, body.underlyingPrice!, body.indexPrice!, body.markIv!);
  }

  private idOf(deduced: Instrument): number | undefined {
    const known = this.ids.get(deduced.name);
    if (known !== undefined) return known.id;
    const id = this.ids.size;
    if (id >= MOST_INSTRUMENTS) return undefined;
    const instrument = asListed(deduced);
    this.ids.set(deduced.name, { id, instrument });
    const bytes = encodeInstrument(id, instrument);
    const at = this.log.open(MessageType.INSTRUMENT_DEFINITION, bytes.length);
    bytes.forEach((byte, place) => {
      this.log.buffer.view.setUint8(at + HEADER_BYTES + place, byte);
    });
    this.log.close(at);
    return id;
  }

  private book(id: number, bid: number, ask: number, amount: number): void {
    const { log } = this;
    const levels = [bid, ask].filter((price) => price > 0);
    const at = log.open(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + levels.length * Level.sizeOf());
    const update = new BookUpdate().__init(at + HEADER_BYTES, log.buffer);
    update.mutate_instrument(id);
    update.mutate_kind(1);
    update.mutate_changeId(++this.changeId);
    update.mutate_firstChangeId(Number.NaN);
    update.mutate_previousChangeId(Number.NaN);
    update.mutate_bidCount(bid > 0 ? 1 : 0);
    update.mutate_askCount(ask > 0 ? 1 : 0);
    levels.forEach((price, place) => {
      const level = new Level().__init(at + HEADER_BYTES + BookUpdate.sizeOf() + place * Level.sizeOf(), log.buffer);
      level.mutate_price(price);
      level.mutate_amount(amount);
    });
    log.close(at);
  }

  private ticker(
    id: number,
    bid: number,
    ask: number,
    mark: number,
    forward: number,
    index: number,
    markIv = Number.NaN,
  ): void {
    const { log } = this;
    const at = log.open(MessageType.TICKER, Ticker.sizeOf());
    // What a file does not tell is no number.
    for (let byte = 0; byte < Ticker.sizeOf(); byte += 8) log.buffer.writeFloat64(at + HEADER_BYTES + byte, Number.NaN);
    const told = new Ticker().__init(at + HEADER_BYTES, log.buffer);
    told.mutate_instrument(id);
    told.mutate_state(LifeCycle.OPEN);
    told.mutate_underlying(forward > 0 ? 2 : 0);
    told.mutate_bestBidPrice(bid > 0 ? bid : 0);
    told.mutate_bestBidAmount(bid > 0 ? 1 : 0);
    told.mutate_bestAskPrice(ask > 0 ? ask : 0);
    told.mutate_bestAskAmount(ask > 0 ? 1 : 0);
    told.mutate_markPrice(mark);
    told.mutate_markIv(markIv);
    told.mutate_underlyingPrice(forward);
    told.mutate_indexPrice(index);
    log.close(at);
  }
}
