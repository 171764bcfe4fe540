import hdr from 'hdr-histogram-js';
import type { Histogram } from '../../telemetry/histogram.js';
import { ActorCounter, type Board } from './board.js';
import { ThreadCounter } from './thread-line.js';

/** Percentiles of one histogram, nanoseconds; null while nothing was recorded. */
export interface LatencySummary {
  count: number;
  p50: number | null;
  p90: number | null;
  p99: number | null;
  p999: number | null;
  max: number | null;
}

export interface HopTelemetry {
  name: string;
  records: number;
  events: number;
  /** Events that had to wait for room in the output. */
  gated: number;
  conflated: number;
  /** Between a record's publication and its being taken. */
  waiting: LatencySummary;
  /** Work on one event. */
  service: LatencySummary;
}

export interface ThreadTelemetry {
  name: string;
  alive: boolean;
  idle: boolean;
  turns: number;
  /** Sleeps for want of work, and those of them that a doorbell ended. Compute threads only. */
  parked: number;
  woken: number;
  collections: number;
  collectionMs: number;
  longestCollectionMs: number;
  loopLagMaxMs: number;
}

export interface Telemetry {
  hops: HopTelemetry[];
  threads: ThreadTelemetry[];
}

export function summarise(histogram: Histogram): LatencySummary {
  const { count } = histogram;
  const at = (share: number): number | null => (count === 0 ? null : histogram.quantile(share));
  return { count, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: count === 0 ? null : histogram.max };
}

/** Everything that the board shows, as plain data. Reading it leaves no trace in the engine. */
export function readTelemetry(board: Board): Telemetry {
  return {
    hops: board.plan.actors.map((name, actor) => {
      const counters = board.actorCounters(actor);
      return {
        name,
        records: counters[ActorCounter.RECORDS]!,
        events: counters[ActorCounter.EVENTS]!,
        gated: counters[ActorCounter.GATED]!,
        conflated: counters[ActorCounter.CONFLATED]!,
        waiting: summarise(board.waitingHistogram(actor)),
        service: summarise(board.serviceHistogram(actor)),
      };
    }),
    threads: board.plan.threads.map((name, thread) => {
      const line = board.thread(thread);
      return {
        name,
        alive: line.alive,
        idle: line.idle,
        turns: line.turns(),
        parked: line.counters[ThreadCounter.PARKED]!,
        woken: line.counters[ThreadCounter.WOKEN]!,
        collections: line.counters[ThreadCounter.GC_COUNT]!,
        collectionMs: line.counters[ThreadCounter.GC_MS]!,
        longestCollectionMs: line.counters[ThreadCounter.GC_MAX_MS]!,
        loopLagMaxMs: line.counters[ThreadCounter.LOOP_LAG_MAX_MS]!,
      };
    }),
  };
}

/**
 * The board's histograms as an HdrHistogram log (version 1.3), readable by the HdrHistogram tools: one tagged line a hop and
 * kind, `waiting-book`, `service-book`, in nanoseconds. `startMs` and `endMs` are milliseconds since the Unix epoch.
 */
export function hdrLog(board: Board, startMs: number, endMs: number): string {
  const lines: string[] = [];
  const writer = new hdr.HistogramLogWriter((content: string) => {
    lines.push(content);
  });
  writer.outputLogFormatVersion();
  writer.outputStartTime(startMs);
  writer.outputLegend();
  const write = (tag: string, source: Histogram): void => {
    if (source.count === 0) return;
    const histogram = hdr.build({ bitBucketSize: 64, numberOfSignificantValueDigits: 3 });
    source.forEach((value, count) => {
      histogram.recordValueWithCount(Math.round(value), count);
    });
    histogram.tag = tag;
    histogram.startTimeStampMsec = startMs;
    histogram.endTimeStampMsec = endMs;
    writer.outputIntervalHistogram(histogram);
  };
  board.plan.actors.forEach((name, actor) => {
    write(`waiting-${name}`, board.waitingHistogram(actor));
    write(`service-${name}`, board.serviceHistogram(actor));
  });
  return lines.join('');
}
