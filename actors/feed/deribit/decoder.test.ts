import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { printVaried } from '../../../engine/testing/json-variants.js';
import { recordedFrames } from '../../../engine/testing/recordings.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { Level } from '../../../schemas/generated/level.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { DecoderCheck } from '../testing/decoder-check.js';
import { HEADER_BYTES } from '../wire/frame-decoder.js';
import { NameTable } from '../wire/name-table.js';
import { Refusal } from '../wire/reference.js';
import { deribitDecoder, deribitKinds, parseChannel } from './decoder.js';

interface Notification {
  params: { channel: string; data: Record<string, unknown> & unknown[] };
}

const BOOK = `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"book.BTC-24SEP21-8000-P.raw","data":{"type":"change","timestamp":1626993724318,"prev_change_id":33195894164,"instrument_name":"BTC-24SEP21-8000-P","change_id":33195894355,"bids":[["change",0.0005,153.1]],"asks":[["new",0.001,2.6],["delete",0.0015,0.0]]}}}`;
const TICKER = `{"jsonrpc":"2.0","method":"subscription","params":{"channel":"ticker.ETH-5JUN20-310-P.raw","data":{"underlying_price":231.7,"underlying_index":"SYN.ETH-5JUN20","timestamp":1590969597073,"stats":{"volume":null,"price_change":null,"low":null,"high":null},"state":"open","settlement_price":0.29,"open_interest":3.2e4,"min_price":0.299,"max_price":0.383,"mark_price":0.33859,"mark_iv":118.63,"last_price":null,"interest_rate":-4.0e-7,"instrument_name":"ETH-5JUN20-310-P","index_price":231.54,"greeks":{"vega":0.0092,"theta":-0.12594,"rho":-0.03643,"gamma":0.00122,"delta":-0.98566},"estimated_delivery_price":231.54,"bid_iv":0,"best_bid_price":0,"best_bid_amount":0,"best_ask_price":0,"best_ask_amount":0,"ask_iv":0}}}`;

const samples = sharedData('deribit/samples');

/** Every data message of every Deribit recording and sample. */
function recordedMessages(): string[] {
  const session = recordedFrames('deribit/ws-2021-07-22/DERIBIT.ws.1.0.jsonl') ?? [];
  const tardis = readFileSync(join(samples!, 'tardis_deribit_messages.jsonl'), 'utf8').trim().split('\n');
  const nautilus = readdirSync(join(samples!, 'nautilus'))
    .filter((name) => name.startsWith('ws_'))
    .map((name) => readFileSync(join(samples!, 'nautilus', name), 'utf8'));
  return [...session, ...tardis, ...nautilus].filter((text) => {
    const channel = (JSON.parse(text) as Partial<Notification>).params?.channel;
    return channel !== undefined && parseChannel(channel) !== undefined;
  });
}

let check: DecoderCheck;
const names = new NameTable();

function idOf(name: string): number {
  if (names.get(name) < 0) names.set(name, names.size);
  return names.get(name);
}

/** Subscribes to a message's channel and gives ids to all that it names. */
function expectMessage(text: string): void {
  const { channel, data } = (JSON.parse(text) as Notification).params;
  const { kind, subject } = parseChannel(channel)!;
  for (const entry of Array.isArray(data) ? (data as Record<string, unknown>[]) : [data]) {
    idOf(String(entry.instrument_name ?? entry.index_name));
  }
  check.decoder.subscribe(channel, kind, subject === undefined ? -1 : idOf(subject));
}

beforeEach(() => {
  check = new DecoderCheck(deribitDecoder(names), (message) => {
    const { kind, subject } = parseChannel((message as Notification).params.channel)!;
    return {
      kind: deribitKinds.find(({ name }) => name === kind)!,
      subject: subject === undefined ? -1 : idOf(subject),
    };
  });
  expectMessage(BOOK);
  expectMessage(TICKER);
});

