import { defineIo, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import type { FilterConfig } from '../filter/filter-config.js';
import { largestSnapshot } from '../filter/refit-requests.js';
import { shownChains, surfaces } from '../streams.js';

/** It has a thread of its own, which must never take a CPU from those that trade; before its first surfaces nobody trades. */
const LOWEST_PRIORITY = 19;

/** @param config the filter's: what it shows is as large as it says */
export function calibrator(config: FilterConfig): IoDefinition {
  return defineIo<FilterConfig>({
    name: 'calibrator',
    reads: [],
    watches: [shownChains(config.underlyings, largestSnapshot(config.instruments))],
    writes: surfaces,
    config,
    nice: LOWEST_PRIORITY,
    eagerAtFirst: true,
    module: new URL('./calibrator.js', import.meta.url).href,
  });
}
