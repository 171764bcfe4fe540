import { CancelReason, KEEP, OrderState } from '../exchange/codes.js';
import { idText } from './encode/ids.js';
import type { VenueFloor } from './floor.js';
import type { TriggeredOrder, TriggerOrder, TriggerSource, Triggers, WaitingType } from './triggers.js';

export const linkedTypes = ['one_triggers_other', 'one_cancels_other', 'one_triggers_one_cancels_other'] as const;
export type LinkedType = (typeof linkedTypes)[number];

/** When a fill of one order acts on those that are linked to it: with the first, with the last, or part by part. */
export const fillConditions = ['first_hit', 'complete_fill', 'incremental'] as const;
export type FillCondition = (typeof fillConditions)[number];

/** Orders that one may trigger. */
export const MOST_SECONDARIES = 8;
/** Orders whose news is acted on in one turn. */
const PER_TURN = 4;

/** An order as a request describes it: of any type. */
export interface AskedOrder {
  order: TriggeredOrder;
  type: WaitingType;
  /** Of a type that waits for a price; undefined for the others. */
  source: TriggerSource | undefined;
  price: number;
  offset: number;
}

/** Who makes an order. */
export interface Owner {
  account: number;
  /** Number of the connection; 0 for none. */
  connection: number;
}

/** One of the orders that are linked, wherever it is. */
interface Party {
  readonly owner: Owner;
  readonly asked: AskedOrder;
  /** Lots that it is to have in all. */
  readonly total: number;
  /** As long as it waits for its primary, and what is left of it then. */
  held: TriggerOrder | undefined;
  /** As long as it waits for its price. */
  waiting: TriggerOrder | undefined;
  /** The exchange's id once it is placed; 0 before. */
  order: number;
  /** Lots that were filled under earlier ids. */
  filledBefore: number;
  /** Lots that it has given up because the other of its pair was filled. */
  givenUp: number;
  /** Of what it has to say to its client about its links: fields of its JSON. */
  links: string;
  isClosed: boolean;
  readonly group: Group;
}

/** What a party's news means for others. */
type Group =
  | { kind: 'primary'; condition: FillCondition; readonly secondaries: Party[] }
  | { kind: 'pair'; condition: FillCondition; readonly both: Party[]; isOver: boolean }
  | { kind: 'alone' };

/**
 * Orders that trigger or cancel each other. They are looked at when the step that changed one of them has ended: the exchange
 * knows nothing of it. A secondary order waits under an id such as `OTO-3` until its primary is filled.
 */
export class LinkedOrders {
  readonly #venue: VenueFloor;
  readonly #triggers: Triggers;
  /** By the exchange's order. */
  readonly #placed = new Map<number, Party>();
  /** By the order that waits for a price or for its primary. */
  readonly #waiting = new Map<TriggerOrder, Party>();
  readonly #news = new Set<Party>();
  #pairs = 0;

  constructor(venue: VenueFloor, triggers: Triggers) {
    this.#venue = venue;
    this.#triggers = triggers;
  }

  get hasWork(): boolean {
    return this.#news.size > 0;
  }

  /** Makes an order that stands alone, linked ones by `place`. The exchange's id, the order that waits, or a refusal. */
  put(owner: Owner, asked: AskedOrder, links: string, validUntil?: number): number | TriggerOrder {
    const triggers = this.#triggers;
    const { exchange, labels } = this.#venue;
    const { order, type, source, price, offset } = asked;
    if (source !== undefined)
      return triggers.add({ ...owner, type, source, order: { ...order }, price, offset, links });
    const { instrument, side, type: code, ticks, lots, timeInForce, flags, label, shown } = order;
    labels.expect(owner.account, { label, connection: owner.connection, quoteId: '', quoteSet: '', links });
    const answer = exchange.place(
      owner.account,
      instrument,
      side,
      code,
      ticks,
      lots,
      timeInForce,
      flags,
      0,
      validUntil,
      shown,
    );
    labels.done();
    return answer;
  }

  /** Makes a first order with those that are linked to it. As `put`; where it is refused there is none of them. */
  place(
    owner: Owner,
    type: LinkedType,
    condition: FillCondition,
    first: AskedOrder,
    others: readonly AskedOrder[],
    validUntil: number,
  ): number | TriggerOrder {
    return type === 'one_cancels_other'
      ? this.#placePair(owner, condition, first, others[0]!, validUntil)
      : this.#placePrimary(owner, type, condition, first, others, validUntil);
  }

