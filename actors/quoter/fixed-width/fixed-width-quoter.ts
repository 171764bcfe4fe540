import { EVERY_INSTRUMENT, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { type Cells, memoryOf } from '../../../engine/market/orders/cells.js';
import { PullReason } from '../../../engine/market/orders/codes.js';
import { Underlyings } from '../../../engine/market/underlyings.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../../engine/runtime/actor/event.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { CommandCode } from '../../../engine/runtime/peers/command-channel.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { InstrumentState } from '../../../schemas/generated/instrument-state.js';
import { OperatorCommand } from '../../../schemas/generated/operator-command.js';
import { Quote } from '../../../schemas/generated/quote.js';
import { QuotePull } from '../../../schemas/generated/quote-pull.js';
import { Theo } from '../../../schemas/generated/theo.js';
import { TheoRun } from '../../../schemas/generated/theo-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BookState } from '../../book/book.js';
import { UNUSABLE } from '../../filter/filter-flags.js';
import { readDefinition } from '../../stage-parts/read-definition.js';
import { TickShelf } from '../../stage-parts/tick-shelf.js';
import { desiredQuotes, log, orderStates, shownQuotes, theos, tops } from '../../streams.js';
import { PullWriter } from '../pull-writer.js';
import { CELL, CELLS } from './cells.js';
import { FixedWidth, type FixedWidthSettings, QuoteNumber } from './fixed-width.js';
import { FixedWidthWriter } from './fixed-width-writer.js';

export interface QuoterConfig extends FixedWidthSettings {
  instruments: number;
  /** Amount of each side; where the smallest amount of an instrument is known, in multiples of it. */
  amount: number;
  /** A quote that is off by no more than this is left alone, the venue's price unit. */
  tolerance: number;
  /** Quoted options end this long before their expiry, seconds. */
  stopBeforeExpirySeconds: number;
}

/** Places of the settings that are doubles: in an array, because reading a double from an object's field may box it. */
const TOLERANCE = 0;
const STOP_BEFORE = 1;

const RUN_BYTES = TheoRun.sizeOf();
const RUN_COUNT = fieldOffset(TheoRun, 'count');
const RUN_FORWARD = fieldOffset(TheoRun, 'forward');
const THEO_BYTES = Theo.sizeOf();
const THEO_INSTRUMENT = fieldOffset(Theo, 'instrument');
const THEO_FLAGS = fieldOffset(Theo, 'flags');
const THEO_PRICE = fieldOffset(Theo, 'price');
const THEO_VOLATILITY = fieldOffset(Theo, 'volatility');
const THEO_DELTA = fieldOffset(Theo, 'delta');

/** Everything that the quoter remembers. */
class FixedWidthMemory {
  readonly shelf: TickShelf;
  readonly cells: Float64Array;
  readonly paused: Int32Array;
  readonly underlyings: Underlyings;

  constructor(cells: Cells, instruments: number) {
    this.shelf = new TickShelf(cells, instruments);
    this.cells = cells.float64(instruments * CELLS, 'quotes', CELL);
    this.paused = cells.int32(1, 'paused');
    this.underlyings = new Underlyings(cells, instruments);
  }
}

/**
 * Wants a bid and an offer around the fair value of every option. It knows nothing of orders, requests or credits: what is wanted
 * is told, and dispatch brings the orders there. The model that makes the prices is FixedWidth.
 */
class FixedWidthQuoter implements CoreActor {
  private readonly context: CoreContext<QuoterConfig>;
  private readonly model: FixedWidth;
  private readonly shelf: TickShelf;
  private readonly writer: FixedWidthWriter;
  private readonly pulls: PullWriter;
  private readonly cells: Float64Array;
  private readonly paused: Int32Array;
  private readonly underlyings: Underlyings;
  private readonly settings: Float64Array;
  private readonly command = new OperatorCommand();
  private readonly top = new BookTop();
  private readonly touch = new Quote();
  private readonly state = new InstrumentState();
  /** [fair value, best bid, best offer]: in an array, because a double handed to a call may be boxed. */
  private readonly market = new Float64Array(3);

  constructor(context: CoreContext<QuoterConfig>) {
    const { config, state } = context;
    this.context = context;
    this.model = new FixedWidth(config);
    this.settings = Float64Array.of(config.tolerance, config.stopBeforeExpirySeconds * 1e6);
    const memory = new FixedWidthMemory(state, config.instruments);
    this.shelf = memory.shelf;
    this.cells = memory.cells;
    this.paused = memory.paused;
    this.underlyings = memory.underlyings;
    this.writer = new FixedWidthWriter(context, this.model, this.shelf, this.cells);
    this.pulls = new PullWriter(context.out);
  }

  onRestore(): void {
    this.shelf.restore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    switch (type) {
      case MessageType.THEO_RUN:
        this.onTheos(buffer, offset + HEADER_BYTES);
        break;
      case MessageType.BOOK_TOP:
        this.onTop(buffer, offset);
        break;
      case MessageType.QUOTE:
        this.onTouch(buffer, offset);
        break;
      case MessageType.OPERATOR_COMMAND:
        this.onCommand(buffer, offset);
        break;
      case MessageType.INSTRUMENT_STATE:
        this.onState(this.state.__init(offset + HEADER_BYTES, buffer));
        break;
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
    }
  }

  private onTop(buffer: ViewBuffer, offset: number): void {
    const { top, shelf } = this;
    top.__init(offset + HEADER_BYTES, buffer);
    const instrument = top.instrument();
    // Without a definition nobody knows what it is; futures are for hedging.
    if (instrument >= this.context.config.instruments || shelf.kind(instrument) !== InstrumentKind.OPTION) return;
    const from = instrument * CELLS;
    this.cells[from + CELL.BEST_BID] = top.bidPrice();
    this.cells[from + CELL.BEST_ASK] = top.askPrice();
    this.cells[from + CELL.LIVE] = top.state() === BookState.LIVE ? 1 : 0;
    if (top.state() !== BookState.LIVE) this.withdraw(instrument, PullReason.STALE_MARKET);
    else this.consider(instrument);
  }

  /** Theoretical values of one expiry: those options that have moved. */
  private onTheos(buffer: ViewBuffer, body: number): void {
    const { cells } = this;
    const { view } = buffer;
    const count = view.getUint32(body + RUN_COUNT, true);
    const forward = view.getFloat64(body + RUN_FORWARD, true);
    for (let index = 0; index < count; index++) {
      const at = body + RUN_BYTES + index * THEO_BYTES;
      const instrument = view.getUint32(at + THEO_INSTRUMENT, true);
      if (instrument >= this.context.config.instruments) continue;
      const from = instrument * CELLS;
      const isUsable = (view.getUint16(at + THEO_FLAGS, true) & UNUSABLE) === 0;
      cells[from + CELL.THEO] = isUsable ? view.getFloat64(at + THEO_PRICE, true) : Number.NaN;
      cells[from + CELL.VOLATILITY] = view.getFloat64(at + THEO_VOLATILITY, true);
      cells[from + CELL.DELTA] = view.getFloat64(at + THEO_DELTA, true);
      cells[from + CELL.FORWARD] = forward;
      if (!isUsable) this.withdraw(instrument, PullReason.NO_THEO);
      else if (cells[from + CELL.LIVE] === 1) this.consider(instrument);
    }
  }

  /** A feed of best prices alone: the synthetic one has no definitions. */
  private onTouch(buffer: ViewBuffer, offset: number): void {
    const { touch, cells } = this;
    touch.__init(offset + HEADER_BYTES, buffer);
    if (touch.instrument() >= this.context.config.instruments) return;
    const from = touch.instrument() * CELLS;
    cells[from + CELL.BEST_BID] = touch.bidPrice();
    cells[from + CELL.BEST_ASK] = touch.askPrice();
    cells[from + CELL.LIVE] = 1;
    this.consider(touch.instrument());
  }

  /** A pause, and all the more a halt, pulls every quote at once. */
  private onCommand(buffer: ViewBuffer, offset: number): void {
    const { command, paused } = this;
    command.__init(offset + HEADER_BYTES, buffer);
    const code = command.command();
    if (code !== CommandCode.PAUSE && code !== CommandCode.HALT && code !== CommandCode.RESUME) return;
    const pauses = code !== CommandCode.RESUME;
    if (code !== CommandCode.HALT && command.instrument() !== EVERY_INSTRUMENT) {
      this.pauseOne(command.instrument(), pauses);
      return;
    }
    if (pauses && paused[0] === 0)
      this.pullEverything(code === CommandCode.HALT ? PullReason.HALTED : PullReason.PAUSED);
    paused[0] = pauses ? 1 : 0;
  }

  private pauseOne(instrument: number, pauses: boolean): void {
    if (instrument >= this.context.config.instruments) return;
    this.cells[instrument * CELLS + CELL.PAUSED] = pauses ? 1 : 0;
    if (this.cells[instrument * CELLS + CELL.LIVE] === 1) this.consider(instrument);
  }

  private onState(state: InstrumentState): void {
    if (state.state() === LifeCycle.OPEN) return;
    if (state.instrument() < this.context.config.instruments) this.withdraw(state.instrument(), PullReason.NOT_TRADING);
    else if (state.instrument() === EVERY_INSTRUMENT) this.pullEverything(PullReason.NOT_TRADING);
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.shelf.define(id, instrument);
    this.underlyings.define(id, instrument.venue, instrument.priceIndex);
  }

  /** Quotes around the theoretical value; around the middle of the market where the filter has never told one. */
  private consider(instrument: number): void {
    const { market, model, cells, shelf, settings } = this;
    if (this.paused[0] !== 0) return;
    const from = instrument * CELLS;
    if (cells[from + CELL.PAUSED] === 1) {
      this.withdraw(instrument, PullReason.PAUSED);
      return;
    }
    market[1] = cells[from + CELL.BEST_BID]!;
    market[2] = cells[from + CELL.BEST_ASK]!;
    market[0] = cells[from + CELL.THEO] === 0 ? (market[1]! + market[2]!) / 2 : cells[from + CELL.THEO]!;
    if (!(market[0]! > 0)) {
      this.withdraw(instrument, cells[from + CELL.THEO] === 0 ? PullReason.STALE_MARKET : PullReason.NO_THEO);
      return;
    }
    const expiry = shelf.cells[shelf.expiryAt(instrument)]!;
    if (expiry > 0 && this.context.event.moment[EVENT_TIME]! >= expiry - settings[STOP_BEFORE]!) {
      this.withdraw(instrument, PullReason.EXPIRY_NEAR);
      return;
    }
    model.make(market, shelf.ticks(instrument));
    const moved =
      movedBy(model.quote, QuoteNumber.BID, cells, from + CELL.BID, settings) ||
      movedBy(model.quote, QuoteNumber.ASK, cells, from + CELL.ASK, settings);
    if (!moved && cells[from + CELL.REASON] === PullReason.NONE) return;
    cells[from + CELL.BID] = model.quote[QuoteNumber.BID]!;
    cells[from + CELL.ASK] = model.quote[QuoteNumber.ASK]!;
    cells[from + CELL.REASON] = PullReason.NONE;
    this.tell(instrument);
  }

  /** No quotes for one instrument. Told once: dispatch pulls many of them by one request. */
  private withdraw(instrument: number, reason: number): void {
    const { cells, model } = this;
    const from = instrument * CELLS;
    // Nothing was wanted of it yet.
    if (cells[from + CELL.BID] === 0 && cells[from + CELL.ASK] === 0) return;
    cells[from + CELL.BID] = 0;
    cells[from + CELL.ASK] = 0;
    cells[from + CELL.REASON] = reason;
    model.quote.fill(Number.NaN);
    this.market[0] = Number.NaN;
    this.tell(instrument);
  }

  private pullEverything(reason: number): void {
    this.pulls.pullEverything(reason);
    // Nothing is wanted of any of them any more; what is known of their worth stays.
    for (let from = 0; from < this.cells.length; from += CELLS) {
      this.cells[from + CELL.BID] = 0;
      this.cells[from + CELL.ASK] = 0;
      this.cells[from + CELL.REASON] = 0;
    }
  }

  private tell(instrument: number): void {
    // The venue protects each underlying by a group of its own.
    this.writer.tell(instrument, this.underlyings.of(instrument) + 1, this.market);
  }
}

/** Whether a price is another than the one wanted before by more than the tolerance, or is there only now or no more. */
function movedBy(
  quote: Float64Array,
  which: number,
  cells: Float64Array,
  place: number,
  settings: Float64Array,
): boolean {
  const price = quote[which]!;
  const before = cells[place]!;
  if (Number.isNaN(price)) return !Number.isNaN(before);
  // Also where nothing was wanted before: 0 is no price.
  return !(before > 0 && Math.abs(price - before) <= settings[TOLERANCE]!);
}

export function quoter(config: QuoterConfig): CoreDefinition {
  return defineStage<QuoterConfig>({
    name: 'quoter',
    reads: [log, tops, theos, orderStates],
    writes: desiredQuotes,
    shows: [shownQuotes(config.instruments)],
    config,
    // A connection that is lost makes every book stale, and every quote unwanted, at once.
    burst: {
      records: config.instruments + 2,
      bodyBytes: config.instruments * DesiredQuote.sizeOf() + 2 * QuotePull.sizeOf(),
    },
    ...memoryOf((cells) => new FixedWidthMemory(cells, config.instruments)),
    create: (context) => new FixedWidthQuoter(context),
  });
}
