import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import {
  Liquidity,
  OrderAction,
  OrderStatus,
  RequestStatus,
  Side,
  Strategy,
} from '../../engine/market/orders/codes.js';
import { SettlementBasis } from '../../engine/market/portfolio/settlement-basis.js';
import { GREEK, GREEK_COUNT, inverseGreeks } from '../../engine/quant/black76/index.js';
import { Attribution } from '../../schemas/generated/attribution.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { Fill } from '../../schemas/generated/fill.js';
import { HedgeCost } from '../../schemas/generated/hedge-cost.js';
import { Markout } from '../../schemas/generated/markout.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Performance } from '../../schemas/generated/performance.js';
import { Position } from '../../schemas/generated/position.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { Settlement } from '../../schemas/generated/settlement.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { analytics as analyticsStream, exposures, orderStates, theos, tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { analytics } from './analytics.js';

const START = 1_800_000_000_000_000;
const EXPIRY = START + 30 * 86_400e6;
const YEAR_MICROS = 365 * 86_400e6;
const STRIKES = [60_000, 66_000];
const CALL = 0;
const PERPETUAL = 2;
/** Number of the stage on the bench's board, by which its timers are named. */
const ANALYTICS = 5;
const SAMPLES_A_YEAR = 365 * 24 * 60;

let bench: StageBench;
let serial: number;
let number: number;

function open(): void {
  serial = 0;
  number = 0;
  bench = new StageBench(
    [
      passingStage('book', tops, [MessageType.BOOK_TOP]),
      passingStage('filter', theos, [MessageType.THEO_RUN]),
      passingStage('orders', orderStates, [MessageType.FILL, MessageType.ORDER_UPDATE, MessageType.REQUEST_UPDATE]),
      passingStage('portfolio', exposures, [
        MessageType.POSITION,
        MessageType.UNDERLYING_EXPOSURE,
        MessageType.PROFIT_LOSS,
        MessageType.SETTLEMENT,
      ]),
      analytics({
        instruments: 4,
        underlyings: 1,
        stopBeforeExpirySeconds: 1800,
        dutyWidth: 0.2,
        dutyTicks: 10,
        dutyAmount: 1,
        dutyDeltaLeast: 0.05,
        dutyDeltaMost: 0.8,
        deltaMost: 1,
      }),
    ],
    analyticsStream,
  );
  STRIKES.forEach((strike, id) => {
    const instrument = btcInstrument({ name: `BTC-${strike}`, strike, right: 'call', expiry: EXPIRY });
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, instrument));
  });
  const perpetual = { kind: InstrumentKind.PERPETUAL, name: 'BTC-PERPETUAL', tickSize: 0.5, tickSteps: [] };
  bench.sayBytes(
    MessageType.INSTRUMENT_DEFINITION,
    encodeInstrument(PERPETUAL, btcInstrument({ ...perpetual, minimumAmount: 10 })),
  );
}

function greeksAt(id: number, forward: number, vol: number): Float64Array {
  const greeks = new Float64Array(GREEK_COUNT);
  inverseGreeks(greeks, forward, STRIKES[id]!, (EXPIRY - bench.time) / YEAR_MICROS, vol, true);
  return greeks;
}

/** The market: values of the options, the perpetual's touch a dollar wide, and the index. */
function market(forward: number, vol: number): void {
  bench.say(
    MessageType.THEO_RUN + TO_BE_PASSED,
    TheoRun,
    (run) => {
      run.mutate_count(STRIKES.length);
      run.mutate_forward(forward);
      run.mutate_index(forward);
      run.mutate_years((EXPIRY - bench.time) / YEAR_MICROS);
    },
    {
      bytes: STRIKES.length * Theo.sizeOf(),
      fill: (buffer, at) => {
        STRIKES.forEach((_, id) => {
          const greeks = greeksAt(id, forward, vol);
          const told = new Theo().__init(at + id * Theo.sizeOf(), buffer);
          told.mutate_instrument(id);
          told.mutate_price(greeks[GREEK.price]!);
          told.mutate_volatility(vol);
          told.mutate_delta(greeks[GREEK.delta]! + greeks[GREEK.price]!);
          told.mutate_vega(greeks[GREEK.vega]! * forward);
        });
      },
    },
  );
  bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
    top.mutate_instrument(PERPETUAL);
    top.mutate_state(1);
    top.mutate_bidPrice(forward - 0.5);
    top.mutate_askPrice(forward + 0.5);
  });
  bench.say(MessageType.TICKER, Ticker, (ticker) => {
    ticker.mutate_instrument(PERPETUAL);
    ticker.mutate_indexPrice(forward);
  });
}

interface Trade {
  id: number;
  side: number;
  amount: number;
  price: number;
  fee?: number;
  liquidity?: number;
}