  /** An order of the exchange has changed. */
  orderChanged(order: number): void {
    if (this.#placed.size === 0) return;
    const party = this.#placed.get(order);
    if (party !== undefined) this.#news.add(party);
  }

  /** The price of an order that waited was reached: it is an order of the exchange now, or was refused there. */
  fired(waiting: TriggerOrder, answer: number): void {
    const party = this.#waiting.get(waiting);
    if (party === undefined) return;
    this.#waiting.delete(waiting);
    party.waiting = undefined;
    if (answer > 0) this.#isPlaced(party, answer);
    else party.isClosed = true;
    this.#news.add(party);
  }

  /** An order that waited was taken away. */
  withdrawn(waiting: TriggerOrder): void {
    const party = this.#waiting.get(waiting);
    if (party === undefined) return;
    this.#waiting.delete(waiting);
    if (party.held === waiting) party.held = undefined;
    else party.waiting = undefined;
    party.isClosed = true;
    this.#news.add(party);
  }

  /** Lets what has happened to orders act on those that are linked to them: some in each turn. */
  act(): void {
    let left = PER_TURN;
    for (const party of this.#news) {
      if (left-- === 0) return;
      this.#news.delete(party);
      this.#settle(party);
    }
  }

  #placePair(
    owner: Owner,
    condition: FillCondition,
    first: AskedOrder,
    second: AskedOrder,
    validUntil: number,
  ): number | TriggerOrder {
    const group: Group = { kind: 'pair', condition, both: [], isOver: false };
    const links = this.#pairLinks(condition);
    const parties = [first, second].map((asked) => newParty(owner, asked, links, group));
    group.both.push(...parties);
    const answer = this.#start(parties[0]!, first.order.lots, validUntil);
    if (typeof answer === 'number' && answer < 0) return answer;
    const other = this.#start(parties[1]!, second.order.lots, validUntil);
    if (typeof other !== 'number' || other > 0) return answer;
    // Half a pair is none.
    this.#close(parties[0]!);
    this.#news.delete(parties[0]!);
    return other;
  }

