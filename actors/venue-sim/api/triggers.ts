import { LifeCycle } from '../../../engine/market/instrument.js';
import { OrderType, type Side } from '../exchange/codes.js';
import { flagFields } from './encode/flags.js';
import { idText } from './encode/ids.js';
import { rounded } from './encode/number.js';
import { sideNames, timeInForceNames } from './encode/order.js';
import type { VenueFloor } from './floor.js';
import { errorName } from './rpc/errors.js';

export const triggerTypes = ['stop_limit', 'stop_market', 'take_limit', 'take_market', 'trailing_stop'] as const;
export type TriggerType = (typeof triggerTypes)[number];
/** Type of an order that waits: for a price, or for another order, whatever it is then. */
export type WaitingType = TriggerType | 'limit' | 'market' | 'market_limit';
export const triggerSources = ['index_price', 'mark_price', 'last_price'] as const;
export type TriggerSource = (typeof triggerSources)[number];

/** What is placed when the trigger's price is reached. */
export interface TriggeredOrder {
  instrument: number;
  /** `Side`. */
  side: number;
  /** `OrderType`. */
  type: number;
  ticks: number;
  lots: number;
  /** `TimeInForce`. */
  timeInForce: number;
  /** `OrderFlag` bits. */
  flags: number;
  /** Lots that an iceberg shows at a time; 0 for an order that shows all. */
  shown: number;
  label: string;
}

/** An order that waits for a price or for another order, under an id of its own: the exchange knows nothing of it, and it holds no margin. */
export interface TriggerOrder {
  readonly id: string;
  readonly number: number;
  readonly account: number;
  /** Number of the connection that made it; 0 for none. */
  readonly connection: number;
  readonly type: WaitingType;
  /** Undefined where it waits for another order and for no price then. */
  readonly source: TriggerSource | undefined;
  /** Whether it waits for another order, and does not look at prices yet. */
  readonly isHeld: boolean;
  /** What it has to say about orders that it is linked to: fields of its JSON. */
  readonly links: string;
  readonly order: TriggeredOrder;
  /** In the unit of the source. Of a trailing stop it moves. */
  price: number;
  /** How far a trailing stop stays behind the best price since; NaN for other types. */
  readonly offset: number;
  state: 'untriggered' | 'triggered' | 'cancelled' | 'rejected';
  /** Why it was cancelled or rejected, in the venue's words. */
  reason: string;
  isReplaced: boolean;
  /** The exchange's order that came of it; 0 as long as there is none. */
  placed: number;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  changedAt: number;
}

/** What a client gives of a new one. */
export type NewTrigger = Pick<
  TriggerOrder,
  'account' | 'connection' | 'type' | 'source' | 'order' | 'price' | 'offset' | 'links'
>;

/** Orders of one account that may wait for a trigger. */
export const MOST_TRIGGERS = 100;
/** Those of one account that ended and can still be asked for. */
const REMEMBERED = 1000;
/** Orders placed in one turn. */
const PER_LOOK = 4;

const kindLetters = { stop: 'SL', take: 'TP', trailing: 'TS' } as const;
const sourceLetters: Record<TriggerSource, string> = { index_price: 'I', mark_price: 'M', last_price: 'T' };

/** Who is told what becomes of orders that wait. */
export interface TriggerListener {
  /** @param key none of the exchange's ids @param json the order as it is now */
  changed(account: number, instrument: number, key: number, json: string): void;
  /** An order was taken away that waited. */
  withdrawn(order: TriggerOrder): void;
  /** Its price was reached. @param answer the exchange's id of what came of it, or its refusal, below 0 */
  fired(order: TriggerOrder, answer: number): void;
}

/** Orders that wait for a price: they are looked at every few milliseconds, and placed on the exchange when it is reached. */
export class Triggers {
  readonly #venue: VenueFloor;
  readonly #listener: TriggerListener;
  readonly #waiting: TriggerOrder[] = [];
  /** By account, oldest first. */
  readonly #ended = new Map<number, TriggerOrder[]>();
  #made = 0;

  constructor(venue: VenueFloor, listener: TriggerListener) {
    this.#venue = venue;
    this.#listener = listener;
  }

  /** Whether a price as it stands would set an order off at once. */
  isReached(order: Pick<TriggerOrder, 'type' | 'source' | 'order' | 'price'>): boolean {
    const price = this.#priceOf(order.source, order.order.instrument);
    // A stop follows the market the way it goes; a take waits for it to come.
    const rises = (order.order.side === BUY) === !order.type.startsWith('take');
    return rises ? price >= order.price : price <= order.price;
  }

  /** Orders of an account that wait. */
  open(account: number): TriggerOrder[] {
    return this.#waiting.filter((order) => order.account === account);
  }

