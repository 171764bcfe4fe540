import { join } from 'node:path';
import { loadSigningKey } from '../../journal/signing-key.js';
import { HistoryWriter } from '../../store/history/history-writer.js';
import { UserError } from '../user-error.js';

/**
 * Runs something with a journal's history open for writing. @param dry writes nothing, and reports say what would have been added
 */
export async function withHistory<T>(
  journal: string,
  dry: boolean,
  use: (writer: HistoryWriter) => Promise<T>,
): Promise<T> {
  let writer: HistoryWriter;
  try {
    writer = await HistoryWriter.open(journal, dry ? undefined : loadSigningKey(join(journal, 'signing-key.pem')));
  } catch (error) {
    throw new UserError(`cannot add to the history of the journal in '${journal}': ${(error as Error).message}`);
  }
  let result: T;
  try {
    result = await use(writer);
  } catch (error) {
    // What was added before stays, and the next attempt finds it there.
    await writer.close(Date.now() * 1000).catch(() => {});
    throw error;
  }
  await writer.close(Date.now() * 1000).catch((error: Error) => {
    throw new UserError(error.message);
  });
  return result;
}
