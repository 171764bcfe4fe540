import { describe, expect, it } from 'vitest';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import {
  Armed,
  ConnectionRole,
  ConnectionState,
  EVERY_GROUP,
  NO_QUOTE_SET,
  OrderAction,
  OrderFlag,
  OrderStatus,
  QUOTE_SETS,
  QuoteSet,
  RequestStatus,
  Scope,
  Side,
  Strategy,
  TradingStateCode,
} from '../../engine/market/orders/codes.js';
import { DEFAULT_CREDITS } from '../../engine/market/orders/credit-buckets.js';
import { AS_QUOTE } from '../../engine/market/orders/differ.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import {
  ConnectionReport,
  DesiredQuote,
  EngineState,
  OrderIntent,
  OrderUpdate,
  QuotePull,
  RequestUpdate,
  RunStarted,
  TradingState,
} from '../../schemas/generated/index.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { meaningOf } from '../execution/deribit/errors.js';
import { desiredQuotes, intents, orderStates } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { DISPATCH_DEFAULTS, dispatch } from './dispatch.js';

const RUN = 7;
const OPTION = 3;
const ALL_ARMED = Armed.CANCEL_ON_DISCONNECT | Armed.MMP | Armed.MASS_QUOTES;

interface Asked {
  seq: number;
  action: number;
  side: number;
  requestIndex: number;
  price: number;
}

/** The dispatch stage, ready to trade on one connection. */
class Desk {
  readonly bench = new StageBench(
    [
      passingStage('orders', orderStates, [
        MessageType.ORDER_UPDATE,
        MessageType.REQUEST_UPDATE,
        MessageType.TRADING_STATE,
      ]),
      passingStage('quoter', desiredQuotes, [MessageType.DESIRED_QUOTE, MessageType.QUOTE_PULL]),
      dispatch({
        ...DISPATCH_DEFAULTS,
        instruments: 8,
        quoteSets: QUOTE_SETS,
        credits: DEFAULT_CREDITS,
        hedges: false,
      }),
    ],
    intents,
  );

