import { beforeEach, expect, it } from 'vitest';
import { HedgeUrgency } from '../../engine/market/hedging/hedge-rule.js';
import { hedgingSettings } from '../../engine/market/hedging/settings.js';
import { EVERY_INSTRUMENT, InstrumentKind, LifeCycle, type LifeCycleState } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { OrderStatus, Side, Strategy, TimeInForce } from '../../engine/market/orders/codes.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { ManualHedge } from '../../schemas/generated/manual-hedge.js';
import { ManualOrder } from '../../schemas/generated/manual-order.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Position } from '../../schemas/generated/position.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { FilterFlag } from '../filter/filter-flags.js';
import { desiredHedges, exposures, orderStates, theos, tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { hedger } from './hedger.js';

const OPTION = 0;
const PERPETUAL = 1;
const FUTURE = 2;
const INDEX = 60_000;

let bench: StageBench;

beforeEach(() => {
  bench = new StageBench(
    [
      passingStage('book', tops, [MessageType.BOOK_TOP]),
      passingStage('filter', theos, [MessageType.UNDERLYING_STATE]),
      passingStage('orders', orderStates, [MessageType.FILL, MessageType.ORDER_UPDATE]),
      passingStage('portfolio', exposures, [MessageType.POSITION, MessageType.UNDERLYING_EXPOSURE]),
      hedger({
        instruments: 4,
        underlyings: 1,
        hedging: hedgingSettings({
          leastBandUsd: 15_000,
          mostBandUsd: 200_000,
          joinAfterSeconds: 4,
          crossAfterSeconds: 10,
        }),
      }),
    ],
    desiredHedges,
  );
  const expiry = bench.time + 30 * 86_400e6;
  const future = { tickSize: 0.5, tickSteps: [], minimumAmount: 10, takerFee: 0.0005, makerFee: 0 };
  const perpetual = { ...future, kind: InstrumentKind.PERPETUAL, name: 'BTC-PERPETUAL' };
  const dated = { ...future, kind: InstrumentKind.FUTURE, name: 'BTC-FUTURE', expiry };
  for (const [id, given] of [{ right: 'call' as const, strike: INDEX, expiry }, perpetual, dated].entries()) {
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, btcInstrument(given)));
  }
  touch(PERPETUAL, INDEX, INDEX + 0.5);
  touch(FUTURE, INDEX, INDEX + 20);
});

function hedgesOf(written: Written[]): DesiredHedge[] {
  return written
    .filter(({ type }) => type === MessageType.DESIRED_HEDGE)
    .map(({ body }) => new DesiredHedge().__init(0, new ViewBuffer(body.buffer)));
}

function touch(id: number, bid: number, ask: number, state = 1): DesiredHedge[] {
  return hedgesOf(
    bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
      top.mutate_instrument(id);
      top.mutate_state(state);
      top.mutate_bidPrice(bid);
      top.mutate_askPrice(ask);
    }),
  );
}

function exposed(netDelta: number): DesiredHedge[] {
  return hedgesOf(
    bench.say(MessageType.UNDERLYING_EXPOSURE + TO_BE_PASSED, UnderlyingExposure, (told) => {
      told.mutate_netDelta(netDelta);
      told.mutate_gamma(1e-5);
      told.mutate_index(INDEX);
    }),
  );
}

it('hedges on the cheapest instrument, passively at first, and takes the order back when the delta is in its band', () => {
  expect(exposed(0.1)).toEqual([]);
  const [hedge] = exposed(0.4);
  expect([hedge!.instrument(), hedge!.side(), hedge!.urgency()]).toEqual([PERPETUAL, Side.SELL, HedgeUrgency.PASSIVE]);
  expect(hedge!.price()).toBe(INDEX + 0.5);
  expect(hedge!.amount() / INDEX).toBeLessThanOrEqual(0.4);
  const [gone] = exposed(0);
  expect([gone!.instrument(), gone!.urgency(), gone!.amount()]).toEqual([PERPETUAL, HedgeUrgency.NONE, 0]);
});

it('crosses when it has waited long enough, at once or not at all', () => {
  exposed(0.4);
  bench.time += 11e6;
  touch(PERPETUAL, INDEX, INDEX + 0.5);
  const [hedge] = exposed(0.41);
  expect(hedge!.urgency()).toBe(HedgeUrgency.CROSS);
  expect(hedge!.timeInForce()).toBe(TimeInForce.IMMEDIATE_OR_CANCEL);
  expect(hedge!.price()).toBeLessThan(INDEX);
});

it('moves to another instrument when its own halts, and hedges nowhere when none is left', () => {
  exposed(0.4);
  const halt = (id: number): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.INSTRUMENT_STATE, InstrumentState, (told) => {
        told.mutate_instrument(id);
        told.mutate_state(LifeCycle.HALTED);
      }),
    );
  const moved = halt(PERPETUAL);
  expect(moved.map((hedge) => [hedge.instrument(), hedge.urgency() > 0])).toEqual([
    [PERPETUAL, false],
    [FUTURE, true],
  ]);
  expect(halt(FUTURE).map((hedge) => [hedge.instrument(), hedge.urgency()])).toEqual([[FUTURE, HedgeUrgency.NONE]]);
});

