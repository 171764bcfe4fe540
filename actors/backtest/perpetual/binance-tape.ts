import { Grid } from '../../../engine/market/grid.js';
import { Side } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { Header } from '../../../schemas/generated/header.js';
import { Trade } from '../../../schemas/generated/trade.js';
import { TradeRun } from '../../../schemas/generated/trade-run.js';
import { MessageType } from '../../../schemas/message-type.js';
import { binanceDecoder, parseStream } from '../../feed/binance/decoder.js';
import { writeSnapshot } from '../../feed/binance/snapshot.js';
import { FrameMemory } from '../../feed/wire/frame-memory.js';
import { NameTable } from '../../feed/wire/name-table.js';
import type { Recording } from '../../recording-server/recording.js';
import { type DepthTape, TapeRow } from './depth-tape.js';

const SLOT = 1 << 20;
const EXCHANGE_TIME = fieldOffset(Header, 'exchangeTime');
const BIDS = HEADER_BYTES + fieldOffset(BookUpdate, 'bidCount');
const ASKS = HEADER_BYTES + fieldOffset(BookUpdate, 'askCount');
const CHANGE_ID = HEADER_BYTES + fieldOffset(BookUpdate, 'changeId');
const TRADE = HEADER_BYTES + TradeRun.sizeOf();
const SELLER = 2;

export interface TapeOptions {
  /** Where the recording is from, and the SHA-256 of its bytes. */
  source: string;
  hash: string;
  /** Of the instrument, as the venue defines them. */
  tick: number;
  lot: number;
}

/**
 * A recording of a Binance perpetual's `depth@0ms` and `trade` streams as a tape. It must hold, or stand beside, the REST snapshot that the depth
 * continues.
 *
 * @throws Error that names the recording and what it lacks
 */
export function binanceTape(
  { frames, answers, venue }: Recording,
  { source, hash, tick, lot }: TapeOptions,
): DepthTape {
  const refuse = (expected: string, found: string): never => {
    throw new Error(`${source}: expected ${expected}, found ${found}`);
  };
  if (venue !== 'binance') refuse("a recording of Binance's streams", `one of ${venue}`);
  const answer = answers.find(({ bytes }) => bytes.includes('lastUpdateId'));
  if (answer === undefined) refuse("the answer to 'GET /fapi/v1/depth' among its lines", 'none');
  const slot = new DataView(new ArrayBuffer(SLOT));
  const names = new NameTable();
  const decoder = binanceDecoder(names);
  let symbol = '';
  for (const channel of new Set(frames.map((frame) => frame.channel))) {
    const stream = parseStream(channel);
    if (stream === undefined || stream.kind === 'bookTicker') continue;
    if (symbol === '') {
      symbol = stream.subject;
      names.set(symbol, 0);
    }
    if (stream.subject !== symbol) refuse('one instrument', `${symbol} and ${stream.subject}`);
    decoder.subscribe(channel, stream.kind, 0);
  }
  const grids = { tick: new Grid(tick), lot: new Grid(lot) };
  let records = new Uint8Array(1 << 22);
  let end = 0;
  const keep = (length: number): number => {
    if (end + length > records.length) {
      const grown = new Uint8Array(2 * Math.max(records.length, length));
      grown.set(records);
      records = grown;
    }
    records.set(new Uint8Array(slot.buffer, 0, length), end);
    const at = end;
    end += (length + 7) & ~7;
    return at;
  };
  const snapshot = keep(writeSnapshot(JSON.parse(answer!.bytes.toString()), 0, slot, 0, SLOT));
  const snapshotView = new DataView(records.buffer);
  const lastUpdate = snapshotView.getFloat64(snapshot + CHANGE_ID, true);
  const levelsOf = (view: DataView, at: number): number =>
    view.getUint32(at + BIDS, true) + view.getUint32(at + ASKS, true);
  const rows: { kind: number; time: number; local: number; at: number }[] = [];
  const trades: { ticks: number; lots: number; side: number }[] = [];
  let levels = 0;
  const memory = new FrameMemory(frames.reduce((most, { bytes }) => Math.max(most, bytes.length), 1));
  for (const { bytes, timeMicros } of frames) {
    memory.bytes.set(bytes, 0);
    const length = decoder.decode(memory, 0, bytes.length, slot, 0, SLOT);
    if (length <= 0) continue;
    const type = slot.getUint16(HeaderOffset.TYPE, true);
    const time = slot.getFloat64(EXCHANGE_TIME, true);
    if (type === MessageType.BOOK_UPDATE) {
      // What the snapshot holds already.
      if (slot.getFloat64(CHANGE_ID, true) <= lastUpdate) continue;
      levels += levelsOf(slot, 0);
      rows.push({ kind: TapeRow.DEPTH, time, local: timeMicros, at: keep(length) });
    } else if (type === MessageType.TRADE_RUN) {
      const ticks = grids.tick.steps(slot.getFloat64(TRADE + fieldOffset(Trade, 'price'), true));
      const lots = grids.lot.steps(slot.getFloat64(TRADE + fieldOffset(Trade, 'amount'), true));
      if (!(lots > 0)) continue;
      if (!(ticks > 0)) refuse(`prices in ticks of ${tick}`, `a trade off them; set data.tick`);
      const flags = slot.getUint32(TRADE + fieldOffset(Trade, 'flags'), true);
      rows.push({ kind: TapeRow.TRADE, time, local: timeMicros, at: trades.length });
      trades.push({ ticks, lots, side: (flags & 3) === SELLER ? Side.SELL : Side.BUY });
    }
  }
  if (levels === 0) refuse('changes of depth behind its snapshot', 'none');
  // Streams overtake each other on their way: at the exchange trades and the changes that they make are in order.
  rows.sort((left, right) => left.time - right.time || right.kind - left.kind);
  return {
    source,
    instrument: symbol,
    hash,
    ...grids,
    rows: rows.length,
    kind: Uint8Array.from(rows, ({ kind }) => kind),
    exchangeTime: Float64Array.from(rows, ({ time }) => time),
    localTime: Float64Array.from(rows, ({ local }) => local),
    at: Float64Array.from(rows, ({ at }) => at),
    records: new DataView(records.buffer, 0, end),
    snapshot,
    tradeTicks: Float64Array.from(trades, ({ ticks }) => ticks),
    tradeLots: Float64Array.from(trades, ({ lots }) => lots),
    tradeSide: Uint8Array.from(trades, ({ side }) => side),
    levels,
    depth: DEPTH,
  };
}

/** The whole book of a busy perpetual fits. */
const DEPTH = 16_384;
