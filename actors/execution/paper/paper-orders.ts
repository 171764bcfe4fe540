/** A request on its way to the market: a copy, for the ring goes on. */
export interface PaperRequest {
  due: number;
  seq: number;
  requestIndex: number;
  action: number;
  instrument: number;
  underlying: number;
  side: number;
  flags: number;
  timeInForce: number;
  scope: number;
  group: number;
  run: number;
  index: number;
  orderSeq: number;
  price: number;
  amount: number;
  quoteSet: number;
  number: number;
  reconcile: number;
}

/** An order that rests in the market on paper. */
export interface PaperOrder {
  id: string;
  instrument: number;
  buys: boolean;
  flags: number;
  group: number;
  quoteSet: number;
  timeInForce: number;
  run: number;
  index: number;
  orderSeq: number;
  price: number;
  amount: number;
  filled: number;
  notional: number;
  /** Amount that stands before it at its price. */
  ahead: number;
}

/** Amounts that differ by less are one. */
export const DUST = 1e-9;

/** What rests in the market on paper. */
export class PaperOrders {
  readonly #orders = new Map<string, PaperOrder>();
  /** Keys of the resting orders of each instrument. */
  readonly #resting = new Map<number, Set<string>>();

  get(named: Pick<PaperOrder, 'run' | 'orderSeq' | 'index'>): PaperOrder | undefined {
    return this.#orders.get(keyOf(named));
  }

  all(): PaperOrder[] {
    return [...this.#orders.values()];
  }

  of(instrument: number): PaperOrder[] {
    const keys = this.#resting.get(instrument);
    return keys === undefined ? [] : [...keys].map((key) => this.#orders.get(key)!);
  }

  rest(order: PaperOrder): void {
    const key = keyOf(order);
    this.#orders.set(key, order);
    const keys = this.#resting.get(order.instrument);
    if (keys === undefined) this.#resting.set(order.instrument, new Set([key]));
    else keys.add(key);
  }

  forget(order: PaperOrder): void {
    this.#orders.delete(keyOf(order));
    this.#resting.get(order.instrument)?.delete(keyOf(order));
  }
}

export function keyOf({ run, orderSeq, index }: Pick<PaperOrder, 'run' | 'orderSeq' | 'index'>): string {
  return `${run} ${orderSeq} ${index}`;
}
