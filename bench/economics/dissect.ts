import { argv } from 'node:process';
import { DERIBIT_BOOK_DEPTH, OPTION_TRADING } from '../../actors/core-settings.js';
import { desiredQuotes, orderStates, theos } from '../../actors/streams.js';
import { MARKET_MAKER_LIMITS } from '../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../actors/venue-sim/world/parameters.js';
import { VirtualRun } from '../../actors/virtual-run/virtual-run.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { Liquidity, Side } from '../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset, type RecordHandler } from '../../engine/runtime/edge/record.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Fill } from '../../schemas/generated/fill.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { MessageType } from '../../schemas/message-type.js';

/**
 * What a model's quotes meet, by time to expiry and delta: `dissect.js <seed> <hours> <quoting as JSON>` prints [tenor * 10 + delta, sums] a bucket as
 * JSON: what others trade and how far from the theoretical value (`reach`: [distance, amount] pairs), where our quotes stand, and what our fills earn at
 * once and a minute later. Prices are parts of the underlying.
 */
const TENORS = [2, 10, 45];
const DELTAS = [0.1, 0.25, 0.4, 0.6, 0.75, 0.9];
const MARKOUT_SECONDS = 60;

interface Value {
  theo: number;
  vega: number;
  bucket: number;
}

interface Bucket {
  trades: number;
  volume: number;
  distance: number;
  reach: number[];
  quotes: number;
  half: number;
  skew: number;
  market: number;
  behind: number;
  fills: number;
  amount: number;
  edge: number;
  fee: number;
  markout: number;
}

const [seed, hours, quoting = '{}'] = argv.slice(2);
const currency = WORLD.currencies[0]!;
const values = new Map<number, Value>();
const kinds = new Map<number, number>();
const buckets = new Map<number, Bucket>();
const waiting: { due: number; id: number; sign: number; price: number; amount: number; bucket: number }[] = [];
const last = new Map<number, number[]>();

function bucketOf(place: number): Bucket {
  let found = buckets.get(place);
  if (found === undefined) {
    found = {
      trades: 0,
      volume: 0,
      distance: 0,
      reach: [],
      quotes: 0,
      half: 0,
      skew: 0,
      market: 0,
      behind: 0,
      fills: 0,
      amount: 0,
      edge: 0,
      fee: 0,
      markout: 0,
    };
    buckets.set(place, found);
  }
  return found;
}

let started = false;
const onEvent: RecordHandler = (type, buffer, offset) => {
  if (type === MessageType.INSTRUMENT_DEFINITION) {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true) - HEADER_BYTES;
    const bytes = Uint8Array.from({ length }, (_, place) => buffer.readUint8(offset + HEADER_BYTES + place));
    const { id, instrument } = decodeInstrument(bytes);
    kinds.set(id, instrument.kind);
  }
  if (type !== MessageType.TRADE_RUN || !started) return;
  tradeRun.__init(offset + HEADER_BYTES, buffer);
  let at = offset + HEADER_BYTES + TradeRun.sizeOf();
  for (let left = tradeRun.count(); left > 0; left--, at += Trade.sizeOf()) {
    trade.__init(at, buffer);
    const value = values.get(trade.instrument());
    if (value === undefined) continue;
    const bucket = bucketOf(value.bucket);
    const sign = (trade.flags() & 3) === Side.BUY ? 1 : -1;
    const distance = sign * (trade.price() - value.theo);
    bucket.trades++;
    bucket.volume += trade.amount();
    bucket.distance += distance * trade.amount();
    bucket.reach.push(distance, trade.amount());
  }
};
const run = new VirtualRun({
  seed: Number(seed),
  core: {
    instruments: 512,
    bookDepth: DERIBIT_BOOK_DEPTH,
    trading: { ...OPTION_TRADING, needsMmp: true },
    quoting: JSON.parse(quoting),
    hedging: {},
  },
  world: { ...WORLD, strikes: 8, currencies: [currency] },
  limits: MARKET_MAKER_LIMITS,
  deposit: { [currency.name]: 1000 },
  onEvent,
});
const theo = new Theo();
const theoRun = new TheoRun();
run.hear(theos, (type, buffer, offset) => {
  if (type !== MessageType.THEO_RUN) return;
  theoRun.__init(offset + HEADER_BYTES, buffer);
  let at = offset + HEADER_BYTES + TheoRun.sizeOf();
  for (let left = theoRun.count(); left > 0; left--, at += Theo.sizeOf()) {
    theo.__init(at, buffer);
    const days = theoRun.years() * 365;
    const delta = Math.abs(theo.delta());
    const tenor = TENORS.filter((edge) => days >= edge).length;
    values.set(theo.instrument(), {
      theo: theo.price(),
      vega: theo.vega() / theoRun.forward(),
      bucket: tenor * 10 + DELTAS.filter((edge) => delta >= edge).length,
    });
  }
});
const desired = new DesiredQuote();
run.hear(desiredQuotes, (type, buffer, offset) => {
  if (type !== MessageType.DESIRED_QUOTE) return;
  desired.__init(offset + HEADER_BYTES, buffer);
  const id = desired.instrument();
  last.set(id, [
    desired.bidPrice(),
    desired.askPrice(),
    desired.marketBid(),
    desired.marketAsk(),
    desired.bidAmount(),
    desired.askAmount(),
  ]);
});
const fill = new Fill();
run.hear(orderStates, (type, buffer, offset) => {
  if (type !== MessageType.FILL || !started) return;
  fill.__init(offset + HEADER_BYTES, buffer);
  const value = values.get(fill.instrument());
  if (
    value === undefined ||
    fill.liquidity() === Liquidity.TAKER ||
    kinds.get(fill.instrument()) !== InstrumentKind.OPTION
  )
    return;
  const bucket = bucketOf(value.bucket);
  const sign = fill.side() === Side.BUY ? 1 : -1;
  bucket.fills++;
  bucket.amount += fill.amount();
  bucket.edge += sign * (value.theo - fill.price()) * fill.amount();
  bucket.fee += fill.fee();
  waiting.push({
    due: run.now + MARKOUT_SECONDS * 1000,
    id: fill.instrument(),
    sign,
    price: value.theo,
    amount: fill.amount(),
    bucket: value.bucket,
  });
});
const trade = new Trade();
const tradeRun = new TradeRun();
run.advance(120);
started = true;
for (let second = 0; second < Number(hours) * 3600; second += 5) {
  run.advance(5);
  for (const [id, [bid, ask, marketBid, marketAsk, bidAmount, askAmount]] of last) {
    const value = values.get(id);
    if (value === undefined || !(bidAmount! > 0 && askAmount! > 0)) continue;
    const bucket = bucketOf(value.bucket);
    bucket.quotes++;
    bucket.half += (ask! - bid!) / 2;
    bucket.skew += (ask! + bid!) / 2 - value.theo;
    if (marketBid! > 0 && marketAsk! > 0) {
      bucket.behind += (ask! > marketAsk! ? 0.5 : 0) + (bid! < marketBid! ? 0.5 : 0);
      bucket.market += (marketAsk! - marketBid!) / 2;
    } else bucket.market += 0;
  }
  while (waiting.length > 0 && waiting[0]!.due <= run.now) {
    const { id, sign, price, amount, bucket } = waiting.shift()!;
    bucketOf(bucket).markout += sign * (values.get(id)!.theo - price) * amount;
  }
}
console.log(JSON.stringify([...buckets].sort(([left], [right]) => left - right)));
