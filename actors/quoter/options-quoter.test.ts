import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { EVERY_INSTRUMENT, InstrumentKind, LifeCycle, type LifeCycleState } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { OrderStatus, PullReason, Side, Strategy } from '../../engine/market/orders/codes.js';
import { QuoteLimit, QuoteModelCode } from '../../engine/market/quoting/codes.js';
import { PerpetualModelCode } from '../../engine/market/quoting/perpetual-quote.js';
import { type QuotingSettings, quotingSettings } from '../../engine/market/quoting/settings.js';
import { TraderAction, TraderScope } from '../../engine/market/quoting/trader-controls.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { GREEK, GREEK_COUNT, inverseGreeks } from '../../engine/quant/black76/index.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Position } from '../../schemas/generated/position.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { FilterFlag } from '../filter/filter-flags.js';
import { desiredQuotes, exposures, orderStates, theos, tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { optionsQuoter } from './options-quoter.js';

const START = 1_800_000_000_000_000;
const EXPIRY = START + 30 * 86_400e6;
const FORWARD = 60_000;
const CALL = 0;
/** Of every option here, change of delta per USD. */
const GAMMA = 4e-5;
let strikes: readonly number[] = [60_000, 66_000];
/** Number of the quoter on the bench's board, by which its timers are named. */
const QUOTER = 5;

let bench: StageBench;
let nonce: number;
let serial: number;

function open(changes: Partial<QuotingSettings> = {}, listed: readonly number[] = [60_000, 66_000]): void {
  strikes = listed;
  nonce = 0;
  serial = 0;
  bench = new StageBench(
    [
      passingStage('book', tops, [MessageType.BOOK_TOP]),
      passingStage('filter', theos, [MessageType.THEO_RUN, MessageType.UNDERLYING_STATE]),
      passingStage('orders', orderStates, [MessageType.FILL, MessageType.ORDER_UPDATE]),
      passingStage('portfolio', exposures, [MessageType.POSITION, MessageType.UNDERLYING_EXPOSURE]),
      optionsQuoter({
        instruments: 8,
        expiries: 4,
        underlyings: 2,
        stopBeforeExpirySeconds: 1800,
        quoting: quotingSettings({ edgeTicks: 0, beta: 250, vegaClip: 1e9, ...changes }),
      }),
    ],
    desiredQuotes,
  );
  strikes.forEach((strike, id) => {
    const instrument = btcInstrument({ name: `BTC-${strike}`, strike, right: 'call', expiry: EXPIRY });
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, instrument));
  });
}

interface Told {
  vol?: number;
  flags?: number;
  confidence?: number;
  uncertainty?: number;
}

function quotesOf(written: Written[]): DesiredQuote[] {
  return written
    .filter(({ type }) => type === MessageType.DESIRED_QUOTE)
    .map(({ body }) => new DesiredQuote().__init(0, new ViewBuffer(body.buffer)));
}

function theo({ vol = 0.5, flags = 0, confidence = 100, uncertainty = 0.001 }: Told = {}): DesiredQuote[] {
  const greeks = new Float64Array(GREEK_COUNT);
  const written = bench.say(
    MessageType.THEO_RUN + TO_BE_PASSED,
    TheoRun,
    (run) => {
      run.mutate_count(strikes.length);
      run.mutate_forward(FORWARD);
      run.mutate_index(FORWARD);
      run.mutate_years(30 / 365);
    },
    {
      bytes: strikes.length * Theo.sizeOf(),
      fill: (buffer, at) => {
        strikes.forEach((strike, id) => {
          inverseGreeks(greeks, FORWARD, strike, 30 / 365, vol, true);
          const told = new Theo().__init(at + id * Theo.sizeOf(), buffer);
          told.mutate_instrument(id);
          told.mutate_flags(flags);
          told.mutate_confidence(confidence);
          told.mutate_price(greeks[GREEK.price]!);
          told.mutate_volatility(vol);
          told.mutate_uncertainty(uncertainty);
          told.mutate_delta(greeks[GREEK.delta]! + greeks[GREEK.price]!);
          told.mutate_netDelta(greeks[GREEK.delta]!);
          told.mutate_vega(greeks[GREEK.vega]! * FORWARD);
          told.mutate_gamma(GAMMA);
        });
      },
    },
  );
  return quotesOf(written);
}