function fill({ id, side, amount, price, fee = 0, liquidity = Liquidity.MAKER }: Trade): Written[] {
  return bench.say(MessageType.FILL + TO_BE_PASSED, Fill, (told) => {
    told.mutate_instrument(id);
    told.mutate_side(side);
    told.mutate_amount(amount);
    told.mutate_price(price);
    told.mutate_fee(fee);
    told.mutate_liquidity(liquidity);
    told.mutate_number(++number);
  });
}

/** The look that is due after so many seconds. */
function look(seconds = 1): Written[] {
  bench.time += seconds * 1e6;
  return bench.say(MessageType.TIMER_FIRED, TimerFired, (told) => {
    told.mutate_actor(ANALYTICS);
    told.mutate_timer(0);
    told.mutate_serial(++serial);
  });
}

function all<T extends { __init(at: number, buffer: ViewBuffer): T }>(
  written: Written[],
  type: number,
  struct: { new (): T },
): T[] {
  return written
    .filter((record) => record.type === type)
    .map(({ body }) => new struct().__init(0, new ViewBuffer(body.buffer)));
}

const attributionOf = (written: Written[]): Attribution => all(written, MessageType.ATTRIBUTION, Attribution)[0]!;
const scoreOf = (written: Written[]): Performance => all(written, MessageType.PERFORMANCE, Performance)[0]!;

function termsOf(told: Attribution): number[] {
  return [
    told.delta(),
    told.hedge(),
    told.gamma(),
    told.vega(),
    told.theta(),
    told.vanna(),
    told.volga(),
    told.edge(),
    told.hedgeCost(),
    told.fees(),
    told.funding(),
    told.settled(),
    told.residual(),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

beforeEach(() => {
  open();
  market(60_000, 0.5);
});

describe('attribution', () => {
  const step = fc.record({
    move: fc.double({ min: -0.002, max: 0.002, noNaN: true }),
    shift: fc.double({ min: -0.003, max: 0.003, noNaN: true }),
    id: fc.integer({ min: 0, max: PERPETUAL }),
    amount: fc.integer({ min: 1, max: 20 }),
    buys: fc.boolean(),
    edge: fc.double({ min: -0.002, max: 0.002, noNaN: true }),
    funding: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
  });

  it('has terms that add up to the profit by cash and values to 1e-9, whatever happens, and a residual under 5 %', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 25 }), (steps) => {
        open();
        let forward = 60_000;
        let vol = 0.5;
        market(forward, vol);
        // The same, counted by hand from nothing but trades and the last prices.
        let cash = 0;
        const held = [0, 0, 0];
        const worth = (id: number): number =>
          id === PERPETUAL ? -1 / forward : greeksAt(id, forward, vol)[GREEK.price]!;
        let told: Attribution | undefined;
        for (const { move, shift, id, amount, buys, edge, funding } of steps) {
          forward *= 1 + move;
          vol += shift;
          market(forward, vol);
          const sign = buys ? 1 : -1;
          const size = id === PERPETUAL ? 1000 * amount : amount / 10;
          const price = id === PERPETUAL ? forward * (1 + edge / 10) : greeksAt(id, forward, vol)[GREEK.price]! + edge;
          const fee = 1e-4 * amount;
          fill({ id, side: buys ? Side.BUY : Side.SELL, amount: size, price, fee });
          cash -= sign * size * (id === PERPETUAL ? -1 / price : price) + fee;
          held[id]! += sign * size;
          bench.say(MessageType.PROFIT_LOSS + TO_BE_PASSED, ProfitLoss, (profit) => profit.mutate_funding(funding));
          told = attributionOf(look());
          // Values are as of the market, which was told before the look.
          bench.time -= 1e6;
          const marked = cash + funding + sum(held.map((position, place) => position * worth(place)));
          bench.time += 1e6;
          expect(Math.abs(told.total() - sum(termsOf(told)))).toBeLessThan(1e-9);
          expect(Math.abs(told.total() - told.marked())).toBeLessThan(1e-9);
          expect(Math.abs(told.total() - marked)).toBeLessThan(1e-9);
          expect(told.totalUsd()).toBeCloseTo(told.total() * forward, 6);
        }
        expect(told!.absoluteResidual()).toBeLessThanOrEqual(0.05 * told!.absolute());
        expect(told!.fills()).toBe(steps.length);
      }),
      { numRuns: 20 },
    );
  });

  it('calls what was bought under its value edge, what the market gave away hedge cost, and what was paid fees', () => {
    const value = greeksAt(CALL, 60_000, 0.5)[GREEK.price]!;
    fill({ id: CALL, side: Side.BUY, amount: 2, price: value - 0.001, fee: 0.0006 });
    const [cost] = all(
      fill({
        id: PERPETUAL,
        side: Side.SELL,
        amount: 60_000,
        price: 59_999.5,
        fee: 0.0005,
        liquidity: Liquidity.TAKER,
      }),
      MessageType.HEDGE_COST,
      HedgeCost,
    );
    const told = attributionOf(look());
    expect(told.edge()).toBeCloseTo(0.002, 12);
    expect(told.fees()).toBeCloseTo(-0.0011, 12);
    expect(told.hedgeCost()).toBeCloseTo(60_000 * (1 / 60_000 - 1 / 59_999.5), 12);
    expect([cost!.instrument(), cost!.side(), cost!.liquidity(), cost!.mid()]).toEqual([
      PERPETUAL,
      Side.SELL,
      2,
      60_000,
    ]);
    expect(cost!.slippageUsd()).toBeCloseTo(0.5, 4);
    expect(cost!.feeUsd()).toBeCloseTo(30, 9);
    expect(cost!.deltaTraded()).toBeCloseTo(-60_000 / 59_999.5, 9);
    expect(cost!.costUsd()).toBeCloseTo(30.5, 4);
  });

  it('sets a delivery against the last value, adds its correction, and takes a position that it did not trade at its value', () => {
    bench.say(MessageType.POSITION + TO_BE_PASSED, Position, (told) => {
      told.mutate_instrument(CALL);
      told.mutate_size(3);
    });
    expect(attributionOf(look()).total()).toBeCloseTo(0, 15);
    const value = greeksAt(CALL, 60_000, 0.5)[GREEK.price]!;
    bench.say(MessageType.SETTLEMENT + TO_BE_PASSED, Settlement, (told) => {
      told.mutate_instrument(CALL);
      told.mutate_payoff(0);
    });
    const told = attributionOf(look());
    // The value that was told last is a second older than the one by hand.
    expect(told.settled()).toBeCloseTo(-3 * value, 6);
    expect(told.total()).toBeCloseTo(told.marked(), 12);
    bench.say(MessageType.SETTLEMENT + TO_BE_PASSED, Settlement, (correction) => {
      correction.mutate_instrument(CALL);
      correction.mutate_basis(SettlementBasis.CORRECTION);
      correction.mutate_size(3);
      correction.mutate_payoff(0.01);
      correction.mutate_profit(0.03);
      correction.mutate_fee(0.000_45);
    });
    const corrected = attributionOf(look());
    expect(corrected.settled()).toBeCloseTo(told.settled() + 0.03, 12);
    expect(corrected.total()).toBeCloseTo(told.total() + 0.03 - 0.000_45, 12);
    expect(corrected.total()).toBeCloseTo(corrected.marked(), 12);
  });
});

