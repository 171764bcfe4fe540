import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { CommandCode, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { OrderStatus } from '../../schemas/generated/order-status.js';
import { Quote } from '../../schemas/generated/quote.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { OrderAction, OrderState, Side } from '../orders/order-codes.js';
import { intents, log, orderStates, tops } from '../streams.js';

export interface QuoterConfig {
  instruments: number;
  /** Distance of each quote from the mid, in the venue's price unit. */
  halfWidth: number;
  amount: number;
  /** The mid must have moved by this much since the last request before another is worth its message. */
  requoteAt: number;
}

/** One instrument, as float64: mid of the last request, requests whose fate is not known yet, orders at work. */
const LAST_MID = 0;
const IN_FLIGHT = 1;
const WORKING = 2;
const FIELDS = 3;

const PRICE = fieldOffset(OrderIntent, 'price');
const ORDER_SEQ = fieldOffset(OrderIntent, 'orderSeq');

/** Places of the settings that are doubles: in an array, because reading a double from an object's field may box it. */
const HALF_WIDTH = 0;
const REQUOTE_AT = 1;

/** A bid and an offer at a fixed distance from the mid: the simplest strategy there is. */
class Quoter implements CoreActor {
  private readonly context: CoreContext<QuoterConfig>;
  private readonly cells: Float64Array;
  private readonly paused: Int32Array;
  private readonly settings: Float64Array;
  private readonly command = new OperatorCommand();
  private readonly top = new Quote();
  private readonly status = new OrderStatus();
  private readonly intent = new OrderIntent();
  /** Price of the next request: in an array, because a double handed to a call may be boxed. */
  private readonly price = new Float64Array(1);
  private index = 0;

  constructor(context: CoreContext<QuoterConfig>) {
    this.context = context;
    this.settings = Float64Array.of(context.config.halfWidth, context.config.requoteAt);
    this.cells = context.state.float64(context.config.instruments * FIELDS);
    this.paused = context.state.int32(1);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (type === MessageType.QUOTE) this.onTop(buffer, offset);
    else if (type === MessageType.ORDER_STATUS) this.onStatus(buffer, offset);
    else if (type === MessageType.OPERATOR_COMMAND) this.onCommand(buffer, offset);
  }

  endOfEvent(): void {
    this.index = 0;
  }

  private onTop(buffer: ViewBuffer, offset: number): void {
    const { top, cells, settings } = this;
    top.__init(offset + HEADER_BYTES, buffer);
    if (this.paused[0] !== 0) return;
    const at = top.instrument() * FIELDS;
    const mid = (top.bidPrice() + top.askPrice()) / 2;
    if (!(Math.abs(mid - cells[at + LAST_MID]!) >= settings[REQUOTE_AT]!) || cells[at + IN_FLIGHT]! > 0) return;
    const action = cells[at + WORKING] === 0 ? OrderAction.PLACE : OrderAction.AMEND;
    cells[at + LAST_MID] = mid;
    cells[at + IN_FLIGHT] = 2;
    this.price[0] = mid - settings[HALF_WIDTH]!;
    this.ask(top.instrument(), action, Side.BUY);
    this.price[0] = mid + settings[HALF_WIDTH]!;
    this.ask(top.instrument(), action, Side.SELL);
  }

  /** A pause, and all the more a halt, pulls every quote at once. */
  private onCommand(buffer: ViewBuffer, offset: number): void {
    const { command, paused } = this;
    command.__init(offset + HEADER_BYTES, buffer);
    const pauses = command.command() !== CommandCode.RESUME;
    if (pauses && paused[0] === 0) {
      this.price[0] = 0;
      this.ask(EVERY_INSTRUMENT, OrderAction.MASS_CANCEL, Side.BOTH);
      // What was working is gone: the next requests place anew.
      this.cells.fill(0);
    }
    paused[0] = pauses ? 1 : 0;
  }

  private onStatus(buffer: ViewBuffer, offset: number): void {
    const { status, cells } = this;
    status.__init(offset + HEADER_BYTES, buffer);
    if (status.instrument() >= this.context.config.instruments) return;
    const at = status.instrument() * FIELDS;
    if (cells[at + IN_FLIGHT]! > 0) cells[at + IN_FLIGHT]! -= 1;
    cells[at + WORKING] = status.working();
    // What was not sent is wanted still: the next top asks again.
    if (status.status() === OrderState.NOT_SENT) cells[at + LAST_MID] = 0;
  }

  /** At `price[0]`. */
  private ask(instrument: number, action: number, side: number): void {
    const { intent } = this;
    const { out, event, config } = this.context;
    const body = out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf());
    // Past the accessors: the compiler has a budget for inlining, and a double is boxed for a call that it does not inline.
    const { view } = out.buffer;
    view.setFloat64(body + PRICE, this.price[0]!, true);
    view.setFloat64(body + ORDER_SEQ, event.seq, true);
    intent.__init(body, out.buffer);
    intent.mutate_instrument(instrument);
    intent.mutate_action(action);
    intent.mutate_side(side);
    intent.mutate_index(this.index++);
    intent.mutate_amount(config.amount);
  }
}

export function quoter(config: QuoterConfig): CoreDefinition {
  return defineStage<QuoterConfig>({
    name: 'quoter',
    reads: [log, tops, orderStates],
    writes: intents,
    config,
    burst: { records: 2, bodyBytes: 2 * OrderIntent.sizeOf() },
    stateBytes: config.instruments * FIELDS * 8 + 8,
    create: (context) => new Quoter(context),
  });
}
