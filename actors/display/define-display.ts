import { defineIo, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import {
  approvedOrders,
  log,
  orderStates,
  shownFills,
  shownLimits,
  shownLogged,
  shownOrders,
  shownProtections,
  shownRefusals,
  shownTrades,
} from '../streams.js';
import type { DisplayConfig } from './display.js';

export function display(config: DisplayConfig): IoDefinition {
  return defineIo<DisplayConfig>({
    name: 'display',
    shares: 'housekeeping',
    reads: [log, orderStates, approvedOrders],
    shows: [
      shownOrders(config.orders),
      shownFills,
      shownRefusals,
      shownLimits,
      shownLogged,
      shownTrades,
      shownProtections,
    ],
    config,
    nice: 5,
    module: new URL('./display.js', import.meta.url).href,
  });
}
