import { RuntimeSetupError } from '../arena/arena.js';
import type { CoreDefinition } from './definition.js';

/** Above every message type. */
export const TYPES = 1024;

/** A table by message type: 1 for types that a stage ignores. */
export function ignoredTypes({ name, ignores = [] }: Pick<CoreDefinition, 'name' | 'ignores'>): Uint8Array {
  const ignored = new Uint8Array(TYPES);
  for (const type of ignores) {
    if (!(type > 0 && type < TYPES)) {
      throw new RuntimeSetupError(`stage '${name}' ignores type ${type}; types are 1 to ${TYPES - 1}`);
    }
    ignored[type] = 1;
  }
  return ignored;
}
