import { describe, expect, it } from 'vitest';
import { InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import {
  OrderAction,
  OrderFlag,
  RequestStatus,
  Scope,
  Side,
  Strategy,
  TimeInForce,
  TradingStateCode,
} from '../../engine/market/orders/codes.js';
import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { LIMIT, type LimitName, SIMULATION_LIMITS } from '../../engine/market/risk/limits.js';
import { CHECKS, type CheckName, RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { EngineStateCode } from '../../engine/runtime/supervision/board.js';
import { AccountReport } from '../../schemas/generated/account-report.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { ExpiryExposure } from '../../schemas/generated/expiry-exposure.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { LimitChange } from '../../schemas/generated/limit-change.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Position } from '../../schemas/generated/position.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { WorstCase } from '../../schemas/generated/worst-case.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { FilterFlag } from '../filter/filter-flags.js';
import { currencyWords } from '../portfolio/portfolio-book.js';
import { approvedOrders, exposures, intents, orderStates, theos, tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { risk } from './risk.js';
import type { RiskConfig } from './risk-memory.js';

const CALL = 0;
const PERPETUAL = 1;
const OTHER_CALL = 2;
const WING_CALL = 3;
const INDEX = 60_000;
const START = 1_800_000_000_000_000;
const EXPIRY = START + 30 * 86_400e6;
const RISK_RANK = 6;

const config: RiskConfig = {
  instruments: 8,
  expiries: 8,
  underlyings: 2,
  orders: 16,
  intentsAtOnce: 16,
  limits: SIMULATION_LIMITS,
  protection: { windowSeconds: 1, pauseSeconds: 5 },
  venueProtection: { amountUsd: 1e9, deltaUsd: 1e9, vega: 1e9 },
};

/** The risk stage with the world of a good day: everything fresh, ready and active. */
class Desk {
  readonly bench: StageBench;

  constructor(given: Partial<RiskConfig> = {}, mode = 0) {
    this.bench = new StageBench(
      [
        passingStage('book', tops, [MessageType.BOOK_TOP]),
        passingStage('filter', theos, [MessageType.THEO_RUN]),
        passingStage('orders', orderStates, [
          MessageType.ORDER_UPDATE,
          MessageType.REQUEST_UPDATE,
          MessageType.FILL,
          MessageType.TRADING_STATE,
        ]),
        passingStage('portfolio', exposures, [
          MessageType.POSITION,
          MessageType.EXPIRY_EXPOSURE,
          MessageType.UNDERLYING_EXPOSURE,
          MessageType.PROFIT_LOSS,
          MessageType.TIE_OUT,
        ]),
        passingStage('dispatch', intents, [MessageType.ORDER_INTENT]),
        risk({ ...config, ...given }),
      ],
      approvedOrders,
    );
    this.tell(MessageType.RUN_STARTED, RunStarted, (started) => {
      started.mutate_run(7);
      started.mutate_mode(mode);
    });
    this.define(CALL, { right: 'call', strike: 60_000, expiry: EXPIRY });
    this.define(OTHER_CALL, { right: 'call', strike: 66_000, expiry: EXPIRY });
    this.define(WING_CALL, { right: 'call', strike: 75_000, expiry: EXPIRY });
    this.define(PERPETUAL, { kind: InstrumentKind.PERPETUAL, minimumAmount: 10, tickSize: 0.5, tickSteps: [] });
    this.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.ACTIVE));
    this.trading(TradingStateCode.READY);
    this.ticker(PERPETUAL, INDEX);
    this.ticker(CALL, 0.06);
    this.theo(CALL, 0.06);
    this.theo(OTHER_CALL, 0.03);
    this.theo(WING_CALL, 0.01);
    this.top(CALL, BookState.LIVE);
    this.exposure(0, 0);
  }

  /** An event that comes from outside. */
  tell<T extends { __init(at: number, buffer: ViewBuffer): T }>(
    type: number,
    struct: { new (): T; sizeOf(): number },
    fill: (struct: T) => void,
  ): Written[] {
    return this.bench.say(type, struct, fill);
  }

  /** A record that another stage says. */
  hear<T extends { __init(at: number, buffer: ViewBuffer): T }>(
    type: number,
    struct: { new (): T; sizeOf(): number },
    fill: (struct: T) => void,
  ): Written[] {
    return this.bench.say(type + TO_BE_PASSED, struct, fill);
  }

  define(id: number, given: Parameters<typeof btcInstrument>[0]): void {
    this.bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, btcInstrument(given)));
  }

  ticker(id: number, mark: number, change: (ticker: Ticker) => void = () => {}): void {
    this.tell(MessageType.TICKER, Ticker, (ticker) => {
      ticker.mutate_instrument(id);
      ticker.mutate_markPrice(mark);
      ticker.mutate_indexPrice(INDEX);
      ticker.mutate_minPrice(0.0001);
      ticker.mutate_maxPrice(1e9);
      change(ticker);
    });
  }

  theo(id: number, price: number, flags = 0, forward = INDEX): void {
    this.bench.say(
      MessageType.THEO_RUN + TO_BE_PASSED,
      TheoRun,
      (run) => {
        run.mutate_count(1);
        run.mutate_forward(forward);
        run.mutate_index(INDEX);
      },
      {
        bytes: Theo.sizeOf(),
        fill: (buffer, at) => {
          const theo = new Theo().__init(at, buffer);
          theo.mutate_instrument(id);
          theo.mutate_flags(flags);
          theo.mutate_price(price);
          theo.mutate_volatility(0.5);
          theo.mutate_delta(0.5);
          theo.mutate_vega(6800);
          theo.mutate_gamma(4e-5);
          theo.mutate_theta(-20_000);
          theo.mutate_vanna(0.5);
          theo.mutate_volga(5000);
        },
      },
    );
  }

  top(id: number, state: number, bid = 0, ask = 0): void {
    this.hear(MessageType.BOOK_TOP, BookTop, (top) => {
      top.mutate_instrument(id);
      top.mutate_state(state);
      top.mutate_bidPrice(bid);
      top.mutate_askPrice(ask);
    });
  }

  trading(state: number, openOrders = 0): void {
    this.hear(MessageType.TRADING_STATE, TradingState, (trading) => {
      trading.mutate_state(state);
      trading.mutate_openOrders(openOrders);
    });
  }

  /** Options are looked at anew, and the underlying is heard of. */
  look(): void {
    for (let step = 0; step < 5; step++) this.step();
    this.ticker(PERPETUAL, INDEX);
  }

  fill(id: number, change: (fill: Fill) => void): Written[] {
    return this.hear(MessageType.FILL, Fill, (fill) => {
      fill.mutate_instrument(id);
      fill.mutate_side(Side.BUY);
      fill.mutate_amount(0.1);
      fill.mutate_price(0.06);
      change(fill);
    });
  }

  /** What is held: delta in coin, vega in USD per 1.00. */
  exposure(delta: number, vega: number, change: (expiry: ExpiryExposure) => void = () => {}): void {
    this.hear(MessageType.EXPIRY_EXPOSURE, ExpiryExposure, (told) => {
      told.mutate_expiry(EXPIRY);
      told.mutate_delta(delta);
      told.mutate_vega(vega);
      change(told);
    });
    this.hear(MessageType.UNDERLYING_EXPOSURE, UnderlyingExposure, (told) => {
      told.mutate_delta(delta);
      told.mutate_vega(vega);
    });
  }

  /** An order of ours in the orders stage's table; 0 for one that is finished. */
  rests(slot: number, id: number, side: number, price: number, remaining = 1, flags = 0): void {
    this.hear(MessageType.ORDER_UPDATE, OrderUpdate, (update) => {
      update.mutate_slot(slot);
      update.mutate_instrument(id);
      update.mutate_side(side);
      update.mutate_flags(flags);
      update.mutate_worstPrice(price);
      update.mutate_worstRemaining(remaining);
    });
  }

  position(id: number, size: number): void {
    this.hear(MessageType.POSITION, Position, (told) => {
      told.mutate_instrument(id);
      told.mutate_size(size);
    });
  }

  /** A look at the account of BTC. */
  tieOut(state: number, difference: number, currency = 'BTC'): Written[] {
    const [word0, word1] = currencyWords(currency);
    return this.hear(MessageType.TIE_OUT, TieOut, (told) => {
      told.mutate_currency0(word0 >>> 0);
      told.mutate_currency1(word1 >>> 0);
      told.mutate_state(state);
      told.mutate_difference(difference);
    });
  }

  profit(total: number, day = total): Written[] {
    return this.hear(MessageType.PROFIT_LOSS, ProfitLoss, (told) => {
      told.mutate_total(total / INDEX);
      told.mutate_totalUsd(total);
      told.mutate_dayTotal(day / INDEX);
    });
  }

  command(action: number, scope: number, key = 0, confirmed = 1): Written[] {
    return this.tell(MessageType.RISK_COMMAND, RiskCommand, (command) => {
      command.mutate_action(action);
      command.mutate_scope(scope);
      command.mutate_key(key);
      command.mutate_confirmed(confirmed);
      command.mutate_expiry(scope === StateScope.EXPIRY ? EXPIRY : 0);
    });
  }

  /** Asks for an order; the name of the check that refuses it, or `approved`. */
  ask(change: (intent: OrderIntent) => void = () => {}): CheckName | 'approved' {
    const written = this.askFor(change);
    const answer = written.find(({ type }) => type === MessageType.APPROVED_ORDER || type === MessageType.REFUSAL);
    if (answer?.type === MessageType.APPROVED_ORDER) return 'approved';
    const code = new Refusal().__init(0, new ViewBuffer(answer!.body.buffer)).code();
    return (Object.keys(CHECKS) as CheckName[]).find((name) => CHECKS[name].code === code)!;
  }

  askFor(change: (intent: OrderIntent) => void = () => {}): Written[] {
    return this.hear(MessageType.ORDER_INTENT, OrderIntent, (intent) => {
      intent.mutate_action(OrderAction.PLACE);
      intent.mutate_instrument(CALL);
      intent.mutate_side(Side.BUY);
      intent.mutate_timeInForce(TimeInForce.UNTIL_CANCELLED);
      intent.mutate_strategy(Strategy.QUOTER);
      intent.mutate_price(0.0595);
      intent.mutate_amount(1);
      change(intent);
    });
  }

  /** The stage's own timer. */
  step(): Written[] {
    this.bench.time += 50_000;
    return this.tell(MessageType.TIMER_FIRED, TimerFired, (fired) => {
      fired.mutate_actor(RISK_RANK);
      fired.mutate_serial(++this.serial);
    });
  }
  private serial = 0;
}