const PERPETUAL = 6;

function perpetual(given: { bid: number; ask: number; vol: number; flags?: number }): DesiredQuote[] {
  const instrument = btcInstrument({
    kind: InstrumentKind.PERPETUAL,
    name: 'BTC-PERPETUAL',
    tickSize: 0.5,
    tickSteps: [],
    minimumAmount: 10,
  });
  return [
    ...quotesOf(bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(PERPETUAL, instrument))),
    ...quotesOf(
      bench.say(MessageType.UNDERLYING_STATE + TO_BE_PASSED, UnderlyingState, (told) => {
        told.mutate_option(CALL);
        told.mutate_vol1h(given.vol);
        told.mutate_flags(given.flags ?? 0);
      }),
    ),
    ...quotesOf(
      bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
        top.mutate_instrument(PERPETUAL);
        top.mutate_state(1);
        top.mutate_bidPrice(given.bid);
        top.mutate_askPrice(given.ask);
        top.mutate_bidAmount(1000);
        top.mutate_askAmount(1000);
      }),
    ),
  ].filter((quote) => quote.instrument() === PERPETUAL);
}

function inventory(weightedVega: number, netDelta = 0, gamma = 0): DesiredQuote[] {
  return quotesOf(
    bench.say(MessageType.UNDERLYING_EXPOSURE + TO_BE_PASSED, UnderlyingExposure, (told) => {
      told.mutate_weightedVega(weightedVega);
      told.mutate_netDelta(netDelta);
      told.mutate_gamma(gamma);
    }),
  );
}

function market(bid: number, ask: number, bidAmount = 5, askAmount = 5): DesiredQuote[] {
  return quotesOf(
    bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
      top.mutate_instrument(CALL);
      top.mutate_state(1);
      top.mutate_bidPrice(bid);
      top.mutate_askPrice(ask);
      top.mutate_bidAmount(bidAmount);
      top.mutate_askAmount(askAmount);
    }),
  );
}

/** Our own quote of the call as it stands at the venue. */
function own(side: number, price: number, amount: number): DesiredQuote[] {
  return quotesOf(
    bench.say(MessageType.ORDER_UPDATE + TO_BE_PASSED, OrderUpdate, (told) => {
      told.mutate_instrument(CALL);
      told.mutate_strategy(Strategy.QUOTER);
      told.mutate_side(side);
      told.mutate_status(amount > 0 ? OrderStatus.OPEN : OrderStatus.CANCELLED);
      told.mutate_price(price);
      told.mutate_wantedPrice(price);
      told.mutate_worstRemaining(amount);
    }),
  );
}

function control(given: {
  action: number;
  scope: number;
  side?: number;
  value?: number;
  repeat?: boolean;
}): DesiredQuote[] {
  if (given.repeat !== true) nonce++;
  return quotesOf(
    bench.say(MessageType.TRADER_CONTROL, TraderControl, (told) => {
      told.mutate_action(given.action);
      told.mutate_scope(given.scope);
      told.mutate_side(given.side ?? Side.BOTH);
      told.mutate_expiry(EXPIRY);
      told.mutate_strike(strikes[0]!);
      told.mutate_value(given.value ?? 0);
      told.mutate_nonce(nonce);
    }),
  );
}

function operate(code: CommandCode, instrument: number, argument = 0): DesiredQuote[] {
  return quotesOf(
    bench.say(MessageType.OPERATOR_COMMAND, OperatorCommand, (told) => {
      told.mutate_command(code);
      told.mutate_instrument(instrument);
      told.mutate_argument(argument);
    }),
  );
}

