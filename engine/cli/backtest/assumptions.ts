import type { BacktestConfig } from './config.js';

/** What a backtest believes of fills and of the market, in words: a figure means nothing without it. */
export function assumptionsOf(config: BacktestConfig): string[] {
  const { data, venue } = config;
  const fees =
    data.kind === 'simulated' || data.kind === 'journal'
      ? "the instruments' own"
      : `${venue.fees.maker} of the value on making and ${venue.fees.taker} on taking`;
  const charged = `Fees are ${fees}${venue.fees.scale === 1 ? '' : `, times ${venue.fees.scale}`}.`;
  switch (data.kind) {
    case 'simulated':
      return [
        'The simulated market reacts to our orders, and its venue matches them in the order of its queues: no model of fills is needed.',
        'How the market moves, and how informed those are who trade with us, is the world of that version and seed.',
        charged,
      ];
    case 'binance-depth':
      return [
        `The recorded market does not react to us. Our place in a queue is by the model "${venue.queue.rule}"; a trade beyond our price, or a book that comes through it, fills all of an order.`,
        'What we take from a level is gone for us until the recording changes the level.',
        charged,
      ];
    case 'bars':
      return [
        `Bars do not say how the price went: here it goes in straight lines of ${data.steps} steps from the open to one extreme, to the other (${data.extremes === 'nearest-first' ? 'the one nearer to the open first' : 'the one farther from the open first'}) and to the close.`,
        `Around it stand a bid and an offer ${data.spreadTicks} ticks apart with ${data.touchAmount} each. An order is filled, whole, when the price goes beyond it; a touch of its price fills nothing. There is no queue.`,
        'The market does not react to us, and a hole between two bars is one jump of the price.',
        charged,
      ];
    case 'journal':
      return [
        `The recorded market does not react to us. Where books were recorded, our place in a queue is by the model "${venue.queue.rule}"; recorded trades, and prices that come through, fill an order.`,
        'Where only best prices or snapshots of chains were recorded, an order is filled when a recorded price comes through it, and a touch without an amount has the least that can be traded.',
        `Between snapshots of a chain quotes stand. Bars of the underlying, where there are any, move index, futures and forwards by their closes; quotes of options then keep their volatilities. Until a bar has closed nothing of it is known.`,
        `Futures of which only marks or bars were recorded have a touch of ${data.futures.halfSpread} of the price to either side, with ${data.futures.amountUsd} USD each; a bar fills what stood before it opened and lies within its extremes.`,
        charged,
      ];
  }
}
