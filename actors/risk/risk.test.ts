import { describe, expect, it } from 'vitest';
import { LifeCycle } from '../../engine/market/instrument.js';
import {
  OrderAction,
  OrderFlag,
  RequestStatus,
  Scope,
  Side,
  Strategy,
  TradingStateCode,
} from '../../engine/market/orders/codes.js';
import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import { CHECKS, type CheckName, RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { LimitChange } from '../../schemas/generated/limit-change.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import type { OrderIntent } from '../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Position } from '../../schemas/generated/position.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { FilterFlag } from '../filter/filter-flags.js';
import { currencyWords } from '../portfolio/portfolio-book.js';
import type { Written } from '../testing/stage/stage-bench.js';
import type { RiskConfig } from './risk-memory.js';

import {
  buyWing,
  CALL,
  config,
  hedge,
  INDEX,
  limited,
  OTHER_CALL,
  PERPETUAL,
  RiskDesk,
  sell,
  sellWing,
  WING_CALL,
} from './testing/risk-desk.js';

const sellTwo = (intent: OrderIntent): void => {
  sell(intent);
  intent.mutate_amount(2);
};
const byCode = (code: number): CheckName =>
  (Object.keys(CHECKS) as CheckName[]).find((name) => CHECKS[name].code === code)!;

