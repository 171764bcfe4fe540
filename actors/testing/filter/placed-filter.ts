import {
  defineIo,
  type IoActor,
  type IoContext,
  type IoDefinition,
  stream,
} from '../../../engine/runtime/actor/definition.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import type { TopologySettings } from '../../../engine/runtime/host/thread-spec.js';
import type { Topology } from '../../../engine/runtime/topology/topology.js';
import { book } from '../../book/book.js';
import { filter } from '../../filter/filter.js';
import type { FilterConfig } from '../../filter/filter-config.js';
import { sequencer } from '../../sequencer/define-sequencer.js';
import { log, theos, tops } from '../../streams.js';
import { collect } from '../placed/collector.js';

/** The filter on its threads, over a log that is played again. */
export interface PlacedSettings extends TopologySettings {
  /** Records of the log one behind the other, each padded to 8 bytes. */
  script: SharedArrayBuffer;
  scriptBytes: number;
  config: FilterConfig;
  /** Digests of the log and of the outputs of book and filter, see Capture. */
  captured: SharedArrayBuffer;
}

/** The log, the book's output, the filter's. */
export const PLACED_STREAMS = 3;

const script = stream({ name: 'script', capacityBytes: 1 << 20, maxBodyBytes: 120 * 1024 });

/** Plays the script as fast as the ring takes it. */
class ScriptPlayer implements IoActor {
  private readonly context: IoContext<PlacedSettings>;
  private readonly view: DataView;
  private position = 0;
  private timer: NodeJS.Immediate | undefined;

  constructor(context: IoContext<PlacedSettings>) {
    this.context = context;
    this.view = new DataView(context.config.script);
  }

  start(): void {
    this.timer = setImmediate(() => this.play());
  }

  stop(): void {
    clearImmediate(this.timer);
  }

  private play(): void {
    const { view } = this;
    const { out, config, publish } = this.context;
    while (this.position < config.scriptBytes) {
      const length = view.getInt32(this.position, true);
      const at = out!.claim(view.getUint16(this.position + 4, true), length - HEADER_BYTES);
      if (at < 0) break;
      for (let byte = 6; byte < length; byte++) out!.buffer.writeUint8(at + byte, view.getUint8(this.position + byte));
      this.position += (length + 7) & ~7;
    }
    if (this.position >= config.scriptBytes) out!.finish(1);
    else this.timer = setImmediate(() => this.play());
    publish(0);
  }
}

function player(settings: PlacedSettings): IoDefinition {
  return defineIo<PlacedSettings>({
    name: 'player',
    reads: [],
    writes: script,
    config: settings,
    module: import.meta.url,
  });
}

function collector(settings: PlacedSettings): IoDefinition {
  return defineIo<PlacedSettings>({
    name: 'collector',
    reads: [log, tops, theos],
    config: settings,
    module: import.meta.url,
  });
}

/** The code of both I/O actors. */
export function create(context: IoContext<PlacedSettings>): IoActor {
  return context.name === 'player' ? new ScriptPlayer(context) : collect(context);
}

export function topology(given: TopologySettings): Topology {
  const settings = given as PlacedSettings;
  const { config } = settings;
  return {
    sequencer: sequencer({
      reads: [script],
      clock: { kind: 'replay' },
      conflatedTypes: [],
      conflateAfterMs: 1,
      instruments: 1,
      firstSeq: 1,
    }),
    actors: [
      player(settings),
      book({ instruments: config.instruments, depth: 1 }),
      filter(config),
      collector(settings),
    ],
  };
}
