import { type CoreDefinition, defineIo, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import { KEPT } from './kept-streams.js';
import type { RecorderConfig } from './recorder.js';

/** @param stages of the core whose outputs are proven */
export function recorder(config: RecorderConfig, stages: readonly CoreDefinition[]): IoDefinition {
  const digested = stages.map(({ writes }) => writes).filter((edge) => !KEPT.includes(edge));
  return defineIo<RecorderConfig>({
    name: 'recorder',
    reads: [...KEPT, ...digested],
    config,
    patient: true,
    module: new URL('./recorder.js', import.meta.url).href,
  });
}
