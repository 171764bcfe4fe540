import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import type { Cells } from '../../../engine/market/orders/cells.js';
import {
  OrderAction,
  OrderFlag,
  RequestStatus,
  Side,
  Strategy,
  TimeInForce,
  TradingStateCode,
} from '../../../engine/market/orders/codes.js';
import { LIMIT_NAMES, type RiskLimits, SIMULATION_LIMITS } from '../../../engine/market/risk/limits.js';
import { ActorState } from '../../../engine/runtime/actor/actor-state.js';
import type { CoreActor } from '../../../engine/runtime/actor/definition.js';
import { CurrentEvent } from '../../../engine/runtime/actor/event.js';
import { Outbox } from '../../../engine/runtime/actor/outbox.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { AccountReport } from '../../../schemas/generated/account-report.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { EngineState } from '../../../schemas/generated/engine-state.js';
import { OrderIntent } from '../../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../../schemas/generated/order-update.js';
import { RequestUpdate } from '../../../schemas/generated/request-update.js';
import { RunStarted } from '../../../schemas/generated/run-started.js';
import { Theo } from '../../../schemas/generated/theo.js';
import { TheoRun } from '../../../schemas/generated/theo-run.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TradingState } from '../../../schemas/generated/trading-state.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BookState } from '../../book/book.js';
import { currencyWords } from '../../portfolio/portfolio-book.js';
import { IntentChecks } from '../../risk/intent-checks.js';
import { risk } from '../../risk/risk.js';
import { type RiskConfig, RiskMemory } from '../../risk/risk-memory.js';
import { btcInstrument } from '../stage/instruments.js';

const START = 1_800_000_000_000_000;
const DAY = 86_400e6;
const UNDERLYINGS = 2;
const EXPIRIES = 4;
/** Options of one expiry: every second one a put. */
const STRIKES = 50;
export const OPTIONS = UNDERLYINGS * EXPIRIES * STRIKES;
/** Two quotes an option, all of them at work. */
export const QUOTES = 2 * OPTIONS;
const INDEX = [60_000, 3000];
const THEO_PRICE = 0.06;
const BID = 0.0595;
const ASK = 0.0605;
/** Of the account, which is under standard margin, coin. */
const EQUITY = 1e6;
const RING_BYTES = 2 ** 20;

/** No limit binds, so that every check is made to its end. */
const WIDE = Object.fromEntries(
  LIMIT_NAMES.map((name) => [
    name,
    name === 'expiryMinutes' || name === 'fromTheoVol' ? SIMULATION_LIMITS[name] : 1e15,
  ]),
) as RiskLimits;

const CONFIG: RiskConfig = {
  instruments: OPTIONS,
  expiries: UNDERLYINGS * EXPIRIES,
  underlyings: UNDERLYINGS,
  orders: QUOTES,
  intentsAtOnce: QUOTES,
  limits: WIDE,
  protection: { windowSeconds: 1, pauseSeconds: 5 },
  venueProtection: { amountUsd: 1e9, deltaUsd: 1e9, vega: 1e9 },
};

/** Places of the records that are prepared: an intent and the word of what became of it for each quote. */
const RECORD_BYTES = HEADER_BYTES + 512;

/**
 * The risk stage with a whole chain at work: 800 quotes rest, and each is to be replaced by one of twice the amount. The intents are
 * prepared, so that nothing but the stage is measured, and nothing but the stage can allocate.
 */
export class RiskLoad {
  /** The stage's own memory, seen from outside. */
  readonly memory: RiskMemory;
  private readonly stage: CoreActor;
  private readonly event = new CurrentEvent();
  /** Log event and event time. */
  private readonly moment = Float64Array.of(0, START);
  private readonly out: Outbox;
  private readonly output: StreamReader;
  private readonly scratch = new ViewBuffer(new ArrayBuffer(HEADER_BYTES + 1024));
  private readonly intents: ViewBuffer;
  private readonly fates: ViewBuffer;
  private readonly checks: IntentChecks;
  private readonly judged = new OrderIntent();
  private readonly theoAt = TheoRun.sizeOf();
  private answered = 0;
  private readonly count = (type: number): void => {
    if (type === MessageType.APPROVED_ORDER) this.answered++;
  };

