/**
 * An order book rebuilt the slow and obvious way, from parsed messages and with prices as text keys, sharing nothing with
 * the engine: the oracle that books are compared with.
 */
export class SlowBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  set(side: 'bids' | 'asks', price: number, amount: number): void {
    if (amount === 0) this[side].delete(price);
    else this[side].set(price, amount);
  }

  /** Levels of a side, best first. */
  levels(side: 'bids' | 'asks'): [price: number, amount: number][] {
    return [...this[side]].sort(([a], [b]) => (side === 'bids' ? b - a : a - b));
  }
}

type DeribitLevel = [action: string, price: number, amount: number];

/** The data of a Deribit book message. */
export interface DeribitBookData {
  type: 'snapshot' | 'change';
  timestamp: number;
  instrument_name: string;
  change_id: number;
  prev_change_id?: number | null;
  bids: DeribitLevel[];
  asks: DeribitLevel[];
}

export function applyDeribit(book: SlowBook, data: DeribitBookData): void {
  if (data.type === 'snapshot') book.clear();
  for (const side of ['bids', 'asks'] as const) {
    for (const [action, price, amount] of data[side]) book.set(side, price, action === 'delete' ? 0 : amount);
  }
}

/** The data of a Binance depth message, or its REST snapshot. */
export interface BinanceBookData {
  b: [price: string, amount: string][];
  a: [price: string, amount: string][];
}

export function applyBinance(book: SlowBook, { b, a }: BinanceBookData): void {
  for (const [price, amount] of b) book.set('bids', Number(price), Number(amount));
  for (const [price, amount] of a) book.set('asks', Number(price), Number(amount));
}