it('hedges on no instrument that stands still for a reason of its own, when the venue tells that it is open', () => {
  const become = (id: number, state: LifeCycleState): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.INSTRUMENT_STATE, InstrumentState, (told) => {
        told.mutate_instrument(id);
        told.mutate_state(state);
      }),
    );
  const wanted = (hedges: DesiredHedge[]): unknown[] =>
    hedges.map((hedge) => [hedge.instrument(), hedge.urgency() > 0]);
  become(PERPETUAL, LifeCycle.HALTED);
  become(EVERY_INSTRUMENT, LifeCycle.OPEN);
  expect(wanted(exposed(0.4))).toEqual([[FUTURE, true]]);
  expect(wanted(become(EVERY_INSTRUMENT, LifeCycle.HALTED))).toEqual([[FUTURE, false]]);
  expect(wanted(become(EVERY_INSTRUMENT, LifeCycle.OPEN))).toEqual([[FUTURE, true]]);
});

it('hedges nothing after a halt until everything is resumed: the resume of one instrument is of its quotes', () => {
  const operate = (code: CommandCode, instrument: number): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.OPERATOR_COMMAND, OperatorCommand, (told) => {
        told.mutate_command(code);
        told.mutate_instrument(instrument);
      }),
    );
  exposed(0.4);
  expect(operate(CommandCode.HALT, EVERY_INSTRUMENT).map((hedge) => hedge.urgency())).toEqual([HedgeUrgency.NONE]);
  expect(operate(CommandCode.RESUME, OPTION)).toEqual([]);
  expect(operate(CommandCode.RESUME, EVERY_INSTRUMENT)[0]!.urgency()).toBeGreaterThan(HedgeUrgency.NONE);
});

it.each([
  ['hedges again after a start that follows a halt by the engine itself', KillReason.CORE_STUCK, true],
  ['hedges nothing after a start that follows a halt by a person', KillReason.OPERATOR, false],
])('%s', (_, why, hedges) => {
  exposed(0.4);
  bench.say(MessageType.OPERATOR_COMMAND, OperatorCommand, (told) => {
    told.mutate_command(CommandCode.HALT);
    told.mutate_instrument(EVERY_INSTRUMENT);
    told.mutate_argument(why);
  });
  bench.say(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(2));
  expect(exposed(0.5).some((hedge) => hedge.urgency() > HedgeUrgency.NONE)).toBe(hedges);
});

it('never hedges on a stale underlying', () => {
  exposed(0.4);
  const stale = hedgesOf(
    bench.say(MessageType.UNDERLYING_STATE + TO_BE_PASSED, UnderlyingState, (told) => {
      told.mutate_option(OPTION);
      told.mutate_flags(FilterFlag.INDEX_STALE);
    }),
  );
  expect(stale.map((hedge) => hedge.urgency())).toEqual([HedgeUrgency.NONE]);
  expect(exposed(5)).toEqual([]);
});

it("a trader's hedge ignores the band, and his order is worked until it is filled", () => {
  exposed(0.05);
  const [hedge] = hedgesOf(
    bench.say(MessageType.MANUAL_HEDGE, ManualHedge, (told) => {
      told.mutate_underlying(0);
      told.mutate_urgency(HedgeUrgency.CROSS);
      told.mutate_nonce(1);
    }),
  );
  expect([hedge!.urgency(), hedge!.reason()]).toEqual([HedgeUrgency.CROSS, 5]);
  const wanted = (written: Written[]): number[][] =>
    written
      .filter(({ type }) => type === MessageType.DESIRED_QUOTE)
      .map(({ body }) => new DesiredQuote().__init(0, new ViewBuffer(body.buffer)))
      .map((quote) => [quote.instrument(), quote.strategy(), quote.bidPrice(), quote.bidAmount()]);
  const given = bench.say(MessageType.MANUAL_ORDER, ManualOrder, (told) => {
    told.mutate_instrument(OPTION);
    told.mutate_side(Side.BUY);
    told.mutate_price(0.05);
    told.mutate_amount(2);
    told.mutate_nonce(2);
  });
  expect(wanted(given)).toEqual([[OPTION, Strategy.OPERATOR, 0.05, 2]]);
  const filled = (amount: number): Written[] =>
    bench.say(MessageType.FILL + TO_BE_PASSED, Fill, (told) => {
      told.mutate_instrument(OPTION);
      told.mutate_strategy(Strategy.OPERATOR);
      told.mutate_amount(amount);
    });
  expect(wanted(filled(0.5))).toEqual([[OPTION, Strategy.OPERATOR, 0.05, 1.5]]);
  expect(wanted(filled(1.5))).toEqual([[OPTION, Strategy.OPERATOR, 0.05, 0]]);
});

