import type { Instrument } from '../../../engine/market/instrument.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { InstrumentState } from '../../../schemas/generated/instrument-state.js';
import { Level } from '../../../schemas/generated/level.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { RecordedRow, RecordedSource } from '../../backtest/recorded/recorded-source.js';

const START = 1_767_312_000_000_000;
const STEP_MICROS = 100_000;
const SNAPSHOT = 1;
const CHANGE = 2;

type Quoted = readonly (readonly [price: number, amount: number])[];

/** A recording of one instrument, written by hand: a row every tenth of a second. */
export class RecordedRows implements RecordedSource {
  readonly #instrument: Instrument;
  readonly #rows: RecordedRow[] = [];
  #taken = 0;
  #changeId = 0;

  constructor(instrument: Instrument) {
    this.#instrument = instrument;
  }

  instrument(): Instrument {
    return this.#instrument;
  }

  next(): RecordedRow | undefined {
    return this.#rows[this.#taken++];
  }

  /** The whole book. */
  book(bids: Quoted, asks: Quoted): this {
    return this.#update(SNAPSHOT, bids, asks, Number.NaN);
  }

  /** A change of bids; with a gap it does not continue what was before. */
  change(bids: Quoted, { gap }: { gap: boolean }): this {
    return this.#update(CHANGE, bids, [], gap ? this.#changeId - 1 : this.#changeId);
  }

  trade(price: number, amount: number, taker: 'buy' | 'sell'): this {
    const { buffer } = this.#row(MessageType.TRADE_RUN, TradeRun.sizeOf() + Trade.sizeOf());
    new TradeRun().__init(HEADER_BYTES, buffer).mutate_count(1);
    const trade = new Trade().__init(HEADER_BYTES + TradeRun.sizeOf(), buffer);
    trade.mutate_flags(taker === 'buy' ? 1 : 2);
    trade.mutate_price(price);
    trade.mutate_amount(amount);
    return this;
  }

  state(state: number): this {
    const { buffer } = this.#row(MessageType.INSTRUMENT_STATE, InstrumentState.sizeOf());
    new InstrumentState().__init(HEADER_BYTES, buffer).mutate_state(state);
    return this;
  }

  #update(kind: number, bids: Quoted, asks: Quoted, previous: number): this {
    const levels = [...bids, ...asks];
    const { buffer } = this.#row(MessageType.BOOK_UPDATE, BookUpdate.sizeOf() + levels.length * Level.sizeOf());
    const update = new BookUpdate().__init(HEADER_BYTES, buffer);
    update.mutate_kind(kind);
    update.mutate_changeId(++this.#changeId);
    update.mutate_firstChangeId(Number.NaN);
    update.mutate_previousChangeId(previous);
    update.mutate_bidCount(bids.length);
    update.mutate_askCount(asks.length);
    levels.forEach(([price, amount], place) => {
      const level = new Level().__init(HEADER_BYTES + BookUpdate.sizeOf() + place * Level.sizeOf(), buffer);
      level.mutate_price(price);
      level.mutate_amount(amount);
    });
    return this;
  }

  #row(type: number, bodyBytes: number): RecordedRow {
    const length = HEADER_BYTES + bodyBytes;
    const buffer = new ViewBuffer(new ArrayBuffer(length));
    const eventTime = START + this.#rows.length * STEP_MICROS;
    buffer.view.setFloat64(HeaderOffset.EVENT_TIME, eventTime, true);
    const row = { type, eventTime, length, buffer };
    this.#rows.push(row);
    return row;
  }
}
