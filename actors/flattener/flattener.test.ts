import { beforeEach, describe, expect, it } from 'vitest';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { OrderFlag, QuoteSet, Strategy } from '../../engine/market/orders/codes.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Position } from '../../schemas/generated/position.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { desiredFlattens, exposures, tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { flattener } from './flattener.js';

const [CALL, LATER, PERPETUAL] = [0, 1, 2];
const DAY = 86_400e6;
/** The flattener's number among the stages. */
const STAGE = 3;

let bench: StageBench;
let expiry: number;
let serial: number;

beforeEach(() => {
  bench = new StageBench(
    [
      passingStage('book', tops, [MessageType.BOOK_TOP]),
      passingStage('portfolio', exposures, [MessageType.POSITION, MessageType.UNDERLYING_EXPOSURE]),
      flattener({ instruments: 4, underlyings: 1 }),
    ],
    desiredFlattens,
  );
  expiry = bench.time + 30 * DAY;
  serial = 0;
  const perpetual = {
    kind: InstrumentKind.PERPETUAL,
    name: 'BTC-PERPETUAL',
    tickSize: 0.5,
    tickSteps: [],
    minimumAmount: 10,
  };
  const options = [expiry, expiry + 30 * DAY].map((each) => ({ right: 'call' as const, strike: 60_000, expiry: each }));
  for (const [id, given] of [...options, perpetual].entries()) {
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, btcInstrument(given)));
  }
  bench.say(MessageType.UNDERLYING_EXPOSURE + TO_BE_PASSED, UnderlyingExposure, (told) => {
    told.mutate_index(60_000);
  });
  touch(CALL, 0.049, 0.052);
  touch(LATER, 0.079, 0.083);
  touch(PERPETUAL, 60_000, 60_000.5);
});

interface Wanted {
  id: number;
  bid: [number, number];
  ask: [number, number];
}

function wantedOf(written: Written[]): Wanted[] {
  return written
    .filter(({ type }) => type === MessageType.DESIRED_QUOTE)
    .map(({ body }) => {
      const quote = new DesiredQuote().__init(0, new ViewBuffer(body.buffer));
      expect([quote.strategy(), quote.quoteSet()]).toEqual([Strategy.FLATTENER, QuoteSet.FLATTEN]);
      expect(quote.flags() & OrderFlag.REDUCE_ONLY).not.toBe(0);
      return {
        id: quote.instrument(),
        bid: [quote.bidPrice(), quote.bidAmount()],
        ask: [quote.askPrice(), quote.askAmount()],
      };
    });
}

function touch(id: number, bid: number, ask: number): Wanted[] {
  return wantedOf(
    bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
      top.mutate_instrument(id);
      top.mutate_state(1);
      top.mutate_bidPrice(bid);
      top.mutate_askPrice(ask);
    }),
  );
}

function hold(id: number, size: number, mark: number): Wanted[] {
  return wantedOf(
    bench.say(MessageType.POSITION + TO_BE_PASSED, Position, (told) => {
      told.mutate_instrument(id);
      told.mutate_size(size);
      told.mutate_mark(mark);
      // 0.001 a point of volatility and contract.
      told.mutate_vega(6000 * size);
    }),
  );
}

/** The timer, a step later than the last. */
function look(): Wanted[] {
  serial++;
  return wantedOf(
    bench.say(MessageType.TIMER_FIRED, TimerFired, (told) => {
      told.mutate_actor(STAGE);
      told.mutate_serial(serial);
    }),
  );
}

function command(action: number, given: { scope?: number; key?: number; expiry?: number; confirmed?: number } = {}) {
  return wantedOf(
    bench.say(MessageType.RISK_COMMAND, RiskCommand, (told) => {
      told.mutate_action(action);
      told.mutate_scope(given.scope ?? StateScope.EVERYTHING);
      told.mutate_key(given.key ?? 0);
      told.mutate_expiry(given.expiry ?? 0);
      told.mutate_confirmed(given.confirmed ?? 0);
    }),
  );
}

