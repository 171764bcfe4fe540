import type { Arena } from '../../runtime/arena/arena.js';
import { WallClock } from '../../runtime/clock/event-clock.js';
import { type ClockEpoch, MonotonicClock } from '../../runtime/clock/monotonic-clock.js';
import { type Topology, wires } from '../../runtime/topology/topology.js';
import type { TraceExporter } from '../../telemetry/tracing/trace-exporter.js';
import { eventTrace } from './event-trace.js';
import { RingSampler, type TracedNames, type TracedStream } from './ring-sampler.js';

export const ENGINE_STREAMS: TracedNames = {
  log: 'log',
  orders: 'approved-orders',
  input: 'market-data',
  reports: 'reports',
};

export interface TraceSamplerSettings {
  /** Milliseconds from one window to the next. */
  everyMs: number;
  /** Of a window: orders that come in it may be chosen. */
  windowMs: number;
  /** From its end until its events are looked for: what the venue answers later is in no trace. */
  settleMs: number;
  /** Traces of one window, at most. */
  most: number;
}

const SETTINGS: TraceSamplerSettings = { everyMs: 5000, windowMs: 200, settleMs: 250, most: 2 };

/** The streams of an engine, as a sampler looks at them. */
export function tracedStreams(topology: Topology, arenaOf: (stream: string) => Arena | undefined): TracedStream[] {
  const readsOf = new Map(
    [topology.sequencer, ...topology.actors].map(({ name, reads }) => [name, reads.map((edge) => edge.name)]),
  );
  return [...wires(topology).values()].flatMap(({ edge, writer }) => {
    const arena = arenaOf(edge.name);
    return arena === undefined ? [] : [{ name: edge.name, writer, reads: readsOf.get(writer) ?? [], arena }];
  });
}

/** Takes a sample of a running engine's events every now and then, and sends them as traces. */
export class TraceSampler {
  private readonly sampler: RingSampler;
  private readonly streams: readonly TracedStream[];
  private readonly settings: TraceSamplerSettings;
  private readonly exporter: Pick<TraceExporter, 'send'>;
  private readonly monotonic: MonotonicClock;
  private readonly wall = new WallClock();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    streams: readonly TracedStream[],
    epoch: ClockEpoch,
    exporter: Pick<TraceExporter, 'send'>,
    settings: Partial<TraceSamplerSettings> = {},
  ) {
    this.streams = streams;
    this.sampler = new RingSampler(streams, ENGINE_STREAMS);
    this.monotonic = new MonotonicClock(epoch);
    this.exporter = exporter;
    this.settings = { ...SETTINGS, ...settings };
  }

  start(): void {
    const { everyMs, windowMs, settleMs } = this.settings;
    this.later(Math.max(0, everyMs - windowMs - settleMs), () => {
      this.sampler.begin();
      this.later(windowMs, () => {
        this.sampler.close();
        this.later(settleMs, () => {
          void this.send();
          this.start();
        });
      });
    });
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Of what was found. A send that takes longer than a window goes on beside the next: the exporter bounds how many. */
  private async send(): Promise<void> {
    const epoch = this.epochNanos();
    const events = this.sampler.take(this.settings.most);
    const traces = events.map((event) => eventTrace(event, this.streams, ENGINE_STREAMS, epoch));
    await this.exporter.send(traces.filter((trace) => trace !== undefined));
  }

  /** Unix time of the monotonic zero, by two readings one after the other: clocks drift, so each time anew. */
  private epochNanos(): bigint {
    this.wall.tick();
    this.monotonic.tick();
    return BigInt(this.wall.now[0]!) * 1000n - BigInt(Math.round(this.monotonic.now[0]!));
  }

  private later(ms: number, act: () => void): void {
    this.timer = setTimeout(act, ms);
    this.timer.unref();
  }
}