/** For every check one way to fail it, and nothing else. */
const failures: Record<CheckName, () => CheckName | 'approved'> = {
  HALTED: () => {
    const desk = new RiskDesk();
    desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.HALTED));
    return desk.ask();
  },
  REDUCING: () => {
    const desk = new RiskDesk();
    desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.REDUCING));
    return desk.ask();
  },
  AMOUNT: () => new RiskDesk().ask((intent) => intent.mutate_amount(Number.NaN)),
  PRICE: () => new RiskDesk().ask((intent) => intent.mutate_price(-1)),
  RATE: () => new RiskDesk(limited({ requestsPerSecond: 0.5 })).ask(),
  POSITION: () => new RiskDesk(limited({ positionUsd: 59_000 })).ask(),
  UNKNOWN_INSTRUMENT: () => new RiskDesk().ask((intent) => intent.mutate_instrument(5)),
  NOT_TRADING: () => {
    const desk = new RiskDesk();
    desk.tell(MessageType.INSTRUMENT_STATE, InstrumentState, (state) => state.mutate_state(LifeCycle.HALTED));
    return desk.ask();
  },
  EXPIRING: () => new RiskDesk(limited({ expiryMinutes: 31 * 24 * 60 })).ask(),
  TICK: () => new RiskDesk().ask((intent) => intent.mutate_price(0.0597)),
  LEAST_AMOUNT: () => new RiskDesk().ask((intent) => intent.mutate_amount(1.05)),
  VENUE_BAND: () => {
    const desk = new RiskDesk();
    desk.ticker(CALL, 0.06, (ticker) => ticker.mutate_maxPrice(0.05));
    return desk.ask();
  },
  MALFORMED: () => new RiskDesk().ask((intent) => intent.mutate_side(3)),
  REDUCE_ONLY: () => new RiskDesk().ask((intent) => intent.mutate_flags(OrderFlag.REDUCE_ONLY)),
  FAR_FROM_THEO: () => new RiskDesk().ask((intent) => intent.mutate_price(0.0675)),
  FAR_FROM_MARK: () =>
    new RiskDesk().ask((intent) => {
      hedge(intent);
      intent.mutate_price(INDEX * 1.02);
    }),
  BELOW_INTRINSIC: () => {
    const desk = new RiskDesk(limited({ fromTheoVol: 1 }));
    desk.theo(CALL, 0.2, 0, 72_000);
    return desk.ask((intent) => {
      sell(intent);
      intent.mutate_price(0.12);
    });
  },
  NOTIONAL: () => new RiskDesk(limited({ orderUsd: 50_000 })).ask(),
  SELF_MATCH: () => {
    const desk = new RiskDesk();
    desk.rests(3, CALL, Side.SELL, 0.0595);
    return desk.ask();
  },
  REPEAT: () => new RiskDesk(limited({ repeatsPerSecond: 0.5 })).ask(),
  OPEN_ORDERS: () => {
    const desk = new RiskDesk(limited({ openOrders: 10 }));
    for (let slot = 0; slot < 10; slot++) desk.rests(slot, CALL, Side.BUY, 0.01, 0.1);
    return desk.ask();
  },
  IN_FLIGHT: () => {
    const desk = new RiskDesk(limited({ inFlight: 3 }));
    desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => request.mutate_inFlight(3));
    return desk.ask();
  },
  REJECT_STORM: () => {
    const desk = new RiskDesk(limited({ rejectsPerMinute: 2 }));
    for (let count = 0; count < 2; count++) {
      desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => request.mutate_status(RequestStatus.REJECTED));
    }
    return desk.ask();
  },
  EXPIRY_DELTA: () => {
    const desk = new RiskDesk(limited({ expiryDeltaUsd: 600_000 }));
    desk.exposure(9.8, 0);
    return desk.ask();
  },
  EXPIRY_VEGA: () => {
    const desk = new RiskDesk(limited({ expiryVega: 1000 }));
    desk.exposure(0, 95_000);
    return desk.ask();
  },
  DELTA: () => {
    const desk = new RiskDesk(limited({ deltaUsd: 600_000, expiryDeltaUsd: 1e9 }));
    desk.exposure(9.8, 0);
    return desk.ask();
  },
  VEGA: () => {
    const desk = new RiskDesk(limited({ vega: 1000 }));
    desk.exposure(0, 95_000);
    return desk.ask();
  },
  GAMMA: () => new RiskDesk(limited({ shortGammaUsd: 100 })).ask(sell),
  SHORT_OPTIONS: () => new RiskDesk(limited({ shortOptionsUsd: 30_000 })).ask(sell),
  SCENARIO: () => {
    const desk = new RiskDesk(limited({ scenarioLossUsd: 10_000 }));
    desk.position(CALL, -20);
    for (let node = 0; node < 34; node++) desk.step();
    desk.ticker(PERPETUAL, INDEX);
    return desk.ask(sell);
  },
  MARGIN: () => {
    const desk = new RiskDesk();
    desk.account(10, (account) => account.mutate_initialMargin(9));
    return desk.ask();
  },
  MARGIN_AFTER_FILL: () => {
    // A call that is sold ties up a seventh of a coin and its mark: three of them more than half a coin, two do not.
    const desk = new RiskDesk(limited({ marginAfterFill: 0.5 }));
    desk.account(1);
    expect(desk.ask(sellTwo)).toBe('approved');
    return desk.ask(sell);
  },
  MAINTENANCE: () => {
    const desk = new RiskDesk();
    const told = statesIn(desk.account(10, (account) => account.mutate_maintenanceMargin(9)))[0]!;
    expect([told.scope(), told.state(), told.found()]).toEqual([StateScope.EVERYTHING, RiskMode.REDUCING, 0.9]);
    expect(desk.ask()).toBe('REDUCING');
    return byCode(told.cause());
  },
  PIN: () => {
    const desk = new RiskDesk(limited({ pinUsd: 100_000 }));
    desk.exposure(0, 0, (expiry) => expiry.mutate_pinAmount(3));
    return desk.ask();
  },
  DAY_LOSS: () => {
    const desk = new RiskDesk(limited({ dayLossUsd: 1000, minuteLossUsd: 1e9, drawdownUsd: 1e9 }));
    desk.profit(-1001);
    return lossOf(desk, RiskCode.DAY_LOSS);
  },
  DRAWDOWN: () => {
    const desk = new RiskDesk(limited({ dayLossUsd: 1e9, minuteLossUsd: 1e9, drawdownUsd: 1000 }));
    desk.profit(5000);
    desk.profit(3999);
    return lossOf(desk, RiskCode.DRAWDOWN);
  },
  MINUTE_LOSS: () => {
    const desk = new RiskDesk(limited({ dayLossUsd: 1e9, minuteLossUsd: 1000, drawdownUsd: 1e9 }));
    desk.profit(0);
    desk.bench.time += 20e6;
    desk.profit(-1001, 0);
    desk.ticker(PERPETUAL, INDEX);
    return lossOf(desk, RiskCode.MINUTE_LOSS);
  },
  LOCAL_MMP: () => {
    const desk = new RiskDesk(limited({ mmpAmountUsd: 100_000 }));
    desk.hear(MessageType.FILL, Fill, (fill) => {
      fill.mutate_side(Side.SELL);
      fill.mutate_amount(2);
    });
    return desk.ask();
  },
  BOOK_STALE: () => {
    const desk = new RiskDesk();
    desk.top(CALL, BookState.STALE);
    return desk.ask();
  },
  UNDERLYING_STALE: () => {
    const desk = new RiskDesk();
    desk.bench.time += 6e6;
    return desk.ask();
  },
  THEO_UNUSABLE: () => {
    const desk = new RiskDesk();
    desk.theo(CALL, 0.06, FilterFlag.STALE);
    return desk.ask();
  },
  DIVERGENCE: () => {
    const desk = new RiskDesk();
    desk.theo(CALL, 0.06, 0, INDEX * 1.5);
    return desk.ask();
  },
  NOT_READY: () => {
    const desk = new RiskDesk();
    desk.trading(TradingStateCode.DEGRADED);
    return desk.ask();
  },
  NO_LIMITS: () => {
    const { limits: _, ...none } = config;
    const desk = new RiskDesk({ ...none, limits: undefined } as unknown as Partial<RiskConfig>);
    return desk.ask();
  },
  DISARMED: () => new RiskDesk({}, 2).ask(),
  HEDGE_CLIP: () => new RiskDesk(limited({ hedgeOrderUsd: 500_000 })).ask(hedge),
  ORDER_DELTA: () => new RiskDesk(limited({ orderDeltaUsd: 29_999 })).ask(),
  CONCENTRATION: () => {
    const desk = new RiskDesk(limited({ openInterestShare: 0.5, orderUsd: 100_000 }));
    desk.ticker(CALL, 0.06, (ticker) => ticker.mutate_openInterest(3));
    desk.position(CALL, 1);
    return desk.ask();
  },
  THETA: () => new RiskDesk(limited({ thetaUsd: 54 })).ask(),
  WEIGHTED_VEGA: () => {
    const desk = new RiskDesk(limited({ weightedVega: 67 }));
    desk.look();
    return desk.ask();
  },
  SKEW_VEGA: () => {
    const desk = new RiskDesk(limited({ skewVega: 67 }));
    desk.look();
    expect(desk.ask()).toBe('approved');
    return desk.ask((intent) => {
      intent.mutate_instrument(OTHER_CALL);
      intent.mutate_price(0.0295);
    });
  },
  WING_VEGA: () => {
    const desk = new RiskDesk(limited({ wingVega: 67 }));
    desk.look();
    expect(desk.ask()).toBe('approved');
    return desk.ask(buyWing);
  },
  VANNA: () => new RiskDesk(limited({ vannaUsd: 299 })).ask(),
  VOLGA: () => new RiskDesk(limited({ volga: 0.49 })).ask(),
  NAKED_WINGS: () => {
    const desk = new RiskDesk(limited({ nakedWingsUsd: 59_000 }));
    desk.look();
    expect(desk.ask(sell)).toBe('approved');
    return desk.ask(sellWing);
  },
  RHO: () => new RiskDesk(limited({ rhoUsd: 24 })).ask(),
  MARKOUT: () => {
    const desk = new RiskDesk(limited({ markoutLossUsd: 1000 }));
    desk.fill(CALL, (fill) => fill.mutate_price(0.26));
    desk.bench.time += 10e6;
    desk.look();
    return desk.ask();
  },
  FILL_RATE: () => {
    const desk = new RiskDesk(limited({ fillsPerMinute: 1 }));
    for (let count = 0; count < 2; count++) desk.fill(CALL, () => {});
    return desk.ask();
  },
  ONE_SIDED: () => {
    const desk = new RiskDesk(limited({ oneSidedFills: 1 }));
    for (let count = 0; count < 2; count++) desk.fill(CALL, () => {});
    return desk.ask();
  },
  HEDGE_RATE: () => new RiskDesk(limited({ hedgesPerMinute: 0.5 })).ask(hedge),
  HEDGE_SLIPPAGE: () => {
    const desk = new RiskDesk(limited({ hedgeSlippageUsd: 9_999 }));
    desk.fill(PERPETUAL, (fill) => {
      fill.mutate_price(INDEX * 1.01);
      fill.mutate_amount(1_000_000);
      fill.mutate_flags(OrderFlag.HEDGE);
    });
    desk.top(PERPETUAL, BookState.LIVE, INDEX - 1, INDEX);
    expect(
      desk.ask((intent) => {
        hedge(intent);
        intent.mutate_price(INDEX - 1);
      }),
    ).toBe('approved');
    return desk.ask(hedge);
  },
  CLOCK_OFFSET: () => {
    const desk = new RiskDesk({}, 2);
    desk.command(5, StateScope.EVERYTHING);
    desk.bench.exchangeTime = desk.bench.time + 5.5e6;
    desk.ticker(PERPETUAL, INDEX);
    return desk.ask();
  },
  ACK_LATENCY: () => {
    const desk = new RiskDesk(limited({ ackLatencyMs: 3000 }));
    for (let answer = 0; answer < 100; answer++) {
      desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => {
        request.mutate_status(RequestStatus.ACKNOWLEDGED);
        request.mutate_roundTrip(answer < 98 ? 1000 : 3.1e6);
      });
    }
    return desk.ask();
  },
  PERPETUAL_DIVERGENCE: () => {
    const desk = new RiskDesk();
    desk.ticker(PERPETUAL, INDEX * 1.06);
    return desk.ask();
  },
  GROSS_DELTA: () => {
    // Ten calls bought and ten sold have no delta together, and ten units of it without their signs.
    const desk = new RiskDesk(limited({ grossDeltaUsd: 599_999 }));
    desk.position(CALL, 10);
    desk.position(OTHER_CALL, -10);
    desk.look();
    return desk.ask();
  },
  UNWINDING: () => {
    const desk = new RiskDesk(limited({ unwindingUsd: 600 }));
    desk.top(OTHER_CALL, BookState.LIVE, 0.028, 0.031);
    desk.position(OTHER_CALL, 10);
    desk.look();
    return desk.ask();
  },
  VALUE_AT_RISK: () => {
    const desk = new RiskDesk(limited({ valueAtRiskUsd: 10_000 }));
    desk.position(CALL, -20);
    for (let node = 0; node < 34; node++) desk.step();
    desk.ticker(PERPETUAL, INDEX);
    return desk.ask(sell);
  },
  STRATEGY_LOSS: () => {
    const desk = new RiskDesk(limited({ strategyLossUsd: 599 }));
    // Bought for 0.07 what is worth 0.06: 600 USD of 60,000 are lost with each. A person's own loss is nobody's.
    desk.fill(CALL, (fill) => {
      fill.mutate_strategy(Strategy.QUOTER);
      fill.mutate_amount(1);
      fill.mutate_price(0.07);
    });
    desk.fill(CALL, (fill) => {
      fill.mutate_strategy(0xffff);
      fill.mutate_flags(OrderFlag.FOREIGN);
      fill.mutate_amount(10);
      fill.mutate_price(0.07);
    });
    return reducedWhile(desk);
  },
  EXPIRY_LOSS: () => {
    const desk = new RiskDesk(limited({ expiryLossUsd: 100_000 }));
    for (const id of [CALL, OTHER_CALL]) {
      desk.hear(MessageType.POSITION, Position, (told) => {
        told.mutate_instrument(id);
        told.mutate_realised(0.5);
        told.mutate_unrealised(-1.2);
        told.mutate_fees(0.2);
      });
    }
    return reducedWhile(desk);
  },
  TIE_OUT: () => {
    const desk = new RiskDesk();
    const told = statesIn(desk.tieOut(TieState.DAY_DIFFERS, -5));
    expect([told[0]!.state(), told[0]!.found(), told[0]!.limit()]).toEqual([RiskMode.REDUCING, 300_000, 250_000]);
    expect(desk.ask()).toBe('REDUCING');
    return (Object.keys(CHECKS) as CheckName[]).find((name) => CHECKS[name].code === told[0]!.cause())!;
  },
};