it('hedges to the delta that a trader asks for where nothing was held yet, of which the portfolio says nothing', () => {
  const ask = (): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.MANUAL_HEDGE, ManualHedge, (told) => {
        told.mutate_urgency(HedgeUrgency.CROSS);
        told.mutate_target(2);
        told.mutate_nonce(1);
      }),
    );
  const priced = (): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.UNDERLYING_STATE + TO_BE_PASSED, UnderlyingState, (told) => {
        told.mutate_option(OPTION);
        told.mutate_index(INDEX);
      }),
    );
  // Without an index nothing can be decided; it is done as soon as there is one.
  expect(ask()).toEqual([]);
  expect(priced().map((hedge) => [hedge.side(), hedge.target(), hedge.forward()])).toEqual([[Side.BUY, 2, INDEX]]);
});

it('hears traders after a start of the engine, whose gateways count their commands from the beginning again', () => {
  exposed(0);
  const ask = (nonce: number): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.MANUAL_HEDGE, ManualHedge, (told) => {
        told.mutate_urgency(HedgeUrgency.CROSS);
        told.mutate_target(nonce);
        told.mutate_nonce(nonce);
      }),
    );
  expect(ask(2)).toHaveLength(1);
  expect(ask(1)).toEqual([]);
  bench.say(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(2));
  expect(ask(1)).toHaveLength(1);
});

it('keeps the delta that a trader has asked for: what he bought is not sold again as soon as he has it', () => {
  const ask = (urgency: number, target: number, nonce: number): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.MANUAL_HEDGE, ManualHedge, (told) => {
        told.mutate_underlying(0);
        told.mutate_urgency(urgency);
        told.mutate_target(target);
        told.mutate_nonce(nonce);
      }),
    );
  exposed(0);
  const [bought] = ask(HedgeUrgency.CROSS, 2, 1);
  expect([bought!.side(), bought!.urgency()]).toEqual([Side.BUY, HedgeUrgency.CROSS]);
  expect(exposed(2).map((hedge) => hedge.urgency())).toEqual([HedgeUrgency.NONE]);
  expect(exposed(2)).toEqual([]);
  // From there on the band lies around what he asked for, until he takes it back.
  expect(exposed(2.5).map((hedge) => [hedge.side(), hedge.target()])).toEqual([[Side.SELL, 2]]);
  expect(ask(HedgeUrgency.NONE, 0, 2).map((hedge) => [hedge.side(), hedge.target()])).toEqual([[Side.SELL, 0]]);
});

it('forgets the delta that a trader has asked for when all of it is to be closed', () => {
  exposed(0);
  hedgesOf(
    bench.say(MessageType.MANUAL_HEDGE, ManualHedge, (told) => {
      told.mutate_urgency(HedgeUrgency.CROSS);
      told.mutate_target(2);
      told.mutate_nonce(1);
    }),
  );
  exposed(2);
  bench.say(MessageType.POSITION + TO_BE_PASSED, Position, (told) => {
    told.mutate_instrument(OPTION);
    told.mutate_size(2);
  });
  const closing = hedgesOf(
    bench.say(MessageType.RISK_COMMAND, RiskCommand, (told) => {
      told.mutate_action(RiskAction.FLATTEN);
      told.mutate_scope(StateScope.EVERYTHING);
    }),
  );
  expect(closing.map((hedge) => [hedge.side(), hedge.target()])).toEqual([[Side.SELL, 0]]);
});

it('what the venue calls filled is not hedged again before its trades are told', () => {
  const hedged = exposed(0.4).at(-1)!;
  const update = (missing: number): DesiredHedge[] =>
    hedgesOf(
      bench.say(MessageType.ORDER_UPDATE + TO_BE_PASSED, OrderUpdate, (told) => {
        told.mutate_instrument(PERPETUAL);
        told.mutate_strategy(Strategy.HEDGER);
        told.mutate_side(Side.SELL);
        told.mutate_status(OrderStatus.FILLED);
        told.mutate_orderSeq(7);
        told.mutate_price(INDEX);
        told.mutate_amount(hedged.amount());
        told.mutate_missing(missing);
      }),
    );
  const [gone] = update(hedged.amount());
  expect([gone!.urgency(), gone!.amount()]).toEqual([HedgeUrgency.NONE, 0]);
  expect(exposed(0.4)).toEqual([]);
  // The trades arrive: the portfolio counts them, and nothing is untold any more.
  expect(exposed(0.4 - hedged.amount() / INDEX)).toEqual([]);
  expect(update(0).at(-1)?.amount() ?? 0).toBe(0);
  const [next] = exposed(0.4);
  expect([next!.side(), next!.urgency()]).toEqual([Side.SELL, HedgeUrgency.PASSIVE]);
});
