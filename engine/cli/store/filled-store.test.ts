import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { coreSettings } from '../../../actors/backtest/simulated-backtest.js';
import { journalVirtualRun } from '../../../actors/testing/backtest/journalled-virtual-run.js';
import { MARKET_MAKER_LIMITS } from '../../../actors/venue-sim/api/session/rate-limits.js';
import { MarginModel, OrderType, SelfMatch, Side, TimeInForce } from '../../../actors/venue-sim/exchange/codes.js';
import { WORLD } from '../../../actors/venue-sim/world/parameters.js';
import type { VirtualRun } from '../../../actors/virtual-run/virtual-run.js';
import { FeedOutage } from '../../../schemas/generated/feed-outage.js';
import { LimitChange } from '../../../schemas/generated/limit-change.js';
import { OperatorCommand } from '../../../schemas/generated/operator-command.js';
import { MessageType } from '../../../schemas/message-type.js';
import { InstrumentKind } from '../../market/instrument.js';
import { HEADER_BYTES } from '../../runtime/edge/record.js';
import { readManifest, storeFolder } from '../../store/sql/manifest.js';
import { DEFAULT_LIMITS, ReadSession } from '../../store/sql/read-session.js';
import { storeTables } from '../../store/sql/tables.js';
import { storeViews } from '../../store/sql/views.js';
import { importFile } from '../history/import-files.js';
import { withHistory } from '../history/journal-history.js';
import { openStoreWriter } from './open-store-writer.js';

const SECONDS = 40;

/** What the store is asked for, and where it is answered from. */
const KEPT = {
  instruments: ['instruments', 'instrument_definitions'],
  tops: ['tops', 'tickers'],
  trades: ['trades'],
  bars: ['bars'],
  chains: ['chains'],
  Greeks: ['theos', 'underlying_exposures'],
  'surface fits': ['surface_fits', 'surface_slices'],
  'quotes with why': ['desired_quotes', 'quotes_with_why'],
  orders: ['approved_orders', 'order_updates', 'order_reports'],
  requests: ['requests', 'request_reports', 'send_reports'],
  fills: ['fills', 'fills_with_markouts', 'fills_with_market'],
  positions: ['positions', 'open_positions'],
  'profit, loss and attribution': ['profit_loss', 'profit_loss_by_day', 'attributions', 'performance'],
  markouts: ['markouts'],
  'history of limits': ['limits', 'limit_changes'],
  'histograms of latencies': ['latency_histograms', 'request_latency'],
  'quality of data': ['feed_outages', 'data_quality'],
  sessions: ['sessions', 'runs'],
  audit: ['audit', 'operator_commands'],
} as const;

let folder = '';
let session: ReadSession | undefined;

/** Somebody takes all that stands up to a quote of ours: a fill that no strategy's width can put off. */
function takeQuote({ exchange, session, market }: VirtualRun): void {
  const { orders, instruments } = exchange;
  const taker = exchange.openAccount({ name: 'taker', margin: MarginModel.NONE, selfMatch: SelfMatch.CANCEL_MAKER });
  const quote = session.messages
    .open()
    .map((id) => orders.slotOf(id))
    .find((slot) => instruments.kind[orders.instrument[slot]!] === InstrumentKind.OPTION);
  if (quote === undefined) throw new Error(`expected an open quote of account ${market.account}, found none`);
  const side = orders.side[quote] === Side.BUY ? Side.SELL : Side.BUY;
  const { IMMEDIATE_OR_CANCEL } = TimeInForce;
  exchange.place(
    taker,
    orders.instrument[quote]!,
    side,
    OrderType.LIMIT,
    orders.ticks[quote]!,
    1e6,
    IMMEDIATE_OR_CANCEL,
    0,
    0,
  );
}