/** Says why a part was reduced while the stage took its time over all parts. */
function reducedWhile(desk: RiskDesk): CheckName | 'approved' {
  const told = Array.from({ length: 16 }, () => statesIn(desk.step())).flat();
  desk.ticker(PERPETUAL, INDEX);
  expect(told.map((state) => state.state())).toEqual([RiskMode.REDUCING]);
  expect(told[0]!.found()).toBeGreaterThan(told[0]!.limit());
  expect(desk.ask()).toBe('REDUCING');
  return (Object.keys(CHECKS) as CheckName[]).find((name) => CHECKS[name].code === told[0]!.cause())!;
}

/** The state that a loss has moved everything to says why; what is asked for then is halted. */
function lossOf(desk: RiskDesk, code: number): CheckName | 'approved' {
  const states = desk.command(4, StateScope.EVERYTHING);
  expect(states.length).toBeGreaterThan(0);
  expect(desk.ask()).toBe('HALTED');
  return (Object.keys(CHECKS) as CheckName[]).find((name) => CHECKS[name].code === code)!;
}

const statesIn = (written: Written[]): RiskState[] =>
  written
    .filter(({ type }) => type === MessageType.RISK_STATE)
    .map(({ body }) => new RiskState().__init(0, new ViewBuffer(body.buffer)));
