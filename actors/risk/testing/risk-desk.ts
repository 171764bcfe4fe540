import { InstrumentKind } from '../../../engine/market/instrument.js';
import { encodeInstrument } from '../../../engine/market/instrument-codec.js';
import {
  OrderAction,
  OrderFlag,
  Side,
  Strategy,
  TimeInForce,
  TradingStateCode,
} from '../../../engine/market/orders/codes.js';
import { type LimitName, SIMULATION_LIMITS } from '../../../engine/market/risk/limits.js';
import { CHECKS, type CheckName } from '../../../engine/market/risk/risk-code.js';
import { StateScope } from '../../../engine/market/risk/risk-states.js';
import { EngineStateCode } from '../../../engine/runtime/supervision/engine-state.js';
import { AccountReport } from '../../../schemas/generated/account-report.js';
import { BookTop } from '../../../schemas/generated/book-top.js';
import { EngineState } from '../../../schemas/generated/engine-state.js';
import { ExpiryExposure } from '../../../schemas/generated/expiry-exposure.js';
import { Fill } from '../../../schemas/generated/fill.js';
import { OrderIntent } from '../../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../../schemas/generated/order-update.js';
import { Position } from '../../../schemas/generated/position.js';
import { ProfitLoss } from '../../../schemas/generated/profit-loss.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { RiskCommand } from '../../../schemas/generated/risk-command.js';
import { RunStarted } from '../../../schemas/generated/run-started.js';
import { Theo } from '../../../schemas/generated/theo.js';
import { TheoRun } from '../../../schemas/generated/theo-run.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TieOut } from '../../../schemas/generated/tie-out.js';
import { TimerFired } from '../../../schemas/generated/timer-fired.js';
import { TradingState } from '../../../schemas/generated/trading-state.js';
import { UnderlyingExposure } from '../../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../../schemas/message-type.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BookState } from '../../book/book.js';
import { currencyWords } from '../../portfolio/portfolio-book.js';
import { approvedOrders, exposures, intents, orderStates, theos, tops } from '../../streams.js';
import { btcInstrument } from '../../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../../testing/stage/stage-bench.js';
import { risk } from '../risk.js';
import type { RiskConfig } from '../risk-memory.js';

export const CALL = 0;
export const PERPETUAL = 1;
export const OTHER_CALL = 2;
export const WING_CALL = 3;
export const INDEX = 60_000;
const START = 1_800_000_000_000_000;
export const EXPIRY = START + 30 * 86_400e6;
const RISK_RANK = 6;

