import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JournalReader } from '../../../engine/journal/reader.js';
import { QueueRule } from '../../../engine/market/fills/index.js';
import { LifeCycle } from '../../../engine/market/instrument.js';
import { HistoryReader } from '../../../engine/store/history/history-reader.js';
import { verifyReplay } from '../../replay/verify-replay.js';
import { journalVirtualRun } from '../../testing/backtest/journalled-virtual-run.js';
import { RecordedRows } from '../../testing/backtest/recorded-rows.js';
import { MARKET_MAKER_LIMITS } from '../../venue-sim/api/session/rate-limits.js';
import { OrderState, OrderType, Side, TimeInForce } from '../../venue-sim/exchange/codes.js';
import { instrumentOf } from '../../venue-sim/exchange/contracts.js';
import { WORLD } from '../../venue-sim/world/parameters.js';
import { CoreObserver } from '../core-observer.js';
import type { BacktestOutcome } from '../outcome.js';
import { coreSettings } from '../simulated-backtest.js';
import { type RecordedSettings, runRecorded } from './recorded-backtest.js';
import { RecordedMarket } from './recorded-market.js';
import type { RecordedSource } from './recorded-source.js';

const SECONDS = 40;
const OPTION = 'BTC-30JAN26-90000-C';

function marketOf(rows: RecordedRows, rule: number = QueueRule.RISK_AVERSE): RecordedMarket {
  return new RecordedMarket({
    source: rows,
    currency: 'BTC',
    instruments: 64,
    rule: rule as typeof QueueRule.RISK_AVERSE,
    exponent: 3,
  });
}

/** An order of ours in the first instrument; its id, or a refusal. */
function order(market: RecordedMarket, side: number, ticks: number, lots: number): number {
  const { exchange, account } = market;
  return exchange.place(account, 0, side, OrderType.LIMIT, ticks, lots, TimeInForce.GOOD_TIL_CANCELLED, 0, 0);
}

describe('an exchange that relives a recording', () => {
  const name = OPTION;
  // Ticks of 0.0005 coin at these prices, lots of 0.1.
  const bids = [[0.05, 3] as const, [0.0495, 9] as const];
  const asks = [[0.052, 4] as const];

  test('the recorded book stands in it, and changes with the recording', () => {
    const rows = new RecordedRows(instrumentOf(name)).book(bids, asks).book([[0.0495, 2]], asks);
    const market = marketOf(rows);
    market.step();
    const { books, instruments } = market.exchange;
    const best = (side: number): [number, number] => {
      const level = books.best(0, side);
      return [instruments.priceOf(0, books.levelTicks[level]!), instruments.amountOf(0, books.levelLots[level]!)];
    };
    expect(best(Side.BUY)).toEqual([0.05, 3]);
    expect(best(Side.SELL)).toEqual([0.052, 4]);
    market.step();
    expect(best(Side.BUY)).toEqual([0.0495, 2]);
  });

  test('an order is reached by recorded trades when what was ahead of it is gone, and by a price that comes through at once', () => {
    const rows = new RecordedRows(instrumentOf(name))
      .book(bids, asks)
      .trade(0.05, 2, 'sell')
      .trade(0.05, 2, 'sell')
      .trade(0.0495, 1, 'sell');
    const market = marketOf(rows);
    market.step();
    const own = order(market, Side.BUY, 500, 20);
    const { orders } = market.exchange;
    const slot = orders.slotOf(own);
    market.step();
    // Three were ahead: two of them have traded.
    expect(orders.filledLots[slot]).toBe(0);
    market.step();
    expect(orders.filledLots[slot]).toBe(10);
    market.step();
    expect(orders.state[slot]).toBe(OrderState.FILLED);
  });

  test('what crosses takes from the recorded book, once, until the recording changes the level', () => {
    const rows = new RecordedRows(instrumentOf(name))
      .book(bids, asks)
      .book(bids, asks)
      .book(bids, [[0.052, 5]]);
    const market = marketOf(rows);
    market.step();
    const { orders } = market.exchange;
    const taken = (): number => {
      const id = order(market, Side.BUY, 520, 100);
      const slot = orders.slotOf(id);
      const filled = orders.filledLots[slot]!;
      market.exchange.cancel(market.account, id);
      return filled;
    };
    expect(taken()).toBe(40);
    market.step();
    expect(taken()).toBe(0);
    market.step();
    expect(taken()).toBe(50);
  });

  test('an order in the way of the recorded market is filled by it', () => {
    const rows = new RecordedRows(instrumentOf(name)).book(bids, asks).book([[0.0475, 1]], [[0.0495, 2]]);
    const market = marketOf(rows);
    market.step();
    const id = order(market, Side.BUY, 505, 10);
    market.step();
    const { orders } = market.exchange;
    expect(orders.state[orders.slotOf(id)]).toBe(OrderState.FILLED);
    expect(orders.filledTicks[orders.slotOf(id)]).toBe(505 * 10);
  });

  test('a break in the chain of changes takes the book away until a snapshot comes', () => {
    const rows = new RecordedRows(instrumentOf(name))
      .book(bids, asks)
      .change([[0.0505, 1]], { gap: true })
      .book(bids, asks);
    const market = marketOf(rows);
    market.step();
    market.step();
    expect(market.breaks).toBe(1);
    expect(market.exchange.books.best(0, Side.BUY)).toBe(-1);
    market.step();
    expect(market.exchange.books.best(0, Side.BUY)).toBeGreaterThanOrEqual(0);
  });

  test('what cannot be traded is left out and counted: others, and what has no definition', () => {
    const ether = new RecordedRows(instrumentOf('ETH-30JAN26-3000-C')).book(bids, asks);
    const market = marketOf(ether);
    market.step();
    expect(market.leftOut).toBe(1);
    const nobody: RecordedSource = {
      instrument: () => undefined,
      next: () => new RecordedRows(instrumentOf(name)).book(bids, asks).next(),
    };
    const other = new RecordedMarket({
      source: nobody,
      currency: 'BTC',
      instruments: 64,
      rule: QueueRule.LOG,
      exponent: 1,
    });
    other.step();
    expect(other.leftOut).toBe(1);
    expect(() => marketOf(new RecordedRows(instrumentOf(name)))).toThrow(/holds no market data/);
  });

  test('a halt in the recording halts, and nothing opens it but the recording', () => {
    const rows = new RecordedRows(instrumentOf(name)).book(bids, asks).state(LifeCycle.HALTED).state(LifeCycle.OPEN);
    const market = marketOf(rows);
    market.step();
    market.step();
    expect(order(market, Side.BUY, 400, 1)).toBeLessThan(0);
    market.step();
    expect(order(market, Side.BUY, 400, 1)).toBeGreaterThan(0);
  });
});