describe('a book change', () => {
  test('becomes a BookUpdate with its levels behind it, deletions as zero', () => {
    expect(check.decode(BOOK)).toBe(HEADER_BYTES + 40 + 3 * 16);
    const buffer = new ViewBuffer(check.slot.buffer);
    const update = new BookUpdate().__init(HEADER_BYTES, buffer);
    expect(update.instrument()).toBe(idOf('BTC-24SEP21-8000-P'));
    expect(update.kind()).toBe(2);
    expect(update.changeId()).toBe(33195894355);
    expect(update.previousChangeId()).toBe(33195894164);
    expect(update.bidCount()).toBe(1);
    expect(update.askCount()).toBe(2);
    const level = (index: number) => new Level().__init(HEADER_BYTES + 40 + 16 * index, buffer);
    expect([level(0).price(), level(0).amount()]).toEqual([0.0005, 153.1]);
    expect([level(2).price(), level(2).amount()]).toEqual([0.0015, 0]);
    expect(check.slot.getFloat64(32, true)).toBe(1626993724318_000);
  });

  test('is scanned without JSON.parse once its shape is known', () => {
    check.decode(BOOK);
    check.decode(BOOK);
    expect(check.decoder.counters).toMatchObject({ scanned: 1, parsed: 1, learnt: 1 });
  });

  test('keeps bids in front when the venue sends offers first', () => {
    const { bids, asks, ...rest } = (JSON.parse(BOOK) as Notification).params.data;
    const message = JSON.parse(BOOK) as Notification;
    message.params.data = { ...rest, asks, bids } as never;
    check.expectSame(JSON.stringify(message));
    expect(check.decoder.counters.scanned).toBe(1);
  });
});

describe('a ticker', () => {
  test('gives fractions for per cents, NaN for null, and zeros as the venue sent them', () => {
    expect(check.decode(TICKER)).toBe(HEADER_BYTES + 248);
    const ticker = new Ticker().__init(HEADER_BYTES, new ViewBuffer(check.slot.buffer));
    expect(ticker.markIv()).toBe(118.63 / 100);
    expect(ticker.openInterest()).toBe(32000);
    expect(ticker.interestRate()).toBe(-4e-7);
    expect(ticker.lastPrice()).toBeNaN();
    expect(ticker.currentFunding()).toBeNaN();
    expect(ticker.bestBidAmount()).toBe(0);
    expect(ticker.delta()).toBe(-0.98566);
    expect(ticker.state()).toBe(2);
    expect(ticker.underlying()).toBe(2);
  });

  test('that follows one with other values is read anew where it changed and as remembered where it did not', () => {
    for (let time = 0; time < 3; time++) check.expectSame(TICKER);
    for (const [from, to] of [
      ['231.54', '231.5'],
      ['0.33859', '0.338595'],
      ['"open"', '"closed"'],
      ['3.2e4', '3.2e5'],
      ['"SYN.ETH-5JUN20"', '"ETH-5JUN20"'],
      ['null', '1'],
      ['-0.98566', '-0.985661'],
      ['"best_ask_amount":0', '"best_ask_amount":01'.replace('01', '10')],
    ] as const) {
      check.expectSame(TICKER.replace(from, to));
      check.expectSame(TICKER);
    }
    expect(check.decoder.counters.parsed).toBe(1);
  });
});

describe('trades', () => {
  const trades = (...entries: object[]) =>
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'subscription',
      params: { channel: 'trades.option.ETH.raw', data: entries },
    });
  const trade = {
    timestamp: 1765531356452,
    price: 0.05,
    amount: 10,
    direction: 'sell',
    index_price: 92276.75,
    instrument_name: 'ETH-5JUN20-310-P',
    trade_seq: 7,
    mark_price: 0.051,
    iv: 41.01,
    tick_direction: 2,
    trade_id: 'ETH-403691824',
  };

  test('of many instruments and forms become one run', () => {
    const text = trades(trade, { ...trade, trade_id: '5', liquidation: 'MT', direction: 'buy', block_trade_id: 'x' });
    expectMessage(text);
    check.expectSame(text);
    const buffer = new ViewBuffer(check.slot.buffer);
    expect(new TradeRun().__init(HEADER_BYTES, buffer).count()).toBe(2);
    const first = new Trade().__init(HEADER_BYTES + 8, buffer);
    expect(first.tradeId()).toBe(403691824);
    expect(first.flags()).toBe(2 | (2 << 6) | 256);
    expect(first.iv()).toBe(41.01 / 100);
    expect(new Trade().__init(HEADER_BYTES + 80, buffer).flags()).toBe(1 | 12 | 16 | (2 << 6));
    expect(check.decoder.counters.scanned).toBe(1);
  });

  test('that are none make an empty run', () => {
    check.decoder.subscribe('trades.option.ETH.raw', 'trades', -1);
    check.expectSame(trades());
  });
});

