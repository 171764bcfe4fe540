import type { Exchange } from '../exchange/exchange.js';
import type { Participants } from './participants.js';

/** Makers hear of trades in options, and look at their quotes there. */
export class TradeNews {
  readonly #exchange: Exchange;
  #lastTrade = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Tells the makers of all trades since the last time. */
  spread(all: readonly Participants[]): void {
    const { trades, instruments } = this.#exchange;
    for (; this.#lastTrade < trades.last; this.#lastTrade++) {
      const slot = trades.slotOf(this.#lastTrade + 1);
      if (slot < 0) continue;
      const instrument = trades.instrument[slot]!;
      for (let currency = 0; currency < all.length; currency++) {
        const { market, makers } = all[currency]!;
        const place = market.chain.placeOf(instrument);
        if (place < 0) continue;
        const side = 1 - trades.takerSide[slot]!;
        const account = trades.makerAccount[slot]!;
        const amount = trades.lots[slot]! * instruments.lotSize[instrument]!;
        for (let maker = 0; maker < makers.length; maker++) makers[maker]!.hear(place, side, account, amount);
      }
    }
  }
}
