import type { Snapshot } from '../../engine/journal/snapshot-file.js';
import type { CoreDefinition } from '../../engine/runtime/actor/definition.js';
import { stageLayout, stageStateBytes } from '../../engine/runtime/actor/stage-state.js';

/**
 * Why stages cannot go on from a snapshot; undefined where they can. What an older build wrote without layouts may be laid out otherwise behind equal
 * sizes, and nothing can tell: it does not fit either.
 */
export function misfit({ header }: Snapshot, stages: readonly CoreDefinition[]): string | undefined {
  const held = new Map(header.stages.map((stage) => [stage.name, stage]));
  for (const stage of stages) {
    const { name } = stage;
    const found = held.get(name);
    if (found === undefined) return `it holds no stage '${name}'`;
    held.delete(name);
    const now = stageStateBytes(stage);
    if (found.bytes !== now) return `stage '${name}' remembered ${found.bytes} bytes, and now ${now}`;
    if (found.layout === undefined)
      return `it is of an older build, which did not say how stage '${name}' lays out its memory`;
    if (found.layout !== stageLayout(stage)) return `stage '${name}' lays out its memory otherwise now`;
  }
  for (const name of held.keys()) return `it holds a stage '${name}', which is none now`;
  return undefined;
}
