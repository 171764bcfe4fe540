import { defineIo, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import {
  analytics,
  approvedOrders,
  log,
  orderStates,
  shownFills,
  shownHedgeCosts,
  shownLadders,
  shownLimits,
  shownLogged,
  shownOrders,
  shownProtections,
  shownRefusals,
  shownSlices,
  shownTrades,
} from '../streams.js';
import type { DisplayConfig } from './display.js';

export function display(config: DisplayConfig): IoDefinition {
  return defineIo<DisplayConfig>({
    name: 'display',
    shares: 'housekeeping',
    reads: [log, orderStates, approvedOrders, ...(config.hedgeCosts ? [analytics] : [])],
    shows: [
      shownOrders(config.orders),
      shownFills,
      shownRefusals,
      shownLimits,
      shownLogged,
      shownTrades,
      shownProtections,
      shownLadders(config.instruments),
      shownSlices,
      shownHedgeCosts,
    ],
    config,
    patient: true,
    nice: 5,
    module: new URL('./display.js', import.meta.url).href,
  });
}