const nothing = (id: number): Wanted => ({ id, bid: [Number.NaN, 0], ask: [Number.NaN, 0] });
const offer = (id: number, price: number, amount: number): Wanted => ({
  id,
  bid: [Number.NaN, 0],
  ask: [price, amount],
});
const bid = (id: number, price: number, amount: number): Wanted => ({ id, bid: [price, amount], ask: [Number.NaN, 0] });

describe('what is held is closed when an operator asks for it', () => {
  it('and not before', () => {
    expect(hold(CALL, 2, 0.05)).toEqual([]);
    expect(touch(CALL, 0.048, 0.051)).toEqual([]);
  });

  it('options first, in the book and then across it, and the future when no option is left', () => {
    hold(CALL, 2, 0.05);
    hold(LATER, -1, 0.08);
    hold(PERPETUAL, -6000, 60_000);
    expect(command(RiskAction.FLATTEN)).toEqual([offer(CALL, 0.052, 2), bid(LATER, 0.079, 1)]);
    bench.time += 10e6;
    // At another price it is taken away first.
    expect(look().map(({ bid: [, bought], ask: [, sold] }) => bought + sold)).toEqual([0, 0]);
    expect(look()).toEqual([offer(CALL, 0.049, 2), bid(LATER, 0.083, 1)]);
    expect(hold(CALL, 0.5, 0.05)).toEqual([offer(CALL, 0.049, 0.5)]);
    expect(hold(CALL, 0, 0.05)).toEqual([nothing(CALL)]);
    expect(look()).toEqual([]);
    expect(hold(LATER, 0, 0.08)).toEqual([nothing(LATER)]);
    expect(look()).toEqual([bid(PERPETUAL, 60_000.5, 6000)]);
    expect(hold(PERPETUAL, 0, 60_000)).toEqual([nothing(PERPETUAL)]);
  });

  it('in one expiry alone', () => {
    hold(CALL, 2, 0.05);
    hold(LATER, 1, 0.08);
    expect(command(RiskAction.FLATTEN, { scope: StateScope.EXPIRY, expiry })).toEqual([offer(CALL, 0.052, 2)]);
  });

  it('of an underlying alone; a strategy holds nothing', () => {
    hold(CALL, 2, 0.05);
    expect(command(RiskAction.FLATTEN, { scope: StateScope.UNDERLYING, key: 1 })).toEqual([]);
    expect(command(RiskAction.FLATTEN, { scope: StateScope.STRATEGY })).toEqual([]);
    expect(command(RiskAction.FLATTEN, { scope: StateScope.UNDERLYING })).toEqual([offer(CALL, 0.052, 2)]);
  });

  it('until it is halted, or made active with a second act; reducing goes together with it', () => {
    hold(CALL, 2, 0.05);
    command(RiskAction.FLATTEN);
    expect(command(RiskAction.REDUCE)).toEqual([]);
    expect(command(RiskAction.ACTIVE)).toEqual([]);
    expect(command(RiskAction.ACTIVE, { confirmed: 1 })).toEqual([nothing(CALL)]);
    expect(command(RiskAction.FLATTEN)).toEqual([offer(CALL, 0.052, 2)]);
    expect(command(RiskAction.HALT)).toEqual([nothing(CALL)]);
  });

  it('once, when it is told twice', () => {
    hold(CALL, 2, 0.05);
    command(RiskAction.FLATTEN);
    bench.time += 1e6;
    expect(command(RiskAction.FLATTEN)).toEqual([]);
  });

  it('at its mark where there is no market, in orders of no more than a quarter of a million', () => {
    touch(CALL, Number.NaN, Number.NaN);
    hold(CALL, 30, 0.05);
    const [first] = command(RiskAction.FLATTEN);
    expect(first!.ask[0]).toBe(0.05);
    expect(first!.ask[1]).toBeCloseTo(4.1, 9);
    expect(first!.ask[1] * 60_000).toBeLessThanOrEqual(250_000);
  });
});
