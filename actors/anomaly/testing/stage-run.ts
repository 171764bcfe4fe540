import { createHash } from 'node:crypto';
import {
  IN_ASK,
  IN_ASK_AMOUNT,
  IN_ASK_VOL,
  IN_BID,
  IN_BID_AMOUNT,
  IN_BID_VOL,
  IN_FORWARD,
  IN_INDEX,
  IN_MARK,
  IN_MARK_VOL,
  IN_OPEN_INTEREST,
} from '../../../engine/market/anomaly/market-watch.js';
import { CleanMarket, MARKET_START, type MarketTarget } from '../../../engine/market/anomaly/testing/clean-market.js';
import type { Instrument } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import type { CoreDefinition } from '../../../engine/runtime/actor/definition.js';
import { Stage } from '../../../engine/runtime/actor/stage.js';
import type { Arena } from '../../../engine/runtime/arena/arena.js';
import { createLatest } from '../../../engine/runtime/edge/create-latest.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { LatestWriter } from '../../../engine/runtime/edge/latest-writer.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TimerFired } from '../../../schemas/generated/timer-fired.js';
import { TimerRequest } from '../../../schemas/generated/timer-request.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { ANOMALY_DEFAULTS, type AnomalyConfig, anomaly } from '../anomaly.js';

const INSTRUMENTS = 64;
const TICKER_FIELDS: readonly [number, number][] = [
  [IN_BID, fieldOffset(Ticker, 'bestBidPrice')],
  [IN_BID_AMOUNT, fieldOffset(Ticker, 'bestBidAmount')],
  [IN_ASK, fieldOffset(Ticker, 'bestAskPrice')],
  [IN_ASK_AMOUNT, fieldOffset(Ticker, 'bestAskAmount')],
  [IN_MARK, fieldOffset(Ticker, 'markPrice')],
  [IN_MARK_VOL, fieldOffset(Ticker, 'markIv')],
  [IN_BID_VOL, fieldOffset(Ticker, 'bidIv')],
  [IN_ASK_VOL, fieldOffset(Ticker, 'askIv')],
  [IN_FORWARD, fieldOffset(Ticker, 'underlyingPrice')],
  [IN_INDEX, fieldOffset(Ticker, 'indexPrice')],
  [IN_OPEN_INTEREST, fieldOffset(Ticker, 'openInterest')],
];
const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');

/**
 * The anomaly stage over a simulated market written as records of a log, in this thread; the caller plays the sequencer, timers
 * included.
 */
export class StageRun {
  /** Not there yet while it defines its instruments. */
  readonly market!: CleanMarket;
  /** Records that the stage has written, by type. */
  readonly written = new Map<number, number>();
  stage: Stage;
  /** What the stage shows, in the order of its definition. */
  readonly shown: readonly Arena[];
  private readonly log: StreamWriter;
  private readonly tops: StreamWriter;
  private readonly output: StreamReader;
  private readonly definition: CoreDefinition;
  private readonly hash = createHash('sha256');
  private readonly target: MarketTarget;
  private readonly pending = new Float64Array([Number.NaN, 0]);
  private readonly request = new TimerRequest();
  private readonly fired = new TimerFired();
  private readonly seq = new Float64Array(1);
  private readonly keepsBytes: boolean;
  /** Events that lie in the log before the stage has its turn. */
  batch = 1;
  private kept: Uint8Array[] | undefined;
  private script = new Float64Array(0);
  private words = new Int32Array(0);
  private places = new Int32Array(1);
  private readonly elapsed = new Float64Array(1);
  private readonly began = new Float64Array(1);
  private waiting = 0;
  private lastClaim = 0;

  constructor(seed: number, options: Partial<AnomalyConfig> & { keepsBytes?: boolean } = {}) {
    const { keepsBytes = true, ...config } = options;
    this.keepsBytes = keepsBytes;
    this.definition = anomaly({ ...ANOMALY_DEFAULTS, instruments: INSTRUMENTS, readsTheos: false, ...config });
    const ring = (name: string, capacityBytes: number) =>
      createStream({ name, capacityBytes, maxBodyBytes: 8192, readers: 1, engineRun: 1 });
    const [log, tops, output] = [ring('log', 2 ** 21), ring('tops', 2 ** 17), ring('anomalies', 2 ** 20)];
    this.log = new StreamWriter(log);
    this.tops = new StreamWriter(tops);
    this.output = new StreamReader(output, 0);
    this.shown = (this.definition.shows ?? []).map((edge) => createLatest({ ...edge, engineRun: 1 }));
    this.stage = new Stage({
      definition: this.definition,
      rank: 1,
      inputs: [new StreamReader(log, 0), new StreamReader(tops, 0)],
      readsLog: true,
      output: new StreamWriter(output),
      engineId: 1,
      shown: this.shown.map((arena) => new LatestWriter(arena)),
    });
    this.target = {
      clock: new Float64Array(2),
      input: new Float64Array(11),
      define: (id, instrument) => this.define(id, instrument),
      ticker: (id) => this.ticker(id),
      trade: (id) => this.trade(id),
    };
    this.market = new CleanMarket(this.target, seed);
  }

  /** Plays so many seconds of the market to the stage. */
  play(seconds: number): void {
    for (let second = 0; second < seconds; second++) this.market.step();
    this.turn();
  }

  /** Of every byte that the stage has written so far. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }

  /** Keeps the records of so many seconds, to be replayed: the market itself would allocate. */
  record(seconds: number): void {
    this.kept = [];
    this.play(seconds);
    const bytes = this.kept.reduce((sum, { length }) => sum + length, 0);
    this.script = new Float64Array(bytes / 8);
    this.words = new Int32Array(this.script.buffer);
    this.places = new Int32Array(this.kept.length + 1);
    let at = 0;
    for (const [index, record] of this.kept.entries()) {
      new Uint8Array(this.script.buffer).set(record, at);
      at += record.length;
      this.places[index + 1] = at;
    }
    this.kept = undefined;
  }

