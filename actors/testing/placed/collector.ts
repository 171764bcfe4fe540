import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { Capture } from './capture.js';

/** Records that are taken of each stream in a turn. */
const AT_ONCE = 256;

/** Digests the canonical bytes of every stream that it reads, in their order. */
export function collect({ inputs, config }: IoContext<{ captured: SharedArrayBuffer }>): IoActor {
  const captures = inputs.map((_, index) => new Capture(config.captured, index, inputs.length));
  return {
    turn: () => inputs.reduce((sum, reader, index) => sum + reader.poll(captures[index]!.onRecord, AT_ONCE), 0),
    close: () => {
      for (const capture of captures) capture.close();
    },
  };
}
