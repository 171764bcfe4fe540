import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { Exchange } from '../venue-sim/exchange/exchange.js';
import type { LatencySource } from '../venue-sim/latency.js';
import { RecordLane } from './record-lane.js';

const VENUE = 1;

/** Writes records of a market's data: stamped with the exchange's time, and on their way for as long as the latency says. */
export class TapeWriter {
  readonly lane = new RecordLane();
  readonly #exchange: Exchange;
  readonly #latency: LatencySource;

  constructor(exchange: Exchange, latency: LatencySource) {
    this.#exchange = exchange;
    this.#latency = latency;
  }

  /** Room for a record with a body of so many bytes: where that begins in the lane's buffer. `send` sends it. */
  open(type: number, bytes: number): number {
    const { lane } = this;
    const at = lane.open(type, bytes);
    const { view } = lane.buffer;
    view.setFloat64(at + HeaderOffset.EXCHANGE_TIME, this.#exchange.now * 1000, true);
    view.setUint16(at + HeaderOffset.VENUE, VENUE, true);
    return at + HEADER_BYTES;
  }

  send(): void {
    this.lane.send(this.#exchange.now + this.#latency.next());
  }
}
