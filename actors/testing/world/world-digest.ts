import { createHash, type Hash } from 'node:crypto';
import { type ExchangeSink, silentSink } from '../../venue-sim/exchange/sink.js';
import type { World } from '../../venue-sim/world/world.js';

/** Hears an exchange and digests all that happens on it: every change of every book, and every trade. */
export class WorldDigest {
  readonly #hash: Hash = createHash('sha256');
  readonly #record = new Float64Array(6);
  #world: World | undefined;
  readonly sink: ExchangeSink = {
    ...silentSink,
    traded: (trade) => this.#trade(trade),
    bookChanged: (instrument, count) => this.#book(instrument, count),
  };

  /** Sets the world whose exchange it hears: what happens while it is made is not heard. */
  watch(world: World): void {
    this.#world = world;
  }

  #trade(trade: number): void {
    if (this.#world === undefined) return;
    const { trades, now } = this.#world.exchange;
    const slot = trades.slotOf(trade);
    const record = this.#record;
    record[0] = now;
    record[1] = trades.instrument[slot]!;
    record[2] = trades.price[slot]!;
    record[3] = trades.lots[slot]!;
    record[4] = trades.markPrice[slot]!;
    record[5] = trades.takerSide[slot]!;
    this.#hash.update(new Uint8Array(record.buffer));
  }

  #book(instrument: number, count: number): void {
    if (this.#world === undefined) return;
    const { changes, now } = this.#world.exchange;
    const record = this.#record;
    for (let index = 0; index < count; index++) {
      record[0] = now;
      record[1] = instrument;
      record[2] = changes.side[index]!;
      record[3] = changes.ticks[index]!;
      record[4] = changes.after[index]!;
      record[5] = index;
      this.#hash.update(new Uint8Array(record.buffer));
    }
  }

  /** Hears no more. */
  rest(): void {
    this.#world = undefined;
  }

  /** Hexadecimal; ends the digest. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}
