import {
  CreditPool,
  NO_INSTRUMENT,
  NO_QUOTE_SET,
  NO_UNDERLYING,
  OrderAction,
  OrderFlag,
  Scope,
  Side,
  Strategy,
} from '../../engine/market/orders/codes.js';
import { poolOf } from '../../engine/market/orders/credit-buckets.js';
import { LineInt, Need, SideInt, SideNumber, URGENT } from '../../engine/market/orders/differ.js';
import { storeVenueId } from '../../engine/market/orders/venue-id.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { structOffset } from '../../schemas/field-offset.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { QueryWanted } from '../../schemas/generated/query-wanted.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import {
  type DispatchConfig,
  type DispatchMemory,
  INT,
  INTENT_VENUE_ID,
  ORPHAN,
  ORPHAN_NUMBERS,
  ORPHAN_SEQ,
  WANTED_BYTES,
} from './dispatch-memory.js';

const WANTED_VENUE_ID = structOffset(QueryWanted, 'venueOrderId');
const SCRATCH = new ViewBuffer(new ArrayBuffer(QueryWanted.sizeOf()));

/** Writes intents, each under its place among those of the event. */
export class IntentWriter {
  private readonly memory: DispatchMemory;
  private readonly context: CoreContext<DispatchConfig>;
  private readonly now: Float64Array;
  private readonly intent = new OrderIntent();
  private readonly wanted = new QueryWanted();
  /** [least, greatest delta] of a pull that covers a range of deltas. */
  readonly range = new Float64Array(2);
  /** Intents of the event under way. */
  emitted = 0;

  constructor(context: CoreContext<DispatchConfig>, memory: DispatchMemory, now: Float64Array) {
    this.context = context;
    this.memory = memory;
    this.now = now;
  }

