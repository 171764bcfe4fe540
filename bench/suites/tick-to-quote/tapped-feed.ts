import { DeribitFeed, type DeribitFeedConfig } from '../../../actors/feed/deribit/deribit-feed.js';
import type { SessionHost } from '../../../actors/session/host.js';
import { nodeHost } from '../../../actors/session/node-host.js';
import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { Tap } from './tap.js';

/** How every message of a channel begins; answers to requests begin otherwise. */
const MESSAGE = Buffer.from('{"jsonrpc":"2.0","method":"subscription"');

export interface TappedFeedConfig extends DeribitFeedConfig {
  tap: SharedArrayBuffer;
}

/** The feed as it is, with a note of when each frame of market data had been read. */
export function create(context: IoContext<TappedFeedConfig>): IoActor {
  const tap = new Tap(context.config.tap);
  const { clock } = context;
  let isMessage = false;
  const host: SessionHost = {
    ...nodeHost,
    connect: (url, handlers) =>
      nodeHost.connect(url, {
        ...handlers,
        opened: () => handlers.opened(),
        closed: (why) => handlers.closed(why),
        frame: (memory, start, end, isBinary) => {
          isMessage = tap.isOn && MESSAGE.compare(memory.bytes, start, Math.min(end, start + MESSAGE.length)) === 0;
          if (isMessage) {
            clock.tick();
            tap.frame(clock.now);
          }
          handlers.frame(memory, start, end, isBinary);
          isMessage = false;
        },
      }),
  };
  const tapped: IoContext<TappedFeedConfig> = {
    ...context,
    publish: (ingress) => {
      if (isMessage) tap.published(ingress);
      context.publish(ingress);
    },
  };
  return new DeribitFeed(tapped, host);
}
