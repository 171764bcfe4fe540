import { beforeEach, describe, expect, test } from 'vitest';
import { printVaried } from '../../../engine/testing/json-variants.js';
import { recordedFrames, recordedStream } from '../../../engine/testing/recordings.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { DecoderCheck } from '../testing/decoder-check.js';
import { HEADER_BYTES } from '../wire/frame-decoder.js';
import { NameTable } from '../wire/name-table.js';
import { Refusal } from '../wire/reference.js';
import { binanceDecoder, binanceKinds, parseStream } from './decoder.js';

const DEPTH = `{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":5123107832006,"u":5123107837557,"pu":5123107831937,"b":[["58710.20","0.014"],["61510.90","0.000"]],"a":[["61800.30","2.510"]]}}`;
const BOOK_TICKER = `{"stream":"btcusdt@bookTicker","data":{"e":"bookTicker","u":5123107839020,"s":"BTCUSDT","b":"61800.20","B":"2.507","a":"61800.30","A":"2.510","T":1723161256313,"E":1723161256313}}`;
const TRADE = `{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"T":1723161256322,"s":"BTCUSDT","t":5266583935,"p":"61800.30","q":"0.006","X":"MARKET","m":false}}`;

const names = new NameTable();
let check: DecoderCheck;

function subscribe(stream: string): void {
  const { kind, subject } = parseStream(stream)!;
  if (names.get(subject) < 0) names.set(subject, names.size);
  check.decoder.subscribe(stream, kind, names.get(subject));
}

beforeEach(() => {
  check = new DecoderCheck(binanceDecoder(names), (message) => {
    const { kind, subject } = parseStream((message as { stream: string }).stream)!;
    return { kind: binanceKinds.find(({ name }) => name === kind)!, subject: names.get(subject) };
  });
  for (const stream of ['btcusdt@depth@0ms', 'btcusdt@bookTicker', 'btcusdt@trade']) subscribe(stream);
});

describe('a Binance message', () => {
  test('of depth becomes a BookUpdate that names the update before', () => {
    expect(check.decode(DEPTH)).toBe(HEADER_BYTES + 40 + 3 * 16);
    const update = new BookUpdate().__init(HEADER_BYTES, new ViewBuffer(check.slot.buffer));
    expect(update.kind()).toBe(2);
    expect([update.firstChangeId(), update.changeId(), update.previousChangeId()]).toEqual([
      5123107832006, 5123107837557, 5123107831937,
    ]);
    expect([update.bidCount(), update.askCount()]).toEqual([2, 1]);
  });

  test('of bookTicker becomes a TopOfBook', () => {
    check.expectSame(BOOK_TICKER);
    const top = new TopOfBook().__init(HEADER_BYTES, new ViewBuffer(check.slot.buffer));
    expect([top.bestBidPrice(), top.bestBidAmount(), top.bestAskPrice(), top.bestAskAmount()]).toEqual([
      61800.2, 2.507, 61800.3, 2.51,
    ]);
  });

  test('of trade becomes a run of one, with the aggressor seen from the maker', () => {
    check.expectSame(TRADE);
    const trade = new Trade().__init(HEADER_BYTES + 8, new ViewBuffer(check.slot.buffer));
    expect([trade.price(), trade.amount(), trade.tradeId(), trade.flags()]).toEqual([61800.3, 0.006, 5266583935, 1]);
    expect(trade.iv()).toBeNaN();
    check.expectSame(TRADE.replace('false', 'true'));
    expect(trade.flags()).toBe(2);
  });

  test.each([
    ['a price that is not in quotes', Refusal.WRONG_TYPE, DEPTH.replace('"58710.20"', '58710.20')],
    ['a price that is no number', Refusal.WRONG_TYPE, DEPTH.replace('58710.20', 'NaN')],
    ['an empty price', Refusal.WRONG_TYPE, DEPTH.replace('58710.20', '')],
    ['another event than the stream', Refusal.WRONG_TYPE, DEPTH.replace('depthUpdate', 'bookTicker')],
    ['another symbol than the stream', Refusal.UNKNOWN_SUBJECT, DEPTH.replace('BTCUSDT', 'ETHUSDT')],
    ['a stream that nobody asked for', Refusal.UNKNOWN_CHANNEL, DEPTH.replace('btcusdt@', 'ethusdt@')],
  ])('with %s is refused', (_why, reason, text) => {
    check.decode(DEPTH);
    expect(check.decode(text)).toBe(-1 - reason);
  });
});

const perpetual = recordedStream('binance/perp-2024-08-08/usdm_btcusdt_20240808.gz');
const coinPerpetual = recordedStream('binance/perp-2024-08-08/cm_btcusd_perp_20240808.gz');
const delivery = recordedFrames('binance/delivery-2021-07-22/BINANCE_DELIVERY.ws.1.0.jsonl');

describe.skipIf(perpetual === undefined)('recorded Binance streams (skipped where ../shared/data is absent)', () => {
  test('make the records that JSON.parse makes', () => {
    const streams = new Set<string>();
    // Every message of the shorter two, every tenth of the longest.
    const messages = [
      ...perpetual!.filter((_, index) => index % 10 === 0),
      ...coinPerpetual!.slice(0, 9000),
      ...delivery!,
    ];
    for (const text of messages) {
      const { stream } = JSON.parse(text) as { stream?: string };
      if (stream === undefined || parseStream(stream) === undefined) continue;
      if (!streams.has(stream)) subscribe(stream);
      streams.add(stream);
      check.expectSame(text);
    }
    expect(streams.size).toBeGreaterThan(20);
    const { scanned, parsed, refused } = check.decoder.counters;
    expect(refused.every((count) => count === 0)).toBe(true);
    expect(parsed).toBeLessThan(16);
    expect(scanned).toBeGreaterThan(30_000);
  });

  test('mean the same in every order of keys and white space, and with fields that nobody knows', () => {
    const messages = perpetual!.slice(0, 400).filter((text) => text.includes('"stream"'));
    const random = new Seeded(3);
    for (let run = 0; run < 2000; run++) {
      const variation = {
        reorder: random.chance(0.5),
        numbers: random.chance(0.5),
        unknown: random.chance(0.3),
        space: random.chance(0.2),
      };
      check.expectSame(printVaried(JSON.parse(random.pick(messages)), random, variation));
    }
  });

  test('cut off at any byte are refused', () => {
    for (const text of [perpetual![0]!, ...perpetual!.slice(100, 120)]) {
      check.decode(text);
      for (let end = 0; end < text.length; end++) {
        if (check.decode(text.slice(0, end)) !== -1 - Refusal.MALFORMED) expect.fail(`accepted ${text.slice(0, end)}`);
      }
    }
  });
});
