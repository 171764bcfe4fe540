/**
 * Orders and what is asked for: the keeper, the differ with its planner, and the encoder, each beside the plain way.
 *
 *   reports ──> OrderKeeper (typed arrays)            beside   a Map of objects that knows the same four events
 *   1,600 sides that differ ──> the 100 to be sent    beside   an array of objects, sorted
 *   100 sides ──> a mass quote in bytes               beside   JSON.stringify of objects that are ready
 */
import { FrameWriter } from '../../actors/execution/deribit/frame-writer.js';
import { CellCount } from '../../engine/market/orders/cells.js';
import {
  CreditPool,
  NO_QUOTE_SET,
  OrderAction,
  OrderFlag,
  RequestOutcome,
  SendOutcome,
  Side,
  VenueOrderState,
} from '../../engine/market/orders/codes.js';
import { CreditBuckets, DEFAULT_CREDITS } from '../../engine/market/orders/credit-buckets.js';
import { AS_QUOTE, Differ, LineInt, LineNumber, SideInt, SideNumber } from '../../engine/market/orders/differ.js';
import { type KeeperSink, OrderKeeper } from '../../engine/market/orders/order-keeper.js';
import { Planner, type PlanView } from '../../engine/market/orders/planner.js';
import { writeVenueId } from '../../engine/market/orders/venue-id.js';
import { structOffset } from '../../schemas/field-offset.js';
import { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { FillReport } from '../../schemas/generated/fill-report.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { RequestReport } from '../../schemas/generated/request-report.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { interleaved } from '../interleaved.js';
import type { BenchResult, BenchSuite } from '../report.js';

const ROUNDS = 11;
const LIVES = 20_000;
const INSTRUMENTS = 800;
const PLANS = 50;
const FRAMES = 2000;

const nothing = (): void => {};

/** One order from its placing to its whole fill: four reports. */
function lives(): BenchResult {
  let changes = 0;
  const sink: KeeperSink = {
    orderChanged: () => {
      changes++;
    },
    requestChanged: nothing,
    requestNotSent: nothing,
    fillTold: nothing,
    fillInferred: nothing,
    queryWanted: nothing,
    accountInDoubt: nothing,
  };
  const settings = { instruments: INSTRUMENTS, orders: 4096, requests: 2048, trades: 16_384, answerWithinMicros: 5e6 };
  const keeper = new OrderKeeper(new CellCount(), settings, sink);
  keeper.now[3] = 1;
  const buffers = [SendReport, OrderReport, RequestReport, FillReport].map(
    (struct) => new ViewBuffer(new ArrayBuffer(struct.sizeOf())),
  );
  const send = new SendReport().__init(0, buffers[0]!);
  const approved = send.order(new ApprovedOrder())!;
  const shown = new OrderReport().__init(0, buffers[1]!);
  const answer = new RequestReport().__init(0, buffers[2]!);
  const fill = new FillReport().__init(0, buffers[3]!);
  const ids = {
    order: structOffset(OrderReport, 'venueOrderId'),
    trade: structOffset(FillReport, 'tradeId'),
    fillOrder: structOffset(FillReport, 'venueOrderId'),
  };
  let seq = 1;
  const word = (view: DataView, offset: number): void => {
    view.setUint32(offset, seq, true);
    view.setUint32(offset + 4, 0x2d435442, true);
  };
  writeVenueId(buffers[1]!.view, ids.order, '');
  const life = (): void => {
    seq++;
    keeper.now[0] = seq * 100;
    keeper.now[1] = seq;
    send.mutate_outcome(SendOutcome.SENT);
    send.mutate_requestSeq(seq);
    approved.mutate_action(OrderAction.PLACE);
    approved.mutate_instrument(seq % INSTRUMENTS);
    approved.mutate_side(Side.BUY);
    approved.mutate_run(1);
    approved.mutate_orderSeq(seq);
    approved.mutate_price(10);
    approved.mutate_amount(1);
    approved.mutate_quoteSet(NO_QUOTE_SET);
    keeper.onSend(send);
    shown.mutate_state(VenueOrderState.OPEN);
    shown.mutate_instrument(seq % INSTRUMENTS);
    shown.mutate_side(Side.BUY);
    shown.mutate_flags(OrderFlag.OURS);
    shown.mutate_run(1);
    shown.mutate_orderSeq(seq);
    shown.mutate_requestSeq(seq);
    shown.mutate_price(10);
    shown.mutate_amount(1);
    shown.mutate_updated(seq);
    word(buffers[1]!.view, ids.order);
    keeper.onOrder(shown, 0);
    answer.mutate_outcome(RequestOutcome.ACCEPTED);
    answer.mutate_requestSeq(seq);
    keeper.onRequest(answer);
    fill.mutate_instrument(seq % INSTRUMENTS);
    fill.mutate_side(Side.BUY);
    fill.mutate_price(10);
    fill.mutate_amount(1);
    fill.mutate_tradeTime(seq);
    word(buffers[3]!.view, ids.trade);
    word(buffers[3]!.view, ids.fillOrder);
    keeper.onFill(fill);
  };
  const peer = new ObjectKeeper();
  const [ours, theirs] = interleaved(ROUNDS, [
    () => {
      for (let count = 0; count < LIVES; count++) life();
    },
    () => {
      for (let count = 0; count < LIVES; count++) peer.life();
    },
  ]);
  if (changes === 0 || keeper.orders.live !== 0) throw new Error('an order did not live its life');
  return {
    name: 'an order from placing to fill',
    unit: 'ns',
    value: ours! / LIVES,
    peer: 'a Map of objects',
    peerValue: theirs! / LIVES,
    ratio: theirs! / ours!,
    note: 'four reports, which are written into their records and read again on our side alone: sent, shown, accepted, filled. The peer is handed objects that are ready, and keeps five fields: no request apart from its order, no reconciliation, no worst case; it allocates and is collected, ours is not, and its time swings with that',
  };
}

/** The plain way: what a small program would keep. */
class ObjectKeeper {
  private readonly orders = new Map<
    string,
    { status: string; filled: number; amount: number; price: number; id: string }
  >();
  private readonly byVenueId = new Map<string, string>();
  private readonly trades = new Set<string>();
  private seq = 0;

  life(): void {
    const label = `vf-1-${(++this.seq).toString(36)}-0`;
    const venueId = `BTC-${this.seq}`;
    this.orders.set(label, { status: 'sent', filled: 0, amount: 1, price: 10, id: '' });
    const shown = this.orders.get(label)!;
    shown.status = 'open';
    shown.id = venueId;
    this.byVenueId.set(venueId, label);
    this.orders.get(label)!.status = 'open';
    const trade = `T-${this.seq}`;
    if (this.trades.has(trade)) return;
    this.trades.add(trade);
    const filled = this.orders.get(this.byVenueId.get(venueId)!)!;
    filled.filled += 1;
    if (filled.filled >= filled.amount) filled.status = 'filled';
    if (this.seq <= 4096) return;
    const old = this.seq - 4096;
    this.orders.delete(`vf-1-${old.toString(36)}-0`);
    this.byVenueId.delete(`BTC-${old}`);
    this.trades.delete(`T-${old}`);
  }
}

/** Every side of a chain differs: which hundred are sent. */
function plans(): BenchResult[] {
  const differ = new Differ(new CellCount(), { instruments: INSTRUMENTS, quoteSets: 1 });
  const endless = { rate: 1e12, burst: 1e12 };
  const credits = new CreditBuckets(new CellCount(), { ...DEFAULT_CREDITS, quotes: endless, massQuotes: endless });
  const now = Float64Array.of(1e15);
  const view: PlanView = {
    now,
    underlyingOf: (instrument) => (instrument < INSTRUMENTS / 2 ? 0 : 1),
    isFrozen: () => false,
    isReady: true,
    massQuotesAllowed: true,
  };
  let quoted = 0;
  const sink = {
    place: nothing,
    amend: nothing,
    cancel: nothing,
    massCancel: nothing,
    quote: () => {
      quoted++;
    },
  };
  const planner = new Planner(
    differ,
    credits,
    { quotesPerFrame: 100, requestsAtOnce: 16, massCancelFrom: 3 },
    view,
    sink,
  );
  const want = (instrument: number, side: number, price: number): void => {
    const line = differ.lineOf(instrument, 0);
    const at = differ.sideOf(line, side);
    differ.lineInts[line * LineInt.SIZE + LineInt.FLAGS] = AS_QUOTE;
    differ.lineNumbers[line * LineNumber.SIZE + LineNumber.PRICE_VALUE] = 1;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.WANT_PRICE] = price;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.WANT_AMOUNT] = 1;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.HAVE_PRICE] = 10;
    differ.sideNumbers[at * SideNumber.SIZE + SideNumber.HAVE_REMAINING] = 1;
    differ.sideInts[at * SideInt.SIZE + SideInt.SLOT] = at + 1;
    differ.sideInts[at * SideInt.SIZE + SideInt.IS_QUOTE] = 1;
    differ.look(at);
  };
  const sides: { instrument: number; side: number; have: number; want: number; amount: number }[] = [];
  for (let instrument = 0; instrument < INSTRUMENTS; instrument++) {
    for (const side of [Side.BUY, Side.SELL]) {
      const price = 10 + ((instrument * 7919) % 997) / 1000 + 0.1;
      want(instrument, side, price);
      sides.push({ instrument, side, have: 10, want: price, amount: 1 });
    }
  }
  let chosen = 0;
  const [ours, theirs] = interleaved(ROUNDS, [
    () => {
      for (let count = 0; count < PLANS; count++) {
        differ.isPressing = true;
        planner.plan();
      }
    },
    () => {
      for (let count = 0; count < PLANS; count++) {
        const worth = sides
          .filter((side) => Math.abs(side.want - side.have) > 0)
          .map((side) => ({ side, value: Math.abs(side.want - side.have) * side.amount }))
          .sort((left, right) => right.value - left.value)
          .slice(0, 100);
        chosen += worth.length;
      }
    },
  ]);
  if (quoted === 0 || chosen === 0) throw new Error('nothing was chosen');
  const nobody = new CreditBuckets(new CellCount(), { ...DEFAULT_CREDITS, massQuotes: { rate: 1e-9, burst: 1 } });
  nobody.take(CreditPool.MASS_QUOTES, 1);
  const starved = new Planner(
    differ,
    nobody,
    { quotesPerFrame: 100, requestsAtOnce: 16, massCancelFrom: 3 },
    view,
    sink,
  );
  const [waiting] = interleaved(ROUNDS, [
    () => {
      for (let count = 0; count < PLANS * 100; count++) starved.plan();
    },
  ]);
  return [
    {
      name: 'the best 100 of 1,600 sides',
      unit: 'us',
      value: ours! / PLANS / 1000,
      peer: 'objects, filtered, mapped and sorted',
      peerValue: theirs! / PLANS / 1000,
      ratio: theirs! / ours!,
      note: 'with urgency, tolerance, what is in flight, and the credits',
    },
    {
      name: 'a look without credits, 1,600 sides waiting',
      unit: 'ns',
      value: waiting! / (PLANS * 100),
      note: 'what each event costs while nothing can be sent',
    },
  ];
}

