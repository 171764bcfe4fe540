import { defineIo, type IoDefinition } from '../../../engine/runtime/actor/definition.js';
import { marketData } from '../../streams.js';
import type { SyntheticFeedConfig } from './synthetic-feed.js';

export function syntheticFeed(config: SyntheticFeedConfig): IoDefinition {
  return defineIo<SyntheticFeedConfig>({
    name: 'feed',
    reads: [],
    writes: marketData,
    config,
    module: new URL('./synthetic-feed.js', import.meta.url).href,
  });
}
