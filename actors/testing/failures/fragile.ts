import {
  defineIo,
  defineStage,
  type IoActor,
  type IoContext,
  stream,
} from '../../../engine/runtime/actor/definition.js';
import { HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Topology } from '../../../engine/runtime/topology/topology.js';
import { sequencer } from '../../sequencer/define-sequencer.js';

/** What goes wrong, on which log event. */
export interface FragileSettings extends TopologySettings {
  failure: 'none' | 'stage-throws' | 'stage-stalls' | 'sink-throws' | 'sink-sleeps' | 'stage-spins-for-ever';
  onSeq: number;
  stallMs: number;
  /** Records that the feed writes in all. */
  records: number;
  /** [records that the sink saw, last seq that it saw, seqs out of order, whether it threw, timers that it saw while it slept] */
  seen: SharedArrayBuffer;
}

const log = stream({ name: 'log', capacityBytes: 2 ** 20, maxBodyBytes: 64 });
const input = stream({ name: 'input', capacityBytes: 2 ** 14, maxBodyBytes: 64 });
const output = stream({ name: 'output', capacityBytes: 2 ** 14, maxBodyBytes: 64 });
const TYPE = 240;

/** A feed, one stage and a sink, of which one can be made to fail. */
export function topology(given: TopologySettings): Topology {
  const settings = given as FragileSettings;
  const { failure, onSeq, stallMs } = settings;
  return {
    sequencer: sequencer(
      {
        reads: [input],
        clock: { kind: 'wall' },
        conflatedTypes: [],
        conflateAfterMs: 1e6,
        instruments: 1,
        firstSeq: 1,
      },
      log,
    ),
    actors: [
      defineIo({ name: 'feed', reads: [], writes: input, config: settings, module: import.meta.url }),
      defineStage({
        name: 'fragile',
        reads: [log],
        writes: output,
        config: {},
        burst: { records: 1, bodyBytes: 16 },
        stateBytes: 8,
        stateLayout: '',
        create: (context) => ({
          onRecord: (type) => {
            if (type !== TYPE) return;
            if (context.event.seq === onSeq) {
              if (failure === 'stage-throws') throw new Error('this stage was made to fail');
              const until = failure === 'stage-spins-for-ever' ? Number.POSITIVE_INFINITY : performance.now() + stallMs;
              if (failure === 'stage-stalls' || failure === 'stage-spins-for-ever') while (performance.now() < until);
            }
            context.out.emit(TYPE, 16);
          },
        }),
      }),
      defineIo({ name: 'sink', reads: [output], config: settings, module: import.meta.url }),
    ],
  };
}

/** The code of both I/O actors. */
export function create(context: IoContext<FragileSettings>): IoActor {
  return context.name === 'feed' ? feed(context) : sink(context);
}

function feed(context: IoContext<FragileSettings>): IoActor {
  let written = 0;
  let timer: NodeJS.Timeout | undefined;
  const write = (): void => {
    while (written < context.config.records && context.out!.claim(TYPE, 16) >= 0) written++;
    context.clock.tick();
    context.publish(context.clock.now[0]!);
  };
  return {
    start: () => {
      timer = setInterval(write, 1);
    },
    stop: () => clearInterval(timer),
  };
}

function sink(context: IoContext<FragileSettings>): IoActor {
  const { failure, onSeq, stallMs } = context.config;
  const seen = new Float64Array(context.config.seen);
  const born = performance.now();
  let timer: NodeJS.Timeout | undefined;
  return {
    start: () => {
      timer = setInterval(() => {
        if (performance.now() - born < stallMs && context.inputs[0]!.hasPending()) seen[4]!++;
      }, 5);
    },
    stop: () => clearInterval(timer),
    turn: () => {
      if (failure === 'sink-sleeps' && performance.now() - born < stallMs) return 0;
      return context.inputs[0]!.poll((_type, buffer, offset) => {
        const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
        if (failure === 'sink-throws' && seq === onSeq && seen[3] === 0) {
          seen[3] = 1;
          throw new Error('this sink was made to fail');
        }
        if (seq <= seen[1]!) seen[2]!++;
        seen[1] = seq;
        seen[0]!++;
      }, 100);
    },
  };
}
