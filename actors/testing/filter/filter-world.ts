import type { Instrument } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import { Stage } from '../../../engine/runtime/actor/stage.js';
import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { ExpiryState } from '../../../schemas/generated/expiry-state.js';
import { SmileAdjustment } from '../../../schemas/generated/smile-adjustment.js';
import { SurfaceFit } from '../../../schemas/generated/surface-fit.js';
import { Theo } from '../../../schemas/generated/theo.js';
import { TheoRun } from '../../../schemas/generated/theo-run.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TimerFired } from '../../../schemas/generated/timer-fired.js';
import { TimerRequest } from '../../../schemas/generated/timer-request.js';
import { UnderlyingState } from '../../../schemas/generated/underlying-state.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { ChainCalibrator } from '../../filter/chain-calibrator.js';
import { filter } from '../../filter/filter.js';
import { type FilterConfig, filterConfig } from '../../filter/filter-config.js';
import { TimerQueue } from '../../sequencer/timer-queue.js';

/** Behind the book, as in the engine. */
const RANK = 2;
const OUTPUT_BYTES = 1 << 23;
const LOG_BYTES = 1 << 20;
const LARGEST_BODY = 120 * 1024;

/** What a ticker says; a side that is left out is empty. */
export interface Quoted {
  bid?: number;
  ask?: number;
  /** Forward of the expiry by the venue, USD. */
  underlying?: number;
  /** What `underlying` is: 1 a listed future unless said otherwise, 3 the index. */
  kind?: number;
  index?: number;
}

export interface TheoValue {
  price: number;
  volatility: number;
  uncertainty: number;
  delta: number;
  netDelta: number;
  gamma: number;
  vega: number;
  theta: number;
  vanna: number;
  volga: number;
  volMove: number;
  flags: number;
  confidence: number;
  forward: number;
  years: number;
}

/** Options of a world in which the filter runs alone. */
export interface WorldOptions extends Partial<FilterConfig> {
  instruments: number;
  /** From the request of a refit to its answer, microseconds. */
  calibrationMicros?: number;
  /** The calibrator fails as long as this says so. */
  failing?: () => boolean;
}

/**
 * The filter alone, with a log, timers in virtual time and a calibrator that answers after a modelled latency: what a test or a benchmark puts in
 * comes out as theoretical values and states.
 */
export class FilterWorld {
  readonly config: FilterConfig;
  readonly stage: Stage;
  /** Every record that the filter has written, canonical bytes; only where `keepsRecords` is set. */
  readonly records: Uint8Array[] = [];
  keepsRecords = false;
  /** Every event of the log, as in `records`. */
  readonly events: Uint8Array[] = [];
  /** Called for each fit that is posted. */
  onFit: ((fit: SurfaceFit, buffer: ViewBuffer) => void) | undefined;
  /** Event time, microseconds. */
  now: number;
  /** Theos that were told. */
  told = 0;
  readonly log: StreamWriter;
  readonly tops: StreamWriter;
  readonly output: StreamReader;
  private readonly theos = new Map<number, TheoValue>();
  private readonly expiries = new Map<number, ExpiryState>();
  private readonly underlyings = new Map<number, UnderlyingState>();
  private readonly timers: TimerQueue;
  private readonly calibrator = new ChainCalibrator();
  private readonly calibrationMicros: number;
  private readonly failing: () => boolean;
  private readonly fits: { due: number; body: Uint8Array }[] = [];
  private readonly deadline = new Float64Array(1);
  private seq = 0;

  constructor(start: number, { calibrationMicros = 20_000, failing = () => false, ...changes }: WorldOptions) {
    this.config = filterConfig(changes.instruments, changes);
    this.now = start;
    this.calibrationMicros = calibrationMicros;
    this.failing = failing;
    const definition = filter(this.config);
    const open = (name: string, capacityBytes: number): StreamWriter =>
      new StreamWriter(createStream({ name, capacityBytes, maxBodyBytes: LARGEST_BODY, readers: 1, engineRun: 1 }));
    this.log = open('log', LOG_BYTES);
    this.tops = open('tops', LOG_BYTES);
    const output = open('theos', OUTPUT_BYTES);
    this.output = new StreamReader(output.arena, 0);
    this.stage = new Stage({
      definition,
      rank: RANK,
      inputs: [new StreamReader(this.log.arena, 0), new StreamReader(this.tops.arena, 0)],
      readsLog: true,
      output,
      engineId: 1,
    });
    this.timers = new TimerQueue([0, 0, definition.timers ?? 0]);
  }

