import { defineIo, type IoDefinition } from '../../../engine/runtime/actor/definition.js';
import { marketData } from '../../streams.js';
import type { BinanceFeedConfig } from './binance-feed.js';

export function binanceFeed(config: BinanceFeedConfig): IoDefinition {
  return defineIo<BinanceFeedConfig>({
    name: 'feed',
    reads: [],
    writes: marketData,
    config,
    module: new URL('./binance-feed.js', import.meta.url).href,
  });
}
