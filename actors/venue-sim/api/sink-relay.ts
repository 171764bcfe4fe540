import { type ExchangeSink, silentSink } from '../exchange/sink.js';

/** Hears for whoever comes later: the exchange needs its sink before the venue is there. */
export class SinkRelay implements ExchangeSink {
  to: ExchangeSink = silentSink;
  /** Hears of positions too: whoever has to know what is held when the world ends. */
  held: Pick<ExchangeSink, 'positionChanged'> = silentSink;
  orderChanged(order: number): void {
    this.to.orderChanged(order);
  }
  traded(trade: number): void {
    this.to.traded(trade);
  }
  bookChanged(instrument: number, count: number): void {
    this.to.bookChanged(instrument, count);
  }
  positionChanged(account: number, instrument: number): void {
    this.to.positionChanged(account, instrument);
    this.held.positionChanged(account, instrument);
  }
  accountChanged(account: number, currency: number): void {
    this.to.accountChanged(account, currency);
  }
  mmpTriggered(account: number, index: number, group: number): void {
    this.to.mmpTriggered(account, index, group);
  }
  instrumentChanged(instrument: number): void {
    this.to.instrumentChanged(instrument);
  }
  settled(settlement: number): void {
    this.to.settled(settlement);
  }
}
