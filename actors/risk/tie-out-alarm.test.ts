import { expect, it } from 'vitest';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { encodeInstrument } from '../../engine/market/instrument-codec.js';
import { SIMULATION_LIMITS } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode } from '../../engine/market/risk/risk-states.js';
import { AccountReport } from '../../schemas/generated/account-report.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { portfolio } from '../portfolio/portfolio.js';
import { currencyWords } from '../portfolio/portfolio-book.js';
import { approvedOrders, intents, orderStates, theos, tops } from '../streams.js';
import { btcInstrument } from '../testing/stage/instruments.js';
import { passingStage } from '../testing/stage/passing-stage.js';
import { StageBench } from '../testing/stage/stage-bench.js';
import { risk } from './risk.js';

const INDEX = 60_000;
const DAY = 86_400e6;
const [WORD_0, WORD_1] = currencyWords('BTC');

/** Portfolio and risk on the reports of a venue that counts the account's money as it likes. */
function desk(limit: number) {
  const bench = new StageBench(
    [
      passingStage('book', tops, [MessageType.BOOK_TOP]),
      passingStage('filter', theos, [MessageType.THEO_RUN]),
      passingStage('orders', orderStates, [MessageType.FILL]),
      portfolio({ instruments: 4, expiries: 4, underlyings: 2, profitEverySeconds: 1 }),
      passingStage('dispatch', intents, [MessageType.ORDER_INTENT]),
      risk({
        instruments: 4,
        expiries: 4,
        underlyings: 2,
        orders: 16,
        intentsAtOnce: 16,
        limits: { ...SIMULATION_LIMITS, tieOutUsd: limit },
        protection: { windowSeconds: 1, pauseSeconds: 5 },
        venueProtection: { amountUsd: 1e9, deltaUsd: 1e9, vega: 1e9 },
      }),
    ],
    approvedOrders,
  );
  bench.time = Math.ceil(bench.time / DAY) * DAY + 9 * 3600e6;
  bench.sayBytes(
    MessageType.INSTRUMENT_DEFINITION,
    encodeInstrument(
      1,
      btcInstrument({ kind: InstrumentKind.PERPETUAL, minimumAmount: 10, tickSize: 0.5, tickSteps: [] }),
    ),
  );
  bench.say(MessageType.TICKER, Ticker, (ticker) => {
    ticker.mutate_instrument(1);
    ticker.mutate_markPrice(INDEX);
    ticker.mutate_indexPrice(INDEX);
  });
  bench.say(MessageType.RECONCILE_REPORT, ReconcileReport, (told) => told.mutate_phase(2));
  return {
    /** The venue tells the account's equity so many days later; states of risk that follow. */
    equity(coins: number, days: number): RiskState[] {
      bench.time += days * DAY;
      return bench
        .say(MessageType.ACCOUNT_REPORT, AccountReport, (account) => {
          account.mutate_reconcile(1);
          account.currency()!.mutate_word0(WORD_0);
          account.currency()!.mutate_word1(WORD_1);
          account.mutate_equity(coins);
        })
        .filter(({ type }) => type === MessageType.RISK_STATE)
        .map(({ body }) => new RiskState().__init(0, new ViewBuffer(body.buffer)));
    },
  };
}

it('a venue whose equity is off by more than the limit over a day has everything reduced, and by less has not', () => {
  const tight = desk(100_000);
  expect(tight.equity(10, 0)).toEqual([]);
  expect(tight.equity(10, 1)).toEqual([]);
  // Within a day an answer may be late.
  expect(tight.equity(12, 0.1)).toEqual([]);
  const [told] = tight.equity(12, 0.9);
  expect([told!.state(), told!.cause()]).toEqual([RiskMode.REDUCING, RiskCode.TIE_OUT]);
  expect(told!.found()).toBeCloseTo(2 * INDEX, 6);
  expect(told!.limit()).toBe(100_000);
  // The next day begins from what the venue says.
  expect(tight.equity(12, 1)).toEqual([]);
  const wide = desk(1e9);
  wide.equity(10, 0);
  expect(wide.equity(12, 1)).toEqual([]);
});
