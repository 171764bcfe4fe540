import { describe, expect, it } from 'vitest';
import { InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { Side } from '../../engine/market/orders/codes.js';
import { SettlementBasis } from '../../engine/market/portfolio/settlement-basis.js';
import { TieState } from '../../engine/market/portfolio/tie-out.js';
import { AccountReport } from '../../schemas/generated/account-report.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { DeliveryReport } from '../../schemas/generated/delivery-report.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { Position } from '../../schemas/generated/position.js';
import { PositionReport } from '../../schemas/generated/position-report.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { Settlement } from '../../schemas/generated/settlement.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TieOut } from '../../schemas/generated/tie-out.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { exposures, orderStates, theos } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { portfolio } from './portfolio.js';
import { currencyWords } from './portfolio-book.js';
import { PositionMove } from './portfolio-writer.js';

const CALL = 0;
const PERPETUAL = 1;
const EXPIRY = 1_800_000_000_000_000 + 30 * 86_400e6;
const INDEX = 60_000;

function benchOf({ isIndexKnown = true } = {}): StageBench {
  const bench = new StageBench(
    [
      passingStage('filter', theos, [MessageType.THEO_RUN]),
      passingStage('orders', orderStates, [MessageType.FILL]),
      portfolio({ instruments: 8, expiries: 8, underlyings: 2, profitEverySeconds: 0.25 }),
    ],
    exposures,
  );
  bench.sayBytes(
    MessageType.INSTRUMENT_DEFINITION,
    encodeInstrument(CALL, btcInstrument({ right: 'call', strike: 60_000, expiry: EXPIRY })),
  );
  bench.sayBytes(
    MessageType.INSTRUMENT_DEFINITION,
    encodeInstrument(PERPETUAL, btcInstrument({ kind: InstrumentKind.PERPETUAL, name: 'BTC-PERPETUAL' })),
  );
  if (isIndexKnown) ticker(bench, PERPETUAL, { mark: INDEX });
  return bench;
}

function ticker(
  bench: StageBench,
  id: number,
  { mark = Number.NaN, funding = 0, delivery = Number.NaN, index = INDEX },
) {
  return bench.say(MessageType.TICKER, Ticker, (told) => {
    told.mutate_instrument(id);
    told.mutate_markPrice(mark);
    told.mutate_indexPrice(index);
    told.mutate_currentFunding(funding);
    told.mutate_deliveryPrice(delivery);
    told.mutate_delta(Number.NaN);
  });
}

function theoOf(bench: StageBench, price: number, delta: number, index = INDEX): Written[] {
  return bench.say(
    MessageType.THEO_RUN + TO_BE_PASSED,
    TheoRun,
    (run) => {
      run.mutate_count(1);
      run.mutate_forward(INDEX);
      run.mutate_index(index);
      run.mutate_years(30 / 365);
    },
    {
      bytes: Theo.sizeOf(),
      fill: (buffer, at) => {
        const theo = new Theo().__init(at, buffer);
        theo.mutate_instrument(CALL);
        theo.mutate_price(price);
        theo.mutate_volatility(0.5);
        theo.mutate_delta(delta);
        theo.mutate_netDelta(delta - price);
        theo.mutate_gamma(4e-5);
        theo.mutate_vega(6800);
        theo.mutate_theta(-21_000);
      },
    },
  );
}

function fill(bench: StageBench, id: number, side: number, price: number, amount: number, fee = 0): Written[] {
  return bench.say(MessageType.FILL + TO_BE_PASSED, Fill, (told) => {
    told.mutate_instrument(id);
    told.mutate_side(side);
    told.mutate_price(price);
    told.mutate_amount(amount);
    told.mutate_fee(fee);
    told.mutate_number(1);
  });
}

/** The venue says that an instrument is gone. */
function end(bench: StageBench, id: number): Written[] {
  return bench.say(MessageType.INSTRUMENT_STATE, InstrumentState, (state) => {
    state.mutate_instrument(id);
    state.mutate_state(LifeCycle.EXPIRED);
  });
}

/** The venue says what it delivered an instrument at. */
function delivered(bench: StageBench, id: number, price: number): Written[] {
  return bench.say(MessageType.DELIVERY_REPORT, DeliveryReport, (told) => {
    told.mutate_instrument(id);
    told.mutate_price(price);
    told.mutate_expiry(EXPIRY);
  });
}