  /** An order of an account, also one that ended not long ago. */
  find(account: number, id: string): TriggerOrder | undefined {
    const isMeant = (order: TriggerOrder): boolean => order.id === id && order.account === account;
    return this.#waiting.find(isMeant) ?? this.#ended.get(account)?.find(isMeant);
  }

  /** Orders of an account that wait no more, in the order in which they ended, as far as they are remembered. */
  ended(account: number): readonly TriggerOrder[] {
    return this.#ended.get(account) ?? [];
  }

  add(given: NewTrigger): TriggerOrder {
    const kind = kindLetters[given.type.slice(0, given.type.indexOf('_')) as keyof typeof kindLetters];
    const source = given.source === undefined ? '' : sourceLetters[given.source];
    const order = this.#make(given, `${kind}${source}${given.order.side === BUY ? 'B' : 'S'}`, false);
    this.#follow(order);
    this.tell(order);
    return order;
  }

  /** An order that waits for another one. Nobody is told of it yet. */
  hold(given: NewTrigger): TriggerOrder {
    return this.#make(given, 'OTO', true);
  }

  /** Forgets an order that nobody was told of. */
  drop(order: TriggerOrder): void {
    this.#waiting.splice(this.#waiting.indexOf(order), 1);
  }

  /** Takes lots from an order that waits for another one: they are placed. */
  release(order: TriggerOrder, lots: number): void {
    if (lots === order.order.lots) {
      this.#end(order, 'triggered', '');
      return;
    }
    order.order.lots -= lots;
    order.changedAt = this.#venue.exchange.now;
    this.tell(order);
  }

  /** What was to be placed for an order was refused. @param code of the exchange */
  refuse(order: TriggerOrder, code: number): void {
    order.state = 'rejected';
    order.reason = errorName(code);
    this.tell(order);
  }