export const config: RiskConfig = {
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
export class RiskDesk {
  readonly bench: StageBench;

  /** First of the desk's instruments: those of other underlyings stand before it. */
  private readonly first: number;
  private readonly underlying: number;

  /** @param crowd underlyings before ours, so that nothing of it stands in a first place */
  constructor(given: Partial<RiskConfig> = {}, mode = 0, crowd = 0) {
    this.first = 4 * crowd;
    this.underlying = crowd;
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
        risk({ ...config, instruments: config.instruments + 4 * crowd, ...given }),
      ],
      approvedOrders,
    );
    this.tell(MessageType.RUN_STARTED, RunStarted, (started) => {
      started.mutate_run(7);
      started.mutate_mode(mode);
    });
    for (let other = 0; other < crowd; other++) {
      this.defineRaw(4 * other, {
        right: 'put',
        strike: 2000,
        expiry: EXPIRY + 7 * 86_400e6,
        priceIndex: `other${other}_usd`,
      });
    }
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
    this.defineRaw(this.first + id, given);
  }

  private defineRaw(id: number, given: Parameters<typeof btcInstrument>[0]): void {
    this.bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, btcInstrument(given)));
  }

  ticker(id: number, mark: number, change: (ticker: Ticker) => void = () => {}): void {
    this.tell(MessageType.TICKER, Ticker, (ticker) => {
      ticker.mutate_instrument(this.first + id);
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
          theo.mutate_instrument(this.first + id);
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
      top.mutate_instrument(this.first + id);
      top.mutate_state(state);
      top.mutate_bidPrice(bid);
      top.mutate_askPrice(ask);
    });
  }

  trading(state: number, openOrders = 0, inFlight = 0): void {
    this.hear(MessageType.TRADING_STATE, TradingState, (trading) => {
      trading.mutate_state(state);
      trading.mutate_openOrders(openOrders);
      trading.mutate_inFlight(inFlight);
    });
  }

  /** Options are looked at anew, and the underlying is heard of. */
  look(): void {
    for (let step = 0; step < 5; step++) this.step();
    this.ticker(PERPETUAL, INDEX);
  }

  fill(id: number, change: (fill: Fill) => void): Written[] {
    return this.hear(MessageType.FILL, Fill, (fill) => {
      fill.mutate_instrument(this.first + id);
      fill.mutate_side(Side.BUY);
      fill.mutate_amount(0.1);
      fill.mutate_price(0.06);
      change(fill);
    });
  }

  /** What is held: delta in coin, vega in USD per 1.00. */
  exposure(delta: number, vega: number, change: (expiry: ExpiryExposure) => void = () => {}): void {
    this.hear(MessageType.EXPIRY_EXPOSURE, ExpiryExposure, (told) => {
      told.mutate_underlying(this.underlying);
      told.mutate_expiry(EXPIRY);
      told.mutate_delta(delta);
      told.mutate_vega(vega);
      change(told);
    });
    this.hear(MessageType.UNDERLYING_EXPOSURE, UnderlyingExposure, (told) => {
      told.mutate_underlying(this.underlying);
      told.mutate_delta(delta);
      told.mutate_vega(vega);
    });
  }

  /** An order of ours in the orders stage's table; 0 for one that is finished. */
  rests(slot: number, id: number, side: number, price: number, remaining = 1, flags = 0): void {
    this.hear(MessageType.ORDER_UPDATE, OrderUpdate, (update) => {
      update.mutate_slot(slot);
      update.mutate_instrument(this.first + id);
      update.mutate_side(side);
      update.mutate_flags(flags);
      update.mutate_worstPrice(price);
      update.mutate_worstRemaining(remaining);
    });
  }

  position(id: number, size: number): void {
    this.hear(MessageType.POSITION, Position, (told) => {
      told.mutate_instrument(this.first + id);
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

  /** What the venue tells of the account: equity in BTC, under standard margin but for what is changed. */
  account(equity: number, change: (account: AccountReport) => void = () => {}): Written[] {
    const [word0, word1] = currencyWords('BTC');
    return this.tell(MessageType.ACCOUNT_REPORT, AccountReport, (account) => {
      account.currency()!.mutate_word0(word0 >>> 0);
      account.currency()!.mutate_word1(word1 >>> 0);
      account.mutate_equity(equity);
      change(account);
    });
  }

  profit(total: number, day = total): Written[] {
    return this.hear(MessageType.PROFIT_LOSS, ProfitLoss, (told) => {
      told.mutate_total(total / INDEX);
      told.mutate_underlying(this.underlying);
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
      intent.mutate_instrument(this.first + intent.instrument());
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

export const hedge = (intent: OrderIntent): void => {
  intent.mutate_instrument(PERPETUAL);
  intent.mutate_flags(OrderFlag.HEDGE);
  intent.mutate_strategy(Strategy.HEDGER);
  intent.mutate_price(INDEX);
  intent.mutate_amount(600_000);
};
export const sell = (intent: OrderIntent): void => {
  intent.mutate_side(Side.SELL);
  intent.mutate_price(0.0605);
};
export const buyWing = (intent: OrderIntent): void => {
  intent.mutate_instrument(WING_CALL);
  intent.mutate_price(0.0095);
};
export const sellWing = (intent: OrderIntent): void => {
  buyWing(intent);
  intent.mutate_side(Side.SELL);
  intent.mutate_price(0.0105);
};
export const limited = (changed: Partial<Record<LimitName, number>>): Partial<RiskConfig> => ({
  limits: { ...SIMULATION_LIMITS, ...changed },
});