describe('one code path: a run that was journalled, replayed, and its market backtested', () => {
  let folder = '';
  let live: CoreObserver;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'volfilter-backtest-'));
    const [currency] = WORLD.currencies;
    await journalVirtualRun(
      folder,
      {
        seed: 3,
        core: coreSettings({ quoting: {}, hedging: {} }),
        world: { ...WORLD, strikes: 4, currencies: [currency!] },
        limits: MARKET_MAKER_LIMITS,
        deposit: { [currency!.name]: 1000 },
      },
      SECONDS,
      {
        heard: (run) => {
          live = new CoreObserver(run, { nameOf: String, kindOf: () => 1 });
          live.begin();
        },
      },
    );
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('the replay says byte for byte what the run said', async () => {
    const reader = new JournalReader(folder);
    const report = verifyReplay(reader);
    await reader.close();
    expect(report.first).toBeUndefined();
    // Risk tells its limits and states on the same stream.
    expect(report.orders).toBeGreaterThanOrEqual(live.orders + live.refusals);
    expect(live.orders).toBeGreaterThan(50);
    expect(report.orders).toBeGreaterThan(100);
    expect(report.digests).toBeGreaterThan(10);
  }, 60_000);

  test('the backtest on its market quotes as the run did, and is the same each time', async () => {
    const settings: RecordedSettings = {
      seed: 1,
      currency: 'BTC',
      quoting: {},
      hedging: {},
      paths: {},
      feeScale: 1,
      speedBump: { option: 0, future: 0, perpetual: 0 },
      queue: QueueRule.POWER,
      exponent: 3,
      warmUpSeconds: 0,
      lookSeconds: 5,
      deposit: 1000,
      end: 0,
    };
    const runs: BacktestOutcome[] = [];
    for (let round = 0; round < 2; round++) {
      const reader = new HistoryReader(folder);
      const records = reader.records();
      const source: RecordedSource = {
        instrument: (id) => reader.registry.get(id),
        next: () => records.next().value ?? undefined,
      };
      const end = WORLD.startTime + 1000 * SECONDS;
      runs.push(runRecorded({ ...settings, end }, source));
      await reader.close();
    }
    const [first, second] = runs as [BacktestOutcome, BacktestOutcome];
    expect(second).toEqual(first);
    expect(first.measures.bookBreaks).toBe(0);
    expect(first.totals.requests).toBeGreaterThan(20);
    expect(first.measures.uptime).toBeGreaterThan(0.5);
  }, 60_000);
});
