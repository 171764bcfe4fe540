import { join } from 'node:path';

/**
 * History is a chain of its own, in a journal of the same format inside the journal's folder. The log's numbers stay without holes,
 * so that a run can be replayed, and what comes years later can be added while the engine writes the log.
 */
export function historyFolder(journal: string): string {
  return join(journal, 'history');
}
