import { defineIo, type IoDefinition } from '../../../engine/runtime/actor/definition.js';
import { marketData } from '../../streams.js';
import type { DeribitFeedConfig } from './deribit-feed.js';

export function deribitFeed(config: DeribitFeedConfig): IoDefinition {
  return defineIo<DeribitFeedConfig>({
    name: 'feed',
    reads: [],
    writes: marketData,
    config,
    module: new URL('./deribit-feed.js', import.meta.url).href,
  });
}