  define(id: number, instrument: Instrument): void {
    const bytes = encodeInstrument(id, instrument);
    this.event(MessageType.INSTRUMENT_DEFINITION, bytes.length, (buffer, body) => {
      bytes.forEach((byte, index) => {
        buffer.writeUint8(body + index, byte);
      });
    });
  }

  ticker(id: number, quoted: Quoted): void {
    this.event(MessageType.TICKER, Ticker.sizeOf(), (buffer, body) => writeTicker(buffer, body, id, quoted));
  }

  adjust(write: (adjustment: SmileAdjustment) => void): void {
    this.event(MessageType.SMILE_ADJUSTMENT, SmileAdjustment.sizeOf(), (buffer, body) => {
      write(new SmileAdjustment().__init(body, buffer));
    });
  }

  /** Lets event time go on to a moment; timers fire and fits arrive on their way, in order. */
  advance(to: number): void {
    for (;;) {
      this.timers.peekDeadline(this.deadline);
      const timer = this.deadline[0]!;
      const fit = this.fits[0]?.due ?? Number.POSITIVE_INFINITY;
      if (Math.min(timer, fit) > to) break;
      if (timer <= fit) this.fireTimer(timer);
      else this.postFit();
    }
    this.now = Math.max(this.now, to);
  }

  /** One record of the log at this moment. */
  event(type: number, bodyBytes: number, write: (buffer: ViewBuffer, body: number) => void): void {
    const at = this.log.claim(type, bodyBytes);
    if (at < 0) throw new Error('the log of the world is full');
    write(this.log.buffer, at + HEADER_BYTES);
    this.publish(at);
    this.step();
  }

  theo(id: number): TheoValue | undefined {
    return this.theos.get(id);
  }

  expiry(index: number): ExpiryState | undefined {
    return this.expiries.get(index);
  }

  underlying(index: number): UnderlyingState | undefined {
    return this.underlyings.get(index);
  }

  /** Stamps what was claimed on the log. */
  publish(at: number): void {
    const { view } = this.log.buffer;
    this.seq++;
    view.setFloat64(at + HeaderOffset.SEQ, this.seq, true);
    view.setFloat64(at + HeaderOffset.EVENT_TIME, this.now, true);
    if (this.keepsRecords) this.keepEvent(at);
    this.log.publish();
    this.log.finish(this.seq);
    this.tops.finish(this.seq);
  }

  private keepEvent(at: number): void {
    const { buffer } = this.log;
    const length = buffer.readInt32(at + HeaderOffset.LENGTH);
    this.events.push(Uint8Array.from({ length }, (_, index) => buffer.readUint8(at + index)));
  }

  /** Runs the filter over what was published, and reads what it says. */
  step(): void {
    while (this.stage.step(64) > 0);
    this.drain();
  }

  drain(): void {
    this.output.poll((type, buffer, offset) => this.onOutput(type, buffer, offset), Number.POSITIVE_INFINITY);
  }

  /** Plays an event of another world's log as it stands. */
  playAgain(event: Uint8Array): void {
    const type = event[4]! | (event[5]! << 8);
    const at = this.log.claim(type, event.length - HEADER_BYTES);
    for (let byte = 6; byte < event.length; byte++) this.log.buffer.writeUint8(at + byte, event[byte]!);
    const seq = this.log.buffer.readFloat64(at + HeaderOffset.SEQ);
    this.log.publish();
    this.log.finish(seq);
    this.tops.finish(seq);
    this.step();
  }

  private fireTimer(deadline: number): void {
    this.now = Math.max(this.now, deadline);
    const place = this.timers.take();
    this.event(MessageType.TIMER_FIRED, TimerFired.sizeOf(), (buffer, body) => {
      const fired = new TimerFired().__init(body, buffer);
      fired.mutate_actor(RANK);
      fired.mutate_timer(this.timers.timerAt(place));
      fired.mutate_deadline(deadline);
      fired.mutate_serial(this.timers.serialAt(place));
    });
  }