  /** The next of the kept records once more, at a later time. */
  replay(call: number): void {
    const { script, places, log, seq } = this;
    const index = call % (places.length - 1);
    const from = places[index]! >> 3;
    const words = (places[index + 1]! >> 3) - from;
    const type = this.typeOf(from);
    if (type === MessageType.TIMER_FIRED) return;
    const at = log.claim(type, words * 8 - HEADER_BYTES);
    const { view } = log.buffer;
    for (let word = HEADER_BYTES >> 3; word < words; word++) view.setFloat64(at + word * 8, script[from + word]!, true);
    seq[0]! += 1;
    this.elapsed[0]! += 20_000;
    view.setFloat64(at + HeaderOffset.SEQ, seq[0]!, true);
    view.setFloat64(at + HeaderOffset.EVENT_TIME, this.elapsed[0]! + this.began[0]!, true);
    log.publish();
    log.finish(seq[0]!);
    this.tops.finish(seq[0]!);
    this.stage.step(4);
    this.output.poll(this.onOutput, 64);
  }

  private typeOf(word: number): number {
    return this.words[(word << 1) + 1]! & 0xffff;
  }

  private define(id: number, instrument: Instrument): void {
    const bytes = encodeInstrument(id, instrument);
    const at = this.claim(MessageType.INSTRUMENT_DEFINITION, bytes.length);
    for (let byte = 0; byte < bytes.length; byte++)
      this.log.buffer.view.setUint8(at + HEADER_BYTES + byte, bytes[byte]!);
    this.publish();
  }

  private ticker(id: number): void {
    const at = this.claim(MessageType.TICKER, Ticker.sizeOf());
    const { view } = this.log.buffer;
    view.setUint32(at + HEADER_BYTES, id, true);
    for (let field = 0; field < TICKER_FIELDS.length; field++) {
      const [from, to] = TICKER_FIELDS[field]!;
      view.setFloat64(at + HEADER_BYTES + to, this.target.input[from]!, true);
    }
    this.publish();
  }

  private trade(id: number): void {
    const at = this.claim(MessageType.TRADE_RUN, TradeRun.sizeOf() + Trade.sizeOf());
    const { view } = this.log.buffer;
    view.setUint32(at + HEADER_BYTES, 1, true);
    const trade = at + HEADER_BYTES + TradeRun.sizeOf();
    view.setUint32(trade, id, true);
    view.setFloat64(trade + TRADE_PRICE, this.target.input[0]!, true);
    view.setFloat64(trade + TRADE_AMOUNT, this.target.input[1]!, true);
    this.publish();
  }

  private claim(type: number, bodyBytes: number): number {
    // What is due comes first.
    if (this.market !== undefined && this.pending[0]! <= this.market.time) this.fire();
    return this.open(type, bodyBytes, this.market?.time ?? MARKET_START);
  }

  private open(type: number, bodyBytes: number, time: number): number {
    const at = this.log.claim(type, bodyBytes);
    if (at < 0) throw new Error('the log is full');
    this.lastClaim = at;
    this.seq[0]! += 1;
    const { view } = this.log.buffer;
    view.setFloat64(at + HeaderOffset.SEQ, this.seq[0]!, true);
    view.setFloat64(at + HeaderOffset.EVENT_TIME, time, true);
    return at;
  }

  private fire(): void {
    // The stage must have seen everything before a timer is answered, as in a live run where it asks at an event's end.
    this.turn();
    if (!(this.pending[0]! <= this.market.time)) return;
    const deadline = this.pending[0]!;
    const at = this.open(MessageType.TIMER_FIRED, TimerFired.sizeOf(), deadline);
    const fired = this.fired.__init(at + HEADER_BYTES, this.log.buffer);
    fired.mutate_actor(1);
    fired.mutate_timer(0);
    fired.mutate_deadline(deadline);
    fired.mutate_serial(this.pending[1]!);
    this.pending[0] = Number.NaN;
    this.log.publish();
    this.turn();
  }

  private publish(): void {
    this.keep();
    this.log.publish();
    if (++this.waiting >= this.batch) this.turn();
  }

  private keep(): void {
    if (this.kept === undefined) return;
    const { view } = this.log.buffer;
    const length = (view.getInt32(this.lastClaim + HeaderOffset.LENGTH, true) + 7) & ~7;
    const record = new Uint8Array(length);
    for (let byte = 0; byte < length; byte++) record[byte] = view.getUint8(this.lastClaim + byte);
    this.kept.push(record);
    this.began[0] = this.market.time;
  }

  private turn(): void {
    this.waiting = 0;
    this.log.finish(this.seq[0]!);
    this.tops.finish(this.seq[0]!);
    while (this.stage.step(64) > 0);
    while (this.output.poll(this.onOutput, 256) > 0);
  }

  private readonly onOutput = (type: number, buffer: ViewBuffer, offset: number): void => {
    if (type === MessageType.TIMER_REQUEST) {
      const request = this.request.__init(offset + HEADER_BYTES, buffer);
      this.pending[0] = request.deadline();
      this.pending[1] = request.serial();
    }
    if (!this.keepsBytes) return;
    this.written.set(type, (this.written.get(type) ?? 0) + 1);
    const length = buffer.view.getInt32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length);
    for (let byte = 0; byte < length; byte++) bytes[byte] = buffer.view.getUint8(offset + byte);
    this.hash.update(bytes);
  };
}
