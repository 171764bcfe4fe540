import { Argument } from 'commander';

/** Where `volfilter run` keeps its journal, seen from the folder that it was started in. */
export const DEFAULT_JOURNAL = 'data/journal';

/** The argument of a command that looks into a journal: without it, the one that an engine started here writes. */
export function journalArgument(): Argument {
  return new Argument('[folder]', 'folder of the journal').default(DEFAULT_JOURNAL);
}