const cancelsIn = (written: Written[]): ApprovedOrder[] =>
  written
    .filter(({ type }) => type === MessageType.APPROVED_ORDER)
    .map(({ body }) => new ApprovedOrder().__init(0, new ViewBuffer(body.buffer)))
    .filter((order) => order.action() === OrderAction.MASS_CANCEL);

describe('risk', () => {
  it('approves on a good day, byte for byte what was asked for', () => {
    const written = new RiskDesk().askFor();
    expect(written).toHaveLength(1);
    const order = new ApprovedOrder().__init(0, new ViewBuffer(written[0]!.body.buffer));
    expect([order.instrument(), order.side(), order.price(), order.amount()]).toEqual([CALL, Side.BUY, 0.0595, 1]);
  });

  it.each(Object.keys(failures) as (keyof typeof failures)[])('refuses what fails the check %s', (name) => {
    expect(failures[name]()).toBe(name);
  });

  it('counts what it has just approved for the Greeks that it sums up anew some times a second', () => {
    // A call loses 54.8 USD a day: two of them more than 100.
    const desk = new RiskDesk(limited({ thetaUsd: 100 }));
    expect([desk.ask(), desk.ask()]).toEqual(['approved', 'THETA']);
  });

  it('lets the first order of what hardly anybody trades pass up to the value of one order, and no further', () => {
    const concentrated = (amount: number): string => {
      const desk = new RiskDesk(limited({ orderUsd: 2 * INDEX }));
      desk.ticker(CALL, 0.06, (ticker) => ticker.mutate_openInterest(1));
      desk.position(CALL, amount - 1);
      return desk.ask();
    };
    expect([concentrated(2), concentrated(2.1)]).toEqual(['approved', 'CONCENTRATION']);
  });

  it('finds the best of our own orders of whatever instrument, and the next best when it is gone', () => {
    const desk = new RiskDesk({}, 0, 1);
    desk.rests(3, CALL, Side.SELL, 0.0595);
    desk.rests(4, CALL, Side.SELL, 0.0615);
    expect(desk.ask()).toBe('SELF_MATCH');
    desk.rests(3, CALL, Side.SELL, 0.0595, 0);
    expect([desk.ask(), desk.ask((intent) => intent.mutate_price(0.0615))]).toEqual(['approved', 'SELF_MATCH']);
  });

  it('says with a state that fills have moved what was found and the limit', () => {
    const desk = new RiskDesk(limited({ fillsPerMinute: 2 }));
    const told = [1, 2, 3].flatMap(() => statesIn(desk.fill(CALL, () => {})));
    expect(told.map((state) => [state.cause(), state.found(), state.limit()])).toEqual([[RiskCode.FILL_RATE, 3, 2]]);
  });

  it('sums up what is held to the same bits, whatever came first', () => {
    const toldWith = (ids: number[]): Uint8Array => {
      const desk = new RiskDesk();
      for (const id of ids) desk.position(id, [0.1, 30_000, 0.7, -0.3][id]!);
      for (let node = 0; node < 34; node++) desk.step();
      return desk.bench.core.states().get('risk')!;
    };
    const first = toldWith([CALL, PERPETUAL, OTHER_CALL, WING_CALL]);
    for (const ids of [
      [WING_CALL, OTHER_CALL, PERPETUAL, CALL],
      [OTHER_CALL, CALL, WING_CALL, PERPETUAL],
    ]) {
      expect(toldWith(ids)).toEqual(first);
    }
  });

  it('lets cancels pass in every state', () => {
    const desk = new RiskDesk({}, 2);
    desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.HALTED));
    for (const action of [OrderAction.CANCEL, OrderAction.MASS_CANCEL, OrderAction.QUERY, OrderAction.RECONCILE]) {
      expect(desk.ask((intent) => intent.mutate_action(action))).toBe('approved');
    }
  });

  it('counts what rests and what is approved as filled: the sixth of what fits five times is refused', () => {
    const desk = new RiskDesk(limited({ vega: 5 * 68, expiryVega: 1e9 }));
    const asked = [0, 1, 2, 3, 4].map((index) => desk.askFor((intent) => intent.mutate_requestIndex(index))[0]!);
    expect(asked.map(({ type }) => type)).toEqual(new Array(5).fill(MessageType.APPROVED_ORDER));
    expect(desk.ask()).toBe('VEGA');
    // Two of them were never sent: there is room for two again.
    for (const requestIndex of [0, 1]) {
      desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => {
        request.mutate_status(RequestStatus.NOT_SENT);
        request.mutate_requestSeq(asked[requestIndex]!.seq);
        request.mutate_requestIndex(requestIndex);
      });
    }
    expect(desk.ask()).toBe('approved');
    expect(desk.ask()).toBe('approved');
    expect(desk.ask()).toBe('VEGA');
  });

  it('counts the orders that approvals will make: a burst finds no more room than there is', () => {
    const desk = new RiskDesk(limited({ openOrders: 4 }));
    desk.rests(3, OTHER_CALL, Side.BUY, 0.02);
    const asked = [0, 1, 2].map((index) => desk.askFor((intent) => intent.mutate_requestIndex(index))[0]!);
    expect(asked.map(({ type }) => type)).toEqual(new Array(3).fill(MessageType.APPROVED_ORDER));
    expect(desk.ask()).toBe('OPEN_ORDERS');
    const answered = (requestIndex: number, status: number): void => {
      desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => {
        request.mutate_status(status);
        request.mutate_requestSeq(asked[requestIndex]!.seq);
        request.mutate_requestIndex(requestIndex);
      });
    };
    // One was never sent, the other rests now and is counted as an order.
    answered(0, RequestStatus.NOT_SENT);
    answered(1, RequestStatus.SENT);
    desk.rests(4, CALL, Side.BUY, 0.0595);
    expect(desk.ask()).toBe('approved');
    expect(desk.ask()).toBe('OPEN_ORDERS');
  });

  it('refuses orders beyond their number, and no change of one that works nor what takes risk away: prices would grow old, and deltas stay', () => {
    const desk = new RiskDesk(limited({ openOrders: 3 }));
    const quoted = OrderFlag.QUOTE | OrderFlag.MMP;
    desk.rests(3, CALL, Side.BUY, 0.0585, 1, quoted);
    desk.rests(4, OTHER_CALL, Side.BUY, 0.02, 1, quoted);
    desk.rests(5, WING_CALL, Side.BUY, 0.008, 1, quoted);
    desk.exposure(5, 0);
    const quote = (side: number, price: number): CheckName | 'approved' =>
      desk.ask((intent) => {
        intent.mutate_action(OrderAction.QUOTE);
        intent.mutate_flags(quoted);
        intent.mutate_side(side);
        intent.mutate_price(price);
      });
    const hedge = (side: number): CheckName | 'approved' =>
      desk.ask((intent) => {
        intent.mutate_instrument(PERPETUAL);
        intent.mutate_strategy(Strategy.HEDGER);
        intent.mutate_flags(OrderFlag.HEDGE);
        intent.mutate_side(side);
        intent.mutate_price(INDEX);
        intent.mutate_amount(60_000);
      });
    expect(desk.ask()).toBe('OPEN_ORDERS');
    expect(quote(Side.SELL, 0.061)).toBe('OPEN_ORDERS');
    expect(hedge(Side.BUY)).toBe('OPEN_ORDERS');
    expect(quote(Side.BUY, 0.059)).toBe('approved');
    expect(hedge(Side.SELL)).toBe('approved');
  });

  it('counts a resting order by the orders stage, and no more when it is finished', () => {
    const desk = new RiskDesk(limited({ vega: 100, expiryVega: 1e9 }));
    desk.rests(3, OTHER_CALL, Side.BUY, 0.02);
    expect(desk.ask()).toBe('VEGA');
    desk.rests(3, OTHER_CALL, Side.BUY, 0.02, 0);
    expect(desk.ask()).toBe('approved');
  });

  it('counts what the venue calls filled and no fill has told: it rests no longer and is held by nobody yet', () => {
    // Room for one option, and not for two.
    const desk = new RiskDesk(limited({ positionUsd: 1.5 * INDEX, vega: 1.5 * 68, expiryVega: 1e9 }));
    const told = (remaining: number, missing: number): void => {
      desk.hear(MessageType.ORDER_UPDATE, OrderUpdate, (update) => {
        update.mutate_slot(3);
        update.mutate_instrument(CALL);
        update.mutate_side(Side.BUY);
        update.mutate_worstPrice(0.0595);
        update.mutate_worstRemaining(remaining);
        update.mutate_missing(missing);
      });
    };
    told(1, 0);
    expect(desk.ask()).toBe('POSITION');
    told(0, 1);
    expect(desk.ask()).toBe('POSITION');
    // On another instrument too, as far as their risk is one.
    expect(
      desk.ask((intent) => {
        intent.mutate_instrument(OTHER_CALL);
        intent.mutate_price(0.0295);
      }),
    ).toBe('VEGA');
    // The fill is told: the position has it, and it counts once.
    told(0, 0);
    desk.position(CALL, 1);
    expect(desk.ask()).toBe('POSITION');
    expect(desk.ask(sell)).toBe('approved');
    desk.position(CALL, 0);
    expect(desk.ask()).toBe('approved');
  });

  it('counts a part that is missing beside the part that rests, and takes no surplus of fills for room', () => {
    const desk = new RiskDesk(limited({ positionUsd: 2.5 * INDEX }));
    const told = (remaining: number, missing: number): void => {
      desk.hear(MessageType.ORDER_UPDATE, OrderUpdate, (update) => {
        update.mutate_slot(3);
        update.mutate_instrument(CALL);
        update.mutate_side(Side.BUY);
        update.mutate_worstPrice(0.0595);
        update.mutate_worstRemaining(remaining);
        update.mutate_missing(missing);
      });
    };
    told(1, 1);
    expect(desk.ask()).toBe('POSITION');
    // More was told than the venue calls filled: its picture is old.
    told(2, -1);
    expect(desk.ask()).toBe('POSITION');
    told(1, -1);
    expect(desk.ask()).toBe('approved');
  });

  it('counts the quote that rests beside the one that replaces it: the first may be filled while the second is on its way', () => {
    const flags = OrderFlag.MMP | OrderFlag.QUOTE;
    const quote = (intent: OrderIntent): void => {
      intent.mutate_action(OrderAction.QUOTE);
      intent.mutate_flags(flags);
    };
    const answer = (room: number, resting: number, position = 0): CheckName | 'approved' => {
      const desk = new RiskDesk(limited({ positionUsd: room * INDEX }));
      desk.position(CALL, position);
      desk.rests(3, CALL, Side.BUY, 0.0595, resting, flags);
      return desk.ask(quote);
    };
    expect(answer(1.5, 0)).toBe('approved');
    expect(answer(1.5, 1)).toBe('POSITION');
    expect(answer(2.5, 1)).toBe('approved');
    expect(answer(2.5, 1, 1)).toBe('POSITION');
    // A short position is bought back as far as it goes, and no further than the limit beyond.
    expect(answer(1.5, 1, -1)).toBe('approved');
    expect(answer(1.5, 2, -1)).toBe('POSITION');
  });

  it('finds its next best order when the best is gone, and lets quotes pass each other', () => {
    const desk = new RiskDesk();
    desk.rests(3, CALL, Side.SELL, 0.0595);
    desk.rests(4, CALL, Side.SELL, 0.06);
    desk.rests(3, CALL, Side.SELL, 0.0595, 0);
    expect(desk.ask()).toBe('approved');
    expect(desk.ask((intent) => intent.mutate_price(0.06))).toBe('SELF_MATCH');
    desk.rests(4, CALL, Side.SELL, 0.06, 1, OrderFlag.QUOTE);
    expect(desk.ask((intent) => intent.mutate_price(0.06))).toBe('SELF_MATCH');
    const quote = (intent: OrderIntent): void => {
      intent.mutate_action(OrderAction.QUOTE);
      intent.mutate_price(0.06);
    };
    expect(desk.ask(quote)).toBe('approved');
  });

  it('lets a quote replace the one that stands there', () => {
    const desk = new RiskDesk(limited({ vega: 100, expiryVega: 1e9 }));
    desk.rests(3, CALL, Side.BUY, 0.0595, 1, OrderFlag.MMP);
    const quote = (intent: OrderIntent): void => {
      intent.mutate_action(OrderAction.QUOTE);
      intent.mutate_flags(OrderFlag.MMP | OrderFlag.QUOTE);
    };
    expect(desk.ask(quote)).toBe('approved');
    expect(
      desk.ask((intent) => {
        quote(intent);
        intent.mutate_amount(2);
      }),
    ).toBe('VEGA');
  });

  it("bounds what rests under the venue's protection by two of its rounds", () => {
    const desk = new RiskDesk({
      ...limited({ vega: 200, expiryVega: 1e9 }),
      venueProtection: { amountUsd: 1e9, deltaUsd: 1e9, vega: 80 },
    });
    const protect = (intent: OrderIntent): void => {
      intent.mutate_action(OrderAction.QUOTE);
      intent.mutate_flags(OrderFlag.MMP | OrderFlag.QUOTE);
      intent.mutate_amount(10);
    };
    // Ten options are 680 of vega; twice 80 is all that can be filled.
    expect(desk.ask(protect)).toBe('approved');
    expect(
      desk.ask((intent) => {
        protect(intent);
        intent.mutate_flags(0);
      }),
    ).toBe('VEGA');
  });

  it('takes risk away while it reduces: of the position, and by a hedge of the delta, never beyond', () => {
    const desk = new RiskDesk();
    desk.position(CALL, 3);
    desk.exposure(10, 20_000);
    desk.command(2, StateScope.EVERYTHING);
    expect(desk.ask()).toBe('REDUCING');
    expect(
      desk.ask((intent) => {
        sell(intent);
        intent.mutate_amount(3);
      }),
    ).toBe('approved');
    expect(
      desk.ask((intent) => {
        sell(intent);
        intent.mutate_amount(4);
      }),
    ).toBe('REDUCING');
    expect(
      desk.ask((intent) => {
        hedge(intent);
        intent.mutate_side(Side.SELL);
      }),
    ).toBe('approved');
    expect(desk.ask(hedge)).toBe('REDUCING');
    expect(
      desk.ask((intent) => {
        hedge(intent);
        intent.mutate_side(Side.SELL);
        intent.mutate_amount(660_000);
      }),
    ).toBe('REDUCING');
  });

  it('halts an underlying, a strategy or an expiry alone, cancels what rests there, and says so', () => {
    const byUnderlying = new RiskDesk();
    const written = byUnderlying.command(3, StateScope.UNDERLYING, 0);
    expect(statesIn(written)[0]!.state()).toBe(RiskMode.HALTED);
    expect(cancelsIn(written)[0]!.scope()).toBe(Scope.UNDERLYING);
    expect(byUnderlying.ask()).toBe('HALTED');
    const byStrategy = new RiskDesk();
    byStrategy.command(3, StateScope.STRATEGY, Strategy.HEDGER);
    expect(byStrategy.ask()).toBe('approved');
    expect(byStrategy.ask(hedge)).toBe('HALTED');
    const byExpiry = new RiskDesk();
    byExpiry.command(3, StateScope.EXPIRY);
    expect(byExpiry.ask()).toBe('HALTED');
    expect(byExpiry.ask(hedge)).toBe('approved');
  });

  it('does not become active again without a confirmation', () => {
    const desk = new RiskDesk();
    desk.command(3, StateScope.EVERYTHING);
    expect(statesIn(desk.command(1, StateScope.EVERYTHING, 0, 0))).toEqual([]);
    expect(desk.ask()).toBe('HALTED');
    desk.command(1, StateScope.EVERYTHING, 0, 1);
    expect(desk.ask()).toBe('approved');
  });

  it('goes on where the money of a day differs by no more than the limit, within a day, or while it is halted', () => {
    const desk = new RiskDesk();
    expect(desk.tieOut(TieState.DAY_DIFFERS, 4)).toEqual([]);
    expect(desk.tieOut(TieState.DIFFERS, 100)).toEqual([]);
    expect(desk.tieOut(TieState.DAY_TIES, 100)).toEqual([]);
    // Of what settles in dollars one is one.
    expect(desk.tieOut(TieState.DAY_DIFFERS, 250_000, 'USDC')).toEqual([]);
    expect(desk.ask()).toBe('approved');
    desk.command(3, StateScope.EVERYTHING);
    expect(desk.tieOut(TieState.DAY_DIFFERS, 5)).toEqual([]);
    const other = new RiskDesk();
    expect(statesIn(other.tieOut(TieState.DAY_DIFFERS, Number.NaN))[0]!.cause()).toBe(RiskCode.TIE_OUT);
  });

  it('starts live disarmed, and is armed by an operator who confirms it', () => {
    const desk = new RiskDesk({}, 2);
    desk.command(5, StateScope.EVERYTHING, 0, 0);
    expect(desk.ask()).toBe('DISARMED');
    desk.command(5, StateScope.EVERYTHING, 0, 1);
    expect(desk.ask()).toBe('approved');
  });

  it('lowers a limit at once, raises it with a confirmation, and refuses the version that somebody else has changed', () => {
    const desk = new RiskDesk();
    const change = (value: number, version: number, confirmed: number, limit: number = LIMIT.orderUsd): LimitState => {
      const written = desk.tell(MessageType.LIMIT_CHANGE, LimitChange, (told) => {
        told.mutate_limit(limit);
        told.mutate_value(value);
        told.mutate_version(version);
        told.mutate_confirmed(confirmed);
      });
      return new LimitState().__init(0, new ViewBuffer(written[0]!.body.buffer));
    };
    expect(change(50_000, 0, 0).outcome()).toBe(1);
    expect(desk.ask()).toBe('NOTIONAL');
    expect(change(100_000, 0, 1).outcome()).toBe(2);
    expect(change(100_000, 1, 0).outcome()).toBe(3);
    expect(change(100_000, 1, 1).outcome()).toBe(1);
    expect(desk.ask()).toBe('approved');
    expect(change(Number.NaN, 2, 1).outcome()).toBe(4);
    expect(change(1, 2, 1, 999).outcome()).toBe(4);
  });

  it('pauses quotes when too much was filled at once, hedges on, and goes on after the pause', () => {
    const desk = new RiskDesk(limited({ mmpAmountUsd: 100_000 }));
    const written = desk.hear(MessageType.FILL, Fill, (fill) => {
      fill.mutate_side(Side.SELL);
      fill.mutate_amount(2);
    });
    expect(cancelsIn(written)[0]!.scope()).toBe(Scope.UNDERLYING);
    expect(statesIn(written)[0]!.cause()).toBe(RiskCode.LOCAL_MMP);
    expect(desk.ask()).toBe('LOCAL_MMP');
    expect(desk.ask(hedge)).toBe('approved');
    desk.bench.time += 5.1e6;
    desk.ticker(PERPETUAL, INDEX);
    expect(desk.ask()).toBe('approved');
  });

  it('judges margin by the currency that stands worst, whichever was told last, and beyond every limit without equity', () => {
    const desk = new RiskDesk();
    const tell = (currency: string, equity: number, initialMargin: number) =>
      desk.account(equity, (account) => {
        const [word0, word1] = currencyWords(currency);
        account.currency()!.mutate_word0(word0 >>> 0);
        account.currency()!.mutate_word1(word1 >>> 0);
        account.mutate_initialMargin(initialMargin);
      });
    tell('BTC', 10, 9.5);
    tell('ETH', 100, 0);
    expect(desk.ask()).toBe('MARGIN');
    tell('BTC', 10, 1);
    expect(desk.ask()).toBe('approved');
    tell('ETH', -1, 0.5);
    expect(desk.ask()).toBe('MARGIN');
    tell('ETH', 0, 0);
    expect(desk.ask()).toBe('approved');
  });

  /** What is told when some steps have passed. */
  function worstOf(desk: RiskDesk): WorstCase {
    let worst: WorstCase | undefined;
    for (let step = 0; step < 5; step++) {
      for (const { type, body } of desk.step()) {
        if (type === MessageType.WORST_CASE) worst = new WorstCase().__init(0, new ViewBuffer(body.buffer));
      }
    }
    return worst!;
  }

  it('tells the worst case of what is held and rests', () => {
    const desk = new RiskDesk();
    desk.exposure(1, 10_000);
    desk.ask((intent) => intent.mutate_amount(4));
    const worst = worstOf(desk);
    expect(worst.deltaUp()).toBeCloseTo(1 + 4 * 0.5, 12);
    expect(worst.deltaDown()).toBeCloseTo(1, 12);
    expect(worst.vegaUp()).toBeCloseTo(10_000 + 4 * 6800, 8);
    expect(worst.approved()).toBe(1);
  });

  it("tells of quotes no more than the venue's protection lets through, as the checks count them", () => {
    const desk = new RiskDesk({ venueProtection: { amountUsd: 1e9, deltaUsd: INDEX, vega: 80 } });
    desk.exposure(1, 10_000);
    desk.rests(3, CALL, Side.BUY, 0.05, 10, OrderFlag.MMP);
    const worst = worstOf(desk);
    expect(worst.deltaUp()).toBeCloseTo(1 + 2, 12);
    expect(worst.deltaDown()).toBeCloseTo(1, 12);
    expect(worst.vegaUp()).toBeCloseTo(10_000 + 2 * 80 * 100, 8);
  });
});