/** The last record of a type. */
function lastOf<T extends { __init(at: number, buffer: ViewBuffer): T }>(
  written: Written[],
  type: number,
  struct: new () => T,
): T {
  const found = written.filter((record) => record.type === type).at(-1);
  expect(found, `a record of type ${type}`).toBeDefined();
  return new struct().__init(0, new ViewBuffer(found!.body.buffer));
}

const exposureOf = (written: Written[]) => lastOf(written, MessageType.UNDERLYING_EXPOSURE, UnderlyingExposure);

/** The timer of the profit reports fires. */
function timerOf(bench: StageBench): Written[] {
  return bench.say(MessageType.TIMER_FIRED, TimerFired, (timer) => {
    timer.mutate_actor(3);
    timer.mutate_timer(0);
    timer.mutate_serial(++serial);
  });
}

const profitOf = (bench: StageBench): ProfitLoss => lastOf(timerOf(bench), MessageType.PROFIT_LOSS, ProfitLoss);
let serial = 0;

describe('portfolio', () => {
  it('counts options by their theoretical values and hedges by their price, together', () => {
    const bench = benchOf();
    theoOf(bench, 0.06, 0.55);
    fill(bench, CALL, Side.SELL, 0.061, 10);
    const hedged = exposureOf(fill(bench, PERPETUAL, Side.BUY, INDEX, 300_000));
    expect(hedged.optionDelta()).toBeCloseTo(-5.5, 9);
    expect(hedged.hedgeDelta()).toBeCloseTo(5, 9);
    expect(hedged.delta()).toBeCloseTo(-0.5, 9);
    expect(hedged.vega()).toBeCloseTo(-68_000, 6);
    expect(hedged.weightedVega()).toBeCloseTo(-68_000, 3);
    expect(hedged.value()).toBeCloseTo(-10 * 0.06 * INDEX, 4);
    // New theoretical values alone move the exposure.
    expect(exposureOf(theoOf(bench, 0.062, 0.57)).optionDelta()).toBeCloseTo(-5.7, 9);
  });

  it('tells profit at theoretical value, the edge gained at the fill, fees and funding', () => {
    serial = 0;
    const bench = benchOf();
    theoOf(bench, 0.06, 0.55);
    fill(bench, CALL, Side.SELL, 0.061, 10, 0.003);
    theoOf(bench, 0.058, 0.53);
    const profit = profitOf(bench);
    expect(profit.edge()).toBeCloseTo(0.01, 12);
    expect(profit.unrealised()).toBeCloseTo(0.03, 12);
    expect(profit.fees()).toBeCloseTo(0.003, 12);
    expect(profit.total()).toBeCloseTo(0.027, 12);
    expect(profit.totalUsd()).toBeCloseTo(0.027 * INDEX, 6);
    expect(profit.fills()).toBe(1);
  });

  it('is in the coin of what is held, also where an index in dollars is defined after it', () => {
    serial = 0;
    const bench = benchOf();
    const index = { kind: InstrumentKind.INDEX, name: 'BTC-INDEX', settlementCurrency: 'USD' };
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(PERPETUAL + 1, btcInstrument(index)));
    theoOf(bench, 0.06, 0.55);
    fill(bench, CALL, Side.SELL, 0.061, 10);
    const profit = profitOf(bench);
    expect(profit.totalUsd()).toBeCloseTo(profit.total() * INDEX, 6);
    expect(profit.currency0()).not.toBe(currencyWords('USD')[0] >>> 0);
  });

  it('pays funding for the time that a perpetual is held, by the rate that the venue told', () => {
    serial = 0;
    const bench = benchOf();
    fill(bench, PERPETUAL, Side.BUY, INDEX, 600_000);
    ticker(bench, PERPETUAL, { mark: INDEX, funding: 0.0008 });
    bench.time += 3600e6;
    ticker(bench, PERPETUAL, { mark: INDEX, funding: 0.0008 });
    // Ten coins, an eighth of the eight hours' rate.
    expect(profitOf(bench).funding()).toBeCloseTo(-10 * 0.0001, 12);
  });

  it('delivers what expires at the delivery price, and tells it', () => {
    const bench = benchOf();
    theoOf(bench, 0.06, 0.55);
    fill(bench, CALL, Side.SELL, 0.061, 10);
    ticker(bench, CALL, { mark: 0.04, delivery: 64_000 });
    const written = end(bench, CALL);
    const settlement = lastOf(written, MessageType.SETTLEMENT, Settlement);
    expect(settlement.payoff()).toBeCloseTo(4000 / 64_000, 12);
    expect(settlement.profit()).toBeCloseTo(-10 * (4000 / 64_000 - 0.061), 12);
    expect(settlement.fee()).toBeCloseTo(10 * 0.000_15, 12);
    expect(settlement.itm()).toBe(1);
    expect(lastOf(written, MessageType.POSITION, Position).size()).toBe(0);
    expect(lastOf(written, MessageType.POSITION, Position).fees()).toBeCloseTo(10 * 0.000_15, 12);
    expect(exposureOf(written).delta()).toBe(0);
  });

  it('delivers a trade that is told after the end as well', () => {
    const bench = benchOf();
    ticker(bench, CALL, { mark: 0.04, delivery: 64_000 });
    end(bench, CALL);
    const written = fill(bench, CALL, Side.SELL, 0.061, 10);
    expect(lastOf(written, MessageType.SETTLEMENT, Settlement).size()).toBe(-10);
    expect(lastOf(written, MessageType.POSITION, Position).size()).toBe(0);
  });

  it('delivers what expired while no price was known as soon as one is, and until then says that it is held and risks nothing', () => {
    serial = 0;
    const bench = benchOf({ isIndexKnown: false });
    theoOf(bench, 0.06, 0.55, 0);
    fill(bench, CALL, Side.SELL, 0.061, 10);
    bench.time = EXPIRY + 60e6;
    const ended = end(bench, CALL);
    expect(ended.map(({ type }) => type)).not.toContain(MessageType.SETTLEMENT);
    const waiting = lastOf(ended, MessageType.POSITION, Position);
    expect([waiting.size(), waiting.delta(), waiting.vega(), exposureOf(ended).vega()]).toEqual([-10, 0, 0, 0]);
    expect(waiting.mark()).toBe(0.06);
    expect(timerOf(bench).map(({ type }) => type)).not.toContain(MessageType.SETTLEMENT);
    ticker(bench, PERPETUAL, { mark: 64_000, index: 64_000 });
    const written = timerOf(bench);
    expect(lastOf(written, MessageType.SETTLEMENT, Settlement).payoff()).toBeCloseTo(4000 / 64_000, 12);
    expect(lastOf(written, MessageType.POSITION, Position).size()).toBe(0);
    expect(timerOf(bench).map(({ type }) => type)).not.toContain(MessageType.SETTLEMENT);
  });

  it('corrects what was paid at an estimate once the venue tells its price, to the money that it would have paid at first', () => {
    serial = 0;
    const bench = benchOf();
    theoOf(bench, 0.06, 0.55);
    fill(bench, CALL, Side.SELL, 0.061, 10);
    ticker(bench, CALL, { mark: 0.04, delivery: 64_000 });
    const estimated = lastOf(end(bench, CALL), MessageType.SETTLEMENT, Settlement);
    expect([estimated.basis(), estimated.deliveryPrice()]).toEqual([SettlementBasis.ESTIMATE, 64_000]);
    // Told after the end, and paid at the estimate as well.
    fill(bench, CALL, Side.BUY, 0.062, 4);
    const written = delivered(bench, CALL, 60_050);
    const correction = lastOf(written, MessageType.SETTLEMENT, Settlement);
    const payoff = 50 / 60_050;
    expect([correction.basis(), correction.size(), correction.deliveryPrice()]).toEqual([
      SettlementBasis.CORRECTION,
      -6,
      60_050,
    ]);
    expect(correction.payoff()).toBeCloseTo(payoff, 12);
    expect(correction.profit()).toBeCloseTo(-6 * (payoff - 4000 / 64_000), 12);
    // The fee was 0.00015 of a coin, and is capped by so little a payoff.
    expect(correction.fee()).toBeCloseTo(14 * (0.125 * payoff - 0.000_15), 12);
    const position = lastOf(written, MessageType.POSITION, Position);
    expect([position.size(), position.why()]).toEqual([0, PositionMove.SETTLEMENT]);
    const profit = profitOf(bench);
    expect(profit.total()).toBeCloseTo(10 * 0.061 - 4 * 0.062 - 6 * payoff - 14 * 0.125 * payoff, 12);
    expect(profit.settled()).toBeCloseTo(position.realised(), 12);
    expect(position.fees()).toBeCloseTo(14 * 0.125 * payoff, 12);
    expect(delivered(bench, CALL, 60_050)).toEqual([]);
  });

  it('corrects the delivery of a future in coin by what it is worth there', () => {
    serial = 0;
    const bench = benchOf();
    const FUTURE = 2;
    const future = { kind: InstrumentKind.FUTURE, name: 'BTC-FUTURE', expiry: EXPIRY };
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(FUTURE, btcInstrument(future)));
    fill(bench, FUTURE, Side.BUY, INDEX, 600_000);
    ticker(bench, FUTURE, { mark: INDEX, delivery: 61_000 });
    end(bench, FUTURE);
    const correction = lastOf(delivered(bench, FUTURE, 62_000), MessageType.SETTLEMENT, Settlement);
    expect(correction.profit()).toBeCloseTo(600_000 * (1 / 61_000 - 1 / 62_000), 9);
    expect(correction.fee()).toBeCloseTo(0.000_25 * 600_000 * (1 / 62_000 - 1 / 61_000), 9);
    const profit = profitOf(bench);
    expect(profit.total()).toBeCloseTo(600_000 * (1 / INDEX - 1 / 62_000) - (0.000_25 * 600_000) / 62_000, 9);
  });

  it('delivers at the price that the venue tells though nobody has told of the end, and what is told later at it too', () => {
    serial = 0;
    const bench = benchOf();
    theoOf(bench, 0.06, 0.55);
    fill(bench, CALL, Side.SELL, 0.061, 10);
    ticker(bench, CALL, { mark: 0.04, delivery: 64_000 });
    const written = delivered(bench, CALL, 63_000);
    const settlement = lastOf(written, MessageType.SETTLEMENT, Settlement);
    expect([settlement.basis(), settlement.deliveryPrice()]).toEqual([SettlementBasis.TOLD, 63_000]);
    expect(lastOf(written, MessageType.POSITION, Position).size()).toBe(0);
    expect(end(bench, CALL)).toEqual([]);
    ticker(bench, CALL, { delivery: 64_000 });
    const late = lastOf(fill(bench, CALL, Side.SELL, 0.061, 1), MessageType.SETTLEMENT, Settlement);
    expect([late.basis(), late.deliveryPrice()]).toEqual([SettlementBasis.TOLD, 63_000]);
  });

  it('books a fill without a price at the mark: its profit is a number', () => {
    serial = 0;
    const bench = benchOf();
    ticker(bench, CALL, { mark: 0.05 });
    fill(bench, CALL, Side.BUY, Number.NaN, 2, 0.0006);
    expect(profitOf(bench).total()).toBeCloseTo(-0.0006, 12);
  });

  it('takes over the positions of the venue at its first start, and never again', () => {
    const bench = benchOf();
    const report = (size: number): Written[] =>
      bench.say(MessageType.POSITION_REPORT, PositionReport, (told) => {
        told.mutate_instrument(PERPETUAL);
        told.mutate_reconcile(1);
        told.mutate_size(size);
        told.mutate_averagePrice(50_000);
        told.mutate_markPrice(INDEX);
      });
    const opened = lastOf(report(120_000), MessageType.POSITION, Position);
    expect(opened.why()).toBe(PositionMove.OPENING);
    expect(opened.size()).toBe(120_000);
    bench.say(MessageType.RECONCILE_REPORT, ReconcileReport, (told) => told.mutate_phase(2));
    expect(report(240_000)).toEqual([]);
  });

  it('takes them over although somebody else trades on the account meanwhile, and counts that trade once', () => {
    const bench = benchOf();
    fill(bench, PERPETUAL, Side.BUY, INDEX, 30_000);
    const opened = lastOf(
      bench.say(MessageType.POSITION_REPORT, PositionReport, (told) => {
        told.mutate_instrument(PERPETUAL);
        told.mutate_reconcile(1);
        told.mutate_size(120_000);
        told.mutate_averagePrice(50_000);
        told.mutate_markPrice(INDEX);
      }),
      MessageType.POSITION,
      Position,
    );
    expect([opened.why(), opened.size()]).toEqual([PositionMove.OPENING, 120_000]);
  });

  it('books a trade that was made elsewhere, and refuses one that is none', () => {
    const bench = benchOf();
    const book = (price: number): Written[] =>
      bench.say(MessageType.BOOKED_TRADE, BookedTrade, (told) => {
        told.mutate_instrument(CALL);
        told.mutate_side(Side.BUY);
        told.mutate_price(price);
        told.mutate_amount(3);
      });
    const booked = lastOf(book(0.05), MessageType.POSITION, Position);
    expect([booked.why(), booked.size()]).toEqual([PositionMove.BOOKED, 3]);
    expect(book(Number.NaN)).toEqual([]);
  });

  it('says that a fill is of an instrument that nobody has defined', () => {
    const told = lastOf(fill(benchOf(), 6, Side.BUY, 1, 1), MessageType.POSITION, Position);
    expect(told.why()).toBe(PositionMove.UNKNOWN);
  });

  it("ties its money out against the account's equity, and says when it differs", () => {
    const bench = benchOf();
    bench.say(MessageType.RECONCILE_REPORT, ReconcileReport, (told) => told.mutate_phase(2));
    const [word0, word1] = currencyWords('BTC');
    const account = (equity: number): TieOut =>
      lastOf(
        bench.say(MessageType.ACCOUNT_REPORT, AccountReport, (told) => {
          told.mutate_reconcile(1);
          told.currency()!.mutate_word0(word0);
          told.currency()!.mutate_word1(word1);
          told.mutate_equity(equity);
        }),
        MessageType.TIE_OUT,
        TieOut,
      );
    expect(account(10).state()).toBe(1);
    ticker(bench, CALL, { mark: 0.05 });
    fill(bench, CALL, Side.BUY, 0.04, 2, 0.0006);
    const ties = account(10 + 2 * 0.01 - 0.0006);
    expect(ties.state()).toBe(2);
    expect(ties.difference()).toBeCloseTo(0, 12);
    expect(account(10).state()).toBe(3);
  });

  it('closes each day of the venue for itself: a difference of one day is none of the next', () => {
    const bench = benchOf();
    const day = 86_400e6;
    bench.time = Math.ceil(bench.time / day) * day + 7 * 3600e6;
    bench.say(MessageType.RECONCILE_REPORT, ReconcileReport, (told) => told.mutate_phase(2));
    const [word0, word1] = currencyWords('BTC');
    const account = (equity: number, hours: number): number => {
      bench.time += hours * 3600e6;
      const told = lastOf(
        bench.say(MessageType.ACCOUNT_REPORT, AccountReport, (report) => {
          report.mutate_reconcile(1);
          report.currency()!.mutate_word0(word0);
          report.currency()!.mutate_word1(word1);
          report.mutate_equity(equity);
        }),
        MessageType.TIE_OUT,
        TieOut,
      );
      return told.state();
    };
    const { BASELINE, TIES, DIFFERS, DAY_TIES, DAY_DIFFERS } = TieState;
    expect(account(10, 0)).toBe(BASELINE);
    expect(account(10, 0.5)).toBe(TIES);
    expect(account(10, 1)).toBe(DAY_TIES);
    expect(account(10.5, 1)).toBe(DIFFERS);
    expect(account(10.5, 24)).toBe(DAY_DIFFERS);
    expect(account(10.5, 1)).toBe(TIES);
    expect(account(10.5, 24)).toBe(DAY_TIES);
  });

  it('tells what it holds once more after a start, because whoever looks since then has seen nothing of it', () => {
    const bench = benchOf();
    fill(bench, CALL, Side.BUY, 0.06, 2);
    fill(bench, PERPETUAL, Side.SELL, INDEX, 6000);
    let fires = 0;
    const timer = (): Written[] =>
      bench.say(MessageType.TIMER_FIRED, TimerFired, (fired) => {
        fired.mutate_actor(3);
        fired.mutate_timer(0);
        fired.mutate_serial(++fires);
      });
    const positionsIn = (written: Written[]): [number, number, number][] =>
      written
        .filter(({ type }) => type === MessageType.POSITION)
        .map(({ body }) => new Position().__init(0, new ViewBuffer(body.buffer)))
        .map((position) => [position.instrument(), position.size(), position.why()]);
    expect(positionsIn(timer())).toEqual([]);
    bench.say(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(2));
    expect(positionsIn(timer()).sort()).toEqual([
      [CALL, 2, PositionMove.MARK],
      [PERPETUAL, -6000, PositionMove.MARK],
    ]);
    expect(positionsIn(timer())).toEqual([]);
  });
});
