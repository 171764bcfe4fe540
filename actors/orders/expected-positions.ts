import type { KeeperSink } from '../../engine/market/orders/order-keeper.js';
import { ActorState } from '../../engine/runtime/actor/actor-state.js';
import { actorStateIn } from '../../engine/runtime/actor/stage-state.js';
import { orders } from './orders.js';
import type { OrdersConfig } from './orders-config.js';
import { OrdersMemory } from './orders-memory.js';

/** What additions and subtractions may leave of an amount of nothing. */
const DUST = 1e-9;

/** Only what is remembered is read: there is nothing to tell. */
const deaf: KeeperSink = {
  orderChanged: () => {},
  requestChanged: () => {},
  requestNotSent: () => {},
  fillTold: () => {},
  fillInferred: () => {},
  queryWanted: () => {},
  accountInDoubt: () => {},
};

/**
 * What a venue should say is held, by instrument: amounts in its unit, signed, without what is flat.
 * @param state what the orders stage remembers, as a restored core has it
 */
export function expectedPositions(config: OrdersConfig, state: Uint8Array): Map<number, number> {
  const definition = orders(config);
  const remembered = actorStateIn(state, definition);
  const own = new ActorState(definition.name, remembered.byteLength);
  const { reconciler } = new OrdersMemory(own, config, deaf);
  // Behind the making, which writes what it begins with.
  own.restore(remembered);
  const expected = new Map<number, number>();
  for (let instrument = 0; instrument < config.instruments; instrument++) {
    const amount = reconciler.expected(instrument);
    if (Math.abs(amount) > DUST) expected.set(instrument, amount);
  }
  return expected;
}
