import { beforeEach, expect, it } from 'vitest';
import { hedgingSettings } from '../../engine/market/hedging/settings.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { Side, Strategy, TimeInForce } from '../../engine/market/orders/codes.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { TimerFired } from '../../schemas/generated/timer-fired.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { desiredHedges, exposures, orderStates, theos, tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage, TO_BE_PASSED } from '../testing/stage/passing-stage.js';
import { StageBench, type Written } from '../testing/stage/stage-bench.js';
import { hedger } from './hedger.js';

const OPTION = 0;
const INDEX = 60_000;
const HEDGER = 5;
let bench: StageBench;
let serial: number;

beforeEach(() => open({ vegaBand: 5000 }));

function open(hedging: Parameters<typeof hedgingSettings>[0]): void {
  serial = 0;
  bench = new StageBench(
    [
      passingStage('book', tops, [MessageType.BOOK_TOP]),
      passingStage('filter', theos, [MessageType.THEO_RUN]),
      passingStage('orders', orderStates, []),
      passingStage('portfolio', exposures, [MessageType.UNDERLYING_EXPOSURE]),
      hedger({ instruments: 4, underlyings: 1, hedging: hedgingSettings(hedging) }),
    ],
    desiredHedges,
  );
  const expiry = bench.time + 30 * 86_400e6;
  const perpetual = { kind: InstrumentKind.PERPETUAL, name: 'BTC-PERPETUAL', tickSize: 0.5, tickSteps: [] };
  for (const [id, given] of [{ right: 'call' as const, strike: INDEX, expiry }, perpetual].entries()) {
    bench.sayBytes(MessageType.INSTRUMENT_DEFINITION, encodeInstrument(id, btcInstrument(given)));
  }
}

function hedgesOf(written: Written[]): DesiredHedge[] {
  return written
    .filter(({ type }) => type === MessageType.DESIRED_HEDGE)
    .map(({ body }) => new DesiredHedge().__init(0, new ViewBuffer(body.buffer)))
    .filter((hedge) => hedge.instrument() === OPTION);
}

function market(vega: number): void {
  bench.say(
    MessageType.THEO_RUN + TO_BE_PASSED,
    TheoRun,
    (run) => {
      run.mutate_count(1);
      run.mutate_forward(INDEX);
      run.mutate_years(30 / 365);
    },
    {
      bytes: Theo.sizeOf(),
      fill: (buffer, at) => {
        const told = new Theo().__init(at, buffer);
        told.mutate_instrument(OPTION);
        told.mutate_price(0.05);
        told.mutate_vega(7000);
        told.mutate_gamma(4e-5);
      },
    },
  );
  bench.say(MessageType.BOOK_TOP + TO_BE_PASSED, BookTop, (top) => {
    top.mutate_instrument(OPTION);
    top.mutate_state(1);
    top.mutate_bidPrice(0.0499);
    top.mutate_bidAmount(10);
    top.mutate_askPrice(0.0501);
    top.mutate_askAmount(10);
  });
  bench.say(MessageType.UNDERLYING_EXPOSURE + TO_BE_PASSED, UnderlyingExposure, (told) => {
    told.mutate_index(INDEX);
    told.mutate_weightedVega(vega);
    told.mutate_gamma(1e-4);
  });
}

/** Half a second passes. */
function pulse(): DesiredHedge[] {
  bench.time += 500_000;
  return hedgesOf(
    bench.say(MessageType.TIMER_FIRED, TimerFired, (fired) => {
      fired.mutate_actor(HEDGER);
      fired.mutate_serial(++serial);
    }),
  );
}

it('sells vega at the touch of others where it is out of its band, says why, and then waits for what came of it', () => {
  market(20_000);
  const [hedge] = pulse();
  expect([hedge!.side(), hedge!.strategy(), hedge!.timeInForce()]).toEqual([
    Side.SELL,
    Strategy.HEDGER,
    TimeInForce.IMMEDIATE_OR_CANCEL,
  ]);
  expect(hedge!.price()).toBe(0.0499);
  // (20,000 - 2,500) / 7,000, whole tenths.
  expect(hedge!.amount()).toBeCloseTo(2.5, 9);
  expect([hedge!.reason(), hedge!.bindingValue(), hedge!.bandHigh()]).toEqual([6, 20_000, 5000]);
  expect(hedge!.cost()).toBeGreaterThan(0);
  const [taken] = pulse();
  expect([taken!.amount(), taken!.urgency()]).toEqual([0, 0]);
  expect(pulse()).toEqual([]);
  for (let half = 0; half < 8; half++) {
    market(20_000);
    if (pulse().length > 0) return;
  }
  expect.unreachable('the next hedge comes when the last one is known');
});

it('does nothing inside the band, and nothing at all where it is not asked for', () => {
  market(4000);
  expect(pulse()).toEqual([]);
  open({});
  market(1e6);
  expect(pulse()).toEqual([]);
});
