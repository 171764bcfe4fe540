import type { OrderPool } from '../exchange/orders.js';
import { MOST_GROUPS } from '../exchange/protection.js';

/** What a client calls an order, and where it came from. */
export interface OrderName {
  label: string;
  /** Number of the connection; 0 for none. */
  connection: number;
  quoteId: string;
  quoteSet: string;
  /** What it has to say about orders that it is linked to: fields of its JSON. */
  links?: string;
}

const NO_NAME: OrderName = { label: '', connection: 0, quoteId: '', quoteSet: '' };

/** What clients call their orders, and their quotes: texts, which the exchange knows nothing of. */
export class Labels {
  readonly #orders: OrderPool;
  readonly #labels: string[];
  readonly #quoteIds: string[];
  readonly #quoteSets: string[];
  readonly #links: string[];
  /** Id of the order that a slot's texts belong to: a slot is used again. */
  readonly #owner: Float64Array;
  /** Number of the connection that made the order; 0 for none. */
  readonly #connection: Int32Array;
  readonly #groups = new Map<number, string[]>();
  #account = -1;
  #name: OrderName = NO_NAME;

  constructor(orders: OrderPool) {
    const { capacity } = orders;
    this.#orders = orders;
    this.#labels = new Array<string>(capacity).fill('');
    this.#quoteIds = new Array<string>(capacity).fill('');
    this.#quoteSets = new Array<string>(capacity).fill('');
    this.#links = new Array<string>(capacity).fill('');
    this.#owner = new Float64Array(capacity);
    this.#connection = new Int32Array(capacity);
  }

  /** The next order that an account is seen to have without a name gets this one: it is told of before its id is returned. */
  expect(account: number, name: OrderName): void {
    this.#account = account;
    this.#name = name;
  }

  /** No order is expected any more. */
  done(): void {
    this.#account = -1;
  }

  /** An order was told of: if it is the one that is expected it gets its name. */
  adopt(slot: number): void {
    if (this.#account < 0 || this.#orders.account[slot] !== this.#account || this.#isOwn(slot)) return;
    this.#owner[slot] = this.#orders.id[slot]!;
    this.#labels[slot] = this.#name.label;
    this.#connection[slot] = this.#name.connection;
    this.#quoteIds[slot] = this.#name.quoteId;
    this.#quoteSets[slot] = this.#name.quoteSet;
    this.#links[slot] = this.#name.links ?? '';
  }

  /** Another quote has changed a quoted order. */
  requote(slot: number, quoteId: string): void {
    if (this.#isOwn(slot)) this.#quoteIds[slot] = quoteId;
  }

  /** Number of an account's group of quotes, from 1, given at its first use; 0 where all are in use. */
  groupOf(account: number, name: string): number {
    const known = this.group(account, name);
    if (known > 0) return known;
    let names = this.#groups.get(account);
    if (names === undefined) {
      names = [];
      this.#groups.set(account, names);
    }
    return names.length < MOST_GROUPS ? names.push(name) : 0;
  }

  /** Number of a group that has been used; 0 where it has not. */
  group(account: number, name: string): number {
    return (this.#groups.get(account)?.indexOf(name) ?? -1) + 1;
  }

  groupName(account: number, group: number): string {
    return this.#groups.get(account)?.[group - 1] ?? '';
  }

  label(slot: number): string {
    return this.#isOwn(slot) ? this.#labels[slot]! : '';
  }

  quoteSet(slot: number): string {
    return this.#isOwn(slot) ? this.#quoteSets[slot]! : '';
  }

  links(slot: number): string {
    return this.#isOwn(slot) ? this.#links[slot]! : '';
  }

  connection(slot: number): number {
    return this.#isOwn(slot) ? this.#connection[slot]! : 0;
  }

  /** The label as JSON. */
  json(slot: number): string {
    const label = this.label(slot);
    return label === '' ? '""' : JSON.stringify(label);
  }

  /** What an order has that is a side of a mass quote. */
  quoteFields(slot: number, group: number): string {
    const id = this.#isOwn(slot) ? this.#quoteIds[slot]! : '';
    const set = JSON.stringify(this.quoteSet(slot));
    const name = JSON.stringify(this.groupName(this.#orders.account[slot]!, group));
    return `,"quote":true,"quote_id":${JSON.stringify(id)},"quote_set_id":${set},"mmp_group":${name}`;
  }

  #isOwn(slot: number): boolean {
    return this.#owner[slot] === this.#orders.id[slot];
  }
}