describe('markouts', () => {
  it('are told 1, 10 and 60 seconds after a fill, in price and in vol, and add to the mean of their bucket', () => {
    const bought = { id: CALL, side: Side.BUY, amount: 1, price: 0.05 };
    const { time } = bench;
    fill(bought);
    const vega = greeksAt(CALL, 60_000, 0.5)[GREEK.vega]!;
    const found: Markout[] = [];
    const values: number[] = [];
    for (const [seconds, vol] of [
      [1, 0.51],
      [9, 0.52],
      [50, 0.48],
    ] as const) {
      bench.time += seconds * 1e6;
      market(60_000, vol);
      values.push(greeksAt(CALL, 60_000, vol)[GREEK.price]!);
      found.push(...all(look(0), MessageType.MARKOUT, Markout));
    }
    expect(bench.time - time).toBe(60e6);
    expect(found.map((markout) => markout.seconds())).toEqual([1, 10, 60]);
    found.forEach((markout, place) => {
      expect(markout.price()).toBeCloseTo(values[place]! - 0.05, 12);
      expect(markout.vol()).toBeCloseTo((values[place]! - 0.05) / vega, 9);
      expect([markout.side(), markout.amount(), markout.bucketFills()]).toEqual([Side.BUY, 1, 1]);
    });
    // 30 days, delta a little over a half: third tenor, fourth delta bucket, as a maker.
    expect(found[0]!.bucket()).toBe(2 * 10 + 3 * 2);
  });

  it('of a sale have the other sign, and where we took they stand in a bucket of their own', () => {
    const value = greeksAt(CALL, 60_000, 0.5)[GREEK.price]!;
    fill({ id: CALL, side: Side.SELL, amount: 1, price: value, liquidity: Liquidity.TAKER });
    bench.time += 1e6;
    market(60_000, 0.55);
    const [markout] = all(look(0), MessageType.MARKOUT, Markout);
    expect(markout!.price()).toBeLessThan(0);
    expect(markout!.bucket() % 2).toBe(1);
  });
});

