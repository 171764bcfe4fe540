import type { ArchiveSettings } from './archive-runs.js';
import type { ModeOptions } from './run-mode.js';

/** What `volfilter run` can be told, as `runEngine` takes it. */
export interface RunOptions extends ModeOptions {
  seconds?: number;
  port: number;
  /** Gateways, on this port and those after it; 1 where it is not said. */
  gateways?: number;
  /** Folder of the gateway's users and audit log; without one nobody but the terminal's token may act. */
  gateway?: string | false;
  /** Compute threads before everything else on their CPUs. */
  realtime?: boolean;
  /** Whether the journal's SQL store is kept beside the run. */
  store?: boolean;
  /** File with model, refits and thresholds of the volatility filter. */
  filter?: string;
  /** Folder of the alerts' rules, sinks and commands; without one the usual rules hold. */
  alerts?: string | false;
  /** Folder of the logs; without one what is said is on the terminal alone. */
  log?: string | false;
  /** What leaves the journal while the engine runs; nothing where it is not said. */
  archives?: ArchiveSettings;
  /** Collector that samples of what happens are sent to, and the seconds from one to the next. */
  traces?: string;
  traceEvery?: number;
  /** File for the hops' histograms as an HdrHistogram log. */
  latencyLog?: string;
  /** File for the board's counters and percentiles. */
  telemetryJson?: string;
}
