import { OrderAction, OrderFlag, Scope, Side, TimeInForce } from '../../../engine/market/orders/codes.js';
import { orderLabel } from '../../../engine/market/orders/order-label.js';
import { readVenueId } from '../../../engine/market/orders/venue-id.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { FrameWriter } from './frame-writer.js';
import type { InstrumentNames } from './instrument-names.js';

const VENUE_ID = structOffset(ApprovedOrder, 'venueOrderId');

/** Bytes that one more side may take in a mass quote, its instrument's name and quote set included. */
const QUOTE_SIDE_BYTES = 320;
/** Quotes of instruments that the venue takes in one mass quote. */
export const MOST_QUOTES = 100;

/** The venue's name of a quote set, and of the group that protects an index. */
export function quoteSetName(set: number): string {
  return `vf${set}`;
}

/** The number of a quote set that is ours; undefined for another's. */
export function parseQuoteSet(name: string): number | undefined {
  const [, digits] = /^vf(\d{1,6})$/.exec(name) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

export function groupNameOf(index: string): string {
  return `vf_${index}`;
}

const timesInForce: Record<number, string> = {
  [TimeInForce.DAY]: 'good_til_day',
  [TimeInForce.IMMEDIATE_OR_CANCEL]: 'immediate_or_cancel',
  [TimeInForce.FILL_OR_KILL]: 'fill_or_kill',
};

/** Writes approved orders as requests of the venue. */
export class OrderEncoder {
  readonly frame = new FrameWriter();
  private readonly names: InstrumentNames;
  private readonly order = new ApprovedOrder();
  private quotes = 0;
  private lastInstrument = -1;
  private lastSet = -1;

  constructor(names: InstrumentNames) {
    this.names = names;
  }

  /** One order, cancel or mass cancel as a frame; false where it cannot be put into the venue's words. */
  encode(id: number, buffer: ViewBuffer, body: number): boolean {
    const { frame, names } = this;
    const order = this.order.__init(body, buffer);
    frame.begin();
    const action = order.action();
    if (action === OrderAction.MASS_CANCEL) return this.massCancel(id, order);
    const name = names.fragment(order.instrument());
    if (name === undefined) return false;
    const venueId = readVenueId(buffer.view, body + VENUE_ID);
    const label = orderLabel(order.run(), order.orderSeq(), order.index());
    switch (action) {
      case OrderAction.PLACE:
        this.open(id, order.side() === Side.BUY ? 'private/buy' : 'private/sell');
        frame.copy(name);
        this.priceAndAmount(order);
        frame.text(`,"label":"${label}"`);
        if (Number.isNaN(order.price())) frame.text(',"type":"market"');
        else frame.text(',"type":"limit"');
        if (timesInForce[order.timeInForce()] !== undefined) {
          frame.text(`,"time_in_force":"${timesInForce[order.timeInForce()]}"`);
        }
        this.flags(order.flags());
        if ((order.flags() & OrderFlag.REDUCE_ONLY) !== 0) frame.text(',"reduce_only":true');
        this.until(order);
        break;
      case OrderAction.AMEND:
        if (venueId === '') {
          this.open(id, 'private/edit_by_label');
          frame.copy(name);
          frame.text(`,"label":"${label}"`);
        } else {
          this.open(id, 'private/edit');
          frame.text(`"order_id":"${venueId}"`);
        }
        this.priceAndAmount(order);
        this.flags(order.flags());
        this.until(order);
        break;
      case OrderAction.CANCEL:
        if (venueId === '') {
          this.open(id, 'private/cancel_by_label');
          frame.text(`"label":"${label}","currency":"${names.currency(order.instrument())}"`);
        } else {
          this.open(id, 'private/cancel');
          frame.text(`"order_id":"${venueId}"`);
        }
        break;
      default:
        return false;
    }
    frame.text('}}');
    return true;
  }

  /** @param quoteId by which the venue names the quotes of this frame, see `quoteIdOf` */
  beginQuotes(id: number, quoteId: number, group: string, validUntilMs: number): void {
    const { frame } = this;
    frame.begin();
    this.quotes = 0;
    this.lastInstrument = -1;
    this.lastSet = -1;
    this.open(id, 'private/mass_quote');
    frame.text(`"quote_id":"${quoteId}","mmp_group":"${group}","wait_for_response":true,"detailed":true`);
    if (validUntilMs > 0) frame.text(`,"valid_until":${validUntilMs}`);
    frame.text(',"quotes":[');
  }

  /** Whether another side fits into the frame under way. */
  get takesQuote(): boolean {
    return this.quotes < MOST_QUOTES && this.frame.hasRoom(QUOTE_SIDE_BYTES);
  }

  /** A side of a quote; false where its instrument has no name. The sides of an instrument should follow each other. */
  quote(buffer: ViewBuffer, body: number): boolean {
    const { frame, names } = this;
    const order = this.order.__init(body, buffer);
    const name = names.fragment(order.instrument());
    if (name === undefined) return false;
    const isSame = order.instrument() === this.lastInstrument && order.quoteSet() === this.lastSet;
    if (!isSame) {
      if (this.quotes > 0) frame.text('},');
      this.quotes++;
      frame.text('{');
      frame.copy(name);
      frame.text(`,"quote_set_id":"${quoteSetName(order.quoteSet())}"`);
    }
    this.lastInstrument = order.instrument();
    this.lastSet = order.quoteSet();
    frame.text(order.side() === Side.BUY ? ',"bid":{"price":' : ',"ask":{"price":');
    frame.number(order.price());
    frame.text(',"amount":');
    frame.number(order.amount());
    if ((order.flags() & OrderFlag.POST_ONLY) !== 0) frame.text(',"post_only":true,"reject_post_only":true');
    frame.text('}');
    return true;
  }

  endQuotes(): void {
    this.frame.text(this.quotes > 0 ? '}]}}' : ']}}');
  }

  private massCancel(id: number, order: ApprovedOrder): boolean {
    const { frame, names } = this;
    const ordersToo = (order.flags() & OrderFlag.ORDERS_TOO) !== 0;
    const name = names.fragment(order.instrument());
    const index = names.indexOf(order.underlying());
    switch (order.scope()) {
      case Scope.INSTRUMENT:
        if (name === undefined) return false;
        this.open(id, ordersToo ? 'private/cancel_all_by_instrument' : 'private/cancel_quotes');
        frame.copy(name);
        if (!ordersToo) frame.text(',"cancel_type":"instrument"');
        break;
      case Scope.UNDERLYING:
        if (index === undefined) return false;
        this.open(id, ordersToo ? 'private/cancel_all_by_currency_pair' : 'private/cancel_quotes');
        frame.text(`"currency_pair":"${index}"`);
        if (!ordersToo) frame.text(',"cancel_type":"currency_pair"');
        break;
      case Scope.DELTA_RANGE:
        this.open(id, 'private/cancel_quotes');
        frame.text('"cancel_type":"delta","min_delta":');
        frame.number(order.minDelta());
        frame.text(',"max_delta":');
        frame.number(order.maxDelta());
        break;
      case Scope.QUOTE_SET:
        this.open(id, 'private/cancel_quotes');
        frame.text(`"cancel_type":"quote_set_id","quote_set_id":"${quoteSetName(order.quoteSet())}"`);
        break;
      case Scope.EVERYTHING:
        if (ordersToo) {
          this.open(id, 'private/cancel_all');
          frame.text('"detailed":false');
        } else {
          this.open(id, 'private/cancel_quotes');
          frame.text('"cancel_type":"all"');
        }
        break;
      default:
        return false;
    }
    if ((order.flags() & OrderFlag.FREEZE) !== 0) frame.text(',"freeze_quotes":true');
    frame.text('}}');
    return true;
  }

  private open(id: number, method: string): void {
    this.frame.text(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":{`);
  }

  private priceAndAmount(order: ApprovedOrder): void {
    const { frame } = this;
    if (!Number.isNaN(order.price())) {
      frame.text(',"price":');
      frame.number(order.price());
    }
    frame.text(',"amount":');
    frame.number(order.amount());
  }

  private flags(flags: number): void {
    if ((flags & OrderFlag.POST_ONLY) !== 0) this.frame.text(',"post_only":true,"reject_post_only":true');
    if ((flags & OrderFlag.MMP) !== 0) this.frame.text(',"mmp":true');
  }

  private until(order: ApprovedOrder): void {
    if (!Number.isNaN(order.validUntil())) this.frame.text(`,"valid_until":${Math.floor(order.validUntil() / 1000)}`);
  }
}
