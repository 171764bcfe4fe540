import type { AccountOptions } from '../venue-sim/exchange/accounts.js';
import { defaultConfig, type ExchangeConfig } from '../venue-sim/exchange/config.js';
import { Exchange } from '../venue-sim/exchange/exchange.js';
import type { ExchangeSink } from '../venue-sim/exchange/sink.js';
import type { WorldParameters } from '../venue-sim/world/parameters.js';
import { World } from '../venue-sim/world/world.js';
import type { RunMarket } from './run-market.js';

/** An exchange with its simulated world, and one more account on it. What it tells goes to whoever listens. */
export class SimulatedMarket implements ExchangeSink, RunMarket {
  readonly exchange: Exchange;
  readonly world: World;
  readonly account: number;
  readonly bases: readonly string[];
  /** What the exchange tells. */
  readonly listeners: Partial<ExchangeSink>[] = [];

  constructor(
    seed: number,
    parameters: WorldParameters,
    config: Partial<Omit<ExchangeConfig, 'startTime'>>,
    account: AccountOptions,
  ) {
    this.bases = parameters.currencies.map(({ name }) => name);
    this.exchange = new Exchange({ ...defaultConfig, ...config, startTime: parameters.startTime }, this);
    this.world = new World(this.exchange, { seed, parameters });
    this.account = this.exchange.openAccount(account);
  }

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
