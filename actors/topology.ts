import { SIMULATION_LIMITS } from '../engine/market/risk/limits.js';
import type { IoDefinition } from '../engine/runtime/actor/definition.js';
import type { TopologySettings } from '../engine/runtime/host/thread-spec.js';
import type { Topology } from '../engine/runtime/topology/topology.js';
import { MessageType } from '../schemas/message-type.js';
import type { AlertsConfig } from './alerts/alerts.js';
import { DEFAULT_RULES } from './alerts/default-rules.js';
import { alerts } from './alerts/define-alerts.js';
import { calibrator } from './calibrator/define-calibrator.js';
import type { PeerChannel } from './commands/commands.js';
import { operatorCommands } from './commands/define-commands.js';
import { type CoreSettings, core, NO_VENUE } from './core.js';
import { display } from './display/define-display.js';
import type { DeribitExecutionConfig } from './execution/deribit/config.js';
import { deribitExecution } from './execution/deribit/define-deribit-execution.js';
import { loopbackExecution } from './execution/loopback/define-loopback-execution.js';
import { paperExecution } from './execution/paper/define-paper-execution.js';
import type { PaperConfig } from './execution/paper/paper-execution.js';
import type { BinanceFeedConfig } from './feed/binance/binance-feed.js';
import { binanceFeed } from './feed/binance/define-binance-feed.js';
import { deribitFeed } from './feed/deribit/define-deribit-feed.js';
import type { DeribitFeedConfig } from './feed/deribit/deribit-feed.js';
import { syntheticFeed } from './feed/synthetic/define-synthetic-feed.js';
import type { SyntheticFeedConfig } from './feed/synthetic/synthetic-feed.js';
import { filterConfig } from './filter/filter-config.js';
import { MOST_ORDERS } from './orders/orders-config.js';
import { recorder } from './recorder/define-recorder.js';
import type { RecorderConfig } from './recorder/recorder.js';
import { type SequencerConfig, sequencer } from './sequencer/define-sequencer.js';
import type { RunStart } from './sequencer/sequencer.js';
import { snapshots } from './snapshots/define-snapshots.js';
import type { SnapshotsConfig } from './snapshots/snapshots.js';
import { alertChanges, commands, marketData, reports, snapshotReports, surfaces } from './streams.js';

/** Where market data comes from. */
export type FeedSettings =
  | { kind: 'synthetic'; config: SyntheticFeedConfig }
  | { kind: 'deribit'; config: DeribitFeedConfig }
  | { kind: 'binance'; config: BinanceFeedConfig };

/** What `volfilter run` can choose. */
export interface EngineSettings extends TopologySettings {
  core: CoreSettings;
  /** Where the journal is kept; absent for none. */
  journal?: RecorderConfig;
  /** First log event to stamp, after the last one that the journal holds; 1 unless said otherwise. */
  firstSeq?: number;
  /** Which start of the engine this is; absent where nothing keeps count. */
  start?: RunStart;
  /** Where snapshots of the core go; absent for none. */
  snapshots?: SnapshotsConfig;
  feed: FeedSettings;
  /** Rules and sinks of the alerts, where they are not as usual. */
  alerts?: Partial<Omit<AlertsConfig, 'readsTheos'>>;
  /** The venue that orders go to; absent: they go nowhere, and are accepted there. */
  execution?: DeribitExecutionConfig;
  /** Orders go to a model of the venue, which follows the log. */
  paper?: PaperConfig;
  /** Files by which other processes give commands. */
  peers: readonly PeerChannel[];
}

/** What comes first: the tail behind the newest snapshot is replayed at a start, and must be short. */
const SNAPSHOT_EVERY = { events: 150_000, seconds: 30 };

/** The whole engine: reading from top to bottom follows a tick of market data to an order. */
export function topology(settings: TopologySettings): Topology {
  const {
    core: coreSettings,
    feed,
    execution,
    paper,
    journal = {},
    firstSeq = 1,
    start,
    snapshots: kept,
    peers,
    alerts: watched = {},
  } = settings as EngineSettings;
  const stages = core(coreSettings);
  return {
    sequencer: sequencer({
      reads: [reports, commands, alertChanges, ...(kept === undefined ? [] : [snapshotReports]), surfaces, marketData],
      clock: clockOf(feed),
      // Only what replaces the record before it. A change of a book does not, and is never dropped.
      conflatedTypes: [MessageType.QUOTE, MessageType.TICKER, MessageType.TOP_OF_BOOK],
      conflateAfterMs: 5,
      instruments: coreSettings.instruments,
      firstSeq,
      ...(start === undefined ? {} : { start }),
      ...(kept === undefined ? {} : { snapshots: SNAPSHOT_EVERY }),
    }),
    actors: [
      feedOf(feed),
      ...stages,
      calibrator(filterConfig(coreSettings.instruments, coreSettings.filter)),
      executionOf(execution, paper, coreSettings.instruments),
      recorder(journal, stages),
      ...(kept === undefined ? [] : [snapshots(kept)]),
      operatorCommands({ peers }),
      display({
        orders: MOST_ORDERS,
        instruments: coreSettings.instruments,
        hedgeCosts: coreSettings.quoting !== undefined,
      }),
      alerts({
        rules: DEFAULT_RULES,
        sinks: [{ kind: 'log', name: 'log' }],
        run: 0,
        ...definitionsOf(feed),
        ...watched,
        readsTheos: coreSettings.anomaly?.readsTheos ?? true,
      }),
    ],
  };
}

/** Where orders go: to a venue, onto paper, or nowhere. */
function executionOf(
  execution: DeribitExecutionConfig | undefined,
  paper: PaperConfig | undefined,
  instruments: number,
): IoDefinition {
  if (execution !== undefined) return deribitExecution(execution);
  return paper === undefined ? loopbackExecution({ instruments }) : paperExecution(paper);
}

function feedOf(feed: FeedSettings): IoDefinition {
  switch (feed.kind) {
    case 'synthetic':
      return syntheticFeed(feed.config);
    case 'deribit':
      return deribitFeed(feed.config);
    case 'binance':
      return binanceFeed(feed.config);
  }
}

function definitionsOf(feed: FeedSettings): { definitions?: SharedArrayBuffer } {
  return feed.kind === 'synthetic' ? {} : { definitions: feed.config.definitions };
}

/** Event time is the feed's time: that of a recording is past. */
function clockOf(feed: FeedSettings): SequencerConfig['clock'] {
  return feed.kind === 'synthetic' ? { kind: 'wall' } : feed.config.clock;
}

/** Where the machine is run for its own sake, nothing may hold its rate back. */
const MACHINE_LIMITS = {
  requestsPerSecond: 1e9,
  repeatsPerSecond: 1e9,
  openOrders: 1e9,
  inFlight: 1e9,
  positionUsd: 1e12,
};

/** The engine on random walks, without a venue: for running the machine alone. */
export function syntheticSettings(instruments: number, quotesPerSecond: number, seed: number): EngineSettings {
  const feed: FeedSettings = { kind: 'synthetic', config: { instruments, quotesPerSecond, seed } };
  const risk = { limits: { ...SIMULATION_LIMITS, ...MACHINE_LIMITS } };
  return { core: { instruments, bookDepth: 1, trading: NO_VENUE, risk }, feed, peers: [] };
}