  constructor() {
    const { bench } = this;
    this.begin(RUN);
    this.become(EngineStateCode.ACTIVE);
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(OPTION, btcInstrument()));
    this.connect();
    bench.say(MessageType.TRADING_STATE + TO_BE_PASSED, TradingState, (trading) =>
      trading.mutate_state(TradingStateCode.READY),
    );
  }

  /** An engine starts. */
  begin(run: number): void {
    this.bench.say(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(run));
  }

  /** The engine's state changes; what is asked for at once. */
  become(state: EngineStateCode): Asked[] {
    return asked(this.bench.say(MessageType.ENGINE_STATE, EngineState, (engine) => engine.mutate_state(state)));
  }

  /** The connection is there, or there again; what is asked for at once. */
  connect(): Asked[] {
    const states = [ConnectionState.DOWN, ConnectionState.AUTHORISED, ConnectionState.READY];
    const written = states.flatMap((state) =>
      this.bench.say(MessageType.CONNECTION_REPORT, ConnectionReport, (report) => {
        report.mutate_role(ConnectionRole.SENDS);
        report.mutate_state(state);
        report.mutate_armed(state === ConnectionState.READY ? ALL_ARMED : 0);
      }),
    );
    return asked(written);
  }

  want(price: number): Asked[] {
    return asked(
      this.bench.say(MessageType.DESIRED_QUOTE + TO_BE_PASSED, DesiredQuote, (desired) => {
        desired.mutate_instrument(OPTION);
        desired.mutate_strategy(Strategy.QUOTER);
        desired.mutate_flags(AS_QUOTE | OrderFlag.MMP | OrderFlag.POST_ONLY);
        desired.mutate_group(1);
        desired.mutate_tolerance(1e-6);
        desired.mutate_priceValue(1);
        desired.mutate_bidPrice(price);
        desired.mutate_bidAmount(1);
        desired.mutate_bidEdge(1);
        desired.mutate_askPrice(price + 0.01);
        desired.mutate_askAmount(1);
        desired.mutate_askEdge(1);
      }),
    );
  }

  /** Execution wrote it and the venue refused it with this code; what was asked for meanwhile. */
  refuse(of: Asked, code: number): Asked[] {
    return [
      ...this.order(of, OrderStatus.REQUESTED, of.price, 1),
      ...this.answer(of, RequestStatus.SENT),
      ...this.answer(of, RequestStatus.REJECTED, of, code),
      ...this.order(of, OrderStatus.REJECTED, of.price),
    ];
  }

  /** What is held is to be sold: an order of its own beside the quotes. */
  close(price: number): Asked[] {
    return asked(
      this.bench.say(MessageType.DESIRED_QUOTE + TO_BE_PASSED, DesiredQuote, (desired) => {
        desired.mutate_instrument(OPTION);
        desired.mutate_strategy(Strategy.FLATTENER);
        desired.mutate_quoteSet(QuoteSet.FLATTEN);
        desired.mutate_flags(OrderFlag.REDUCE_ONLY);
        desired.mutate_bidPrice(Number.NaN);
        desired.mutate_askPrice(price);
        desired.mutate_askAmount(1);
      }),
    );
  }

  /** The quoter wants no quote any more. */
  pull(): Asked[] {
    return asked(
      this.bench.say(MessageType.QUOTE_PULL + TO_BE_PASSED, QuotePull, (pull) => {
        pull.mutate_scope(Scope.EVERYTHING);
        pull.mutate_strategy(Strategy.QUOTER);
        pull.mutate_group(EVERY_GROUP);
        pull.mutate_quoteSet(NO_QUOTE_SET);
      }),
    );
  }

  /** The venue took it: it rests. */
  take(of: Asked): Asked[] {
    return [...this.order(of, OrderStatus.OPEN, of.price), ...this.answer(of, RequestStatus.ACKNOWLEDGED)];
  }

  /** Risk refused it, and execution wrote nothing: what rests at this price rests on. */
  refuseInside(of: Asked): Asked[] {
    return this.answer(of, RequestStatus.NOT_SENT);
  }

  /** The venue refused a cancel of what `resting` made; what is asked for at once. */
  refuseCancel(of: Asked, resting: Asked, code: number): Asked[] {
    return this.answer(of, RequestStatus.REJECTED, resting, code);
  }

  /** Something happens that gives it an occasion to decide. */
  look(): Asked[] {
    return asked(
      this.bench.say(MessageType.TRADING_STATE + TO_BE_PASSED, TradingState, (trading) =>
        trading.mutate_state(TradingStateCode.READY),
      ),
    );
  }

  private order({ seq, side, requestIndex }: Asked, status: number, price: number, requests = 0): Asked[] {
    return asked(
      this.bench.say(MessageType.ORDER_UPDATE + TO_BE_PASSED, OrderUpdate, (update) => {
        update.mutate_slot(side);
        update.mutate_instrument(OPTION);
        update.mutate_side(side);
        update.mutate_flags(OrderFlag.QUOTE | OrderFlag.MMP);
        update.mutate_run(RUN);
        update.mutate_orderSeq(seq);
        update.mutate_index(requestIndex);
        update.mutate_status(status);
        update.mutate_requests(requests);
        update.mutate_price(price);
        update.mutate_amount(1);
        update.mutate_wantedPrice(price);
        update.mutate_wantedAmount(1);
        update.mutate_remaining(1);
      }),
    );
  }

  /** @param made the request that made the order which this one is on */
  private answer(of: Asked, status: number, made = of, code?: number): Asked[] {
    const { seq, action, side, requestIndex } = of;
    return asked(
      this.bench.say(MessageType.REQUEST_UPDATE + TO_BE_PASSED, RequestUpdate, (update) => {
        update.mutate_action(action);
        update.mutate_status(status);
        update.mutate_instrument(OPTION);
        update.mutate_side(side);
        update.mutate_run(RUN);
        update.mutate_orderSeq(made.seq);
        update.mutate_index(made.requestIndex);
        update.mutate_requestSeq(seq);
        update.mutate_requestIndex(requestIndex);
        if (code === undefined) return;
        update.mutate_reason(meaningOf(code).reason);
        update.mutate_venueCode(code);
      }),
    );
  }

  pass(seconds: number): void {
    this.bench.time += seconds * 1e6;
  }
}

function asked(written: Written[]): Asked[] {
  return written
    .filter(({ type }) => type === MessageType.ORDER_INTENT)
    .map(({ seq, body }) => {
      const intent = new OrderIntent().__init(0, new ViewBuffer(body.buffer));
      return {
        seq,
        action: intent.action(),
        side: intent.side(),
        requestIndex: intent.requestIndex(),
        price: intent.price(),
      };
    });
}

const actions = (of: Asked[]): number[] => of.map(({ action }) => action);

describe('mass quotes', () => {
  it.each([13_902, 13_042])(
    'give way to single orders when the venue refuses them with %i, until a connection allows them again',
    (code) => {
      const desk = new Desk();
      const quotes = desk.want(0.05);
      expect(actions(quotes)).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
      const orders = quotes.flatMap((quote) => desk.refuse(quote, code));
      // What was refused is not asked for again at once.
      desk.pass(1);
      orders.push(...desk.want(0.051));
      expect(actions(orders)).toEqual([OrderAction.PLACE, OrderAction.PLACE]);
      expect(orders.map(({ side }) => side).sort()).toEqual([Side.BUY, Side.SELL]);
      for (const order of orders) desk.refuse(order, 10_004);
      desk.pass(5);
      expect(actions(desk.connect())).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
    },
  );

  it('are asked for again, as mass quotes, when single quotes of them are refused for their price', () => {
    const desk = new Desk();
    for (const quote of desk.want(0.05)) desk.refuse(quote, 10_007);
    desk.pass(1);
    expect(actions(desk.want(0.051))).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
  });

  it('are not asked for over and over while no new risk may be taken, and at once when it may', () => {
    const desk = new Desk();
    desk.become(EngineStateCode.REDUCING);
    for (const quote of desk.want(0.05)) desk.refuse(quote, 10_007);
    desk.pass(1);
    expect(desk.want(0.051)).toEqual([]);
    expect(actions(desk.become(EngineStateCode.ACTIVE))).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
  });

  it('are tried again after a while although no new risk may be taken: by then they may take risk away', () => {
    const desk = new Desk();
    desk.become(EngineStateCode.REDUCING);
    for (const quote of desk.want(0.05)) desk.refuse(quote, 10_007);
    desk.pass(2.1);
    expect(actions(desk.want(0.051))).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
  });

  it('are asked for anew by the next start where the engine ended before anybody told what became of them', () => {
    const desk = new Desk();
    expect(actions(desk.want(0.05))).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
    expect(desk.want(0.051)).toEqual([]);
    desk.begin(RUN + 1);
    expect(actions(desk.connect())).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
  });
});

