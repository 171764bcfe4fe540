import type { AccountOptions } from '../venue-sim/exchange/accounts.js';
import { defaultConfig, type ExchangeConfig } from '../venue-sim/exchange/config.js';
import { Exchange } from '../venue-sim/exchange/exchange.js';
import type { WorldParameters } from '../venue-sim/world/parameters.js';
import { World } from '../venue-sim/world/world.js';
import { ExchangeTeller } from './exchange-teller.js';
import type { RunMarket } from './run-market.js';

/** An exchange with its simulated world, and one more account on it. What it tells goes to whoever listens. */
export class SimulatedMarket extends ExchangeTeller implements RunMarket {
  readonly exchange: Exchange;
  readonly world: World;
  readonly account: number;
  readonly bases: readonly string[];

  constructor(
    seed: number,
    parameters: WorldParameters,
    config: Partial<Omit<ExchangeConfig, 'startTime'>>,
    account: AccountOptions,
  ) {
    super();
    this.bases = parameters.currencies.map(({ name }) => name);
    this.exchange = new Exchange({ ...defaultConfig, ...config, startTime: parameters.startTime }, this);
    this.world = new World(this.exchange, { seed, parameters });
    this.account = this.exchange.openAccount(account);
  }
}