describe('performance', () => {
  it('is that of profits from minute to minute, as counted by hand', () => {
    fill({ id: PERPETUAL, side: Side.BUY, amount: 600_000, price: 60_000 });
    const prices = [60_030, 60_010, 60_010, 60_100, 59_900, 59_950];
    const totals: number[] = [0];
    let last: Performance | undefined;
    // The first looks up to the first whole minute see the opening price.
    for (const price of prices) {
      market(price, 0.5);
      for (let second = 0; second < 60; second++) last = scoreOf(look());
      totals.push(600_000 * (1 / 60_000 - 1 / price) * price);
    }
    const gains = prices.map((_, place) => totals[place + 1]! - totals[place]!);
    const mean = sum(gains) / gains.length;
    const deviation = Math.sqrt(sum(gains.map((gain) => (gain - mean) * (gain - mean))) / (gains.length - 1));
    const downside = Math.sqrt(sum(gains.map((gain) => Math.min(gain, 0) * Math.min(gain, 0))) / gains.length);
    const annual = Math.sqrt(SAMPLES_A_YEAR);
    expect(last!.totalUsd()).toBeCloseTo(totals.at(-1)!, 6);
    expect(last!.sharpe()).toBeCloseTo((annual * mean) / deviation, 6);
    expect(last!.sortino()).toBeCloseTo((annual * mean) / downside, 6);
    expect(last!.hitRate()).toBeCloseTo(
      gains.filter((gain) => gain > 0).length / gains.filter((gain) => gain !== 0).length,
      9,
    );
    expect(last!.drawdownUsd()).toBeCloseTo(totals[4]! - totals[5]!, 6);
    expect(last!.seconds()).toBe(prices.length * 60 - 1);
  });

  it('counts fills, volume, orders to fills, and the deviation of the inventory', () => {
    const vegas = [100, 300, -200, 0];
    let last: Performance | undefined;
    for (const vega of vegas) {
      bench.say(MessageType.UNDERLYING_EXPOSURE + TO_BE_PASSED, UnderlyingExposure, (told) => {
        told.mutate_weightedVega(vega);
        told.mutate_netDelta(vega / 100);
      });
      for (let update = 0; update < 3; update++) {
        bench.say(MessageType.REQUEST_UPDATE + TO_BE_PASSED, RequestUpdate, (told) => {
          told.mutate_status(update === 2 ? RequestStatus.ACKNOWLEDGED : RequestStatus.SENT);
          told.mutate_action(OrderAction.QUOTE);
        });
      }
      fill({
        id: CALL,
        side: Side.BUY,
        amount: 0.5,
        price: 0.05,
        liquidity: vega > 0 ? Liquidity.MAKER : Liquidity.TAKER,
      });
      last = scoreOf(look());
    }
    expect([last!.fills(), last!.makerFills(), last!.updates(), last!.orderToVolume()]).toEqual([4, 2, 8, 2]);
    expect(last!.volumeUsd()).toBeCloseTo(4 * 0.5 * 60_000, 6);
    expect(last!.vegaMean()).toBeCloseTo(50, 12);
    expect(last!.vegaDeviation()).toBeCloseTo(Math.sqrt(130_000 / 3), 9);
    expect(last!.deltaDeviation()).toBeCloseTo(Math.sqrt(13 / 3), 12);
  });

  it('is on duty while both quotes rest, near enough and large enough', () => {
    const quote = (id: number, side: number, price: number, amount: number): void => {
      bench.say(MessageType.ORDER_UPDATE + TO_BE_PASSED, OrderUpdate, (told) => {
        told.mutate_instrument(id);
        told.mutate_strategy(Strategy.QUOTER);
        told.mutate_side(side);
        told.mutate_status(amount > 0 ? OrderStatus.OPEN : OrderStatus.CANCELLED);
        told.mutate_price(price);
        told.mutate_remaining(amount);
      });
    };
    const both = (id: number, half: number, amount = 0.1): void => {
      const value = greeksAt(id, 60_000, 0.5)[GREEK.price]!;
      quote(id, Side.BUY, value - half, amount);
      quote(id, Side.SELL, value + half, amount);
    };
    const shares: number[][] = [];
    const see = (): void => {
      const score = scoreOf(look());
      shares.push([score.quotes(), score.wanted(), score.uptime(), score.covered()]);
    };
    both(0, 0.002);
    see();
    both(1, 0.002);
    see();
    both(1, 0.02);
    see();
    both(1, 0.002, 0.05);
    see();
    expect(shares).toEqual([
      [1, 2, 1 / 2, 0],
      [2, 2, 3 / 4, 1 / 2],
      [1, 2, 4 / 6, 1 / 3],
      [1, 2, 5 / 8, 1 / 4],
    ]);
  });
});
