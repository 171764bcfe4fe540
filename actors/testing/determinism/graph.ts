import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineIo,
  defineStage,
  type IoActor,
  type IoContext,
  type IoDefinition,
  type StreamEdge,
  stream,
} from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Topology } from '../../../engine/runtime/topology/topology.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { sequencer } from '../../sequencer/define-sequencer.js';
import { collect } from '../placed/collector.js';

/**
 * A graph with everything that could go wrong in a merge: fan-out, a diamond, stages that answer some events only, bursts,
 * timers, and state that depends on the order of every record.
 *
 *     log ─> fan ─┬─> left ──┐
 *      │          └─> right ─┼─> join ─> tail
 *      └─────────────────────┘
 */
export interface GraphSettings extends TopologySettings {
  /** Records to play, one behind the other, canonical bytes padded to 8. */
  script: SharedArrayBuffer;
  scriptBytes: number;
  /** 'virtual': the script's receive times drive a lock-step clock. 'replay': the script is a log. */
  mode: 'virtual' | 'replay';
  /** Stalls are injected at random, from this seed; 0 for none. They must change nothing. */
  stallSeed: number;
  /** One block for the digests, see Capture. */
  captured: SharedArrayBuffer;
}

const input = stream({ name: 'input', capacityBytes: 2 ** 16, maxBodyBytes: 512 });
const log = stream({ name: 'log', capacityBytes: 2 ** 16, maxBodyBytes: 512 });
const edge = (name: string): StreamEdge => stream({ name, capacityBytes: 2 ** 15, maxBodyBytes: 256 });
const outputs = {
  fan: edge('fan-out'),
  left: edge('left-out'),
  right: edge('right-out'),
  join: edge('join-out'),
  tail: edge('tail-out'),
};

export const STAGE_NAMES = ['fan', 'left', 'right', 'join', 'tail'] as const;
const MIXED = 250;
const BODY_BYTES = 16;
const TIMERS = 4;

interface MixerConfig {
  /** Answers an event when its mixed state modulo this is 0. */
  every: number;
  mostRecords: number;
  usesTimers: boolean;
  stallSeed: number;
}

/** Mixes every byte that it is given into its state, and answers from that state: any change of order shows. */
class Mixer implements CoreActor {
  private readonly context: CoreContext<MixerConfig>;
  private readonly mixed: Int32Array;
  private random: number;

  constructor(context: CoreContext<MixerConfig>) {
    this.context = context;
    this.mixed = context.state.int32(1);
    this.random = context.config.stallSeed;
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const length = buffer.readInt32(offset);
    let mixed = Math.imul(this.mixed[0]! ^ type, 0x01000193);
    // All canonical bytes: of the header too.
    for (let at = 4; at + 4 <= length; at += 4) mixed = Math.imul(mixed ^ buffer.readInt32(offset + at), 0x01000193);
    this.mixed[0] = mixed;
    if (this.random !== 0) this.stall();
  }

  onTimer(timer: number): void {
    this.mixed[0] = Math.imul(this.mixed[0]! ^ (timer + 77), 0x01000193);
    this.answer(1);
  }

  endOfEvent(): void {
    const { every, mostRecords, usesTimers } = this.context.config;
    const mixed = this.mixed[0]! >>> 0;
    if (mixed % every !== 0) return;
    this.answer(1 + (mixed % mostRecords));
    if (!usesTimers) return;
    const timer = mixed % TIMERS;
    if (mixed % 5 === 0) this.context.cancel(timer);
    else this.context.schedule(timer, this.context.event.time + (mixed % 97));
  }

  private answer(records: number): void {
    const { out, event } = this.context;
    for (let record = 0; record < records; record++) {
      const at = out.emit(MIXED, BODY_BYTES);
      out.buffer.writeInt32(at, this.mixed[0]!);
      out.buffer.writeInt32(at + 4, record);
      out.buffer.writeFloat64(at + 8, event.time);
    }
  }

