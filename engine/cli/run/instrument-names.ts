import type { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';

/** Names of instruments as the feed defines them; undefined for one that was not defined yet. */
export function instrumentNames(definitions: DefinitionMemory): (id: number) => string | undefined {
  const names: string[] = [];
  let read = 0;
  return (id) => {
    if (names[id] === undefined) {
      read = definitions.read(read, (each, { name }) => {
        names[each] = name;
      });
    }
    return names[id];
  };
}