function startAgain(): DesiredQuote[] {
  return quotesOf(bench.say(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(2)));
}

function timer(): DesiredQuote[] {
  return quotesOf(
    bench.say(MessageType.TIMER_FIRED, TimerFired, (told) => {
      told.mutate_actor(QUOTER);
      told.mutate_timer(0);
      told.mutate_serial(++serial);
    }),
  );
}

const half = (quote: DesiredQuote): number => (quote.askPrice() - quote.bidPrice()) / 2;

describe('a quote', () => {
  beforeEach(() => open());

  it('stands on the tick around the theoretical value, every option once an event, told again only when it changes', () => {
    const quotes = theo();
    expect(quotes.map((quote) => quote.instrument())).toEqual([0, 1]);
    for (const quote of quotes) {
      expect(quote.bidPrice()).toBeLessThan(quote.theo());
      expect(quote.askPrice()).toBeGreaterThan(quote.theo());
      expect(quote.bidAmount()).toBe(1);
    }
    expect(theo()).toEqual([]);
    expect(theo({ vol: 0.6 })).toHaveLength(2);
  });

  it('has a why that adds up to its prices, whatever is held', () => {
    const world = fc.record({
      vol: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
      uncertainty: fc.double({ min: 0, max: 0.02, noNaN: true }),
      vega: fc.double({ min: -3e5, max: 3e5, noNaN: true }),
      delta: fc.double({ min: -50, max: 50, noNaN: true }),
    });
    open({ dutyWidth: 10, dutyTicks: 10_000 });
    fc.assert(
      fc.property(world, ({ vol, uncertainty, vega, delta }) => {
        inventory(vega, delta);
        for (const quote of theo({ vol, uncertainty })) {
          if (quote.bindingLimit() !== QuoteLimit.NONE) continue;
          const width =
            quote.widthBase() +
            quote.widthUncertainty() +
            quote.widthRegime() +
            quote.widthEvent() +
            quote.widthExpiry() +
            quote.widthMarkout() +
            quote.widthToxicity();
          const skew =
            quote.skewVega() + quote.skewDelta() + quote.skewGamma() + quote.skewPosition() + quote.skewFlow();
          const bid = quote.theo() + skew - width + quote.roundingBid();
          if (quote.bidPrice() > 0) expect(quote.bidPrice()).toBeCloseTo(bid, 12);
          expect(quote.askPrice()).toBeCloseTo(quote.theo() + skew + width + quote.roundingAsk(), 12);
          expect(width).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('leans against the vega that is held, and shows no side that would pass its limit', () => {
    const [flat] = theo();
    const [long] = inventory(2e5);
    expect(long!.bidPrice()).toBeLessThan(flat!.bidPrice());
    expect(long!.skewVega()).toBeLessThan(0);
    const [full] = inventory(4e5);
    expect(full!.bidAmount()).toBe(0);
    expect(full!.sizeLimit()).toBe(QuoteLimit.VEGA);
    expect(full!.askAmount()).toBe(1);
    const [short] = inventory(-2e5);
    expect(short!.askPrice()).toBeGreaterThan(flat!.askPrice());
  });

  it('does not cross what stands on the other side', () => {
    const [free] = theo();
    const [clipped] = market(0.04, free!.bidPrice());
    expect(clipped!.bidPrice()).toBeLessThan(free!.bidPrice());
    expect(clipped!.bindingLimit()).toBe(QuoteLimit.CROSSING);
  });

  it('stands a tick before others: as wide as they leave room, and where that is worth its edge as near as they are', () => {
    const [free] = theo();
    const fair = free!.theo();
    // Wide others: what is nearer than a tick before them is given away.
    const [wide] = market(free!.bidPrice() - 0.002, free!.askPrice() + 0.002);
    expect(wide!.bidPrice()).toBeCloseTo(free!.bidPrice() - 0.0015, 9);
    expect(wide!.askPrice()).toBeCloseTo(free!.askPrice() + 0.0015, 9);
    expect(wide!.bindingLimit()).toBe(QuoteLimit.OTHERS);
    open({ beta: 30 });
    const [monopoly] = theo();
    const inside = Math.floor((fair - 0.002) / 0.0005) * 0.0005;
    const [near] = market(inside, inside + 0.005);
    expect(near!.bidPrice()).toBeGreaterThan(monopoly!.bidPrice());
    expect(near!.bidPrice()).toBeCloseTo(inside + 0.0005, 9);
  });

  it('does not stand before others for less than its edge: what takers know counts too', () => {
    open({ beta: 30, edgeAdverse: 10 });
    const [monopoly] = theo();
    const near = Math.floor((monopoly!.theo() - 0.001) / 0.0005) * 0.0005;
    expect(market(near, near + 0.002)).toEqual([]);
  });

  it('quotes the model alone where it is not to follow others', () => {
    open({ leadTicks: 0 });
    const [free] = theo();
    expect(market(free!.bidPrice() - 0.002, free!.askPrice() + 0.002)).toEqual([]);
  });

  it('each quote risks no more vega than another: by its amount, down to the duty', () => {
    open({ vegaClip: 2000 });
    const [quote] = theo();
    // A lot is a tenth: whole lots of what 2,000 USD of vega are, one at least.
    const most = Math.floor(2000 / (quote!.vega() * 100 * 0.1)) * 0.1;
    expect(quote!.bidAmount()).toBeCloseTo(Math.max(0.1, most), 9);
    expect(quote!.bidAmount()).toBeLessThan(1);
    open({ vegaClip: 1 });
    expect(theo()[0]!.bidAmount()).toBeCloseTo(0.1, 9);
  });

  it('is smaller on the side whose position is nearly full', () => {
    open({ positionLimit: 15 });
    theo();
    const [quote] = quotesOf(
      bench.say(MessageType.POSITION + TO_BE_PASSED, Position, (told) => {
        told.mutate_instrument(CALL);
        told.mutate_size(1.2);
      }),
    );
    expect(quote!.bidAmount()).toBeCloseTo(0.3, 9);
    expect(quote!.sizeLimit()).toBe(QuoteLimit.POSITION);
    expect(quote!.askAmount()).toBe(1);
  });

  it('is wider where fills were followed by losses', () => {
    open({ markout: 1 });
    const [before] = theo();
    for (let number = 1; number <= 3; number++) {
      bench.say(MessageType.FILL + TO_BE_PASSED, Fill, (told) => {
        told.mutate_instrument(CALL);
        told.mutate_side(Side.BUY);
        told.mutate_liquidity(1);
        told.mutate_price(before!.theo() + 0.01);
        told.mutate_amount(1);
        told.mutate_number(number);
      });
    }
    bench.time += 11e6;
    timer();
    const [after] = theo({ vol: 0.51 });
    expect(after!.widthMarkout()).toBeGreaterThan(0);
    expect(half(after!)).toBeGreaterThan(half(before!));
  });

  it('of the fixed width keeps its width, and of the mid skewer stands around the market', () => {
    open({ model: QuoteModelCode.FIXED_WIDTH, halfWidth: 0.002, relativeHalfWidth: 0 });
    const [fixed] = theo();
    expect(fixed!.widthBase()).toBe(0.002);
    open({ model: QuoteModelCode.MID_SKEW, halfWidth: 0.002, relativeHalfWidth: 0 });
    const [blind] = theo();
    expect(blind!.pullReason()).toBe(PullReason.STALE_MARKET);
    const [quote] = market(0.05, 0.06);
    expect([quote!.bidPrice(), quote!.askPrice()]).toEqual([0.053, 0.057]);
  });
});

describe('the whole chain is quoted', () => {
  it('on both sides far in the money, and by an offer alone where the value is below the least price', () => {
    open({}, [20_000, 60_000, 200_000]);
    const [deep, near, far] = theo();
    for (const quote of [deep!, near!]) {
      expect([quote.bidAmount(), quote.askAmount()]).toEqual([1, 1]);
    }
    expect(deep!.delta()).toBeGreaterThan(0.99);
    expect([far!.bidAmount(), far!.askAmount(), far!.pullReason()]).toEqual([0, 1, PullReason.BELOW_TICK]);
  });

  it('and within the duty wherever it applies, at every value beside the coarser tick too', () => {
    const vols = fc.double({ min: 0.2, max: 1.5, noNaN: true });
    const settings = { deltaWidths: [9, 9, 9, 9, 9] } as const;
    open(settings, [60_000, 66_000, 72_000, 80_000]);
    fc.assert(
      fc.property(vols, (vol) => {
        for (const quote of theo({ vol })) {
          if (!(quote.delta() >= 0.05 && quote.delta() <= 0.8)) continue;
          const tick = quote.theo() > 0.005 ? 0.0005 : 0.0001;
          const widest = Math.max(0.2 * quote.theo(), 10 * tick);
          expect(quote.bidAmount()).toBe(1);
          expect(quote.askAmount()).toBe(1);
          expect(quote.askPrice() - quote.bidPrice()).toBeLessThanOrEqual(widest + 2 * tick + 1e-9);
          expect(quote.bidPrice()).toBeLessThan(quote.theo());
          expect(quote.askPrice()).toBeGreaterThan(quote.theo());
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a price at the edge of a tick stays where it is', () => {
    open();
    theo();
    let told = 0;
    for (let step = 0; step < 40; step++) told += theo({ vol: 0.5 + (step % 2) * 0.0002 }).length;
    expect(told).toBeLessThanOrEqual(4);
  });
});

describe('the market that a quote sees', () => {
  const settings = { model: QuoteModelCode.MID_SKEW, halfWidth: 0.002, relativeHalfWidth: 0 } as const;
  beforeEach(() => {
    open(settings);
    theo();
    market(0.05, 0.06);
  });

  it('is that of others: our own orders at the touch are taken out of it', () => {
    own(Side.BUY, 0.053, 1);
    own(Side.SELL, 0.057, 1);
    expect(market(0.053, 0.057, 1, 1)).toEqual([]);
    const [joined] = market(0.053, 0.057, 1.5, 1);
    expect([joined!.marketBid(), joined!.marketAsk()]).toEqual([0.053, 0.06]);
    expect(joined!.bidPrice()).toBeGreaterThan(0.053);
  });

  it('is not believed any more where others cannot stand where they stood', () => {
    own(Side.BUY, 0.049, 1);
    const [pulled] = market(0.049, 0.06, 1, 5);
    expect(pulled!.pullReason()).toBe(PullReason.STALE_MARKET);
    expect(pulled!.marketBid()).toBeNaN();
  });

  it('an order that has ended is ours no longer', () => {
    own(Side.BUY, 0.053, 1);
    market(0.053, 0.06, 1, 5);
    const [moved] = own(Side.BUY, 0.053, 0);
    expect(moved!.marketBid()).toBe(0.053);
  });
});

it('an inventory of gamma shifts every option by a part of its theta of a day', () => {
  open({ gammaSkew: 0.5, gammaScaleUsd: 1e6, deltaSkew: 0 });
  const [flat] = theo();
  expect(Math.abs(flat!.skewGamma())).toBe(0);
  // 1e6 USD of delta for one percent: full; and the theta of a day by hand.
  const full = 1e6 / (FORWARD * FORWARD * 0.01);
  inventory(0, 100, full);
  const [long] = theo({ vol: 0.51 });
  const day = (GAMMA * FORWARD * 0.51 * 0.51) / (2 * 365);
  expect(long!.skewGamma()).toBeCloseTo(-0.5 * day, 12);
  inventory(0, -100, -full / 2);
  const [short] = theo({ vol: 0.5 });
  expect(short!.skewGamma()).toBeCloseTo(0.25 * ((GAMMA * FORWARD * 0.25) / (2 * 365)), 12);
});

it.each([PerpetualModelCode.GLFT, PerpetualModelCode.AVELLANEDA_STOIKOV])(
  'the perpetual is quoted where that is wanted, by the delta of everything, and pulled when its underlying is stale (model %i)',
  (model) => {
    open();
    expect(perpetual({ bid: 59_999.5, ask: 60_000.5, vol: 0.5 })).toEqual([]);
    open({ perpetual: { model } });
    const flat = perpetual({ bid: 59_999.5, ask: 60_000.5, vol: 0.5 }).at(-1)!;
    expect(flat.bidPrice()).toBeLessThan(60_000);
    expect(flat.askPrice()).toBeGreaterThan(60_000);
    expect([flat.bidAmount(), flat.askAmount(), flat.theo()]).toEqual([10_000, 10_000, 60_000]);
    const long = inventory(0, 1.5).find((quote) => quote.instrument() === PERPETUAL)!;
    expect(long.skewDelta()).toBeLessThan(0);
    expect(long.theo() + long.skewDelta()).toBeLessThan(60_000);
    const [stale] = perpetual({ bid: 59_999, ask: 60_001, vol: 0.5, flags: FilterFlag.STALE });
    expect([stale!.pullReason(), stale!.bidAmount(), stale!.askAmount()]).toEqual([PullReason.STALE_MARKET, 0, 0]);
  },
);

it('a perpetual that halts, or that is paused with everything, has no quotes from then on, although no top of its book comes any more', () => {
  open({ perpetual: {} });
  perpetual({ bid: 59_999.5, ask: 60_000.5, vol: 0.5 });
  const ofIt = (quotes: DesiredQuote[]): unknown[] =>
    quotes
      .filter((quote) => quote.instrument() === PERPETUAL)
      .map((quote) => [quote.bidAmount() + quote.askAmount() > 0, quote.pullReason()]);
  const become = (state: LifeCycleState): unknown[] =>
    ofIt(
      quotesOf(
        bench.say(MessageType.INSTRUMENT_STATE, InstrumentState, (told) => {
          told.mutate_instrument(PERPETUAL);
          told.mutate_state(state);
        }),
      ),
    );
  expect(become(LifeCycle.HALTED)).toEqual([[false, PullReason.NOT_TRADING]]);
  expect(become(LifeCycle.OPEN)).toEqual([[true, PullReason.NONE]]);
  expect(ofIt(control({ scope: TraderScope.EVERYTHING, action: TraderAction.PAUSE }))).toEqual([
    [false, PullReason.OPERATOR],
  ]);
  expect(ofIt(control({ scope: TraderScope.EVERYTHING, action: TraderAction.RESUME }))).toEqual([
    [true, PullReason.NONE],
  ]);
});

describe('quotes are pulled with the reason', () => {
  beforeEach(() => open());

  it.each([
    ['a value that must not be quoted on', { flags: FilterFlag.FORWARD_JUMP }],
    ['a stale value', { flags: FilterFlag.STALE }],
    ['no confidence', { confidence: 0 }],
  ])('%s', (_name, told) => {
    theo();
    const [pulled] = theo(told);
    expect(pulled!.pullReason()).toBe(PullReason.NO_THEO);
    expect([pulled!.bidAmount(), pulled!.askAmount()]).toEqual([0, 0]);
    expect(theo()).toHaveLength(2);
  });

  it('an instrument that stands still for a reason of its own, although the venue tells that it is open', () => {
    const become = (id: number, state: LifeCycleState): DesiredQuote[] =>
      quotesOf(
        bench.say(MessageType.INSTRUMENT_STATE, InstrumentState, (told) => {
          told.mutate_instrument(id);
          told.mutate_state(state);
        }),
      );
    theo();
    expect(become(CALL, LifeCycle.HALTED)[0]!.pullReason()).toBe(PullReason.NOT_TRADING);
    expect(become(EVERY_INSTRUMENT, LifeCycle.HALTED).map((quote) => quote.instrument())).toEqual([1]);
    expect(become(EVERY_INSTRUMENT, LifeCycle.OPEN).map((quote) => quote.instrument())).toEqual([1]);
    expect(become(CALL, LifeCycle.OPEN).map((quote) => quote.instrument())).toEqual([CALL]);
  });

  it('a value that nobody has renewed', () => {
    theo();
    bench.time += 61e6;
    expect(timer().map((quote) => quote.pullReason())).toEqual([PullReason.NO_THEO, PullReason.NO_THEO]);
  });

  it('and not one that the filter had no reason to tell again: it speaks of the underlying, and what it does not tell holds', () => {
    theo();
    for (let minute = 0; minute < 3; minute++) {
      bench.time += 59e6;
      bench.say(MessageType.UNDERLYING_STATE + TO_BE_PASSED, UnderlyingState, (told) => {
        told.mutate_option(CALL);
      });
      expect(timer()).toEqual([]);
    }
    bench.time += 61e6;
    expect(timer().map((quote) => quote.pullReason())).toEqual([PullReason.NO_THEO, PullReason.NO_THEO]);
  });

  it('the nearness of expiry', () => {
    theo();
    bench.time = EXPIRY - 1000e6;
    const pulled = theo({ vol: 0.51 }).map((quote) => quote.pullReason());
    expect(pulled).toEqual([PullReason.EXPIRY_NEAR, PullReason.EXPIRY_NEAR]);
  });
});

describe('an operator', () => {
  beforeEach(() => {
    open();
    theo();
  });

  it('pauses and resumes one instrument: the others are quoted as before', () => {
    const paused = operate(CommandCode.PAUSE, CALL);
    expect(paused.map((quote) => [quote.instrument(), quote.pullReason()])).toEqual([[CALL, PullReason.OPERATOR]]);
    expect(theo({ vol: 0.51 }).map((quote) => [quote.instrument(), quote.bidAmount()])).toEqual([
      [CALL, 0],
      [1, 1],
    ]);
    expect(operate(CommandCode.RESUME, CALL).map((quote) => quote.instrument())).toEqual([CALL]);
  });

  it('who pauses everything is shown why each option has no quote', () => {
    const told = operate(CommandCode.PAUSE, EVERY_INSTRUMENT);
    expect(told.map((quote) => [quote.instrument(), quote.bidAmount(), quote.askAmount(), quote.pullReason()])).toEqual(
      [
        [CALL, 0, 0, PullReason.PAUSED],
        [1, 0, 0, PullReason.PAUSED],
      ],
    );
  });

  it('who resumes one instrument resumes nothing else', () => {
    operate(CommandCode.PAUSE, EVERY_INSTRUMENT);
    operate(CommandCode.RESUME, CALL);
    expect(theo({ vol: 0.52 })).toEqual([]);
    expect(operate(CommandCode.RESUME, EVERY_INSTRUMENT)).toHaveLength(2);
  });

  it('a halt by the engine itself ends with its run: the next one quotes', () => {
    operate(CommandCode.HALT, EVERY_INSTRUMENT, KillReason.CORE_STUCK);
    expect(theo({ vol: 0.52 })).toEqual([]);
    expect(startAgain()).toHaveLength(2);
  });

  it.each([
    ['a halt by a person', PullReason.HALTED, () => operate(CommandCode.HALT, EVERY_INSTRUMENT, KillReason.OPERATOR)],
    [
      'a pause by a person, although the engine was halted later',
      PullReason.HALTED,
      () => {
        operate(CommandCode.PAUSE, EVERY_INSTRUMENT);
        operate(CommandCode.HALT, EVERY_INSTRUMENT, KillReason.CORE_STUCK);
      },
    ],
  ])('%s outlasts the run', (_, reason, halt) => {
    halt();
    // Told again, for whoever looks at the new run.
    expect(startAgain().map((quote) => [quote.instrument(), quote.bidAmount(), quote.pullReason()])).toEqual([
      [CALL, 0, reason],
      [1, 0, reason],
    ]);
    expect(theo({ vol: 0.52 })).toEqual([]);
    expect(operate(CommandCode.RESUME, EVERY_INSTRUMENT)).toHaveLength(2);
  });

  it('who resumes everything has quotes again after what was held was closed', () => {
    const closing = bench.say(MessageType.RISK_COMMAND, RiskCommand, (told) => {
      told.mutate_action(RiskAction.FLATTEN);
      told.mutate_scope(StateScope.EVERYTHING);
    });
    expect(quotesOf(closing).map((quote) => quote.pullReason())).toEqual([PullReason.OPERATOR, PullReason.OPERATOR]);
    expect(operate(CommandCode.RESUME, EVERY_INSTRUMENT).map((quote) => quote.bidAmount())).toEqual([1, 1]);
  });
});

describe('a trader', () => {
  beforeEach(() => {
    open();
    theo();
  });

  it('pauses one side of a strike, and has it back', () => {
    const paused = control({ action: TraderAction.PAUSE, scope: TraderScope.STRIKE, side: Side.BUY });
    expect(paused.map((quote) => [quote.instrument(), quote.bidAmount(), quote.askAmount()])).toEqual([[0, 0, 1]]);
    expect(control({ action: TraderAction.RESUME, scope: TraderScope.STRIKE })[0]!.bidAmount()).toBe(1);
  });

  it.each([TraderScope.EVERYTHING, TraderScope.UNDERLYING, TraderScope.EXPIRY])('pauses by scope %i', (scope) => {
    const paused = control({ action: TraderAction.PAUSE, scope });
    expect(paused.map((quote) => quote.pullReason())).toEqual([PullReason.OPERATOR, PullReason.OPERATOR]);
    expect(control({ action: TraderAction.RESUME, scope })).toHaveLength(2);
  });

  it('is heard after a start of the engine, whose gateways count their commands from the beginning again', () => {
    theo();
    control({ scope: TraderScope.EVERYTHING, action: TraderAction.PAUSE });
    control({ scope: TraderScope.EVERYTHING, action: TraderAction.RESUME });
    bench.say(MessageType.RUN_STARTED, RunStarted, (started) => started.mutate_run(2));
    nonce = 0;
    const [paused] = control({ scope: TraderScope.EVERYTHING, action: TraderAction.PAUSE });
    expect(paused?.pullReason()).toBe(PullReason.OPERATOR);
  });

  it('multiplies widths and sizes within bounds, and each command counts once', () => {
    const [before] = theo({ vol: 0.51 });
    const [wide] = control({ action: TraderAction.WIDTH, scope: TraderScope.EVERYTHING, value: 3 });
    expect(wide!.widthBase()).toBeCloseTo(3 * before!.widthBase(), 12);
    expect(wide!.bindingLimit()).toBe(QuoteLimit.TRADER);
    expect(control({ action: TraderAction.WIDTH, scope: TraderScope.EVERYTHING, value: 1, repeat: true })).toEqual([]);
    expect(control({ action: TraderAction.WIDTH, scope: TraderScope.EVERYTHING, value: -1 })).toEqual([]);
    const [small] = control({ action: TraderAction.SIZE, scope: TraderScope.EVERYTHING, value: 0.5 });
    expect(small!.bidAmount()).toBe(0.5);
  });
});

it.each([
  [{ beta: Number.NaN }, /quoting\.beta: expected a number from 1 to 100000, found NaN/],
  [{ vegaLimit: -1 }, /quoting\.vegaLimit/],
  [{ typicalFills: [] }, /quoting\.typicalFills/],
  [{ overrides: [{ width: 0, size: 1 }] }, /quoting\.overrides\[0\]\.width/],
])('settings out of bounds are refused by name (%#)', (changes, message) => {
  expect(() => quotingSettings(changes)).toThrow(message);
});