  ask(action: number, side: number, isNew: boolean): void {
    const { differ, pending, ints } = this.memory;
    const { out, event } = this.context;
    const line = side >> 1;
    const at = side * SideInt.SIZE;
    const number = side * SideNumber.SIZE;
    const { sideInts, sideNumbers, lineInts } = differ;
    const body = out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf());
    const intent = this.intent.__init(body, out.buffer);
    const index = this.emitted;
    this.head(intent, action, differ.instrumentOf(line), differ.isBuy(side) ? Side.BUY : Side.SELL);
    intent.mutate_strategy(lineInts[line * LineInt.SIZE + LineInt.STRATEGY]!);
    intent.mutate_group(lineInts[line * LineInt.SIZE + LineInt.GROUP]!);
    intent.mutate_quoteSet(differ.quoteSetOf(line));
    intent.mutate_urgency(lineInts[line * LineInt.SIZE + LineInt.URGENCY]!);
    if (isNew) {
      intent.mutate_run(ints[INT.RUN]!);
      intent.mutate_orderSeq(event.seq);
      intent.mutate_index(index);
    } else {
      intent.mutate_run(sideInts[at + SideInt.RUN]!);
      intent.mutate_orderSeq(sideNumbers[number + SideNumber.ORDER_SEQ]!);
      intent.mutate_index(sideInts[at + SideInt.INDEX]!);
      storeVenueId(sideInts, at + SideInt.VENUE_ID, out.buffer.view, body + INTENT_VENUE_ID);
    }
    if (action !== OrderAction.CANCEL) {
      // A venue without protection refuses what asks for it; that nothing goes without it is for the orders stage to say.
      const unprotected = ints[INT.PROTECTED] === 1 ? 0 : OrderFlag.MMP;
      const flags = lineInts[line * LineInt.SIZE + LineInt.FLAGS]! & ~(URGENT | unprotected);
      intent.mutate_flags(action === OrderAction.QUOTE ? flags | OrderFlag.QUOTE : flags & ~OrderFlag.QUOTE);
      intent.mutate_timeInForce(lineInts[line * LineInt.SIZE + LineInt.TIME_IN_FORCE]!);
      intent.mutate_price(sideNumbers[number + SideNumber.WANT_PRICE]!);
      const wanted = sideNumbers[number + SideNumber.WANT_AMOUNT]!;
      // An amendment says the total, a quote what shall be open.
      intent.mutate_amount(
        action === OrderAction.AMEND ? wanted + sideNumbers[number + SideNumber.HAVE_FILLED]! : wanted,
      );
      if (differ.needOf(side) !== Need.NOTHING) {
        differ.weigh(side);
        intent.mutate_value(differ.value[0]!);
      }
    }
    differ.ask(side);
    pending.add(event.seq, index, side, this.now);
    this.memory.flights.depart(event.seq, index, poolOf(action), 1, this.now);
  }

  cancelScope(
    scope: number,
    instrument: number,
    underlying: number,
    group: number,
    quoteSet: number,
    ordersToo: boolean,
  ): void {
    const { out } = this.context;
    const intent = this.intent.__init(out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf()), out.buffer);
    this.memory.flights.depart(this.context.event.seq, this.emitted, CreditPool.CANCEL_ALL, 1, this.now);
    this.head(intent, OrderAction.MASS_CANCEL, scope === Scope.INSTRUMENT ? instrument : NO_INSTRUMENT, Side.BOTH);
    intent.mutate_scope(scope);
    intent.mutate_strategy(Strategy.ENGINE);
    intent.mutate_group(group);
    intent.mutate_quoteSet(quoteSet);
    intent.mutate_flags(ordersToo ? OrderFlag.ORDERS_TOO : 0);
    if (scope === Scope.UNDERLYING) intent.mutate_underlying(underlying);
    if (scope === Scope.DELTA_RANGE) {
      intent.mutate_minDelta(this.range[0]!);
      intent.mutate_maxDelta(this.range[1]!);
    }
  }

  query(at: number): void {
    const { queries } = this.memory;
    const { out } = this.context;
    const body = out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf());
    const wanted = this.wanted.__init(0, this.scratch(at));
    const intent = this.intent.__init(body, out.buffer);
    intent.mutate_action(wanted.action());
    intent.mutate_instrument(wanted.instrument());
    intent.mutate_side(wanted.side());
    intent.mutate_run(wanted.run());
    intent.mutate_index(wanted.index());
    intent.mutate_orderSeq(wanted.orderSeq());
    intent.mutate_account(wanted.account());
    intent.mutate_requestIndex(this.emitted++);
    intent.mutate_price(Number.NaN);
    intent.mutate_validUntil(Number.NaN);
    intent.mutate_minDelta(Number.NaN);
    intent.mutate_maxDelta(Number.NaN);
    intent.mutate_quoteSet(NO_QUOTE_SET);
    intent.mutate_underlying(NO_UNDERLYING);
    intent.mutate_since(wanted.since());
    intent.mutate_reconcile(wanted.reconcile());
    intent.mutate_subject(wanted.subject());
    storeVenueId(queries, at + WANTED_VENUE_ID / 4, out.buffer.view, body + INTENT_VENUE_ID);
  }

  /** Cancels an order that nobody wants, by its place in the list of them. */
  cancelOrphan(place: number): void {
    const { orphanInts, orphanNumbers, flights } = this.memory;
    const { out, event } = this.context;
    const at = place * ORPHAN.SIZE;
    const body = out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf());
    const intent = this.intent.__init(body, out.buffer);
    flights.depart(event.seq, this.emitted, CreditPool.MATCHING, 1, this.now);
    this.head(intent, OrderAction.CANCEL, orphanInts[at + ORPHAN.INSTRUMENT]!, orphanInts[at + ORPHAN.SIDE]!);
    intent.mutate_strategy(Strategy.ENGINE);
    intent.mutate_run(orphanInts[at + ORPHAN.RUN]!);
    intent.mutate_index(orphanInts[at + ORPHAN.INDEX]!);
    intent.mutate_orderSeq(orphanNumbers[place * ORPHAN_NUMBERS + ORPHAN_SEQ]!);
    storeVenueId(orphanInts, at + ORPHAN.VENUE_ID, out.buffer.view, body + INTENT_VENUE_ID);
  }

  private scratch(at: number): ViewBuffer {
    const { queries } = this.memory;
    for (let word = 0; word < WANTED_BYTES / 4; word++) SCRATCH.view.setInt32(4 * word, queries[at + word]!, true);
    return SCRATCH;
  }

  /** Fields that every intent has. */
  private head(intent: OrderIntent, action: number, instrument: number, side: number): void {
    intent.mutate_action(action);
    intent.mutate_instrument(instrument);
    intent.mutate_side(side);
    intent.mutate_requestIndex(this.emitted++);
    intent.mutate_run(this.memory.ints[INT.RUN]!);
    intent.mutate_price(Number.NaN);
    intent.mutate_validUntil(Number.NaN);
    intent.mutate_minDelta(Number.NaN);
    intent.mutate_maxDelta(Number.NaN);
    intent.mutate_since(Number.NaN);
    intent.mutate_quoteSet(NO_QUOTE_SET);
    const underlying = this.memory.underlyings.of(instrument);
    intent.mutate_underlying(underlying < 0 ? NO_UNDERLYING : underlying);
  }
}
