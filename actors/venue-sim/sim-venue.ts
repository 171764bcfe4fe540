import type { AccountOptions } from './exchange/accounts.js';
import { defaultConfig, type ExchangeConfig } from './exchange/config.js';
import { Exchange } from './exchange/exchange.js';
import type { ExchangeSink } from './exchange/sink.js';
import { SimClient, type SimPaths } from './sim-client.js';
import type { SimListener } from './sim-listener.js';
import { WORLD, type WorldParameters } from './world/parameters.js';
import { World } from './world/world.js';

export interface SimVenueOptions {
  /** The same seed gives the same market, and the same answer to the same orders, to the byte. */
  seed: number;
  parameters?: WorldParameters;
  /** What of the exchange's configuration differs from the venue's; the start is the world's. */
  exchange?: Partial<Omit<ExchangeConfig, 'startTime'>>;
}

/**
 * A venue with its market in the calling thread, on a virtual clock: what a backtest trades with. Only `advance` moves time, and
 * it goes as fast as it can. Clients send orders and hear of the market with the latencies that they were opened with.
 *
 * At equal times the market moves first, then orders arrive at the venue, then messages arrive at clients; clients in the order in
 * which they were opened.
 */
export class SimVenue {
  readonly exchange: Exchange;
  readonly world: World;
  readonly #seed: number;
  readonly #clients: SimClient[] = [];

  constructor({ seed, parameters = WORLD, exchange = {} }: SimVenueOptions) {
    this.#seed = seed;
    this.exchange = new Exchange({ ...defaultConfig, ...exchange, startTime: parameters.startTime }, this.#sink());
    this.world = new World(this.exchange, { seed, parameters });
  }

  /** Virtual time, milliseconds since the Unix epoch. */
  get now(): number {
    return this.exchange.now;
  }

  /** Opens an account, and a client that trades on it. */
  open(account: AccountOptions, paths: SimPaths, listener: SimListener): SimClient {
    const id = this.exchange.openAccount(account);
    const client = new SimClient(this.exchange, id, paths, this.#seed, listener);
    this.#clients.push(client);
    return client;
  }

  /** Goes to a time, milliseconds since the Unix epoch: everything that is due by then happens, in order. */
  advance(time: number): void {
    const { world, exchange } = this;
    const clients = this.#clients;
    for (;;) {
      let due = world.next;
      let first = -1;
      for (let index = 0; index < clients.length; index++) {
        const next = clients[index]!.next;
        if (next >= due) continue;
        due = next;
        first = index;
      }
      if (due > time) break;
      if (first < 0) world.step();
      else {
        exchange.advance(due);
        clients[first]!.arrive(due);
      }
    }
    exchange.advance(time);
  }

  /** Hears the exchange and passes on to each client what concerns it. */
  #sink(): ExchangeSink {
    const clients = this.#clients;
    return {
      orderChanged: (order) => {
        for (let index = 0; index < clients.length; index++) clients[index]!.orderChanged(order);
      },
      traded: (trade) => {
        for (let index = 0; index < clients.length; index++) clients[index]!.traded(trade);
      },
      bookChanged: (instrument, count) => {
        for (let index = 0; index < clients.length; index++) clients[index]!.bookChanged(instrument, count);
      },
      positionChanged: () => {},
      accountChanged: () => {},
      mmpTriggered: (account, index, group) => {
        for (let place = 0; place < clients.length; place++) clients[place]!.mmpTriggered(account, index, group);
      },
      instrumentChanged: (instrument) => {
        for (let index = 0; index < clients.length; index++) clients[index]!.instrumentChanged(instrument);
      },
      settled: () => {},
    };
  }
}
