import type { TopologySettings } from '../engine/runtime/host/thread-spec.js';
import type { Topology } from '../engine/runtime/topology/topology.js';
import { MessageType } from '../schemas/message-type.js';
import { book } from './book/book.js';
import { operatorCommands, type PeerChannel } from './commands/commands.js';
import { loopbackExecution } from './execution/loopback/loopback-execution.js';
import { syntheticFeed } from './feed/synthetic/synthetic-feed.js';
import { orders } from './orders/orders.js';
import { quoter } from './quoter/quoter.js';
import { type RecorderConfig, recorder } from './recorder/recorder.js';
import { risk } from './risk/risk.js';
import { sequencer } from './sequencer/define-sequencer.js';
import { commands, marketData, reports } from './streams.js';

/** What `volfilter run` can choose. */
export interface EngineSettings extends TopologySettings {
  instruments: number;
  quotesPerSecond: number;
  seed: number;
  /** Where the journal is kept; empty for none. */
  journal: RecorderConfig;
  /** Log event after the last one that the journal holds. */
  firstSeq: number;
  /** Files by which other processes give commands. */
  peers: readonly PeerChannel[];
}

/** The whole engine: reading from top to bottom follows a tick of market data to an order. */
export function topology(settings: TopologySettings): Topology {
  const { instruments, quotesPerSecond, seed, peers, journal, firstSeq } = settings as EngineSettings;
  return {
    sequencer: sequencer({
      reads: [reports, commands, marketData],
      clock: { kind: 'wall' },
      conflatedTypes: [MessageType.QUOTE],
      conflateAfterMs: 5,
      instruments,
      firstSeq,
    }),
    actors: [
      syntheticFeed({ instruments, quotesPerSecond, seed }),
      book({ instruments }),
      orders({ instruments }),
      quoter({ instruments, halfWidth: 1.5, amount: 1, requoteAt: 1 }),
      risk({ maxAmount: 10, maxPrice: 1e6 }),
      loopbackExecution(),
      recorder(journal),
      operatorCommands({ peers }),
    ],
  };
}