describe('what is refused is counted and explained', () => {
  const refused: [why: string, reason: number, text: string][] = [
    ['text that is not JSON', Refusal.MALFORMED, '{"jsonrpc":'],
    ['a binary frame', Refusal.MALFORMED, '\u0000\u0001\u0002'],
    ['a book without its change id', Refusal.MISSING, BOOK.replace('"change_id":33195894355,', '')],
    ['a price in quotes', Refusal.WRONG_TYPE, BOOK.replace('0.0005', '"0.0005"')],
    ['a null price', Refusal.WRONG_TYPE, BOOK.replace('0.0005', 'null')],
    ['an action that does not exist', Refusal.WRONG_TYPE, BOOK.replace('"new"', '"old"')],
    ['a level of four', Refusal.WRONG_TYPE, BOOK.replace('2.6]', '2.6,1]')],
    ['levels that are no array', Refusal.WRONG_TYPE, BOOK.replace('[["change",0.0005,153.1]]', '{}')],
    ['a number beyond range', Refusal.OUT_OF_RANGE, BOOK.replace('153.1', '1e999')],
    ['a channel that nobody asked for', Refusal.UNKNOWN_CHANNEL, BOOK.replace('book.BTC', 'book.XRP')],
    [
      'another instrument than the channel',
      Refusal.UNKNOWN_SUBJECT,
      BOOK.replace('"instrument_name":"BTC-24SEP21-8000-P"', '"instrument_name":"ETH-5JUN20-310-P"'),
    ],
  ];

  test.each(refused)('%s', (_why, reason, text) => {
    check.decode(BOOK);
    expect(check.decode(text)).toBe(-1 - reason);
    expect(check.decoder.counters.refused[reason]).toBe(1);
    expect(check.decoder.explanation).not.toBe('');
  });

  test('more levels than a record holds', () => {
    const levels = Array.from({ length: 20_000 }, (_, index) => `["new",${index},1]`).join(',');
    expect(check.decode(BOOK.replace('["change",0.0005,153.1]', levels))).toBe(-1 - Refusal.TOO_MANY);
  });

  test('and does not stop the next frame', () => {
    check.decode(BOOK);
    for (const [, , text] of refused) check.decode(text);
    check.expectSame(BOOK);
  });
});

test('answers, errors and heartbeats are for the session', () => {
  expect(check.decode('{"jsonrpc":"2.0","id":1,"error":{"code":10028,"message":"too_many_requests"}}')).toBe(0);
  expect(check.decoder.control).toMatchObject({ error: { code: 10028 } });
});

describe.skipIf(samples === undefined)('recorded messages (skipped where ../shared/data is absent)', () => {
  test('each make the record that JSON.parse makes', () => {
    const messages = recordedMessages();
    expect(messages.length).toBeGreaterThan(150);
    for (const text of messages) {
      expectMessage(text);
      check.expectSame(text);
    }
  });

  test('of the session are all scanned but the first of each shape', () => {
    for (const text of recordedMessages().slice(0, 135)) {
      expectMessage(text);
      check.decode(text);
    }
    expect(check.decoder.counters).toMatchObject({ scanned: 132, parsed: 3, learnt: 3 });
  });

  test('mean the same in every order of keys, form of number and white space, and with fields that nobody knows', () => {
    const messages = recordedMessages();
    messages.forEach(expectMessage);
    const random = new Seeded(1);
    for (let run = 0; run < 4000; run++) {
      const variation = {
        reorder: random.chance(0.4),
        numbers: random.chance(0.7),
        unknown: random.chance(0.3),
        space: random.chance(0.2),
      };
      check.expectSame(printVaried(JSON.parse(random.pick(messages)), random, variation));
    }
  });

  test('cut off at any byte are refused', () => {
    const messages = recordedMessages();
    messages.forEach(expectMessage);
    for (const text of messages) check.decode(text);
    for (const text of new Set([messages[0]!, messages[20]!, ...messages.slice(-20)])) {
      check.decode(text);
      for (let end = 0; end < text.trimEnd().length; end++) {
        if (check.decode(text.slice(0, end)) !== -1 - Refusal.MALFORMED) expect.fail(`accepted ${text.slice(0, end)}`);
      }
    }
  });

  test('with any byte changed mean what JSON.parse says they mean', () => {
    const messages = recordedMessages();
    messages.forEach(expectMessage);
    for (const text of messages) check.decode(text);
    const random = new Seeded(2);
    let accepted = 0;
    for (let run = 0; run < 20_000; run++) {
      const text = random.pick(messages);
      const at = random.below(text.length);
      const changed =
        text.slice(0, at) + random.pick([...'0123456789.eE+-"[]{},: nul\\x\u007f\u0001']) + text.slice(at + 1);
      let message: Partial<Notification> | undefined;
      try {
        message = JSON.parse(changed) as Partial<Notification>;
      } catch {
        if (check.decode(changed) !== -1 - Refusal.MALFORMED) expect.fail(`accepted ${changed}`);
        continue;
      }
      if (
        message.params?.channel === JSON.parse(text).params.channel &&
        (message as { method?: string }).method === 'subscription'
      ) {
        check.expectSame(changed);
        accepted++;
      } else expect(check.decode(changed)).toBeLessThanOrEqual(0);
    }
    expect(accepted).toBeGreaterThan(5000);
  });
});
