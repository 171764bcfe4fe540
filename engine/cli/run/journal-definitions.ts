import { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { JournalReader } from '../../journal/reader.js';
import { journalExists } from '../../journal/store.js';
import { decodeInstrument } from '../../market/instrument-codec.js';
import { InstrumentRegistry } from '../../market/instrument-registry.js';
import { UserError } from '../user-error.js';

/**
 * The instruments that a journal knows, with the ids that its records use, and room for so many more: who goes on writing it
 * must give them the same ids. Reads the journal once.
 */
export async function journalDefinitions(folder: string | false, more: number): Promise<DefinitionMemory> {
  if (folder === false || !journalExists(folder)) return DefinitionMemory.create(more);
  const registry = new InstrumentRegistry();
  const reader = new JournalReader(folder);
  try {
    reader.eachDefinition((body) => {
      const { id, instrument } = decodeInstrument(body);
      registry.restore(id, instrument);
    });
  } catch (error) {
    throw new UserError(
      `the instruments of the journal in '${folder}' cannot be restored: ${(error as Error).message}; choose another folder with --journal`,
    );
  } finally {
    await reader.close();
  }
  const definitions = DefinitionMemory.create(registry.size + more);
  for (const [id, instrument] of registry) definitions.add(id, instrument);
  return definitions;
}
