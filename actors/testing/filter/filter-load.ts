import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { FilterWorld } from './filter-world.js';

export { FilterWorld } from './filter-world.js';
export { marketQuote, syntheticChain } from './synthetic-chain.js';

const BID = fieldOffset(Ticker, 'bestBidPrice');
const BID_AMOUNT = fieldOffset(Ticker, 'bestBidAmount');
const ASK = fieldOffset(Ticker, 'bestAskPrice');
const ASK_AMOUNT = fieldOffset(Ticker, 'bestAskAmount');
const UNDERLYING = fieldOffset(Ticker, 'underlyingPrice');
const INDEX = fieldOffset(Ticker, 'indexPrice');
const TICK = 0.0001;

/** Load that allocates nothing itself: tickers written straight into the log of a world. */
export class FilterLoad {
  private readonly world: FilterWorld;
  private readonly perpetual: number;
  private readonly bids: Float64Array;
  private readonly asks: Float64Array;
  private readonly ignore = (): void => {};

  constructor(world: FilterWorld, perpetual: number, quotes: readonly { bid: number; ask: number }[]) {
    this.world = world;
    this.perpetual = perpetual;
    this.bids = Float64Array.from(quotes, ({ bid }) => bid);
    this.asks = Float64Array.from(quotes, ({ ask }) => ask);
  }

  /** A quote of one option after another, a tick up and down. */
  quote(turn: number): void {
    const option = turn % this.bids.length;
    const shift = turn % 3 === 0 ? TICK : 0;
    const body = this.open(option);
    const { view } = this.world.log.buffer;
    view.setFloat64(body + BID, this.bids[option]! + shift, true);
    view.setFloat64(body + ASK, this.asks[option]! + shift, true);
    view.setFloat64(body + UNDERLYING, 60_000, true);
    this.run(body);
  }

  /** A tick of the perpetual by a few basis points, which moves every value. */
  tick(turn: number): void {
    const mid = 60_000 + 20 * (turn % 7);
    const body = this.open(this.perpetual);
    const { view } = this.world.log.buffer;
    view.setFloat64(body + BID, mid - 0.5, true);
    view.setFloat64(body + ASK, mid + 0.5, true);
    this.run(body);
  }

  private open(instrument: number): number {
    const { log } = this.world;
    const body = log.claim(MessageType.TICKER, Ticker.sizeOf()) + HEADER_BYTES;
    const { view } = log.buffer;
    view.setUint32(body, instrument, true);
    view.setUint16(body + 6, 1, true);
    view.setFloat64(body + BID_AMOUNT, 1, true);
    view.setFloat64(body + ASK_AMOUNT, 1, true);
    view.setFloat64(body + INDEX, 60_000, true);
    return body;
  }

  private run(body: number): void {
    const { world } = this;
    world.publish(body - HEADER_BYTES);
    world.stage.step(1);
    world.output.poll(this.ignore, 64);
  }
}
