/**
 *     venue process ── TCP ──> link ──> sequencer ──> decide (10 us of arithmetic) ──> link ── TCP ──> venue process
 */
import { connect, type Socket } from 'node:net';
import { sequencer } from '../../../actors/sequencer/define-sequencer.js';
import {
  type CoreContext,
  type CoreDefinition,
  defineIo,
  defineStage,
  type IoActor,
  type IoContext,
  type IoDefinition,
  stream,
} from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, type RecordHandler } from '../../../engine/runtime/edge/record.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Topology } from '../../../engine/runtime/topology/topology.js';
import { MESSAGE_TYPE } from '../../rig/message.js';
import { DUE_OFFSET, FRAME_BYTES, frameReader, NUMBER_OFFSET } from './frame.js';
import { work } from './work.js';

export interface PlacementSettings extends TopologySettings {
  /** The venue's port on the loopback interface. */
  port: number;
  /** Iterations of `work` for each event. */
  iterations: number;
}

const RING = { capacityBytes: 2 ** 20, maxBodyBytes: 64 };
const ticks = stream({ name: 'ticks', ...RING });
const log = stream({ name: 'log', ...RING });
const answers = stream({ name: 'answers', ...RING });

/** The I/O side: frames of the socket into the engine, answers back to the socket. */
class Link implements IoActor {
  private readonly context: IoContext<PlacementSettings>;
  private socket: Socket | undefined;
  private readonly onAnswer: RecordHandler = (type, buffer, offset) => {
    // The log also tells the engine's state, which the stage passes over.
    if (type !== MESSAGE_TYPE) return;
    const frame = Buffer.allocUnsafe(FRAME_BYTES);
    frame.writeDoubleLE(buffer.readFloat64(offset + HEADER_BYTES + NUMBER_OFFSET), NUMBER_OFFSET);
    frame.writeDoubleLE(buffer.readFloat64(offset + HEADER_BYTES + DUE_OFFSET), DUE_OFFSET);
    this.socket?.write(frame);
  };

  constructor(context: IoContext<PlacementSettings>) {
    this.context = context;
  }

  async start(): Promise<void> {
    const { clock, config, out, publish } = this.context;
    const socket = connect(config.port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    this.socket = socket.setNoDelay(true);
    const read = frameReader((frame) => {
      const offset = out!.claim(MESSAGE_TYPE, FRAME_BYTES);
      if (offset < 0) throw new Error('placement: the ring of ticks is full');
      const body = offset + HEADER_BYTES;
      out!.buffer.writeFloat64(body + NUMBER_OFFSET, frame.getFloat64(NUMBER_OFFSET, true));
      out!.buffer.writeFloat64(body + DUE_OFFSET, frame.getFloat64(DUE_OFFSET, true));
    });
    socket.on('data', (chunk) => {
      clock.tick();
      const ingress = clock.now[0]!;
      read(chunk);
      publish(ingress);
    });
  }

  turn(): number {
    return this.context.inputs[0]!.poll(this.onAnswer, 256);
  }

  stop(): void {
    this.socket?.destroy();
  }
}

function link(config: PlacementSettings): IoDefinition {
  return defineIo<PlacementSettings>({
    name: 'link',
    reads: [answers],
    writes: ticks,
    config,
    module: import.meta.url,
  });
}

export function create(context: IoContext<PlacementSettings>): IoActor {
  return new Link(context);
}

function decide(config: PlacementSettings): CoreDefinition {
  return defineStage<PlacementSettings>({
    name: 'decide',
    reads: [log],
    writes: answers,
    burst: { records: 1, bodyBytes: FRAME_BYTES },
    stateBytes: 8,
    stateLayout: 'int32 1 digest',
    config,
    create: ({ state, out, config: { iterations } }: CoreContext<PlacementSettings>) => {
      const digest = state.int32(1);
      return {
        onRecord(type, buffer, offset) {
          if (type !== MESSAGE_TYPE) return;
          digest[0] = digest[0]! ^ work(iterations);
          const body = out.emit(type, FRAME_BYTES);
          for (let byte = 0; byte < FRAME_BYTES; byte += 8) {
            out.buffer.writeFloat64(body + byte, buffer.readFloat64(offset + HEADER_BYTES + byte));
          }
        },
      };
    },
  });
}

export function topology(settings: TopologySettings): Topology {
  const config = settings as PlacementSettings;
  return {
    sequencer: sequencer(
      {
        reads: [ticks],
        clock: { kind: 'wall' },
        conflatedTypes: [],
        conflateAfterMs: 1000,
        instruments: 1,
        firstSeq: 1,
      },
      log,
    ),
    actors: [link(config), decide(config)],
  };
}
