import {
  type CoreContext,
  type CoreDefinition,
  defineStage,
  type StreamEdge,
} from '../../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { log } from '../../streams.js';

/** Added to a type, it marks a record of the log that a passing stage is to say under the type itself. */
export const TO_BE_PASSED = 10_000;

/** A stage that stands for one that is not there: says what the log brings for it, of these types. */
export function passingStage(name: string, writes: StreamEdge, types: readonly number[]): CoreDefinition {
  return defineStage({
    name,
    reads: [log],
    writes,
    config: {},
    burst: { records: 1, bodyBytes: Math.min(writes.maxBodyBytes, 64 * 1024) },
    stateBytes: 0,
    stateLayout: '',
    create: ({ out }: CoreContext<unknown>) => ({
      onRecord(type: number, buffer: ViewBuffer, offset: number) {
        const passed = type - TO_BE_PASSED;
        if (!types.includes(passed)) return;
        const bytes = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true) - HEADER_BYTES;
        copyBody(buffer, offset + HEADER_BYTES, out.buffer, out.emit(passed, bytes), bytes);
      },
    }),
  });
}