  private postFit(): void {
    const { due, body } = this.fits.shift()!;
    this.now = Math.max(this.now, due);
    const posted = new ViewBuffer(body.buffer);
    this.onFit?.(new SurfaceFit().__init(0, posted), posted);
    this.event(MessageType.SURFACE_FIT, body.length, (buffer, at) => {
      body.forEach((byte, index) => {
        buffer.writeUint8(at + index, byte);
      });
    });
  }

  private onOutput(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    const length = buffer.view.getInt32(offset + HeaderOffset.LENGTH, true);
    if (this.keepsRecords) {
      this.records.push(Uint8Array.from({ length }, (_, index) => buffer.readUint8(offset + index)));
    }
    if (type === MessageType.TIMER_REQUEST) {
      const request = new TimerRequest().__init(body, buffer);
      this.timers.request(RANK, request.timer(), request.deadline(), request.serial());
    } else if (type === MessageType.THEO_RUN) this.onTheos(buffer, body);
    else if (type === MessageType.EXPIRY_STATE) {
      const state = new ExpiryState().__init(0, copied(buffer, body, ExpiryState.sizeOf()));
      this.expiries.set(state.expiry(), state);
    } else if (type === MessageType.UNDERLYING_STATE) {
      const state = new UnderlyingState().__init(0, copied(buffer, body, UnderlyingState.sizeOf()));
      this.underlyings.set(state.underlying(), state);
    } else if (type === MessageType.CHAIN_SNAPSHOT && !this.failing()) {
      this.fits.push({ due: this.now + this.calibrationMicros, body: this.calibrator.calibrate(buffer, body) });
    } else if (type === MessageType.CHAIN_SNAPSHOT) {
      const empty = copied(buffer, body, length - HEADER_BYTES);
      // Without quotes no surface can be fitted: the calibrator says so itself.
      empty.writeInt32(8, 0);
      this.fits.push({ due: this.now + this.calibrationMicros, body: this.calibrator.calibrate(empty, 0) });
    }
  }

  private onTheos(buffer: ViewBuffer, body: number): void {
    const run = new TheoRun().__init(body, buffer);
    const theo = new Theo();
    for (let index = 0; index < run.count(); index++) {
      theo.__init(body + TheoRun.sizeOf() + index * Theo.sizeOf(), buffer);
      this.told++;
      this.theos.set(theo.instrument(), {
        price: theo.price(),
        volatility: theo.volatility(),
        uncertainty: theo.uncertainty(),
        delta: theo.delta(),
        netDelta: theo.netDelta(),
        gamma: theo.gamma(),
        vega: theo.vega(),
        theta: theo.theta(),
        vanna: theo.vanna(),
        volga: theo.volga(),
        volMove: theo.volMove(),
        flags: theo.flags(),
        confidence: theo.confidence(),
        forward: run.forward(),
        years: run.years(),
      });
    }
  }
}

/** Writes a ticker's body. */
export function writeTicker(buffer: ViewBuffer, body: number, id: number, quoted: Quoted): void {
  const { bid = 0, ask = 0, underlying = Number.NaN, kind = 1, index = Number.NaN } = quoted;
  const ticker = new Ticker().__init(body, buffer);
  ticker.mutate_instrument(id);
  ticker.mutate_state(2);
  ticker.mutate_underlying(kind);
  ticker.mutate_bestBidPrice(bid);
  ticker.mutate_bestBidAmount(bid > 0 ? 1 : 0);
  ticker.mutate_bestAskPrice(ask);
  ticker.mutate_bestAskAmount(ask > 0 ? 1 : 0);
  ticker.mutate_underlyingPrice(underlying);
  ticker.mutate_indexPrice(index);
}

function copied(buffer: ViewBuffer, at: number, bytes: number): ViewBuffer {
  const copy = new ViewBuffer(new ArrayBuffer(bytes));
  for (let byte = 0; byte < bytes; byte++) copy.view.setUint8(byte, buffer.readUint8(at + byte));
  return copy;
}
