import type { ExchangeSink } from '../venue-sim/exchange/sink.js';

/** Passes what an exchange tells to whoever listens, in the order in which they came. */
export class ExchangeTeller implements ExchangeSink {
  readonly listeners: Partial<ExchangeSink>[] = [];

  orderChanged(order: number): void {
    for (const listener of this.listeners) listener.orderChanged?.(order);
  }
  traded(trade: number): void {
    for (const listener of this.listeners) listener.traded?.(trade);
  }
  bookChanged(instrument: number, count: number): void {
    for (const listener of this.listeners) listener.bookChanged?.(instrument, count);
  }
  positionChanged(account: number, instrument: number): void {
    for (const listener of this.listeners) listener.positionChanged?.(account, instrument);
  }
  accountChanged(account: number, currency: number): void {
    for (const listener of this.listeners) listener.accountChanged?.(account, currency);
  }
  mmpTriggered(account: number, index: number, group: number): void {
    for (const listener of this.listeners) listener.mmpTriggered?.(account, index, group);
  }
  instrumentChanged(instrument: number): void {
    for (const listener of this.listeners) listener.instrumentChanged?.(instrument);
  }
  settled(settlement: number): void {
    for (const listener of this.listeners) listener.settled?.(settlement);
  }
}
