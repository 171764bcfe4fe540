import { InstrumentKind } from '../../engine/market/instrument.js';
import { amountOfLots } from '../../engine/market/lots.js';
import { type Cells, memoryOf } from '../../engine/market/orders/cells.js';
import { OrderFlag, QuoteSet, Strategy } from '../../engine/market/orders/codes.js';
import { URGENT } from '../../engine/market/orders/differ.js';
import { FlattenInput, FlattenRule } from '../../engine/market/risk/flatten-rule.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Position } from '../../schemas/generated/position.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { TickShelf } from '../stage-parts/tick-shelf.js';
import { desiredFlattens, exposures, log, tops } from '../streams.js';

export interface FlattenerConfig {
  instruments: number;
  underlyings: number;
}

const TIMER = 0;
/** Between two looks at what is left and where the market is. */
const LOOK_EVERY_MICROS = 500_000;
/** How far from its mark an option may be closed, as a change of its volatility; and a future, as a part of its mark. */
const GIVEN_VOL = 0.04;
const GIVEN_PART = 0.003;
/** Value of one closing order at most, by the index. */
const MOST_ORDER_USD = 250_000;

/** Of an instrument. */
const Row = {
  POSITION: 0,
  MARK: 1,
  BID: 2,
  ASK: 3,
  /** Of all that is held, USD per 1.00 of volatility. */
  VEGA: 4,
  /** Event time since which it is to be closed; 0 where it is not. */
  SINCE: 5,
  /** What is wanted now; the amount below zero where it is sold. */
  PRICE: 6,
  AMOUNT: 7,
  SIZE: 8,
} as const;

class Memory {
  readonly rows: Float64Array;
  readonly underlyings: Underlyings;
  readonly shelf: TickShelf;
  /** By underlying, USD. */
  readonly index: Float64Array;
  /** Instruments that are to be closed. */
  readonly active: Int32Array;

  constructor(cells: Cells, { instruments, underlyings }: FlattenerConfig) {
    this.rows = cells.float64(instruments * Row.SIZE, 'flattener: rows', Row);
    this.underlyings = new Underlyings(cells, instruments);
    this.shelf = new TickShelf(cells, instruments);
    this.index = cells.float64(underlyings, 'index');
    this.active = cells.int32(1, 'active');
  }
}

/**
 * Closes what is held where an operator asks for it: options first, while the hedger keeps the delta, then futures. Risk lets only what
 * reduces pass by then, and the quoter has pulled its quotes: both hear the same command.
 */
class Flattener implements CoreActor {
  private readonly context: CoreContext<FlattenerConfig>;
  private readonly memory: Memory;
  private readonly rule = new FlattenRule();
  /** A price to be rounded, down and up. */
  private readonly pair = new Float64Array(2);
  private readonly top = new BookTop();
  private readonly position = new Position();
  private readonly exposure = new UnderlyingExposure();
  private readonly command = new RiskCommand();
  private readonly desired = new DesiredQuote();

  constructor(context: CoreContext<FlattenerConfig>) {
    this.context = context;
    this.memory = new Memory(context.state, context.config);
  }

  onRestore(): void {
    this.memory.shelf.restore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    if (type === MessageType.BOOK_TOP) this.onTop(this.top.__init(body, buffer));
    else if (type === MessageType.POSITION) this.onPosition(this.position.__init(body, buffer));
    else if (type === MessageType.UNDERLYING_EXPOSURE) this.onExposure(this.exposure.__init(body, buffer));
    else if (type === MessageType.RISK_COMMAND) this.onCommand(this.command.__init(body, buffer));
    else if (type === MessageType.INSTRUMENT_DEFINITION) this.onDefinition(buffer, offset);
  }

  onTimer(): void {
    if (this.memory.active[0] === 0) return;
    this.look();
    this.context.schedule(TIMER, this.context.event.time + LOOK_EVERY_MICROS);
  }