  #make(given: NewTrigger, letters: string, isHeld: boolean): TriggerOrder {
    const { now, instruments } = this.#venue.exchange;
    const number = ++this.#made;
    const { settlementCurrency } = instruments.definitions[given.order.instrument]!;
    const order: TriggerOrder = {
      ...given,
      isHeld,
      id: `${settlementCurrency === 'BTC' ? '' : `${settlementCurrency}-`}${letters}-${number}`,
      number,
      state: 'untriggered',
      reason: '',
      isReplaced: false,
      placed: 0,
      createdAt: now,
      changedAt: now,
    };
    this.#waiting.push(order);
    return order;
  }

  /** Price, trigger or amount have been changed by the order's owner. */
  changed(order: TriggerOrder): void {
    order.isReplaced = true;
    order.changedAt = this.#venue.exchange.now;
    this.tell(order);
  }

  /** Takes an order away that waits. @param reason in the venue's words */
  cancel(order: TriggerOrder, reason: string): void {
    this.#end(order, 'cancelled', reason);
    this.#listener.withdrawn(order);
  }

  /** Looks at the prices, and places what they set off: some in each turn. */
  look(): void {
    const { instruments } = this.#venue.exchange;
    let left = PER_LOOK;
    for (let place = 0; place < this.#waiting.length && left > 0; ) {
      const order = this.#waiting[place]!;
      if (instruments.state[order.order.instrument] === LifeCycle.EXPIRED) this.cancel(order, 'settlement');
      else {
        if (!order.isHeld) this.#follow(order);
        if (order.isHeld || !this.isReached(order)) {
          place++;
          continue;
        }
        this.#fire(order);
      }
      left--;
    }
  }

  /** A trigger order as the venue shows it. */
  json(order: TriggerOrder): string {
    const { instruments } = this.#venue.exchange;
    const { instrument, side, type, ticks, lots, timeInForce, flags, label, shown } = order.order;
    const { name, contractSize } = instruments.definitions[instrument]!;
    const amount = instruments.amountOf(instrument, lots);
    const price = type === OrderType.MARKET ? '"market_price"' : String(instruments.priceOf(instrument, ticks));
    const reason = order.state === 'cancelled' || order.state === 'rejected' ? order.reason : '';
    return (
      `{"web":false,"api":true,"user_id":${order.account},"order_id":"${order.id}"` +
      `,"instrument_name":"${name}","direction":"${sideNames[side as SideCode]}"` +
      `,"price":${price},"amount":${amount},"contracts":${rounded(amount / contractSize, 8)}` +
      `,"filled_amount":0,"average_price":0,"order_state":"${order.state}","order_type":"${order.type}"` +
      (order.source === undefined ? '' : this.#priceFields(order)) +
      `,"triggered":${order.state === 'triggered'},"time_in_force":"${timeInForceNames[timeInForce]}"` +
      flagFields(flags) +
      order.links +
      (shown === 0 ? '' : `,"refresh_amount":${instruments.amountOf(instrument, shown)}`) +
      `,"replaced":${order.isReplaced},"is_liquidation":false,"risk_reducing":false,"label":${JSON.stringify(label)}` +
      (reason === '' ? '' : `,"${order.state === 'rejected' ? 'reject' : 'cancel'}_reason":"${reason}"`) +
      `,"creation_timestamp":${this.#venue.stamp(order.createdAt)},"last_update_timestamp":${this.#venue.stamp(order.changedAt)}}`
    );
  }

  /** What became of an order that waits no more, as the history of triggers tells it. */
  historyJson(order: TriggerOrder): string {
    const { instruments } = this.#venue.exchange;
    const { instrument, side, type, ticks, lots, flags, label } = order.order;
    const { name, settlementCurrency } = instruments.definitions[instrument]!;
    const isMarket = type === OrderType.MARKET;
    const state = order.state === 'rejected' ? `rejected:${order.reason}` : order.state;
    const orderId = order.placed === 0 ? order.id : idText(settlementCurrency, order.placed, this.#venue.idsFrom);
    const trigger = order.source === undefined ? 'null' : `"${order.source}"`;
    return (
      `{"timestamp":${this.#venue.stamp(order.createdAt)},"last_update_timestamp":${this.#venue.stamp(order.changedAt)}` +
      `,"trigger":${trigger},"trigger_price":${Number.isNaN(order.price) ? 'null' : rounded(order.price, 8)}` +
      `,"trigger_offset":${Number.isNaN(order.offset) ? 'null' : order.offset},"trigger_order_id":"${order.id}"` +
      `,"order_id":"${orderId}","order_state":"${state}","request":"${order.state === 'cancelled' ? 'cancel' : 'trigger:order'}"` +
      `,"instrument_name":"${name}","direction":"${sideNames[side as SideCode]}"` +
      `,"price":${isMarket ? '"market_price"' : instruments.priceOf(instrument, ticks)},"amount":${instruments.amountOf(instrument, lots)}` +
      `,"order_type":"${isMarket ? 'market' : 'limit'}"${flagFields(flags)}${withoutTrigger(order.links)}` +
      (label === '' ? '' : `,"label":${JSON.stringify(label)}`) +
      ',"source":"api"}'
    );
  }

  #fire(order: TriggerOrder): void {
    const { exchange, labels } = this.#venue;
    const { account, connection } = order;
    const { instrument, side, type, ticks, lots, timeInForce, flags, label, shown } = order.order;
    // The end of waiting is told before what comes of it.
    this.#end(order, 'triggered', '');
    const links = `,"trigger_order_id":"${order.id}"${withoutTrigger(order.links)}`;
    labels.expect(account, { label, connection, quoteId: '', quoteSet: '', links });
    const answer = exchange.place(
      account,
      instrument,
      side,
      type,
      ticks,
      lots,
      timeInForce,
      flags,
      0,
      undefined,
      shown,
    );
    labels.done();
    if (answer < 0) this.refuse(order, -answer);
    else order.placed = answer;
    this.#listener.fired(order, answer);
  }

  /** Moves a trailing stop along with the market. */
  #follow(order: TriggerOrder): void {
    if (Number.isNaN(order.offset)) return;
    const price = this.#priceOf(order.source, order.order.instrument);
    if (order.order.side === BUY) {
      if (!(price + order.offset >= order.price)) order.price = price + order.offset;
    } else if (!(price - order.offset <= order.price)) order.price = price - order.offset;
  }

  #end(order: TriggerOrder, state: TriggerOrder['state'], reason: string): void {
    const place = this.#waiting.indexOf(order);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    order.state = state;
    order.reason = reason;
    order.changedAt = this.#venue.exchange.now;
    const ended = this.#ended.get(order.account) ?? [];
    this.#ended.set(order.account, ended);
    ended.push(order);
    if (ended.length > REMEMBERED) ended.shift();
    this.tell(order);
  }

  #priceFields({ source, price, offset }: TriggerOrder): string {
    return (
      `,"trigger":"${source}","trigger_price":${Number.isNaN(price) ? 'null' : rounded(price, 8)}` +
      (Number.isNaN(offset) ? '' : `,"trigger_offset":${offset}`)
    );
  }

  /** Tells an order's owner what it is now. */
  tell(order: TriggerOrder): void {
    this.#listener.changed(order.account, order.order.instrument, -order.number, this.json(order));
  }

  /** NaN where there is none yet: it sets nothing off. */
  #priceOf(source: TriggerSource | undefined, instrument: number): number {
    const { instruments, indices, now } = this.#venue.exchange;
    if (source === undefined) return Number.NaN;
    if (source === 'index_price') return indices.prices[instruments.index[instrument]!]!;
    return source === 'mark_price' ? instruments.mark(instrument, now) : instruments.lastPrice[instrument]!;
  }
}

/** Links without the id that the order itself waited under for another one: it has the id of the order that waited for a price now. */
function withoutTrigger(links: string): string {
  return links.replace(/,"trigger_order_id":"[^"]*"/, '');
}

type SideCode = (typeof Side)[keyof typeof Side];
const BUY: SideCode = 0;