describe('a quote that rests at a price that is not wanted any more', () => {
  const moved = (from: number, to: number): { desk: Desk; quotes: Asked[] } => {
    const desk = new Desk();
    for (const quote of desk.want(from)) desk.take(quote);
    return { desk, quotes: desk.want(to) };
  };

  it('goes when risk refuses its replacement: it would be taken at the old price while nothing new passes', () => {
    const { desk, quotes } = moved(0.05, 0.045);
    expect(actions(quotes)).toEqual([OrderAction.QUOTE, OrderAction.QUOTE]);
    const after = quotes.flatMap((quote) => desk.refuseInside(quote));
    expect(after.map(({ action, side }) => [action, side])).toEqual([[OrderAction.CANCEL, Side.BUY]]);
  });

  it('goes on its other side when the market goes the other way', () => {
    const { desk, quotes } = moved(0.05, 0.055);
    const after = quotes.flatMap((quote) => desk.refuseInside(quote));
    expect(after.map(({ action, side }) => [action, side])).toEqual([[OrderAction.CANCEL, Side.SELL]]);
  });
});

describe('a cancel that the venue refuses', () => {
  const ALREADY_CLOSED = 11_044;

  it('is asked for again after a while, which grows, and not with every answer: the credits would be gone', () => {
    const desk = new Desk();
    const quotes = desk.want(0.05);
    for (const quote of quotes) desk.take(quote);
    const resting = quotes.find(({ side }) => side === Side.BUY)!;
    const [first] = desk.want(0.045).flatMap((quote) => desk.refuseInside(quote));
    expect([first!.action, first!.side]).toEqual([OrderAction.CANCEL, Side.BUY]);
    expect(desk.refuseCancel(first!, resting, ALREADY_CLOSED)).toEqual([]);
    desk.pass(0.15);
    const [second] = desk.look();
    expect([second!.action, second!.side]).toEqual([OrderAction.CANCEL, Side.BUY]);
    expect(desk.refuseCancel(second!, resting, ALREADY_CLOSED)).toEqual([]);
    desk.pass(0.03);
    expect(desk.look()).toEqual([]);
    desk.pass(0.3);
    expect(actions(desk.look())).toEqual([OrderAction.CANCEL]);
  });
});

describe('a cancel that the venue refuses for the first time', () => {
  it('is asked for again at once, however often a better price was refused on its side before', () => {
    const TOO_MANY_REQUESTS = 10_028;
    const desk = new Desk();
    const quotes = desk.want(0.05);
    for (const quote of quotes) desk.take(quote);
    const resting = quotes.find(({ side }) => side === Side.BUY)!;
    for (let refusals = 0; refusals < 8; refusals++) {
      const better = desk.want(0.052 + 0.0001 * refusals).find(({ side }) => side === Side.BUY);
      if (better !== undefined) desk.refuseInside(better);
      desk.pass(20);
    }
    const [worse] = desk.want(0.045).filter(({ side }) => side === Side.BUY);
    expect(worse!.action).toBe(OrderAction.QUOTE);
    const [cancel] = desk.refuseInside(worse!).filter(({ side }) => side === Side.BUY);
    expect(cancel!.action).toBe(OrderAction.CANCEL);
    desk.refuseCancel(cancel!, resting, TOO_MANY_REQUESTS);
    desk.pass(0.3);
    expect(actions(desk.look().filter(({ side }) => side === Side.BUY))).toEqual([OrderAction.CANCEL]);
  });
});

describe('a pull of the quotes', () => {
  it('takes the quotes alone: what closes a position goes on', () => {
    const desk = new Desk();
    for (const quote of desk.want(0.05)) desk.take(quote);
    const [closing] = desk.close(0.052);
    expect([closing!.action, closing!.side]).toEqual([OrderAction.PLACE, Side.SELL]);
    expect(actions(desk.pull())).toEqual([OrderAction.MASS_CANCEL]);
    // Nothing was written of it: it is asked for again.
    desk.refuseInside(closing!);
    desk.pass(1);
    expect(actions(desk.become(EngineStateCode.ACTIVE))).toEqual([OrderAction.PLACE]);
  });
});