  private onTop(top: BookTop): void {
    const id = top.instrument();
    if (id >= this.context.config.instruments) return;
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    const isLive = top.state() === BookState.LIVE;
    rows[row + Row.BID] = isLive && top.bidPrice() > 0 ? top.bidPrice() : Number.NaN;
    rows[row + Row.ASK] = isLive && top.askPrice() > 0 ? top.askPrice() : Number.NaN;
  }

  private onPosition(position: Position): void {
    const id = position.instrument();
    if (id >= this.context.config.instruments) return;
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    rows[row + Row.POSITION] = position.size();
    rows[row + Row.MARK] = position.mark();
    rows[row + Row.VEGA] = position.vega();
    // What was closed must not be asked for again, and what is left is less.
    if (rows[row + Row.AMOUNT] !== 0) this.consider(id);
  }

  private onExposure(exposure: UnderlyingExposure): void {
    const underlying = exposure.underlying();
    if (underlying < this.memory.index.length) this.memory.index[underlying] = exposure.index();
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { memory } = this;
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (id >= this.context.config.instruments) return;
    memory.shelf.define(id, instrument);
  }

  /** Begins to close a scope; whatever else is done to it by hand ends that, but for reducing, which goes together with it. */
  private onCommand(command: RiskCommand): void {
    const action = command.action();
    if (action === RiskAction.REDUCE || action === RiskAction.ARM) return;
    if (action === RiskAction.ACTIVE && command.confirmed() !== 1) return;
    const begins = action === RiskAction.FLATTEN;
    const { rows, active } = this.memory;
    const { instruments } = this.context.config;
    const { time } = this.context.event;
    for (let id = 0; id < instruments; id++) {
      const at = id * Row.SIZE + Row.SINCE;
      if (!this.isIn(id, command) || begins === rows[at]! > 0) continue;
      rows[at] = begins ? time : 0;
      active[0]! += begins ? 1 : -1;
      if (!begins) this.want(id, Number.NaN, 0);
    }
    if (!begins || active[0] === 0) return;
    this.look();
    this.context.schedule(TIMER, time + LOOK_EVERY_MICROS);
  }

  private isIn(id: number, command: RiskCommand): boolean {
    const underlying = this.memory.underlyings.of(id);
    if (underlying < 0) return false;
    switch (command.scope()) {
      case StateScope.EVERYTHING:
        return true;
      case StateScope.UNDERLYING:
        return underlying === command.key();
      case StateScope.EXPIRY:
        return underlying === command.key() && this.memory.shelf.expiry(id) === command.expiry();
      default:
        return false;
    }
  }

  private look(): void {
    for (let id = 0; id < this.context.config.instruments; id++) {
      if (this.memory.rows[id * Row.SIZE + Row.SINCE]! > 0) this.consider(id);
    }
  }

  private consider(id: number): void {
    const { rule, context } = this;
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    const position = rows[row + Row.POSITION]!;
    const isDue = rows[row + Row.SINCE]! > 0 && position !== 0;
    if (!isDue || (!this.isOption(id) && this.hasOptions(id))) {
      this.want(id, Number.NaN, 0);
      return;
    }
    const { input } = rule;
    input[FlattenInput.POSITION] = position;
    input[FlattenInput.MARK] = rows[row + Row.MARK]!;
    input[FlattenInput.BID] = rows[row + Row.BID]!;
    input[FlattenInput.ASK] = rows[row + Row.ASK]!;
    input[FlattenInput.WAITED] = (context.event.time - rows[row + Row.SINCE]!) / 1e6;
    input[FlattenInput.GIVE] = this.give(id);
    rule.decide();
    const { pair } = this;
    pair.fill(rule.output[0]!);
    // An offer rounds up and a bid down: nothing more is given.
    this.memory.shelf.ticks(id)?.roundOutwards(pair);
    const price = pair[position > 0 ? 1 : 0]!;
    this.want(id, price, price > 0 ? this.clip(id, -position) : 0);
  }

  private isOption(id: number): boolean {
    return this.memory.shelf.kind(id) === InstrumentKind.OPTION;
  }