const hedge = (intent: OrderIntent): void => {
  intent.mutate_instrument(PERPETUAL);
  intent.mutate_flags(OrderFlag.HEDGE);
  intent.mutate_strategy(Strategy.HEDGER);
  intent.mutate_price(INDEX);
  intent.mutate_amount(600_000);
};
const sell = (intent: OrderIntent): void => {
  intent.mutate_side(Side.SELL);
  intent.mutate_price(0.0605);
};
const buyWing = (intent: OrderIntent): void => {
  intent.mutate_instrument(WING_CALL);
  intent.mutate_price(0.0095);
};
const sellWing = (intent: OrderIntent): void => {
  buyWing(intent);
  intent.mutate_side(Side.SELL);
  intent.mutate_price(0.0105);
};
const limited = (changed: Partial<Record<LimitName, number>>): Partial<RiskConfig> => ({
  limits: { ...SIMULATION_LIMITS, ...changed },
});

/** For every check one way to fail it, and nothing else. */
const failures: Record<CheckName, () => CheckName | 'approved'> = {
  HALTED: () => {
    const desk = new Desk();
    desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.HALTED));
    return desk.ask();
  },
  REDUCING: () => {
    const desk = new Desk();
    desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.REDUCING));
    return desk.ask();
  },
  AMOUNT: () => new Desk().ask((intent) => intent.mutate_amount(Number.NaN)),
  PRICE: () => new Desk().ask((intent) => intent.mutate_price(-1)),
  RATE: () => new Desk(limited({ requestsPerSecond: 0.5 })).ask(),
  POSITION: () => new Desk(limited({ positionUsd: 59_000 })).ask(),
  UNKNOWN_INSTRUMENT: () => new Desk().ask((intent) => intent.mutate_instrument(5)),
  NOT_TRADING: () => {
    const desk = new Desk();
    desk.tell(MessageType.INSTRUMENT_STATE, InstrumentState, (state) => state.mutate_state(LifeCycle.HALTED));
    return desk.ask();
  },
  EXPIRING: () => new Desk(limited({ expiryMinutes: 31 * 24 * 60 })).ask(),
  TICK: () => new Desk().ask((intent) => intent.mutate_price(0.0597)),
  LEAST_AMOUNT: () => new Desk().ask((intent) => intent.mutate_amount(1.05)),
  VENUE_BAND: () => {
    const desk = new Desk();
    desk.ticker(CALL, 0.06, (ticker) => ticker.mutate_maxPrice(0.05));
    return desk.ask();
  },
  MALFORMED: () => new Desk().ask((intent) => intent.mutate_side(3)),
  REDUCE_ONLY: () => new Desk().ask((intent) => intent.mutate_flags(OrderFlag.REDUCE_ONLY)),
  FAR_FROM_THEO: () => new Desk().ask((intent) => intent.mutate_price(0.0675)),
  FAR_FROM_MARK: () =>
    new Desk().ask((intent) => {
      hedge(intent);
      intent.mutate_price(INDEX * 1.02);
    }),
  BELOW_INTRINSIC: () => {
    const desk = new Desk(limited({ fromTheoVol: 1 }));
    desk.theo(CALL, 0.2, 0, 72_000);
    return desk.ask((intent) => {
      sell(intent);
      intent.mutate_price(0.12);
    });
  },
  NOTIONAL: () => new Desk(limited({ orderUsd: 50_000 })).ask(),
  SELF_MATCH: () => {
    const desk = new Desk();
    desk.rests(3, CALL, Side.SELL, 0.0595);
    return desk.ask();
  },
  REPEAT: () => new Desk(limited({ repeatsPerSecond: 0.5 })).ask(),
  OPEN_ORDERS: () => {
    const desk = new Desk(limited({ openOrders: 10 }));
    desk.trading(TradingStateCode.READY, 10);
    return desk.ask();
  },
  IN_FLIGHT: () => {
    const desk = new Desk(limited({ inFlight: 3 }));
    desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => request.mutate_inFlight(3));
    return desk.ask();
  },
  REJECT_STORM: () => {
    const desk = new Desk(limited({ rejectsPerMinute: 2 }));
    for (let count = 0; count < 2; count++) {
      desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => request.mutate_status(RequestStatus.REJECTED));
    }
    return desk.ask();
  },
  EXPIRY_DELTA: () => {
    const desk = new Desk(limited({ expiryDeltaUsd: 600_000 }));
    desk.exposure(9.8, 0);
    return desk.ask();
  },
  EXPIRY_VEGA: () => {
    const desk = new Desk(limited({ expiryVega: 1000 }));
    desk.exposure(0, 95_000);
    return desk.ask();
  },
  DELTA: () => {
    const desk = new Desk(limited({ deltaUsd: 600_000, expiryDeltaUsd: 1e9 }));
    desk.exposure(9.8, 0);
    return desk.ask();
  },
  VEGA: () => {
    const desk = new Desk(limited({ vega: 1000 }));
    desk.exposure(0, 95_000);
    return desk.ask();
  },
  GAMMA: () => new Desk(limited({ shortGammaUsd: 100 })).ask(sell),
  SHORT_OPTIONS: () => new Desk(limited({ shortOptionsUsd: 30_000 })).ask(sell),
  SCENARIO: () => {
    const desk = new Desk(limited({ scenarioLossUsd: 10_000 }));
    desk.position(CALL, -20);
    for (let node = 0; node < 34; node++) desk.step();
    desk.ticker(PERPETUAL, INDEX);
    return desk.ask(sell);
  },
  MARGIN: () => {
    const desk = new Desk();
    desk.tell(MessageType.ACCOUNT_REPORT, AccountReport, (account) => {
      account.mutate_equity(10);
      account.mutate_initialMargin(9);
    });
    return desk.ask();
  },
  PIN: () => {
    const desk = new Desk(limited({ pinUsd: 100_000 }));
    desk.exposure(0, 0, (expiry) => expiry.mutate_pinAmount(3));
    return desk.ask();
  },
  DAY_LOSS: () => {
    const desk = new Desk(limited({ dayLossUsd: 1000, minuteLossUsd: 1e9, drawdownUsd: 1e9 }));
    desk.profit(-1001);
    return lossOf(desk, RiskCode.DAY_LOSS);
  },
  DRAWDOWN: () => {
    const desk = new Desk(limited({ dayLossUsd: 1e9, minuteLossUsd: 1e9, drawdownUsd: 1000 }));
    desk.profit(5000);
    desk.profit(3999);
    return lossOf(desk, RiskCode.DRAWDOWN);
  },
  MINUTE_LOSS: () => {
    const desk = new Desk(limited({ dayLossUsd: 1e9, minuteLossUsd: 1000, drawdownUsd: 1e9 }));
    desk.profit(0);
    desk.bench.time += 20e6;
    desk.profit(-1001, 0);
    desk.ticker(PERPETUAL, INDEX);
    return lossOf(desk, RiskCode.MINUTE_LOSS);
  },
  LOCAL_MMP: () => {
    const desk = new Desk(limited({ mmpAmountUsd: 100_000 }));
    desk.hear(MessageType.FILL, Fill, (fill) => {
      fill.mutate_side(Side.SELL);
      fill.mutate_amount(2);
    });
    return desk.ask();
  },
  BOOK_STALE: () => {
    const desk = new Desk();
    desk.top(CALL, BookState.STALE);
    return desk.ask();
  },
  UNDERLYING_STALE: () => {
    const desk = new Desk();
    desk.bench.time += 6e6;
    return desk.ask();
  },
  THEO_UNUSABLE: () => {
    const desk = new Desk();
    desk.theo(CALL, 0.06, FilterFlag.STALE);
    return desk.ask();
  },
  DIVERGENCE: () => {
    const desk = new Desk();
    desk.theo(CALL, 0.06, 0, INDEX * 1.5);
    return desk.ask();
  },
  NOT_READY: () => {
    const desk = new Desk();
    desk.trading(TradingStateCode.DEGRADED);
    return desk.ask();
  },
  NO_LIMITS: () => {
    const { limits: _, ...none } = config;
    const desk = new Desk({ ...none, limits: undefined } as unknown as Partial<RiskConfig>);
    return desk.ask();
  },
  DISARMED: () => new Desk({}, 2).ask(),
  HEDGE_CLIP: () => new Desk(limited({ hedgeOrderUsd: 500_000 })).ask(hedge),
  ORDER_DELTA: () => new Desk(limited({ orderDeltaUsd: 29_999 })).ask(),
  CONCENTRATION: () => {
    const desk = new Desk(limited({ openInterestShare: 0.5, orderUsd: 100_000 }));
    desk.ticker(CALL, 0.06, (ticker) => ticker.mutate_openInterest(3));
    desk.position(CALL, 1);
    return desk.ask();
  },
  THETA: () => new Desk(limited({ thetaUsd: 54 })).ask(),
  WEIGHTED_VEGA: () => {
    const desk = new Desk(limited({ weightedVega: 67 }));
    desk.look();
    return desk.ask();
  },
  SKEW_VEGA: () => {
    const desk = new Desk(limited({ skewVega: 67 }));
    desk.look();
    expect(desk.ask()).toBe('approved');
    return desk.ask((intent) => {
      intent.mutate_instrument(OTHER_CALL);
      intent.mutate_price(0.0295);
    });
  },
  WING_VEGA: () => {
    const desk = new Desk(limited({ wingVega: 67 }));
    desk.look();
    expect(desk.ask()).toBe('approved');
    return desk.ask(buyWing);
  },
  VANNA: () => new Desk(limited({ vannaUsd: 299 })).ask(),
  VOLGA: () => new Desk(limited({ volga: 0.49 })).ask(),
  NAKED_WINGS: () => {
    const desk = new Desk(limited({ nakedWingsUsd: 59_000 }));
    desk.look();
    expect(desk.ask(sell)).toBe('approved');
    return desk.ask(sellWing);
  },
  RHO: () => new Desk(limited({ rhoUsd: 24 })).ask(),
  MARKOUT: () => {
    const desk = new Desk(limited({ markoutLossUsd: 1000 }));
    desk.fill(CALL, (fill) => fill.mutate_price(0.26));
    desk.bench.time += 10e6;
    desk.look();
    return desk.ask();
  },
  FILL_RATE: () => {
    const desk = new Desk(limited({ fillsPerMinute: 1 }));
    for (let count = 0; count < 2; count++) desk.fill(CALL, () => {});
    return desk.ask();
  },
  ONE_SIDED: () => {
    const desk = new Desk(limited({ oneSidedFills: 1 }));
    for (let count = 0; count < 2; count++) desk.fill(CALL, () => {});
    return desk.ask();
  },
  HEDGE_RATE: () => new Desk(limited({ hedgesPerMinute: 0.5 })).ask(hedge),
  HEDGE_SLIPPAGE: () => {
    const desk = new Desk(limited({ hedgeSlippageUsd: 9_999 }));
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
    const desk = new Desk({}, 2);
    desk.command(5, StateScope.EVERYTHING);
    desk.bench.exchangeTime = desk.bench.time + 5.5e6;
    desk.ticker(PERPETUAL, INDEX);
    return desk.ask();
  },
  ACK_LATENCY: () => {
    const desk = new Desk(limited({ ackLatencyMs: 3000 }));
    for (let answer = 0; answer < 100; answer++) {
      desk.hear(MessageType.REQUEST_UPDATE, RequestUpdate, (request) => {
        request.mutate_status(RequestStatus.ACKNOWLEDGED);
        request.mutate_roundTrip(answer < 98 ? 1000 : 3.1e6);
      });
    }
    return desk.ask();
  },
  PERPETUAL_DIVERGENCE: () => {
    const desk = new Desk();
    desk.ticker(PERPETUAL, INDEX * 1.06);
    return desk.ask();
  },
  TIE_OUT: () => {
    const desk = new Desk();
    const told = statesIn(desk.tieOut(TieState.DAY_DIFFERS, -5));
    expect([told[0]!.state(), told[0]!.found(), told[0]!.limit()]).toEqual([RiskMode.REDUCING, 300_000, 250_000]);
    expect(desk.ask()).toBe('REDUCING');
    return (Object.keys(CHECKS) as CheckName[]).find((name) => CHECKS[name].code === told[0]!.cause())!;
  },
};