  constructor() {
    const definition = risk(CONFIG);
    const state = new ActorState('risk', definition.stateBytes);
    const stream = createStream({
      name: 'approvedOrders',
      capacityBytes: RING_BYTES,
      maxBodyBytes: 1024,
      readers: 1,
      engineRun: 1,
    });
    const writer = new StreamWriter(stream);
    this.output = new StreamReader(stream, 0);
    this.out = new Outbox(writer, 1, () => {
      throw new Error('the ring of approved orders is full: it is to be read after each chain');
    });
    this.stage = definition.create({
      name: 'risk',
      config: CONFIG,
      event: this.event,
      state,
      out: this.out,
      shown: [],
      schedule: () => {},
      cancel: () => {},
    });
    this.memory = new RiskMemory(new SameCells(state.memory), CONFIG);
    this.checks = new IntentChecks(this.memory, Float64Array.of(START));
    this.intents = new ViewBuffer(new ArrayBuffer(QUOTES * RECORD_BYTES));
    this.fates = new ViewBuffer(new ArrayBuffer(QUOTES * RECORD_BYTES));
    this.begin();
    for (let quote = 0; quote < QUOTES; quote++) this.prepare(quote);
  }

  /** Approvals since the load was made. */
  get approved(): number {
    this.output.poll(this.count, Number.POSITIVE_INFINITY);
    return this.answered;
  }

  /** One quote is asked for. */
  ask(quote: number): void {
    this.stage.onRecord(MessageType.ORDER_INTENT, this.intents, quote * RECORD_BYTES);
  }

  /** Every check of one quote, and nothing done about it: each chain is an event of its own, whose first intents find nothing judged yet. @returns 0 where it passes */
  judge(quote: number): number {
    if (quote === 0) this.checks.forget();
    return this.checks.check(this.judged.__init(quote * RECORD_BYTES + HEADER_BYTES, this.intents));
  }

  /** What was asked for last for this quote was never sent, so that it may be asked for again. */
  settle(quote: number): void {
    this.stage.onRecord(MessageType.REQUEST_UPDATE, this.fates, quote * RECORD_BYTES);
  }

  /** What was approved becomes visible and is read. */
  publish(): void {
    this.out.writer.publish();
    this.output.poll(this.count, Number.POSITIVE_INFINITY);
  }

  /** A whole chain, asked for in one event. */
  chain(): void {
    for (let quote = 0; quote < QUOTES; quote++) this.ask(quote);
  }

  settleChain(): void {
    for (let quote = 0; quote < QUOTES; quote++) this.settle(quote);
    this.publish();
  }

  /** An order in the orders stage's table: amount that may still trade, 0 for one that has ended. */
  rest(slot: number, option: number, isSell: boolean, amount: number, isProtected = true): void {
    this.hear(MessageType.ORDER_UPDATE, OrderUpdate, (update) => {
      update.mutate_slot(slot);
      update.mutate_instrument(option);
      update.mutate_side(isSell ? Side.SELL : Side.BUY);
      update.mutate_flags(OrderFlag.QUOTE | (isProtected ? OrderFlag.MMP : 0));
      update.mutate_worstPrice(isSell ? ASK : BID);
      update.mutate_worstRemaining(amount);
    });
  }

  /** New Greeks of one option. */
  theo(option: number, delta: number, vega: number, gamma: number): void {
    const { scratch, theoAt } = this;
    this.hear(MessageType.THEO_RUN, TheoRun, (run) => {
      run.mutate_count(1);
      run.mutate_forward(INDEX[underlyingOf(option)]!);
      run.mutate_index(INDEX[underlyingOf(option)]!);
      const theo = new Theo().__init(HEADER_BYTES + theoAt, scratch);
      theo.mutate_instrument(option);
      theo.mutate_flags(0);
      theo.mutate_price(THEO_PRICE);
      theo.mutate_volatility(0.5);
      theo.mutate_delta(delta);
      theo.mutate_vega(vega);
      theo.mutate_gamma(gamma);
    });
  }

