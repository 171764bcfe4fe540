import { eachRecord } from '../../../engine/journal/block.js';
import { JournalReader } from '../../../engine/journal/reader.js';
import {
  defineIo,
  type IoActor,
  type IoContext,
  type IoDefinition,
  stream,
} from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Topology } from '../../../engine/runtime/topology/topology.js';
import { core } from '../../core.js';
import type { CoreSettings } from '../../core-settings.js';
import { isOutput } from '../../replay/log-player.js';
import { sequencer } from '../../sequencer/define-sequencer.js';
import { log } from '../../streams.js';
import { collect } from '../placed/collector.js';

/** The whole core on its threads, over the log that a journal holds. */
export interface PlacedCoreSettings extends TopologySettings {
  /** The journal's folder. */
  journal: string;
  core: CoreSettings;
  /** Digests of the log and of what each stage says, in their order; see Capture. */
  captured: SharedArrayBuffer;
}

/** Where each stage writes, the log first. */
export function placedStreams(settings: CoreSettings) {
  return [log, ...core(settings).map(({ writes }) => writes)];
}

const journalled = stream({ name: 'journalled', capacityBytes: 1 << 20, maxBodyBytes: 120 * 1024 });

/** Plays the log events of a journal as fast as the ring takes them. */
class JournalPlayer implements IoActor {
  private readonly context: IoContext<PlacedCoreSettings>;
  private readonly reader: JournalReader;
  private readonly blocks: Iterator<Buffer>;
  private block = new DataView(new ArrayBuffer(0));
  /** Where the log events of the block begin, and which is next. */
  private readonly events: number[] = [];
  private next = 0;
  private timer: NodeJS.Immediate | undefined;

  constructor(context: IoContext<PlacedCoreSettings>) {
    this.context = context;
    this.reader = new JournalReader(context.config.journal);
    this.blocks = this.reader.blocks()[Symbol.iterator]();
  }

  start(): void {
    this.timer = setImmediate(() => this.play());
  }

  stop(): void {
    clearImmediate(this.timer);
  }

  async close(): Promise<void> {
    await this.reader.close();
  }

  private play(): void {
    const { out, publish } = this.context;
    const isWhole = this.playBlock();
    if (isWhole && !this.turnOver()) out!.finish(1);
    else this.timer = setImmediate(() => this.play());
    publish(0);
  }

  /** Whether the ring took all that is left of the block. */
  private playBlock(): boolean {
    const { out } = this.context;
    for (; this.next < this.events.length; this.next++) {
      const offset = this.events[this.next]!;
      const length = this.block.getInt32(offset, true);
      const at = out!.claim(this.block.getUint16(offset + HeaderOffset.TYPE, true), length - HEADER_BYTES);
      if (at < 0) return false;
      for (let byte = HeaderOffset.TYPE + 2; byte < length; byte++)
        out!.buffer.writeUint8(at + byte, this.block.getUint8(offset + byte));
    }
    return true;
  }

  private turnOver(): boolean {
    const { done, value } = this.blocks.next();
    if (done) return false;
    // A copy: the journal's own memory is good until the next block is asked for.
    const block = Buffer.from(value);
    this.block = new DataView(block.buffer, block.byteOffset, block.length);
    this.events.length = 0;
    this.next = 0;
    eachRecord(block, (offset) => {
      if (!isOutput(this.block, offset)) this.events.push(offset);
    });
    return true;
  }
}

function io(name: string, settings: PlacedCoreSettings, edges: Pick<IoDefinition, 'reads' | 'writes'>): IoDefinition {
  return defineIo<PlacedCoreSettings>({ name, ...edges, config: settings, module: import.meta.url });
}

/** The code of both I/O actors. */
export function create(context: IoContext<PlacedCoreSettings>): IoActor {
  return context.name === 'player' ? new JournalPlayer(context) : collect(context);
}

export function topology(given: TopologySettings): Topology {
  const settings = given as PlacedCoreSettings;
  return {
    sequencer: sequencer({
      reads: [journalled],
      clock: { kind: 'replay' },
      conflatedTypes: [],
      conflateAfterMs: 1,
      instruments: 1,
      firstSeq: 1,
    }),
    actors: [
      io('player', settings, { reads: [], writes: journalled }),
      ...core(settings.core),
      io('collector', settings, { reads: placedStreams(settings.core) }),
    ],
  };
}