  /** Now and then holds its thread up for some microseconds. */
  private stall(): void {
    this.random = (Math.imul(this.random, 1664525) + 1013904223) | 0 || 1;
    if (this.random >>> 24 !== 0) return;
    const until = performance.now() + (this.random & 0xff) / 1000;
    while (performance.now() < until);
  }
}

function mixer(name: (typeof STAGE_NAMES)[number], reads: readonly StreamEdge[], config: MixerConfig): CoreDefinition {
  const timers = config.usesTimers ? TIMERS : 0;
  return defineStage<MixerConfig>({
    name,
    reads,
    writes: outputs[name],
    config,
    // A timer may answer beside the event's own answer.
    burst: { records: config.mostRecords + 1, bodyBytes: (config.mostRecords + 1) * BODY_BYTES },
    stateBytes: 8,
    stateLayout: 'int32 1 mixed',
    ...(timers > 0 ? { timers } : {}),
    create: (context) => new Mixer(context),
  });
}

/** Plays the script into the input as fast as the ring takes it. */
class ScriptFeed implements IoActor {
  private readonly context: IoContext<GraphSettings>;
  private readonly script: DataView;
  private position = 0;
  private timer: NodeJS.Immediate | undefined;

  constructor(context: IoContext<GraphSettings>) {
    this.context = context;
    this.script = new DataView(context.config.script);
  }

  start(): void {
    this.timer = setImmediate(() => this.play());
  }

  stop(): void {
    clearImmediate(this.timer);
  }

  private play(): void {
    const { out, config } = this.context;
    while (this.position < config.scriptBytes) {
      const length = this.script.getInt32(this.position, true);
      const at = out!.claim(this.script.getUint16(this.position + 4, true), length - HEADER_BYTES);
      if (at < 0) break;
      for (let byte = 6; byte < length; byte++)
        out!.buffer.writeUint8(at + byte, this.script.getUint8(this.position + byte));
      this.position += (length + 7) & ~7;
    }
    this.context.publish(0);
    // Virtual time must know that this input holds nothing back any more.
    if (this.position >= config.scriptBytes) out!.finish(1);
    else this.timer = setImmediate(() => this.play());
    this.context.publish(0);
  }
}

function scriptFeed(settings: GraphSettings): IoDefinition {
  return defineIo<GraphSettings>({
    name: 'script',
    reads: [],
    writes: input,
    config: settings,
    module: import.meta.url,
  });
}

/** Digests the canonical bytes of the log and of every stage's output. */
function collector(settings: GraphSettings): IoDefinition {
  return defineIo<GraphSettings>({
    name: 'collector',
    reads: [log, ...STAGE_NAMES.map((name) => outputs[name])],
    config: settings,
    module: import.meta.url,
  });
}

/** The code of both I/O actors. */
export function create(context: IoContext<GraphSettings>): IoActor {
  return context.name === 'script' ? new ScriptFeed(context) : collect(context);
}

export function topology(given: TopologySettings): Topology {
  const settings = given as GraphSettings;
  const { mode, stallSeed } = settings;
  const stage = (every: number, mostRecords: number, usesTimers: boolean, place: number): MixerConfig => ({
    every,
    mostRecords,
    usesTimers,
    stallSeed: stallSeed === 0 ? 0 : stallSeed + place,
  });
  return {
    sequencer: sequencer(
      { reads: [input], clock: { kind: mode }, conflatedTypes: [], conflateAfterMs: 1, instruments: 1, firstSeq: 1 },
      log,
    ),
    actors: [
      scriptFeed(settings),
      mixer('fan', [log], stage(1, 3, true, 1)),
      mixer('left', [outputs.fan], stage(2, 5, false, 2)),
      mixer('right', [outputs.fan], stage(3, 2, false, 3)),
      mixer('join', [log, outputs.left, outputs.right], stage(2, 4, true, 4)),
      mixer('tail', [outputs.join], stage(1, 2, false, 5)),
      collector(settings),
    ],
  };
}