  /** Everything that is needed for an approval: chain, prices, Greeks, quotes at work. */
  private begin(): void {
    this.hear(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(1));
    for (let option = 0; option < OPTIONS; option++) this.define(option);
    this.hear(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.ACTIVE));
    this.hear(MessageType.TRADING_STATE, TradingState, (trading) => trading.mutate_state(TradingStateCode.READY));
    const [word0, word1] = currencyWords('BTC');
    this.hear(MessageType.ACCOUNT_REPORT, AccountReport, (account) => {
      account.currency()!.mutate_word0(word0 >>> 0);
      account.currency()!.mutate_word1(word1 >>> 0);
      account.mutate_equity(EQUITY);
    });
    for (let option = 0; option < OPTIONS; option++) {
      this.hear(MessageType.TICKER, Ticker, (ticker) => {
        ticker.mutate_instrument(option);
        ticker.mutate_markPrice(THEO_PRICE);
        ticker.mutate_indexPrice(INDEX[underlyingOf(option)]!);
        ticker.mutate_minPrice(0.0001);
        ticker.mutate_maxPrice(1e9);
      });
      this.hear(MessageType.BOOK_TOP, BookTop, (top) => {
        top.mutate_instrument(option);
        top.mutate_state(BookState.LIVE);
      });
      this.theo(option, isPut(option) ? -0.4 : 0.6, 100 + option, 1e-5 * (1 + (option % 7)));
      this.rest(2 * option, option, false, 1);
      this.rest(2 * option + 1, option, true, 1);
    }
    this.publish();
  }

  private define(option: number): void {
    const bytes = encodeInstrument(
      option,
      btcInstrument({
        name: `OPTION-${option}`,
        right: isPut(option) ? 'put' : 'call',
        strike: INDEX[underlyingOf(option)]!,
        expiry: START + (1 + Math.floor(option / STRIKES)) * 30 * DAY,
        priceIndex: `index-${underlyingOf(option)}`,
      }),
    );
    const { view } = this.scratch;
    for (let at = 0; at < bytes.length; at++) view.setUint8(HEADER_BYTES + at, bytes[at]!);
    view.setUint32(HeaderOffset.LENGTH, HEADER_BYTES + bytes.length, true);
    this.next();
    this.stage.onRecord(MessageType.INSTRUMENT_DEFINITION, this.scratch, 0);
  }

  private prepare(quote: number): void {
    const intent = new OrderIntent().__init(quote * RECORD_BYTES + HEADER_BYTES, this.intents);
    const isSell = (quote & 1) === 1;
    intent.mutate_action(OrderAction.QUOTE);
    intent.mutate_instrument(quote >> 1);
    intent.mutate_side(isSell ? Side.SELL : Side.BUY);
    intent.mutate_timeInForce(TimeInForce.UNTIL_CANCELLED);
    intent.mutate_strategy(Strategy.QUOTER);
    intent.mutate_flags(OrderFlag.MMP | OrderFlag.QUOTE);
    intent.mutate_price(isSell ? ASK : BID);
    intent.mutate_amount(2);
    intent.mutate_requestIndex(quote);
    const fate = new RequestUpdate().__init(quote * RECORD_BYTES + HEADER_BYTES, this.fates);
    fate.mutate_status(RequestStatus.NOT_SENT);
    fate.mutate_requestSeq(this.event.seq);
    fate.mutate_requestIndex(quote);
  }

  private hear<T extends { __init(at: number, buffer: ViewBuffer): T }>(
    type: number,
    struct: { new (): T; sizeOf(): number },
    fill: (struct: T) => void,
  ): void {
    const { scratch } = this;
    for (let word = 0; word < scratch.view.byteLength; word += 4) scratch.view.setInt32(word, 0, true);
    fill(new struct().__init(HEADER_BYTES, scratch));
    this.next();
    this.stage.onRecord(type, scratch, 0);
  }

  private next(): void {
    this.moment[0]! += 1;
    this.event.move(this.moment, 0, 1);
  }
}

/** The cells that another has taken from a block of memory, in the same order. */
class SameCells implements Cells {
  private readonly memory: ArrayBuffer;
  private taken = 0;

  constructor(memory: ArrayBuffer) {
    this.memory = memory;
  }

  float64(length: number): Float64Array {
    return new Float64Array(this.memory, this.take(8 * length), length);
  }

  int32(length: number): Int32Array {
    return new Int32Array(this.memory, this.take(4 * length), length);
  }

  private take(bytes: number): number {
    const at = this.taken;
    this.taken += (bytes + 7) & ~7;
    return at;
  }
}

export function underlyingOf(option: number): number {
  return Math.floor(option / (EXPIRIES * STRIKES));
}

function isPut(option: number): boolean {
  return option % 2 === 1;
}