/** What a person and a bad line would add to the log of a run. */
function meddle({ log, now }: VirtualRun): void {
  log.at(now * 1000);
  const write = (type: number, bytes: number, fill: (at: number) => void): void => {
    const at = log.open(type, bytes);
    fill(at + HEADER_BYTES);
    log.close(at);
  };
  write(MessageType.OPERATOR_COMMAND, OperatorCommand.sizeOf(), (at) => {
    new OperatorCommand().__init(at, log.buffer).mutate_user(7);
  });
  write(MessageType.LIMIT_CHANGE, LimitChange.sizeOf(), (at) => {
    new LimitChange().__init(at, log.buffer).mutate_user(7);
  });
  for (const phase of [1, 2]) {
    write(MessageType.FEED_OUTAGE, FeedOutage.sizeOf(), (at) => {
      const outage = new FeedOutage().__init(at, log.buffer);
      outage.mutate_phase(phase);
      outage.mutate_channel(3);
      outage.mutate_since(now * 1000);
    });
  }
  log.finish();
}

async function ask(sql: string): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  await session!.ask(sql, { columns: () => {}, rows: (more) => rows.push(...more) });
  return rows;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'volfilter-filled-'));
  // Before the run: it gives ids from both ends, which a ledger of history does not go on from.
  const bars = join(folder, 'perpetual_1m.csv');
  writeFileSync(
    bars,
    'timestamp,open,high,low,close,volume\n2026-01-05 00:00:00,100,103,99,101,7\n2026-01-05 00:01:00,101,103,99,101,7\n',
  );
  const chain = join(folder, 'chain.csv');
  writeFileSync(
    chain,
    'ts_ms,instrument,bid,ask,mark,mark_iv,underlying,index\n1767259115173,BTC-16JAN26-100000-C,0.0028,0.0031,0.003,0.43,87989,87804\n',
  );
  await withHistory(folder, false, async (writer) => {
    for (const path of [bars, chain])
      await importFile(
        writer,
        path,
        { zoneMinutes: 0, ...(path === bars ? { instrument: 'BTC-PERPETUAL' } : {}) },
        undefined,
      );
  });
  const [currency] = WORLD.currencies;
  let run: VirtualRun | undefined;
  await journalVirtualRun(
    folder,
    {
      seed: 5,
      core: coreSettings({ quoting: {}, hedging: {} }),
      world: { ...WORLD, strikes: 4, currencies: [currency!] },
      limits: MARKET_MAKER_LIMITS,
      deposit: { [currency!.name]: 1000 },
    },
    SECONDS,
    {
      heard: (made) => {
        run = made;
      },
      progress: (done) => {
        if (done !== 20) return;
        meddle(run!);
        takeQuote(run!);
      },
    },
  );
  const writer = await openStoreWriter(folder);
  await writer.catchUp();
  expect(writer.manifest.notes).toEqual([]);
  await writer.close();
  const store = storeFolder(folder);
  session = await ReadSession.open(store, readManifest(store)!, { ...DEFAULT_LIMITS, threads: 1 });
}, 120_000);
afterAll(() => {
  session?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the store of a run', () => {
  test.each(Object.entries(KEPT))('has %s', async (_, relations) => {
    for (const name of relations) {
      const [[count]] = (await ask(`SELECT count(*) FROM ${name}`)) as [[string]];
      expect(Number(count), name).toBeGreaterThan(0);
    }
  });

  it('has a table for what only some runs have: crossings of the volatility filter, alerts', () => {
    const known: readonly string[] = [...storeTables, ...storeViews].map(({ name }) => name);
    expect(known).toEqual(
      expect.arrayContaining(['filter_events', 'filtered_bars', 'alert_changes', 'alert_commands']),
    );
  });

  it('says of each fill what was in force just before it', async () => {
    const rows = await ask(
      `SELECT count(*), count(top_time), count(fit_time), max(fit_error), bool_and(top_time < time), min(ask_price - bid_price) FROM fills_with_market`,
    );
    const [fills, topped, fitted, error, isBefore, spread] = rows[0]!;
    expect(Number(fills)).toBeGreaterThan(0);
    expect(topped).toBe(fills);
    expect(Number(fitted)).toBeGreaterThan(0);
    expect(Number(error)).toBeLessThan(0.2);
    expect(isBefore).toBe(true);
    expect(Number(spread)).toBeGreaterThan(0);
  });
});