/** The state that a loss has moved everything to says why; what is asked for then is halted. */
function lossOf(desk: Desk, code: number): CheckName | 'approved' {
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
    const written = new Desk().askFor();
    expect(written).toHaveLength(1);
    const order = new ApprovedOrder().__init(0, new ViewBuffer(written[0]!.body.buffer));
    expect([order.instrument(), order.side(), order.price(), order.amount()]).toEqual([CALL, Side.BUY, 0.0595, 1]);
  });

  it.each(Object.keys(failures) as (keyof typeof failures)[])('refuses what fails the check %s', (name) => {
    expect(failures[name]()).toBe(name);
  });

  it('lets cancels pass in every state', () => {
    const desk = new Desk({}, 2);
    desk.tell(MessageType.ENGINE_STATE, EngineState, (state) => state.mutate_state(EngineStateCode.HALTED));
    for (const action of [OrderAction.CANCEL, OrderAction.MASS_CANCEL, OrderAction.QUERY, OrderAction.RECONCILE]) {
      expect(desk.ask((intent) => intent.mutate_action(action))).toBe('approved');
    }
  });

  it('counts what rests and what is approved as filled: the sixth of what fits five times is refused', () => {
    const desk = new Desk(limited({ vega: 5 * 68, expiryVega: 1e9 }));
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

  it('counts a resting order by the orders stage, and no more when it is finished', () => {
    const desk = new Desk(limited({ vega: 100, expiryVega: 1e9 }));
    desk.rests(3, OTHER_CALL, Side.BUY, 0.02);
    expect(desk.ask()).toBe('VEGA');
    desk.rests(3, OTHER_CALL, Side.BUY, 0.02, 0);
    expect(desk.ask()).toBe('approved');
  });

  it('counts what the venue calls filled and no fill has told: it rests no longer and is held by nobody yet', () => {
    // Room for one option, and not for two.
    const desk = new Desk(limited({ positionUsd: 1.5 * INDEX, vega: 1.5 * 68, expiryVega: 1e9 }));
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
    const desk = new Desk(limited({ positionUsd: 2.5 * INDEX }));
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
      const desk = new Desk(limited({ positionUsd: room * INDEX }));
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
    const desk = new Desk();
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
    const desk = new Desk(limited({ vega: 100, expiryVega: 1e9 }));
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
    const desk = new Desk({
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
    const desk = new Desk();
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
    const byUnderlying = new Desk();
    const written = byUnderlying.command(3, StateScope.UNDERLYING, 0);
    expect(statesIn(written)[0]!.state()).toBe(RiskMode.HALTED);
    expect(cancelsIn(written)[0]!.scope()).toBe(Scope.UNDERLYING);
    expect(byUnderlying.ask()).toBe('HALTED');
    const byStrategy = new Desk();
    byStrategy.command(3, StateScope.STRATEGY, Strategy.HEDGER);
    expect(byStrategy.ask()).toBe('approved');
    expect(byStrategy.ask(hedge)).toBe('HALTED');
    const byExpiry = new Desk();
    byExpiry.command(3, StateScope.EXPIRY);
    expect(byExpiry.ask()).toBe('HALTED');
    expect(byExpiry.ask(hedge)).toBe('approved');
  });

  it('does not become active again without a confirmation', () => {
    const desk = new Desk();
    desk.command(3, StateScope.EVERYTHING);
    expect(desk.command(1, StateScope.EVERYTHING, 0, 0)).toEqual([]);
    expect(desk.ask()).toBe('HALTED');
    desk.command(1, StateScope.EVERYTHING, 0, 1);
    expect(desk.ask()).toBe('approved');
  });

  it('goes on where the money of a day differs by no more than the limit, within a day, or while it is halted', () => {
    const desk = new Desk();
    expect(desk.tieOut(TieState.DAY_DIFFERS, 4)).toEqual([]);
    expect(desk.tieOut(TieState.DIFFERS, 100)).toEqual([]);
    expect(desk.tieOut(TieState.DAY_TIES, 100)).toEqual([]);
    // Of what settles in dollars one is one.
    expect(desk.tieOut(TieState.DAY_DIFFERS, 250_000, 'USDC')).toEqual([]);
    expect(desk.ask()).toBe('approved');
    desk.command(3, StateScope.EVERYTHING);
    expect(desk.tieOut(TieState.DAY_DIFFERS, 5)).toEqual([]);
    const other = new Desk();
    expect(statesIn(other.tieOut(TieState.DAY_DIFFERS, Number.NaN))[0]!.cause()).toBe(RiskCode.TIE_OUT);
  });

  it('starts live disarmed, and is armed by an operator who confirms it', () => {
    const desk = new Desk({}, 2);
    desk.command(5, StateScope.EVERYTHING, 0, 0);
    expect(desk.ask()).toBe('DISARMED');
    desk.command(5, StateScope.EVERYTHING, 0, 1);
    expect(desk.ask()).toBe('approved');
  });

  it('lowers a limit at once, raises it with a confirmation, and refuses the version that somebody else has changed', () => {
    const desk = new Desk();
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
    const desk = new Desk(limited({ mmpAmountUsd: 100_000 }));
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

  it('tells the worst case of what is held and rests', () => {
    const desk = new Desk();
    desk.exposure(1, 10_000);
    desk.ask((intent) => intent.mutate_amount(4));
    let worst: WorstCase | undefined;
    for (let step = 0; step < 5; step++) {
      for (const { type, body } of desk.step()) {
        if (type === MessageType.WORST_CASE) worst = new WorstCase().__init(0, new ViewBuffer(body.buffer));
      }
    }
    expect(worst!.deltaUp()).toBeCloseTo(1 + 4 * 0.5, 12);
    expect(worst!.deltaDown()).toBeCloseTo(1, 12);
    expect(worst!.vegaUp()).toBeCloseTo(10_000 + 4 * 6800, 8);
    expect(worst!.approved()).toBe(1);
  });
});
