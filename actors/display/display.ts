import { LIMIT_NAMES } from '../../engine/market/risk/limits.js';
import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { commandLayout, FIRST_FAULT, ReceiptOutcome } from '../../engine/runtime/peers/command-layouts.js';
import { ActorCounter } from '../../engine/runtime/supervision/board.js';
import { CommandFault } from '../../schemas/generated/command-fault.js';
import { Fill } from '../../schemas/generated/fill.js';
import { HedgeCost } from '../../schemas/generated/hedge-cost.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { MmpReport } from '../../schemas/generated/mmp-report.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { SliceFit } from '../../schemas/generated/slice-fit.js';
import { SurfaceFit } from '../../schemas/generated/surface-fit.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { shownFills, shownHedgeCosts, shownRefusals, shownTrades } from '../streams.js';
import { Ladders } from './ladders.js';
import { showReceipt } from './receipt.js';

export interface DisplayConfig {
  /** Places of the order table. */
  orders: number;
  /** Instruments that there is room for. */
  instruments: number;
  /** Whether a stage tells what hedges cost. */
  hedgeCosts: boolean;
}

const RECORDS_PER_TURN = 4096;

/**
 * Shows people what the stages themselves do not: orders, fills, refusals, trades of the market, levels of books, fits of smiles, what hedges cost, protection,
 * changes of limits, and when a command stood in the log. It copies and decides nothing. Beside the core, so that a quote does not wait for a screen.
 */
class Display implements IoActor {
  private readonly context: IoContext<DisplayConfig>;
  private readonly orders: LatestWriter | undefined;
  private readonly fills: LatestWriter | undefined;
  private readonly refusals: LatestWriter | undefined;
  private readonly limits: LatestWriter | undefined;
  private readonly logged: LatestWriter | undefined;
  private readonly trades: LatestWriter | undefined;
  private readonly protections: LatestWriter | undefined;
  private readonly slices: LatestWriter | undefined;
  private readonly hedgeCosts: LatestWriter | undefined;
  private readonly ladders: Ladders | undefined;
  private readonly order = new OrderUpdate();
  private readonly fault = new CommandFault();
  private readonly limit = new LimitState();
  private readonly run = new TradeRun();
  private readonly protection = new MmpReport();
  private readonly fit = new SurfaceFit();
  private readonly slice = new SliceFit();
  /** Underlying and group of each place of the protections. */
  private readonly groups: string[] = [];
  private fillCount = 0;
  private refusalCount = 0;
  private tradeCount = 0;
  private hedgeCount = 0;
  private commandCount = 0;

  constructor(context: IoContext<DisplayConfig>) {
    this.context = context;
    let ladders: LatestWriter | undefined;
    [
      this.orders,
      this.fills,
      this.refusals,
      this.limits,
      this.logged,
      this.trades,
      this.protections,
      ladders,
      this.slices,
      this.hedgeCosts,
    ] = context.shown ?? [];
    this.ladders = ladders === undefined ? undefined : new Ladders(ladders, context.config.instruments);
  }

  turn(): number {
    const { context, onRecord } = this;
    let taken = 0;
    for (const input of context.inputs) taken += input.poll(onRecord, RECORDS_PER_TURN);
    this.ladders?.show(performance.now());
    context.board.actorCounters(context.actor)[ActorCounter.RECORDS]! += taken;
    return taken;
  }

  private readonly onRecord = (type: number, buffer: ViewBuffer, offset: number): void => {
    switch (type) {
      case MessageType.ORDER_UPDATE:
        this.order.__init(offset + HEADER_BYTES, buffer);
        copyTo(this.orders, this.order.slot(), type, OrderUpdate.sizeOf(), buffer, offset);
        return;
      case MessageType.FILL:
        copyTo(this.fills, this.fillCount++ % shownFills.keys, type, Fill.sizeOf(), buffer, offset);
        return;
      case MessageType.REFUSAL:
        copyTo(this.refusals, this.refusalCount++ % shownRefusals.keys, type, Refusal.sizeOf(), buffer, offset);
        return;
      case MessageType.TRADE_RUN:
        this.onTrades(buffer, offset);
        return;
      case MessageType.BOOK_UPDATE:
        this.ladders?.onUpdate(buffer, offset);
        return;
      case MessageType.INSTRUMENT_DEFINITION:
        this.ladders?.onDefinition(buffer, offset);
        return;
      case MessageType.FEED_OUTAGE:
        this.ladders?.onOutage(buffer, offset);
        return;
      case MessageType.SURFACE_FIT:
        this.onSurface(buffer, offset);
        return;
      case MessageType.HEDGE_COST:
        copyTo(this.hedgeCosts, this.hedgeCount++ % shownHedgeCosts.keys, type, HedgeCost.sizeOf(), buffer, offset);
        return;
      case MessageType.MMP_REPORT:
        this.onProtection(type, buffer, offset);
        return;
      case MessageType.LIMIT_STATE:
        this.limit.__init(offset + HEADER_BYTES, buffer);
        if (this.limit.limit() >= LIMIT_NAMES.length) return;
        copyTo(this.limits, this.limit.limit(), type, LimitState.sizeOf(), buffer, offset);
        return;
      case MessageType.OPERATOR_COMMAND:
      case MessageType.SMILE_ADJUSTMENT:
      case MessageType.RISK_COMMAND:
      case MessageType.LIMIT_CHANGE:
      case MessageType.BOOKED_TRADE:
      case MessageType.ALERT_COMMAND:
      case MessageType.TRADER_CONTROL:
      case MessageType.MANUAL_ORDER:
      case MessageType.MANUAL_HEDGE:
        this.onCommand(type, buffer, offset);
        return;
      case MessageType.COMMAND_FAULT:
        this.onFault(buffer, offset);
        return;
      default:
    }
  };