  #placePrimary(
    owner: Owner,
    type: LinkedType,
    condition: FillCondition,
    first: AskedOrder,
    others: readonly AskedOrder[],
    validUntil: number,
  ): number | TriggerOrder {
    const triggers = this.#triggers;
    const isPair = type === 'one_triggers_one_cancels_other';
    const pair: Group = isPair ? { kind: 'pair', condition, both: [], isOver: false } : { kind: 'alone' };
    const links = isPair ? this.#pairLinks(condition) : conditionField(condition);
    const secondaries = others.map((asked) => newParty(owner, asked, links, pair));
    if (pair.kind === 'pair') pair.both.push(...secondaries);
    for (const party of secondaries) {
      const held = triggers.hold({
        ...owner,
        ...party.asked,
        order: { ...party.asked.order },
        links: `,"is_secondary_oto":true${links}`,
      });
      party.held = held;
      this.#waiting.set(held, party);
    }
    const ids = secondaries.map(({ held }) => `"${held!.id}"`).join();
    const told = `,"oto_order_ids":[${ids}]${isPair ? ',"is_primary_otoco":true' : ''}${conditionField(condition)}`;
    const primary = newParty(owner, first, told, { kind: 'primary', condition, secondaries });
    const answer = this.#start(primary, first.order.lots, validUntil);
    const isRefused = typeof answer === 'number' && answer < 0;
    for (const { held } of secondaries) {
      if (isRefused) {
        this.#waiting.delete(held!);
        triggers.drop(held!);
      } else triggers.tell(held!);
    }
    return answer;
  }

  /** Places so many lots of a party that is nowhere yet. */
  #start(party: Party, lots: number, validUntil?: number): number | TriggerOrder {
    const asked = { ...party.asked, order: { ...party.asked.order, lots } };
    const answer = this.put(party.owner, asked, party.links, validUntil);
    if (typeof answer !== 'number') {
      party.waiting = answer;
      this.#waiting.set(answer, party);
    } else if (answer > 0) {
      this.#isPlaced(party, answer);
      this.#news.add(party);
    }
    return answer;
  }

  #isPlaced(party: Party, order: number): void {
    party.order = order;
    this.#placed.set(order, party);
  }

  #settle(party: Party): void {
    const { orders } = this.#venue.exchange;
    const slot = orders.slotOf(party.order);
    const isOpen = slot >= 0 && orders.isOpen(slot);
    const isFilled = slot >= 0 && orders.state[slot] === OrderState.FILLED;
    if (party.order !== 0 && !isOpen) {
      this.#placed.delete(party.order);
      if (!isFilled && party.waiting === undefined) party.isClosed = true;
    }
    const filled = party.filledBefore + (slot < 0 ? 0 : orders.filledLots[slot]!);
    const { group } = party;
    if (group.kind === 'primary') {
      // An edit has changed what there is to fill.
      const total = slot < 0 ? party.total : filled + orders.lots[slot]!;
      this.#trigger(party, group.condition, group.secondaries, filled, total, isFilled);
    } else if (group.kind === 'pair' && !group.isOver) {
      const other = group.both.find((one) => one !== party)!;
      group.isOver = this.#cancelOther(party, other, group.condition, filled, isFilled);
      // What closes the other is no news to the one that was filled.
      if (group.isOver) this.#close(other);
    }
  }

  #trigger(
    primary: Party,
    condition: FillCondition,
    secondaries: readonly Party[],
    filled: number,
    total: number,
    isFilled: boolean,
  ): void {
    const isHit = condition === 'first_hit' ? filled > 0 : isFilled;
    for (const party of secondaries) {
      const { held } = party;
      if (held === undefined) continue;
      const released = party.total - held.order.lots;
      const due = isHit ? party.total : condition === 'incremental' ? Math.floor((party.total * filled) / total) : 0;
      if (due > released) this.#release(party, held, due - released, primary);
      if (primary.isClosed && party.held !== undefined) this.#triggers.cancel(held, 'oto_primary_closed');
    }
  }

  /** Lets so many lots of a secondary order become an order in its own right, or part of one. */
  #release(party: Party, held: TriggerOrder, lots: number, primary: Party): void {
    const triggers = this.#triggers;
    const { exchange } = this.#venue;
    if (lots === held.order.lots) {
      this.#waiting.delete(held);
      party.held = undefined;
    }
    triggers.release(held, lots);
    const { orders, instruments } = exchange;
    if (party.waiting !== undefined) {
      party.waiting.order.lots += lots;
      triggers.changed(party.waiting);
      return;
    }
    const slot = orders.slotOf(party.order);
    if (slot >= 0 && orders.isOpen(slot)) {
      exchange.edit(party.owner.account, party.order, KEEP, orders.lots[slot]! + orders.filledLots[slot]! + lots, KEEP);
      return;
    }
    if (party.isClosed) return;
    if (slot >= 0) party.filledBefore += orders.filledLots[slot]!;
    const currency = instruments.definitions[party.asked.order.instrument]!.settlementCurrency;
    const id =
      primary.order === 0 ? '' : `,"primary_order_id":"${idText(currency, primary.order, this.#venue.idsFrom)}"`;
    if (!party.links.startsWith(',"trigger_order_id"'))
      party.links = `,"trigger_order_id":"${held.id}"${id}${party.links}`;
    const answer = this.#start(party, lots);
    if (typeof answer === 'number' && answer > 0) held.placed = answer;
    if (typeof answer === 'number' && answer < 0) {
      party.isClosed = true;
      triggers.refuse(held, -answer);
      this.#news.add(party);
    }
  }

  /** Whether the other of a pair is to be closed; where fills count part by part it has given up its part then. */
  #cancelOther(party: Party, other: Party, condition: FillCondition, filled: number, isFilled: boolean): boolean {
    const isHit = condition === 'first_hit' ? filled > 0 : condition === 'complete_fill' && isFilled;
    if (isHit || party.isClosed) return true;
    if (condition !== 'incremental') return false;
    const due = Math.floor((other.total * filled) / party.total);
    if (due > other.givenUp) this.#giveUp(other, due - other.givenUp);
    other.givenUp = Math.max(other.givenUp, due);
    return other.givenUp >= other.total;
  }

  /** Makes an order smaller by so many lots, or takes it away where it has no more: some may still be held. */
  #giveUp(party: Party, lots: number): void {
    const triggers = this.#triggers;
    const { exchange } = this.#venue;
    const { waiting, order } = party;
    if (waiting !== undefined) {
      if (waiting.order.lots > lots) {
        waiting.order.lots -= lots;
        triggers.changed(waiting);
        return;
      }
      this.#waiting.delete(waiting);
      party.waiting = undefined;
      triggers.cancel(waiting, 'oco_other_closed');
      return;
    }
    const { orders } = exchange;
    const slot = orders.slotOf(order);
    if (slot < 0 || !orders.isOpen(slot)) return;
    const left = orders.lots[slot]!;
    const filled = orders.filledLots[slot]!;
    if (left > lots) {
      exchange.edit(party.owner.account, order, KEEP, left - lots + filled, KEEP);
      return;
    }
    this.#placed.delete(order);
    party.order = 0;
    party.filledBefore += filled;
    exchange.cancel(party.owner.account, order, CancelReason.OCO_OTHER_CLOSED);
  }

  /** Takes an order away because the one that it is paired with was filled or closed. */
  #close(party: Party): void {
    const triggers = this.#triggers;
    const { exchange } = this.#venue;
    const { held, waiting, order } = party;
    party.isClosed = true;
    for (const one of [held, waiting]) if (one !== undefined) triggers.cancel(one, 'oco_other_closed');
    if (order !== 0) exchange.cancel(party.owner.account, order, CancelReason.OCO_OTHER_CLOSED);
  }

  #pairLinks(condition: FillCondition): string {
    return `,"oco_ref":"${++this.#pairs}"${conditionField(condition)}`;
  }
}

function newParty(owner: Owner, asked: AskedOrder, links: string, group: Group): Party {
  return {
    owner,
    asked,
    total: asked.order.lots,
    held: undefined,
    waiting: undefined,
    order: 0,
    filledBefore: 0,
    givenUp: 0,
    links,
    isClosed: false,
    group,
  };
}

function conditionField(condition: FillCondition): string {
  return `,"trigger_fill_condition":"${condition}"`;
}
