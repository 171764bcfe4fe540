import { CancelReason } from '../exchange/codes.js';
import type { VenueConnection } from './connection.js';
import type { EndCause } from './rpc/served.js';
import type { VenueServices } from './services.js';

/** What a connection that ended leaves behind is cleared away some at a time. */
interface Leaving {
  connection: VenueConnection;
  channels: string[];
  orders: number[];
}

const PER_PIECE = 8;

/** Clears away what connections that ended leave behind: their channels, and where they asked for it their orders. */
export class Departures {
  readonly #venue: VenueServices;
  readonly #leaving: Leaving[] = [];

  constructor(venue: VenueServices) {
    this.#venue = venue;
  }

  get hasWork(): boolean {
    return this.#leaving.length > 0;
  }

  /** A connection has ended. What that means for its orders depends on the cause. */
  add(connection: VenueConnection, cause: EndCause): void {
    const { session } = connection;
    const isDisconnect = cause !== 'logout' && cause !== 'restart';
    const venue = this.#venue;
    const { labels, exchange } = venue;
    const orders =
      isDisconnect && connection.cancelsOnDisconnect && session !== undefined
        ? [...venue.openOrders(session.key.account)]
            .filter((slot) => labels.connection(slot) === connection.number)
            .map((slot) => exchange.orders.id[slot]!)
        : [];
    if (isDisconnect && connection.cancelsOnDisconnect && session !== undefined) {
      for (const order of venue.triggers.open(session.key.account)) {
        if (order.connection === connection.number) venue.triggers.cancel(order, 'cancel_on_disconnect');
      }
    }
    this.#leaving.push({ connection, orders, channels: [...connection.channels.keys()] });
  }

  /** Clears some of it away. */
  work(): void {
    const venue = this.#venue;
    const { connection, channels, orders } = this.#leaving[0]!;
    for (const name of channels.splice(0, PER_PIECE)) venue.hub.leave(connection, name);
    const { account } = connection.session?.key ?? { account: -1 };
    for (const order of orders.splice(0, PER_PIECE)) {
      venue.exchange.cancel(account, order, CancelReason.CANCEL_ON_DISCONNECT);
    }
    venue.endStep();
    if (channels.length === 0 && orders.length === 0) this.#leaving.shift();
  }
}