  /** How far from its mark it may be closed at worst, the venue's price unit. */
  private give(id: number): number {
    const { rows, shelf, underlyings, index } = this.memory;
    const row = id * Row.SIZE;
    if (!this.isOption(id)) return GIVEN_PART * rows[row + Row.MARK]!;
    const vega = Math.abs(rows[row + Row.VEGA]! / rows[row + Row.POSITION]!);
    return (GIVEN_VOL * vega) / (shelf.isInverse(id) ? index[underlyings.of(id)]! : 1);
  }

  /** What one order may close of an amount, a whole number of the smallest. */
  private clip(id: number, amount: number): number {
    const { shelf, underlyings, index } = this.memory;
    const inUsd = !this.isOption(id) && shelf.isInverse(id);
    const least = shelf.minimum(id);
    const most = MOST_ORDER_USD / (inUsd ? 1 : index[underlyings.of(id)]!);
    if (Math.abs(amount) <= Math.max(most, least)) return amount;
    return Math.sign(amount) * amountOfLots(Math.floor(most / least), least);
  }

  /** Whether options of the same underlying are still to be closed: until then its futures are their hedge. */
  private hasOptions(id: number): boolean {
    const { rows, underlyings } = this.memory;
    const underlying = underlyings.of(id);
    for (let other = 0; other < this.context.config.instruments; other++) {
      const row = other * Row.SIZE;
      if (rows[row + Row.POSITION] === 0 || !this.isOption(other) || !(rows[row + Row.SINCE]! > 0)) continue;
      if (underlyings.of(other) === underlying) return true;
    }
    return false;
  }

  private want(id: number, price: number, amount: number): void {
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    const before = rows[row + Row.AMOUNT]!;
    const isSamePrice = amount === 0 || before === 0 || rows[row + Row.PRICE] === price;
    if (isSamePrice && before === amount) return;
    rows[row + Row.PRICE] = price;
    // At another price it is taken away first and placed anew at the next look: an amendment might fill twice, and risk lets none pass.
    rows[row + Row.AMOUNT] = isSamePrice ? amount : 0;
    this.tell(id);
  }

  private tell(id: number): void {
    const { desired } = this;
    const { out } = this.context;
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    const price = rows[row + Row.PRICE]!;
    const amount = rows[row + Row.AMOUNT]!;
    const sells = amount < 0;
    desired.__init(out.emit(MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf()), out.buffer);
    desired.mutate_instrument(id);
    desired.mutate_strategy(Strategy.FLATTENER);
    desired.mutate_quoteSet(QuoteSet.FLATTEN);
    desired.mutate_flags(OrderFlag.REDUCE_ONLY | URGENT);
    desired.mutate_bidPrice(sells ? Number.NaN : price);
    desired.mutate_bidAmount(sells ? 0 : amount);
    desired.mutate_askPrice(sells ? price : Number.NaN);
    desired.mutate_askAmount(sells ? -amount : 0);
    desired.mutate_priceValue(1);
    desired.mutate_theo(rows[row + Row.MARK]!);
    desired.mutate_bidEdge(1);
    desired.mutate_askEdge(1);
    desired.mutate_delta(Number.NaN);
    desired.mutate_volatility(Number.NaN);
    desired.mutate_marketBid(rows[row + Row.BID]!);
    desired.mutate_marketAsk(rows[row + Row.ASK]!);
  }
}

export function flattener(config: FlattenerConfig): CoreDefinition {
  return defineStage<FlattenerConfig>({
    name: 'flattener',
    reads: [log, tops, exposures],
    writes: desiredFlattens,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.QUOTE,
      MessageType.TICKER,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_EXPOSURE,
      MessageType.PROFIT_LOSS,
    ],
    config,
    burst: { records: config.instruments, bodyBytes: config.instruments * DesiredQuote.sizeOf() },
    ...memoryOf((cells) => new Memory(cells, config)),
    timers: 1,
    create: (context) => new Flattener(context),
  });
}
