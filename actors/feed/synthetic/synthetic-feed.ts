import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { Quote } from '../../../schemas/generated/quote.js';
import { MessageType } from '../../../schemas/message-type.js';
import { writeDefinition } from '../entry/write-definition.js';
import { syntheticInstrument } from './synthetic-instruments.js';

export interface SyntheticFeedConfig {
  /** Instruments with ids from 0. */
  instruments: number;
  quotesPerSecond: number;
  seed: number;
}

/** Pause between two bursts of quotes, milliseconds; longer where quotes are rare: an idle engine is to use no CPU. */
const TURN_MS = 2;
const LONGEST_TURN_MS = 100;
const TICK = 0.5;

/** A feed without a venue: random walks of an index and of quotes around it, at a steady rate. For running the machine alone. */
class SyntheticFeed implements IoActor {
  private readonly context: IoContext<SyntheticFeedConfig>;
  private readonly quote = new Quote();
  private readonly mids: Float64Array;
  private random: number;
  private changeId = 0;
  private owed = 0;
  private last = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(context: IoContext<SyntheticFeedConfig>) {
    this.context = context;
    this.random = context.config.seed | 1;
    this.mids = Float64Array.from({ length: context.config.instruments }, (_, id) => 100 + id);
  }

  start(): void {
    this.context.clock.tick();
    this.last = this.context.clock.now[0]!;
    for (let id = 0; id < this.context.config.instruments; id++) {
      writeDefinition(this.context.out!, id, syntheticInstrument(id));
    }
    this.context.publish(this.last);
    this.timer = setInterval(() => this.burst(), turnMs(this.context.config.quotesPerSecond));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private burst(): void {
    const { clock, config } = this.context;
    clock.tick();
    const now = clock.now[0]!;
    this.owed += ((now - this.last) / 1e9) * config.quotesPerSecond;
    this.last = now;
    let sent = 0;
    // A full ring is back-pressure: stop here, the rest is owed.
    while (this.owed >= 1 && this.writeQuote()) {
      this.owed--;
      sent++;
    }
    if (sent > 0) this.context.publish(now);
  }

  private writeQuote(): boolean {
    const { out, config } = this.context;
    const offset = out!.claim(MessageType.QUOTE, Quote.sizeOf());
    if (offset < 0) return false;
    const instrument = this.nextRandom() % config.instruments;
    const mid = this.mids[instrument]! + ((this.nextRandom() % 3) - 1) * TICK;
    this.mids[instrument] = Math.max(10, mid);
    const { quote } = this;
    out!.buffer.view.setFloat64(offset + HeaderOffset.RECEIVE_TIME, Date.now() * 1000, true);
    quote.__init(offset + HEADER_BYTES, out!.buffer);
    quote.mutate_instrument(instrument);
    quote.mutate_state(1);
    quote.mutate_bidPrice(mid - TICK);
    quote.mutate_bidAmount(1 + (this.nextRandom() % 10));
    quote.mutate_askPrice(mid + TICK);
    quote.mutate_askAmount(1 + (this.nextRandom() % 10));
    quote.mutate_markPrice(mid);
    quote.mutate_markIv(Number.NaN);
    quote.mutate_underlyingPrice(mid);
    quote.mutate_indexPrice(mid);
    quote.mutate_changeId(++this.changeId);
    return true;
  }

  /** xorshift32 */
  private nextRandom(): number {
    let x = this.random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.random = x;
    return x >>> 0;
  }
}

/** Half the time between two quotes, within bounds. */
function turnMs(quotesPerSecond: number): number {
  return Math.min(LONGEST_TURN_MS, Math.max(TURN_MS, 500 / quotesPerSecond));
}

export function create(context: IoContext<SyntheticFeedConfig>): IoActor {
  return new SyntheticFeed(context);
}
