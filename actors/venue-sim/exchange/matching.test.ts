import { describe, expect, it } from 'vitest';
import { OrderState, OrderType, Side, TimeInForce } from './codes.js';
import { defaultConfig } from './config.js';
import { instrumentOf } from './contracts.js';
import { Exchange } from './exchange.js';
import { silentSink } from './sink.js';

const small = { ...defaultConfig, maxOrders: 1024, maxInstruments: 16, maxPositions: 256, maxTrades: 256 };

describe('matching', () => {
  it('trades at the price of the order that was there first', () => {
    const exchange = new Exchange(small, silentSink);
    const perpetual = exchange.list(instrumentOf('BTC-PERPETUAL'));
    const [maker, taker] = ['maker', 'taker'].map((name) =>
      exchange.openAccount({ name, margin: 0, selfMatch: 1 }),
    ) as [number, number];
    const rested = exchange.place(maker, perpetual, Side.SELL, OrderType.LIMIT, 180_000, 5, 0, 0, 0);
    const took = exchange.place(
      taker,
      perpetual,
      Side.BUY,
      OrderType.LIMIT,
      180_010,
      3,
      TimeInForce.GOOD_TIL_CANCELLED,
      0,
      0,
    );
    const { orders } = exchange;
    expect(orders.state[orders.slotOf(took)]).toBe(OrderState.FILLED);
    expect(orders.lots[orders.slotOf(rested)]).toBe(2);
    expect(exchange.trades.price[exchange.trades.slotOf(1)]).toBe(90_000);
    expect(exchange.books.lotsAt(perpetual, Side.SELL, 180_000)).toBe(2);
  });
});
