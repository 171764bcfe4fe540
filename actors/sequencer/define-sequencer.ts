import type { StreamEdge } from '../../engine/runtime/actor/definition.js';
import { type EventClockChoice, wallClockOf } from '../../engine/runtime/clock/event-clock.js';
import { SteadyClock } from '../../engine/runtime/clock/steady-clock.js';
import type { SequencerDefinition } from '../../engine/runtime/topology/topology.js';
import { log } from '../streams.js';
import { LogReplay } from './log-replay.js';
import { type RunStart, Sequencer } from './sequencer.js';

export interface SequencerConfig {
  /** Inputs in the order in which they are looked at: what reduces risk first. */
  reads: readonly StreamEdge[];
  clock: EventClockChoice;
  /** Message types whose newer record replaces an older one when the core lags. */
  conflatedTypes: readonly number[];
  /** Age of the oldest waiting record at which conflation starts, milliseconds. */
  conflateAfterMs: number;
  instruments: number;
  firstSeq: number;
  /** Told as the first event of the log. */
  start?: RunStart;
  /** How often the stages are asked for snapshots, by what comes first; absent: never. */
  snapshots?: { events: number; seconds: number };
}

/** The sequencer, as a value of the topology. */
export function sequencer(config: SequencerConfig, writes: StreamEdge = log): SequencerDefinition {
  const { clock } = config;
  return {
    kind: 'sequencer',
    name: 'sequencer',
    reads: config.reads,
    writes,
    lockStep: clock.kind === 'virtual',
    create: (context) => {
      if (clock.kind === 'replay') return new LogReplay(context);
      return new Sequencer(context, {
        clock:
          clock.kind === 'virtual'
            ? undefined
            : new SteadyClock(wallClockOf(clock), context.clock, context.restored?.time ?? 0),
        conflatedTypes: config.conflatedTypes,
        conflateAfterNanoseconds: config.conflateAfterMs * 1e6,
        instruments: config.instruments,
        firstSeq: config.firstSeq,
        ...(config.start === undefined ? {} : { start: config.start }),
        snapshotEvents: config.snapshots?.events ?? Number.POSITIVE_INFINITY,
        snapshotMicros: (config.snapshots?.seconds ?? Number.POSITIVE_INFINITY) * 1e6,
      });
    },
  };
}
