/**
 * Four actors in a row, which do nothing but pass a message on:
 *
 *     source ──> first ──> second ──> sink
 *
 * The source sends by the clock, whatever becomes of the messages; the sink takes the time of each.
 */
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
  type StreamEdge,
  stream,
} from '../../../engine/runtime/actor/definition.js';
import { type ClockEpoch, MonotonicClock } from '../../../engine/runtime/clock/monotonic-clock.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Runnable, SequencerContext, Topology } from '../../../engine/runtime/topology/topology.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { BODY_BYTES, MESSAGE_TYPE, readMessage, writeMessage } from '../../rig/message.js';

export interface ChainSettings extends TopologySettings {
  eventsPerSecond: number;
  /** Messages of one round; the first `warmUp` of them are not measured. */
  events: number;
  warmUp: number;
  epoch: ClockEpoch;
  /** Two words: the round that the source is to run, from 1, and the last one that the sink has seen the end of. */
  control: SharedArrayBuffer;
  /** Where the sink leaves what it measured of a round: ChainResult, then a double a measured message. */
  results: SharedArrayBuffer;
}

export const ChainControl = { ASKED: 0, FINISHED: 1 } as const;

export const ChainResult = {
  /** When the first measured message was due and when the last one arrived, nanoseconds of the shared epoch. */
  FIRST_DUE: 0,
  LAST_ARRIVED: 1,
  /** First of the latencies, nanoseconds. */
  LATENCIES: 2,
} as const;

const DUE_OFFSET = HEADER_BYTES + BODY_BYTES;
/** The message of the other suites, and behind it when it was due. */
const CHAIN_BODY_BYTES = BODY_BYTES + 8;
const RING = { capacityBytes: 2 ** 20, maxBodyBytes: CHAIN_BODY_BYTES };
/** Until every thread is awake. */
const LEAD_NANOSECONDS = 50e6;

/** Sends each message when it is due: an interval after the one before was due, however late that one was. */
class Source implements Runnable {
  readonly name: string;
  private readonly log: StreamWriter;
  private readonly clock: MonotonicClock;
  private readonly control: Int32Array;
  private readonly events: number;
  private readonly interval: number;
  /** When the next message is due. */
  private readonly due = new Float64Array(1);
  private readonly stamps = new Float64Array(2);
  private round = 0;
  private left = 0;
  private sent = 0;
  private told = 0;

  constructor({ name, log, clock }: SequencerContext, { eventsPerSecond, events, control }: ChainSettings) {
    this.name = name;
    this.log = log;
    this.clock = clock;
    this.control = new Int32Array(control);
    this.events = events;
    this.interval = 1e9 / eventsPerSecond;
  }

  step(limit: number): number {
    if (this.left === 0 && !this.beginRound()) return 0;
    const { clock, due, log, stamps } = this;
    clock.tick();
    let sent = 0;
    while (sent < limit && this.left > 0 && due[0]! <= clock.now[0]!) {
      const offset = log.claim(MESSAGE_TYPE, CHAIN_BODY_BYTES);
      if (offset < 0) break;
      this.left--;
      this.sent++;
      sent++;
      writeMessage(log.buffer, offset, this.sent);
      log.buffer.writeFloat64(offset + DUE_OFFSET, due[0]!);
      stamps[0] = due[0]!;
      stamps[1] = clock.now[0]!;
      log.publishStamped(stamps);
      log.finish(this.sent);
      due[0]! += this.interval;
    }
    return sent;
  }

  hasPending(): boolean {
    return this.left > 0 || Atomics.load(this.control, ChainControl.ASKED) !== this.round;
  }

  finishedSeq(): number {
    return this.sent;
  }

  progressed(): boolean {
    if (this.sent === this.told) return false;
    this.told = this.sent;
    return true;
  }

  currentSeq(): number {
    return this.sent;
  }

  private beginRound(): boolean {
    const asked = Atomics.load(this.control, ChainControl.ASKED);
    if (asked === this.round) return false;
    this.round = asked;
    this.left = this.events;
    this.clock.tick();
    this.due[0] = this.clock.now[0]! + LEAD_NANOSECONDS;
    return true;
  }
}

class Relay implements CoreActor {
  private readonly out;

  constructor({ out }: CoreContext<unknown>) {
    this.out = out;
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const { out } = this;
    const body = out.emit(type, CHAIN_BODY_BYTES);
    for (let byte = 0; byte < CHAIN_BODY_BYTES; byte += 8) {
      out.buffer.writeFloat64(body + byte, buffer.readFloat64(offset + HEADER_BYTES + byte));
    }
  }
}

/** Reads a clock, which no actor of the engine's core may: it is the measuring instrument. */
class Sink implements CoreActor {
  private readonly clock: MonotonicClock;
  private readonly control: Int32Array;
  private readonly results: Float64Array;
  private readonly events: number;
  private readonly warmUp: number;
  private arrived = 0;
  private inRound = 0;

  constructor({ config }: CoreContext<ChainSettings>) {
    this.clock = new MonotonicClock(config.epoch);
    this.control = new Int32Array(config.control);
    this.results = new Float64Array(config.results);
    this.events = config.events;
    this.warmUp = config.warmUp;
  }

  onRecord(_type: number, buffer: ViewBuffer, offset: number): void {
    const { clock, results, warmUp } = this;
    clock.tick();
    const due = buffer.readFloat64(offset + DUE_OFFSET);
    this.arrived++;
    if (Number.isNaN(readMessage(buffer, offset, this.arrived))) {
      throw new Error(
        `chain: expected message ${this.arrived}, found ${buffer.readFloat64(offset + HeaderOffset.SEQ)}`,
      );
    }
    if (this.inRound === warmUp) results[ChainResult.FIRST_DUE] = due;
    if (this.inRound >= warmUp) results[ChainResult.LATENCIES + this.inRound - warmUp] = clock.now[0]! - due;
    if (++this.inRound < this.events) return;
    results[ChainResult.LAST_ARRIVED] = clock.now[0]!;
    this.inRound = 0;
    Atomics.add(this.control, ChainControl.FINISHED, 1);
  }
}

function stage(name: string, reads: StreamEdge, create: (context: CoreContext<ChainSettings>) => CoreActor) {
  const writes = stream({ name: `${name}-out`, ...RING });
  return (config: ChainSettings): CoreDefinition =>
    defineStage<ChainSettings>({
      name,
      reads: [reads],
      writes,
      burst: { records: 1, bodyBytes: CHAIN_BODY_BYTES },
      stateBytes: 0,
      stateLayout: '',
      config,
      create,
    });
}

export function topology(settings: TopologySettings): Topology {
  const config = settings as ChainSettings;
  const log = stream({ name: 'log', ...RING });
  const first = stage('first', log, (context) => new Relay(context))(config);
  const second = stage('second', first.writes, (context) => new Relay(context))(config);
  const sink = stage('sink', second.writes, (context) => new Sink(context))(config);
  return {
    sequencer: {
      kind: 'sequencer',
      name: 'source',
      reads: [],
      writes: log,
      lockStep: false,
      create: (context) => new Source(context, config),
    },
    actors: [first, second, sink],
  };
}