  /** The trades of a run, each by itself. */
  private onTrades(buffer: ViewBuffer, offset: number): void {
    const { trades } = this;
    if (trades === undefined) return;
    const body = offset + HEADER_BYTES;
    const count = this.run.__init(body, buffer).count();
    const bytes = Trade.sizeOf();
    for (let trade = 0; trade < count; trade++) {
      const key = this.tradeCount++ % shownTrades.keys;
      const at = trades.claim(key, MessageType.TRADE, bytes);
      copyBody(
        buffer,
        offset + HeaderOffset.SEQ,
        trades.buffer,
        at + HeaderOffset.SEQ,
        HEADER_BYTES - HeaderOffset.SEQ,
      );
      copyBody(buffer, body + TradeRun.sizeOf() + trade * bytes, trades.buffer, at + HEADER_BYTES, bytes);
      trades.publish(key);
    }
  }

  /** The expiries of a surface, each by itself; a fit that failed has none, and the last good one stays. */
  private onSurface(buffer: ViewBuffer, offset: number): void {
    const { slices } = this;
    if (slices === undefined) return;
    const body = offset + HEADER_BYTES;
    const count = this.fit.__init(body, buffer).count();
    const bytes = SliceFit.sizeOf();
    for (let index = 0; index < count; index++) {
      const from = body + SurfaceFit.sizeOf() + index * bytes;
      const key = this.slice.__init(from, buffer).expiry();
      if (key >= slices.keys) continue;
      const at = slices.claim(key, MessageType.SLICE_FIT, bytes);
      copyBody(
        buffer,
        offset + HeaderOffset.SEQ,
        slices.buffer,
        at + HeaderOffset.SEQ,
        HEADER_BYTES - HeaderOffset.SEQ,
      );
      copyBody(buffer, from, slices.buffer, at + HEADER_BYTES, bytes);
      slices.publish(key);
    }
  }

  private onProtection(type: number, buffer: ViewBuffer, offset: number): void {
    const report = this.protection.__init(offset + HEADER_BYTES, buffer);
    const name = `${report.underlying()}/${report.group()}`;
    let place = this.groups.indexOf(name);
    if (place < 0) place = this.groups.push(name) - 1;
    copyTo(this.protections, place, type, MmpReport.sizeOf(), buffer, offset);
  }

  /** A command is in the log: its number there is told to who gave it. */
  private onCommand(type: number, buffer: ViewBuffer, offset: number): void {
    const layout = commandLayout(type);
    if (layout === undefined || this.logged === undefined) return;
    const body = offset + HEADER_BYTES;
    showReceipt(this.logged, {
      peer: layout.peerAt < 0 ? 0xffffffff : buffer.readUint32(body + layout.peerAt),
      type,
      outcome: ReceiptOutcome.LOGGED,
      refusal: 0,
      nonce: buffer.readFloat64(body + layout.nonceAt),
      seq: buffer.view.getFloat64(offset + HeaderOffset.SEQ, true),
      time: buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true),
      number: ++this.commandCount,
    });
  }

  /** A command in the log changed nothing: whoever asks for it later hears why. */
  private onFault(buffer: ViewBuffer, offset: number): void {
    if (this.logged === undefined) return;
    const fault = this.fault.__init(offset + HEADER_BYTES, buffer);
    showReceipt(this.logged, {
      peer: fault.peer(),
      type: fault.command(),
      outcome: ReceiptOutcome.REFUSED,
      refusal: FIRST_FAULT + fault.fault(),
      nonce: fault.nonce(),
      seq: buffer.view.getFloat64(offset + HeaderOffset.SEQ, true),
      time: buffer.view.getFloat64(offset + HeaderOffset.EVENT_TIME, true),
      number: ++this.commandCount,
    });
  }
}

/** Shows a record with its header's numbers and times. */
function copyTo(
  shown: LatestWriter | undefined,
  key: number,
  type: number,
  bytes: number,
  buffer: ViewBuffer,
  offset: number,
): void {
  if (shown === undefined || key >= shown.keys) return;
  const at = shown.claim(key, type, bytes);
  // Length and type stand already.
  copyBody(
    buffer,
    offset + HeaderOffset.SEQ,
    shown.buffer,
    at + HeaderOffset.SEQ,
    HEADER_BYTES - HeaderOffset.SEQ + bytes,
  );
  shown.publish(key);
}

export function create(context: IoContext<DisplayConfig>): IoActor {
  return new Display(context);
}
