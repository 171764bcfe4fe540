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
import { core } from './core.js';
import { type CoreSettings, NO_VENUE } from './core-settings.js';
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

/** Everything that a run of the engine can choose. */
export interface EngineSettings extends TopologySettings {
  core: CoreSettings;
  /** Where the journal is kept; absent for none. */
  journal?: RecorderConfig;
  /** Number of the first log event: one more than the last in the journal. Default 1. */
  firstSeq?: number;
  /** Which start of the engine this is; absent where starts are not counted. */
  start?: RunStart;
  /** Where snapshots of the core go; absent for none. */
  snapshots?: SnapshotsConfig;
  feed: FeedSettings;
  /** Where rules and sinks of the alerts differ from the defaults. */
  alerts?: Partial<Omit<AlertsConfig, 'readsTheos'>>;
  /** The venue that orders go to. Absent, and without `paper`: a stand-in accepts them, and they never trade. */
  execution?: DeribitExecutionConfig;
  /** Orders go to a model of the venue that fills them by the market in the log. */
  paper?: PaperConfig;
  /** Files by which other processes give commands. */
  peers: readonly PeerChannel[];
}

/** A snapshot is taken at whichever comes first. A start replays the log behind the newest one, which must be short. */
const SNAPSHOT_EVERY = { events: 150_000, seconds: 30 };

/** The whole engine. The core's stages, where a tick becomes an order, are listed in core.ts. */
export function topology(settings: TopologySettings): Topology {
  const {
    core: coreSettings,
    feed,
    execution,
    paper,
    journal = {},
    firstSeq = 1,
    start,
    snapshots: snapshotSettings,
    peers,
    alerts: alertSettings = {},
  } = settings as EngineSettings;
  const stages = core(coreSettings);
  return {
    sequencer: sequencer({
      reads: [
        reports,
        commands,
        alertChanges,
        ...(snapshotSettings === undefined ? [] : [snapshotReports]),
        surfaces,
        marketData,
      ],
      clock: clockOf(feed),
      // Only types whose record replaces the one before it. A change of a book does not, and is never dropped.
      conflatedTypes: [MessageType.QUOTE, MessageType.TICKER, MessageType.TOP_OF_BOOK],
      conflateAfterMs: 5,
      instruments: coreSettings.instruments,
      firstSeq,
      ...(start === undefined ? {} : { start }),
      ...(snapshotSettings === undefined ? {} : { snapshots: SNAPSHOT_EVERY }),
    }),
    actors: [
      feedOf(feed),
      ...stages,
      calibrator(filterConfig(coreSettings.instruments, coreSettings.filter)),
      executionOf(execution, paper, coreSettings.instruments),
      recorder(journal, stages),
      ...(snapshotSettings === undefined ? [] : [snapshots(snapshotSettings)]),
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
        ...alertSettings,
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

/** The clock of event time follows the feed: a recording plays in the past. */
function clockOf(feed: FeedSettings): SequencerConfig['clock'] {
  return feed.kind === 'synthetic' ? { kind: 'wall' } : feed.config.clock;
}

/** Limits that never hold anything back: for running the machine at its full rate. */
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