/** A mass quote of a hundred sides as bytes. */
function frames(): BenchResult {
  const names = Array.from({ length: 50 }, (_, index) => `BTC-26DEC26-${60_000 + 1000 * index}-C`);
  const fragments = names.map((name) => new TextEncoder().encode(`"instrument_name":"${name}"`));
  const writer = new FrameWriter();
  let bytes = 0;
  const [ours, theirs] = interleaved(ROUNDS, [
    () => {
      for (let count = 0; count < FRAMES; count++) {
        writer.begin();
        writer.text('{"jsonrpc":"2.0","id":1000000001,"method":"private/mass_quote","params":{"quotes":[');
        for (let index = 0; index < fragments.length; index++) {
          writer.text(index === 0 ? '{' : '},{');
          writer.copy(fragments[index]!);
          writer.text(',"quote_set_id":"vf0","bid":{"price":');
          writer.number(0.0405 + index / 10_000);
          writer.text(',"amount":');
          writer.number(12.5);
          writer.text(',"post_only":true,"reject_post_only":true},"ask":{"price":');
          writer.number(0.0425 + index / 10_000);
          writer.text(',"amount":');
          writer.number(12.5);
          writer.text(',"post_only":true,"reject_post_only":true}');
        }
        writer.text('}]}}');
        bytes += writer.length;
      }
    },
    () => {
      for (let count = 0; count < FRAMES; count++) {
        const quotes = names.map((name, index) => ({
          instrument_name: name,
          quote_set_id: 'vf0',
          bid: { price: 0.0405 + index / 10_000, amount: 12.5, post_only: true, reject_post_only: true },
          ask: { price: 0.0425 + index / 10_000, amount: 12.5, post_only: true, reject_post_only: true },
        }));
        const text = JSON.stringify({
          jsonrpc: '2.0',
          id: 1_000_000_001,
          method: 'private/mass_quote',
          params: { quotes },
        });
        bytes += Buffer.from(text).length;
      }
    },
  ]);
  if (bytes === 0) throw new Error('nothing was written');
  return {
    name: 'a mass quote of 100 sides into bytes',
    unit: 'us',
    value: ours! / FRAMES / 1000,
    peer: 'JSON.stringify and Buffer.from',
    peerValue: theirs! / FRAMES / 1000,
    ratio: theirs! / ours!,
  };
}

export const suite: BenchSuite = (progress) => {
  progress('oms: orders');
  const results = [lives()];
  progress('oms: the differ');
  results.push(...plans());
  progress('oms: frames');
  results.push(frames());
  return results;
};
